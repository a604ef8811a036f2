"""
An attempt's log on disk: one line of JSON an action, only ever added, each on the disk before anybody is told of it.

Whoever ended the process that plays, what it had acknowledged is in the log; a line that was cut off is none. Where the
start of a class lies beside the log, its lines are signed.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from errno import ENOSPC
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from drilllib import files
from drilllib.core.practice.attempt import Action, Attempt, Finished, Header
from drilllib.core.practice.lines import action_dict, read_action, read_header
from drilllib.core.practice.signed import first_broken, mac_of, parted, with_mac
from drilllib.documents import parse_json
from drilllib.errors import DrillError, InvalidInputError, Message, quoted
from drilllib.practice.start import Start, start_beside

LONGEST = 16 << 20  # bytes of one line; a change of a whole cluster has some hundred KiB
LARGEST = 64 << 20  # bytes of a log
_AS_WRITTEN = Message("Grade the log as it was written")
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def utc_now() -> str:
    """The time as a log has it, ``2026-11-30T04:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Log:
    """
    A log that is being written. *clock* says what time it is.

    Raises:
        InvalidInputError: The file cannot be opened or written, or somebody else writes to it.
    """

    def __init__(self, path: Path, *, clock: Callable[[], str] = utc_now) -> None:
        self.path, self.clock, self._number = path, clock, 0
        self._start: Start | None = None
        self._mac = ""
        try:
            self._handle = os.open(path, _FLAGS, 0o644)
            self._size = os.fstat(self._handle).st_size
        except OSError as error:
            raise self._failed(error) from None

    @classmethod
    def begin(cls, path: Path, header: Header, *, clock: Callable[[], str] = utc_now) -> "Log":
        """A log of its first line, in a file that is not there yet, or is empty."""
        start = start_beside(path.parent)
        log = cls(path, clock=clock)
        log._start = start
        if log._size:
            log.close()
            raise InvalidInputError(
                "{log} has an attempt in it already",
                remedy="Go on with it, or name another file",
                log=quoted(str(path)),
            )
        log._write((replace(header, learner=start.learner) if start else header).to_dict())
        log._keep_name()
        return log

    @classmethod
    def resume(cls, path: Path, *, clock: Callable[[], str] = utc_now) -> tuple["Log", Attempt]:
        """A log to go on with, and what is in it. What was cut off at its end is taken out: nobody was told of it."""
        attempt, whole, mac = _read(path)
        start = _start_of(path) if mac else None
        log = cls(path, clock=clock)
        log._number, log._start, log._mac = len(attempt.actions), start, mac
        try:
            log._cut(whole)
        except OSError as error:
            raise log._failed(error) from None
        return log, attempt

    @property
    def next_number(self) -> int:
        """The number of the next action, from 1."""
        return self._number + 1

    def add(self, action: Action) -> None:
        """Keep an action. Once this returns, it is on the disk."""
        self._write({"n": self.next_number, "at": self.clock(), **action_dict(action)})
        self._number += 1

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _write(self, document: dict[str, Any]) -> None:
        """One line in one write, then fsync; where that fails, the log is as it was."""
        text, mac = json.dumps(document), ""
        if self._start is not None:
            mac = mac_of(self._start.secret, self._mac, text.encode("ascii"))
            text = with_mac(text, mac)
        line = (text + "\n").encode("ascii")
        if len(line) > LONGEST or self._size + len(line) > LARGEST:
            raise InvalidInputError(
                "{log} would have more than {largest} MiB",
                remedy="Begin a new attempt",
                log=quoted(str(self.path)),
                largest=LARGEST >> 20,
            )
        try:
            self._require_alone()
            if os.write(self._handle, line) < len(line):
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            self._keep()
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, self._size)
            raise self._failed(error) from None
        self._size, self._mac = self._size + len(line), mac

    def _require_alone(self) -> None:
        if os.fstat(self._handle).st_size != self._size:
            raise InvalidInputError(
                "{log} was written to by somebody else meanwhile",
                remedy="Play an attempt in one place at a time; resume it here",
                log=quoted(str(self.path)),
            )

    def _cut(self, whole: int) -> None:
        """Only the first *whole* bytes stay, and they end with the end of a line."""
        if whole < self._size:
            os.ftruncate(self._handle, whole)
        self._size = whole
        if os.pread(self._handle, 1, whole - 1) != b"\n":
            os.write(self._handle, b"\n")
            self._size += 1
        self._keep()

    def _keep(self) -> None:
        """What was written is on the disk once this returns. The browser's drive keeps a file when it is closed."""
        if sys.platform == "emscripten":
            os.close(self._handle)
            self._handle = os.open(self.path, _FLAGS)
        else:
            os.fsync(self._handle)

    def _keep_name(self) -> None:
        """The folder's entry on the disk, too; a file system that cannot do that has no need to."""
        with suppress(OSError):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _failed(self, error: OSError) -> InvalidInputError:
        return InvalidInputError(
            "The attempt cannot be kept in {log}: {reason}",
            remedy="Make room, or name a file that can be written",
            log=quoted(str(self.path)),
            reason=error.strerror or error,
        )


