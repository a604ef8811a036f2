"""
The journal of changes: JSON lines, each on disk before what it announces is done.

Schema ``drilllib/journal/1``. The first line says what the journal is of; then a line ``intent`` before anything is
written (with all that is needed to go back), and ``done`` or ``failed`` after it; ``undoing`` before intents from
``since`` on are taken back (with the list that is there, and the one that it leads to), ``undone`` after it; ``closed``
at the end. A last line that is no whole JSON was being written when the machine stopped: it counts as never written,
and what it would have announced was not done. No line has a key or a token.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drilllib.errors import DrillError, LabStateError, quoted
from drilllib.guard.lines import LONGEST_PATH, Lines, lines_of, no_journal, unusable
from drilllib.guard.schema import SCHEMA

SUFFIX = ".jsonl"
Now = Callable[[], datetime]


def default_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Where journals are kept: $XDG_STATE_HOME/drilllib/changes, or ~/.local/state/drilllib/changes."""
    state = environment.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else home / ".local" / "state"
    return base / "drilllib" / "changes"


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as journals have it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Journal(Lines):
    """One journal, open for more; nobody else can write to it meanwhile. `create` and `open` make one."""

    def __init__(self, path: Path, descriptor: int, now: Now) -> None:
        super().__init__(path)
        self._descriptor, self._now = descriptor, now

    @classmethod
    def create(cls, folder: Path, what: str, *, now: Now = utc_now, **about: Any) -> "Journal":
        """
        A new journal in *folder*, which is made where it is not there.

        Args:
            folder: where it shall be.
            what: says in a word or two what the changes are for.
            now: the clock.
            about: more for the first line, such as region, cluster, until.

        Raises:
            LabStateError: The folder cannot be written to.
        """
        moment = now()
        name = f"{moment.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        path = folder / f"{name}{SUFFIX}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = cls(path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600), now)
        except OSError as error:
            raise unusable(path, error) from None
        with made._or_released():
            made._lock()
            made._add({"schema": SCHEMA, "id": name, "opened": stamp(moment), "what": what, **about})
            _sync_folder(folder)
        return made

    @classmethod
    def open(cls, path: Path, *, now: Now = utc_now) -> "Journal":
        """
        A journal that is there, to be continued; a torn last line is taken off.

        Raises:
            InvalidInputError: It is none, or a line of it is not as it has to be.
            LabStateError: Somebody is writing to it, or it cannot be written to.
        """
        try:
            made = cls(path, os.open(path, os.O_RDWR | os.O_APPEND | os.O_NONBLOCK), now)
        except OSError as error:
            raise unusable(path, error) from None
        with made._or_released():
            made._lock()
            made._load()
        return made

    @property
    def id(self) -> str:
        """What `drill rollback` calls it."""
        return str(self.head["id"])

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.path.parent

    def intent(self, kind: str, **fields: Any) -> int:
        """
        Note down what is about to be written; it is on disk when this returns. Gives its number.

        Raises:
            LabStateError: The journal is closed, or cannot be written to.
            InvalidInputError: It could not be taken back by what is noted (`drilllib.guard.schema`).
        """
        if self.closed:
            raise LabStateError(
                "The journal {journal} is closed", remedy="Begin another: nothing was written", journal=self.id
            )
        number = len(self.intents) + 1
        self._add({"line": "intent", "number": number, "kind": kind, "at": stamp(self._now()), **fields})
        return number

    def done(self, number: int, **result: Any) -> None:
        """It was written, and seen to be there."""
        self._add({"line": "done", "number": number, "at": stamp(self._now()), **result})

    def failed(self, number: int, **result: Any) -> None:
        """It was surely not written."""
        self._add({"line": "failed", "number": number, "at": stamp(self._now()), **result})

    def undone(self, number: int, **result: Any) -> None:
        """It was taken back."""
        self._add({"line": "undone", "number": number, "at": stamp(self._now()), **result})

    def undoing(self, number: int, **walk: Any) -> None:
        """From now on it may be taken back in part: *walk* says where to, and is on disk when this returns."""
        self._add({"line": "undoing", "number": number, "at": stamp(self._now()), **walk})

    def close(self, how: str) -> None:
        """Nothing is left to take back: *how* says why, ``rolled back`` or ``kept``."""
        self._add({"line": "closed", "how": how, "at": stamp(self._now())})

    def release(self) -> None:
        """Let others write to it; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    @contextmanager
    def _or_released(self) -> Iterator[None]:
        """Whatever goes wrong is said in one line, and the file is let go of."""
        try:
            yield
        except OSError as error:
            self.release()
            raise unusable(self.path, error) from None
        except DrillError:
            self.release()
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabStateError(
                "The journal {path} is in use by another run",
                remedy="Wait until that has ended",
                path=quoted(str(self.path), LONGEST_PATH),
            ) from None

    def _add(self, line: dict[str, Any]) -> None:
        """Write a line that may stand there, and wait until it is on disk."""
        self.require(line)
        data = (json.dumps(line, sort_keys=True) + "\n").encode()
        size = os.fstat(self._descriptor).st_size
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, size)  # no half line stays in the middle
            raise unusable(self.path, error) from None
        self.take(line)

    def _load(self) -> None:
        size = 0
        for line, end in lines_of(self.path):
            self.take(line)
            size = end
        here = os.fstat(self._descriptor).st_size
        if here > size:
            os.ftruncate(self._descriptor, size)
        elif here < size:  # a last line that has lost its end
            os.write(self._descriptor, b"\n")
        if here != size:
            os.fsync(self._descriptor)
        if not self.head:
            raise no_journal(self.path)


def _sync_folder(folder: Path) -> None:
    """A new file's name is on disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
