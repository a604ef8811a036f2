"""Who is in a class: a CSV file with a column `learner`, whose ids name folders, and a column `name`."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drilllib import files
from drilllib.errors import InvalidInputError, Message, quoted

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}")  # of a learner and of a class: it names folders, too
_FORM = Message("Use letters, digits and . _ @ -, 64 at most, the first a letter or a digit")


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody in a class: the id by which everything goes, and the name, which no grade goes by."""

    id: str
    name: str = ""


def read_roster(path: Path) -> Mapping[str, Learner]:
    """
    The learners in a file, by id and in its order.

    Raises:
        InvalidInputError: It cannot be read, or a line of it cannot be used; the message is FILE:LINE.
    """
    rows = csv.reader(io.StringIO(files.read_text(str(path)), newline=""))
    heads: list[str] = []
    found, folded = dict[str, Learner](), dict[str, int]()
    try:
        for row in rows:
            if not heads:
                heads = _heads(path, row)
            elif any(row):
                learner = _learner(path, rows.line_num, dict(zip(heads, row, strict=False)))
                before = folded.setdefault(learner.id.casefold(), rows.line_num)
                if before != rows.line_num:
                    raise _wrong(path, rows.line_num, learner.id, Message("It is in line {line} already", line=before))
                found[learner.id] = learner
    except csv.Error as error:
        raise _wrong(path, rows.line_num, str(error), Message("Save it as CSV")) from None
    if not found:
        raise _wrong(path, max(1, rows.line_num), "", Message("List a learner a line"))
    return found


def _heads(path: Path, row: list[str]) -> list[str]:
    heads = [each.strip().casefold() for each in row]
    if "learner" not in heads:
        raise _wrong(path, 1, ",".join(row), Message("Begin it with the columns learner,name"))
    return heads


def _learner(path: Path, line: int, row: Mapping[str, str]) -> Learner:
    name = (row.get("learner") or "").strip()
    if not NAME.fullmatch(name):
        raise _wrong(path, line, name, _FORM)
    return Learner(name, (row.get("name") or "").strip())


def _wrong(path: Path, line: int, found: str, remedy: Message) -> InvalidInputError:
    return InvalidInputError(
        "{file}:{line}: the roster has {found} here", remedy=remedy, file=str(path), line=line, found=quoted(found)
    )