def read(path: Path | str) -> Attempt:
    """
    The attempt in a log, ``-`` for standard input. A last line that was cut off is none.

    Raises:
        InvalidInputError: It cannot be read, or some line is no action; the message names the line.
    """
    return _read(path)[0]


def attempt_in(data: bytes, name: str) -> Attempt:
    """The attempt in what a log has; see `read` for the error."""
    return _taken(BytesIO(data), name)[0]


def _start_of(path: Path) -> Start:
    """The start that a signed log is of. Raises InvalidInputError where it is not beside it, or is another one's."""
    start = start_beside(path.parent)
    with files.reading(str(path), _AS_WRITTEN) as file:
        lines = [line for line in file if line.endswith(b"\n") or parted(line)[1]]
    broken = first_broken(start.secret, lines) if start else 0
    if start is None or broken is not None:
        raise InvalidInputError(
            "{log} was signed in a class, and not by the start that lies beside it",
            remedy="Put the start there with which it was begun",
            log=quoted(str(path)),
        )
    return start


def _read(path: Path | str) -> tuple[Attempt, int, str]:
    """The attempt, how many bytes its whole lines have, and the MAC of the last of them, where they are signed."""
    with files.reading(str(path), _AS_WRITTEN) as file:
        return _taken(file, path)


def _taken(file: BinaryIO, path: Path | str) -> tuple[Attempt, int, str]:
    found = _Read()
    for number, line in enumerate(_lines(file, path), 1):
        try:
            found.take(line)
        except DrillError as error:
            raise _at_line(path, number, error) from None
    if found.header is None:
        raise InvalidInputError("{log} is empty", remedy="Give the log of an attempt", log=quoted(str(path)))
    return Attempt(found.header, tuple(found.actions)), found.whole, found.mac


class _Read:
    """What has been read of a log: *whole* counts the bytes of its whole lines, *mac* is of the last of them."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.actions: list[Action] = []
        self.whole, self.mac = 0, ""

    def take(self, line: bytes) -> None:
        """Read one line more. Raises DrillError where it is none that can stand there."""
        try:
            document = _document(line)
        except InvalidInputError:
            if self.header and not line.endswith(b"\n"):  # cut off, and the last
                return
            raise
        if self.header is None:
            self.header = read_header(document)
        elif self.actions and isinstance(self.actions[-1], Finished):
            raise InvalidInputError("the attempt was finished before", remedy=_AS_WRITTEN)
        else:
            self.actions.append(read_action(document, len(self.actions) + 1))
        self.whole, self.mac = self.whole + len(line), parted(line)[1]


def _lines(file: BinaryIO, path: Path | str) -> Iterator[bytes]:
    """Each line with its end; of one that is too long, no more is read than shows that."""
    size, number = 0, 0
    while line := file.readline(LONGEST + 1):
        size, number = size + len(line), number + 1
        if len(line) > LONGEST or size > LARGEST:
            raise _at_line(path, number, _too_long())
        yield line


def _too_long() -> InvalidInputError:
    return InvalidInputError("more than {largest} MiB", remedy=_AS_WRITTEN, largest=LONGEST >> 20)


def _document(line: bytes) -> Any:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError("not UTF-8 text", remedy=_AS_WRITTEN) from None
    return parse_json(text, Message("the line"))


def _at_line(path: Path | str, number: int, error: DrillError) -> InvalidInputError:
    return InvalidInputError(
        "{log}, line {line}: {detail}",
        remedy=_AS_WRITTEN,
        log=quoted(str(path)),
        line=number,
        detail=error.problem_message,
    )
