"""
Attempts that learners hand in, from folders or files: each is kept as it is, once, under its learner and its digest.

What is in a log is not judged here. To hand in the same again changes nothing, and so does being killed.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from errno import ELOOP
from hashlib import sha256
from pathlib import Path

from drilllib.classes.place import Place
from drilllib.core.practice.lines import read_header
from drilllib.documents import parse_json
from drilllib.errors import DrillError, InvalidInputError, Message, quoted
from drilllib.machine import private
from drilllib.practice.folder import LOG

LARGEST = 16 << 20  # bytes of a log that is taken; of practice they have some ten KiB
_FIRST_LINE = 64 << 10
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(slots=True)
class Collected:
    """How many logs are *new*, how many were handed in before (*known*), and which were not taken, with why."""

    new: int = 0
    known: int = 0
    refused: list[tuple[Path, Message]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, order=True)
class HandedIn:
    """A log that was handed in; *digest* is the SHA-256 of what it was then."""

    learner: str
    digest: str
    path: Path


def collect(place: Place, paths: Iterable[Path]) -> Collected:
    """
    Take every log of these files and folders.

    Whose it is, is told by the nearest folder that is called as a learner is, from the parent of the one that is named
    down to the log's; else by its first line.

    Raises:
        InvalidInputError: One of *paths* is not there, or the class's folder cannot be written.
    """
    found = Collected()
    for path in paths:
        if not path.exists():
            raise InvalidInputError(
                "{path} is not there", remedy="Give the folders or logs that learners handed in", path=quoted(str(path))
            )
        near = 2 if path.is_dir() else 3  # the names above that may be a learner's
        for log in _logs(path):
            _take(place, log, log.absolute().parts[len(path.absolute().parts) - near : -1], found)
    return found


def handed_in(place: Place) -> Iterator[HandedIn]:
    """All logs that were handed in by learners of the class."""
    for learner in place.plan.learners:
        with suppress(OSError):
            for entry in os.scandir(place.handed_in / learner):
                if entry.name.endswith(LOG):
                    yield HandedIn(learner, entry.name.removesuffix(LOG), Path(entry.path))


def _logs(path: Path) -> Iterator[Path]:
    """The file itself, or every log in a folder, in an order that is always the same."""
    if not path.is_dir():
        yield path
        return
    for folder, inner, names in os.walk(path):
        inner.sort()
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(LOG))


def _take(place: Place, log: Path, folders: Sequence[str], found: Collected) -> None:
    try:
        data = _read(log)
        learner = _learner(place.plan.learners, folders, data)
    except InvalidInputError as error:
        found.refused.append((log, error.problem_message))
        return
    if keep(place, learner, data):
        found.new += 1
    else:
        found.known += 1


def keep(place: Place, learner: str, data: bytes, *, safe: bool = False) -> bool:
    """
    Keep a log as it is; whether it is new. Where it has to be *safe*, it is on the disk once this returns.

    Raises:
        InvalidInputError: The class's folder cannot be written.
    """
    target = place.handed_in / learner / f"{sha256(data).hexdigest()}{LOG}"
    if target.exists():
        return False
    _keep(target, data, safe=safe)
    return True


def _read(log: Path) -> bytes:
    """All of a log; of one that is too large, or no file, nothing."""
    try:
        with os.fdopen(os.open(log, _FLAGS), "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        if error.errno == ELOOP:
            raise _refusal(Message("is a link")) from None
        raise _refusal(Message("cannot be read: {reason}", reason=error.strerror or error)) from None
    if len(data) > LARGEST:
        raise _refusal(Message("has more than {largest} MiB, which no attempt has", largest=LARGEST >> 20))
    if not data.strip():
        raise _refusal(Message("is empty"))
    return data


def _learner(learners: Mapping[str, object], folders: Sequence[str], data: bytes) -> str:
    above = next((each for each in reversed(folders) if each in learners), None)
    if above is not None:
        return above
    try:
        first, _, _ = data[:_FIRST_LINE].partition(b"\n")
        named = read_header(parse_json(first.decode("utf-8"), Message("the line"))).learner
    except (DrillError, UnicodeDecodeError):
        raise _refusal(Message("is no log of an attempt, and in no learner's folder")) from None
    if named not in learners:
        raise _refusal(Message("is of {learner}, who is not in the class", learner=quoted(named)))
    return named


def _refusal(problem: Message) -> InvalidInputError:
    return InvalidInputError(problem, remedy="Hand in the log as it was written")


def _keep(target: Path, data: bytes, *, safe: bool) -> None:
    """Written beside its place first: a log that was cut off by our own end is none."""
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        private.folder(target.parent)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            if safe:
                file.flush()
                os.fsync(file.fileno())
        os.replace(partial, target)
    except OSError as error:
        raise InvalidInputError(
            "The class's folder cannot be written, {path}: {reason}",
            remedy="Make room, and hand in once more: what was taken stays",
            path=quoted(str(target.parent)),
            reason=error.strerror or error,
        ) from None
