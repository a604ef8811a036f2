"""The journals that lie in a folder: which are open, since when and until when, and which one is meant."""

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from drilllib.errors import DrillError, InvalidInputError, LabStateError, UnknownNameError, quoted
from drilllib.guard.journal import SUFFIX, Journal
from drilllib.guard.lines import LONGEST_PATH, Intent, Lines, lines_of, no_journal
from drilllib.guard.schema import DRILL_UP, TIME

LONGEST_TORN = 1 << 16  # bytes of a first line
_BEGINNING = b'{"'


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A journal as it is read, by anybody, also while somebody writes to it. *head* is its first line, *closed* why it was
    closed, "" where it is open; *left* what is to be taken back.
    """

    path: Path
    head: dict[str, Any]
    closed: str
    left: tuple[Intent, ...] = field(default=())

    @property
    def id(self) -> str:
        """What `drill rollback` calls it."""
        return str(self.head["id"])

    @property
    def is_open(self) -> bool:
        """Is anything left to take back?"""
        return not self.closed and bool(self.left)

    def is_due(self, now: datetime) -> bool:
        """Is it open, and its time up?"""
        until = str(self.head.get("until") or "")
        return self.is_open and bool(until) and datetime.strptime(until, TIME) <= now


@dataclass(frozen=True, slots=True)
class Unread:
    """A file among the journals that cannot be used, and why: nobody knows what it would have said."""

    path: Path
    error: DrillError


@dataclass(frozen=True, slots=True)
class Listing:
    """The journals of a folder, the oldest first, and what of it is *unread*."""

    entries: tuple[Entry, ...]
    unread: tuple[Unread, ...]

    def due(self, now: datetime) -> list[Entry]:
        """The openings whose time is up, and which are still open."""
        return [each for each in self.entries if each.is_due(now)]

    def require_read(self) -> None:
        """
        Raises:
            InvalidInputError: Some are unread; so nothing can be said of all.
        """
        if len(self.unread) == 1:
            raise self.unread[0].error
        if self.unread:
            raise InvalidInputError(
                "{count} journals cannot be read: {names}",
                remedy="`drill changes` says why; name the journal that is meant",
                count=len(self.unread),
                names=", ".join(quoted(each.path.name) for each in self.unread),
            )


def read(path: Path) -> Entry:
    """One journal. Raises InvalidInputError where it is none, or a line of it is not as it has to be."""
    found = Lines(path)
    for line, _ in lines_of(path):
        found.take(line)
    if not found.head:
        raise no_journal(path)
    return Entry(path, found.head, found.closed, found.left)


def listing(folder: Path) -> Listing:
    """
    What lies in *folder*; it need not be there. A file whose first line was never finished announces nothing.

    Raises:
        LabStateError: The folder cannot be read.
    """
    entries, unread = list[Entry](), list[Unread]()
    for path in _paths(folder):
        try:
            entries += [read(path)] if not _is_torn(path) else []
        except DrillError as error:
            unread.append(Unread(path, error))
    return Listing(tuple(entries), tuple(unread))


def _paths(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(folder, error) from None
    return [folder / name for name in sorted(names) if name.endswith(SUFFIX) and not name.startswith(".")]


def _unreadable(folder: Path, error: OSError) -> LabStateError:
    return LabStateError(
        "The journals in {folder} cannot be read: {detail}",
        remedy="Make it a folder that you may read: nobody knows what is left to take back",
        folder=quoted(str(folder), LONGEST_PATH),
        detail=error.strerror or type(error).__name__,
    )


def _is_torn(path: Path) -> bool:
    """Has it the beginning of a first line at most, as where the machine stops when a journal is made?"""
    with suppress(OSError):
        if path.is_file() and path.stat().st_size <= LONGEST_TORN:
            data = path.read_bytes()
            return b"\n" not in data and _BEGINNING.startswith(data[: len(_BEGINNING)])
    return False


def find(name: str, folder: Path) -> Path:
    """
    The journal that *name* means: an id in *folder*, or a file; without a name the only one that is open.

    Raises:
        UnknownNameError: There is none.
        InvalidInputError: Several are open, or one cannot be read.
        LabStateError: The folder cannot be read.
    """
    if name:
        path = Path(name) if "/" in name or name.endswith(SUFFIX) else folder / f"{name}{SUFFIX}"
        if os.path.exists(path):  # False where it is no path, too
            _require_no_drill(read(path))
            return path
        raise UnknownNameError(
            "There is no journal {name}", remedy="`drill changes` lists those there are", name=quoted(name)
        )
    found = listing(folder)
    found.require_read()
    open_ones = [each for each in found.entries if each.is_open and each.head["what"] != DRILL_UP]
    if not open_ones:
        raise UnknownNameError(
            "No journal is open: nothing is left to take back", remedy="`drill changes --all` lists all"
        )
    if len(open_ones) > 1:
        raise InvalidInputError(
            "Several journals are open: {names}",
            remedy="Name the one that is meant",
            names=", ".join(each.id for each in open_ones),
        )
    return open_ones[0].path


def close_those_of(removed: Collection[str], folder: Path) -> None:
    """Close the journals of changes to groups and Services that were *removed*, and to nothing else."""
    for each in listing(folder).entries:
        if each.is_open and each.head["what"] != DRILL_UP and all(_groups_of(one) <= {*removed} for one in each.left):
            with suppress(LabStateError), Journal.open(each.path) as journal:
                journal.close("removed with its drill")


def service_key(server: str, service: str) -> str:
    """How `close_those_of` is told of a Service (`NAMESPACE/NAME`) that was removed from the cluster at *server*."""
    return f"{server} {service}"


def _groups_of(intent: Intent) -> set[str]:
    """The groups that were written or bound; or the Service that was set."""
    fields = intent.fields
    if intent.kind == "setting":
        return {service_key(str(fields["server"]), str(fields["service"]))}
    bound = {*fields["before"], *fields["after"]} if intent.kind == "binding" else {fields.get("group", "")}
    return bound or {""}


def _require_no_drill(entry: Entry) -> None:
    if entry.head["what"] == DRILL_UP:
        raise InvalidInputError(
            "The journal {name} is of the drill {drill}, which is removed as a whole",
            remedy="drill down {drill}",
            name=quoted(entry.id),
            drill=entry.head["drill"],
        )
