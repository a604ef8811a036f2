"""The lines of a journal as they are read: what was about to be written, and what became of it."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drilllib.errors import InvalidInputError, LabStateError, Message, quoted
from drilllib.guard.schema import FAMILY, SCHEMA, LineError, has_walk, require_head, require_line

LARGEST = 64 << 20  # bytes of a journal; a change of 100 rules has about 50 KiB
LONGEST_PATH = 400  # characters of a path that are shown
WHOLE = ("undone", "failed")  # states of an intent of which nothing is left


@dataclass(slots=True)
class Intent:
    """
    Something that was about to be written: *kind* is ``rules``, ``binding`` or another writer's, *fields* its own data.

    *state* is ``intent`` while nobody knows whether it was done, then ``done``, ``failed`` (surely not done),
    ``undoing`` or ``undone``; *result* what was noted then, such as the id of what was made. *walks* are the ways back
    that were begun, in order: each with its list ``before`` and ``after``, and ``since`` which intent it takes back.
    """

    number: int
    kind: str
    fields: Mapping[str, Any]
    state: str = "intent"
    result: Mapping[str, Any] = field(default_factory=dict)
    walks: list[Mapping[str, Any]] = field(default_factory=list)


class Lines:
    """
    What the lines of one journal say.

    *head* is the first: schema, id, ``opened`` (UTC), ``what``, and what else was said of it. *intents* are by number;
    *closed* says why nothing is left to take back, "" where it is open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head: dict[str, Any] = {}
        self.intents: dict[int, Intent] = {}
        self.closed = ""
        self._count = 0  # lines

    @property
    def left(self) -> tuple[Intent, ...]:
        """What was written, or may have been, and was not taken back."""
        return tuple(each for each in self.intents.values() if each.state not in WHOLE)

    def require(self, line: Mapping[str, Any]) -> None:
        """
        The next line may stand where it does.

        Raises:
            InvalidInputError: It may not; the message has its number and why.
        """
        try:
            if self._count:
                require_line(line, self.intents)
            else:
                require_head(line)
        except LineError as error:
            raise broken(self.path, self._count + 1, error.why) from None

    def take(self, line: Mapping[str, Any]) -> None:
        """Take notice of the next line that is there. Raises as `require`."""
        self.require(line)
        self._count += 1
        kind = line.get("line")
        if kind is None:
            self.head = dict(line)
        elif kind == "intent":
            rest = {name: value for name, value in line.items() if name not in ("line", "number", "kind")}
            self.intents[line["number"]] = Intent(line["number"], line["kind"], rest)
            self.closed = ""  # somebody went on with it
        elif kind == "closed":
            self.closed = line["how"]
        else:
            found = self.intents[line["number"]]
            found.state = str(kind)
            if has_walk(line):
                found.walks.append({name: line[name] for name in ("at", "since", "version", "before", "after")})
            else:
                found.result = {**found.result, **line}


def lines_of(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """
    Each whole line of a journal, with where it ends in the file; what they say is not looked at.

    A last line without its end counts where it is whole, as in a copy that has lost it; else it was never written. Nor
    was one with holes (zero bytes), which a loss of power leaves where not all of it had come to the disk.

    Raises:
        InvalidInputError: It cannot be read, is no journal, or one of a newer schema.
    """
    end = 0
    *rows, last = _data(path).split(b"\n")
    rows += [last] if _line(last) is not None else []
    if rows[1:] and not last and b"\0" in rows[-1]:  # its end came to the disk, and what is before it did not
        rows.pop()
    for number, row in enumerate(rows, start=1):
        line = _line(row)
        if number == 1:
            _require_schema(path, line)
        if line is None:
            raise broken(path, number, Message("it is no JSON object"))
        end += len(row) + 1
        yield line, end


def _data(path: Path) -> bytes:
    """What is in the file, opened without waiting (for a pipe's writer), at a bounded cost."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise unreadable(path, Message("it is no file"))
            if found.st_size > LARGEST:
                raise unreadable(path, Message("it is larger than a journal"))
            return file.read(LARGEST)
    except OSError as error:
        raise unreadable(path, error.strerror or type(error).__name__) from None


def _line(row: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(row)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _require_schema(path: Path, line: Mapping[str, Any] | None) -> None:
    schema = (line or {}).get("schema")
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith(FAMILY):
        raise InvalidInputError(
            "The journal {path} was written by another version of drilllib: its schema is {schema}",
            remedy="Use that version; this one reads {known}",
            path=quoted(str(path), LONGEST_PATH),
            schema=quoted(schema),
            known=SCHEMA,
        )
    raise no_journal(path)


def no_journal(path: Path) -> InvalidInputError:
    """The file is none."""
    return InvalidInputError(
        "{path} is no journal of changes",
        remedy="Give one that `drill changes` lists",
        path=quoted(str(path), LONGEST_PATH),
    )


def broken(path: Path, number: int, why: Message) -> InvalidInputError:
    """A line of it is not as it has to be, and what comes behind it cannot be relied on."""
    return InvalidInputError(
        "Line {number} of the journal {path} cannot be used: {why}",
        remedy="Nothing of it is taken back: repair that line, or look in the console at what the others name and move "
        "the file away",
        number=number,
        path=quoted(str(path), LONGEST_PATH),
        why=why,
    )


def unreadable(path: Path, why: str | Message) -> InvalidInputError:
    """The file cannot be read."""
    return InvalidInputError(
        "The journal {path} cannot be read: {why}",
        remedy="Make it a file that you may read, or move it away",
        path=quoted(str(path), LONGEST_PATH),
        why=why,
    )


def unusable(path: Path, error: OSError) -> LabStateError:
    """The system does not let it be read or written."""
    return LabStateError(
        "The journal {path} cannot be used: {detail}",
        remedy="Nothing is changed without a journal: make its folder writable, or name another",
        path=quoted(str(path), LONGEST_PATH),
        detail=error.strerror or type(error).__name__,
    )
