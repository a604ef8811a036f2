"""The lines of an attempt's log as plain data: read, with what is wrong told, and written."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.attempt import (
    SCHEMA,
    Action,
    Changed,
    Finished,
    Header,
    Hinted,
    Looked,
    Probed,
    Stated,
    Told,
)
from drilllib.core.practice.looks import Look, LookKind
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.shapes import Fields, require_shape
from drilllib.errors import InvalidInputError, either, quoted

MOST_PRICE = 1000  # of one look or hint
_E = TypeVar("_E", bound=Enum)

_HEADER: Fields = {
    "schema": str,
    "drill": str,
    "seed": int,
    "level": int,
    "engine": str,
    "world": str,
    "started": str,
    "named?": bool,
    "learner?": str,
}
_ACTION: Fields = {"n": int, "at": str, "action": str}
_CAUSE: Fields = {
    "kind": str,
    "resource?": str,
    "group?": str,
    "direction?": str,
    "rule?": int,
}


def read_header(document: Any) -> Header:
    """
    A log's first line.

    Raises:
        InvalidInputError: It is none of the schema `drilllib/attempt/1`.
    """
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, Mapping) else document
        raise InvalidInputError(
            "The attempt's schema is {found}", remedy='Give "schema": "{schema}"', found=quoted(found), schema=SCHEMA
        )
    require_shape(document, _HEADER, "attempt")
    told = {name: document[name] for name in _HEADER if name != "schema" and not name.endswith("?")}
    return Header(**told, named=bool(document.get("named")), learner=document.get("learner") or "")


def read_action(document: Any, number: int) -> Action:
    """
    A log's further line, which has to be the action of that *number*, from 1.

    Raises:
        InvalidInputError: It is no action, or another one's turn.
    """
    require_shape(document, _ACTION, "action")
    if document["n"] != number:
        raise InvalidInputError(
            "The action's number is {found}, and {wanted} was expected",
            remedy="Grade the log as it was written",
            found=document["n"],
            wanted=number,
        )
    kind = document["action"]
    if kind not in _READERS:
        raise InvalidInputError(
            "The action is {found}", remedy="Use {choices}", found=quoted(kind), choices=either(_READERS)
        )
    return _READERS[kind](document, number)


def _looked(document: Mapping[str, Any], _: int) -> Action:
    require_shape(document, {"kind": str, "place?": str, "price": int}, "look")
    look = Look(_one_of(LookKind, document["kind"]), document.get("place") or "")
    return Looked(look, _bounded(document["price"], 0, MOST_PRICE))


def _hinted(document: Mapping[str, Any], _: int) -> Action:
    require_shape(document, {"rung": int, "price": int}, "hint")
    return Hinted(_bounded(document["rung"], 1, MOST_PRICE), _bounded(document["price"], 0, MOST_PRICE))


def _stated(document: Mapping[str, Any], _: int) -> Action:
    require_shape(document, {"causes": [_CAUSE]}, "statement")
    return Stated(tuple(map(read_cause, document["causes"])))


def _changed(document: Mapping[str, Any], number: int) -> Action:
    require_shape(document, {"patch": [{"op": str, "path": str}], "by?": str}, "change")
    if document.get("by") not in (None, "lab") or (document.get("by") and number > 1):
        raise InvalidInputError(
            "The change is by {found}",
            remedy="Only the first action can be the lab's own change",
            found=quoted(document["by"]),
        )
    return Changed(number, tuple(document["patch"]), by_lab=document.get("by") == "lab")


_READERS: Mapping[str, Callable[[Mapping[str, Any], int], Action]] = {
    "look": _looked,
    "hint": _hinted,
    "state": _stated,
    "change": _changed,
    "probe": lambda document, number: Probed(),
    "settings": lambda document, number: Told(),
    "finish": lambda document, number: Finished(),
}


def read_cause(document: Mapping[str, Any]) -> Cause:
    """A stated cause, as `Cause.to_dict` writes it. Raises InvalidInputError where kind or direction is unknown."""
    direction = document.get("direction")
    return Cause(
        kind=_one_of(CauseKind, document["kind"]),
        resource=document.get("resource") or "",
        group=document.get("group") or "",
        direction=None if direction is None else _one_of(Direction, direction),
        rule=document.get("rule"),
    )


def _one_of(kinds: type[_E], text: str) -> _E:
    try:
        return kinds(text)
    except ValueError:
        choices = either(each.value for each in kinds)
        raise InvalidInputError(
            "{found} is not known here", remedy="Use {choices}", found=quoted(text), choices=choices
        ) from None


def _bounded(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise InvalidInputError(
            "{found} is not a number from {least} to {most}",
            remedy="Grade the log as it was written",
            found=quoted(number),
            least=least,
            most=most,
        )
    return number


def action_dict(action: Action) -> dict[str, Any]:
    """What a log keeps of an action, but for its number and time."""
    match action:
        case Looked(look, price):
            return {"action": "look", "kind": look.kind, "place": look.place, "price": price}
        case Hinted(rung, price):
            return {"action": "hint", "rung": rung, "price": price}
        case Stated(causes):
            return {"action": "state", "causes": [each.to_dict() for each in causes]}
        case Changed(_, patch, by_lab):
            return {"action": "change", "patch": list(patch), **({"by": "lab"} if by_lab else {})}
        case Probed():
            return {"action": "probe"}
        case Told():
            return {"action": "settings"}
    return {"action": "finish"}
