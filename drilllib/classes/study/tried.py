"""What a log of events says of each attempt at a test: read from a file that anybody may have written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib import files
from drilllib.classes.study.events import SCHEMA
from drilllib.core.snapshot.shapes import Fields, require_shape
from drilllib.documents import parse_json
from drilllib.errors import InvalidInputError, Message, quoted

_BEGIN: Fields = {"who": str, "attempt": int, "part": str, "form": str, "drill": str, "level": int, "transfer": bool}
_GRADE: Fields = {"attempt": int, "localised": bool, "passed": bool, "spent": int}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """
    A finished attempt at an item of a test. *seconds* went by until the statement that counts; None where none was
    made, or no clock says. *price* is what was *spent* on looks and hints for each point of the *best* plan.
    """

    who: str
    part: str
    form: str
    drill: str
    level: int
    transfer: bool
    localised: bool
    passed: bool
    spent: int
    best: int | None = None
    seconds: int | None = None

    @property
    def item(self) -> tuple[str, int]:
        """Drill and level: what both forms have a world of."""
        return self.drill, self.level

    @property
    def price(self) -> float | None:
        """None where the best plan is not known, or costs nothing."""
        return self.spent / self.best if self.best else None


def read_events(name: str) -> list[dict[str, Any]]:
    """
    The events in a file, ``-`` for standard input.

    Raises:
        InvalidInputError: It cannot be read, or a line is no event; the message is FILE:LINE.
    """
    lines = files.read_text(name).splitlines()
    found = [_event(name, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found or found[0].get("schema") != SCHEMA:
        raise InvalidInputError(
            "{name} is no log of events",
            remedy="Write one: drill class study CLASS.yaml --events {name}",
            name=quoted(name),
        )
    return found[1:]


def _event(name: str, number: int, line: str) -> dict[str, Any]:
    where = f"{name}:{number}"
    found = parse_json(line, quoted(where), Message("the line"))
    if not isinstance(found, dict):
        raise InvalidInputError("{where} is no event", remedy="Use the file as it was written", where=quoted(where))
    shapes: Mapping[object, Fields] = {"begin": _BEGIN, "grade": _GRADE}
    require_shape(found, shapes.get(found.get("event"), {}), where)
    return found


def tried(events: Iterable[Mapping[str, Any]]) -> list[Tried]:
    """Every finished attempt at a test's item, in the order in which they were begun."""
    begun, found = dict[int, Mapping[str, Any]](), list[Tried]()
    for each in events:
        if each.get("event") == "begin":
            begun[each["attempt"]] = each
        about = begun.get(each.get("attempt", 0), {})
        if each.get("event") == "grade" and about.get("part") in ("before", "after"):
            found.append(_tried(about, each))
    return found


def _tried(about: Mapping[str, Any], grade: Mapping[str, Any]) -> Tried:
    surroundings = {name: about[name] for name in ("who", "part", "form", "drill", "level", "transfer")}
    held = {name: grade[name] for name in ("localised", "passed", "spent")}
    return Tried(**surroundings, **held, best=about.get("best"), seconds=grade.get("stated_s"))
