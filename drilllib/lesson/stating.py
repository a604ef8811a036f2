"""A cause as a cell states it, a tuple, and what is wrong with one that is none."""

from typing import Any

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.statements import statable
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, either, listed, quoted

NO_RULE = "-"
MOST = 5  # parts of a tuple


def cause_of(stated: Any, snapshot: Snapshot) -> Cause:
    """
    The cause that ``("group", "ins-…", "sg-…", 2)`` or ``("weight", "lbl-…")`` states of a *snapshot*.

    Raises:
        InvalidInputError: It is no such tuple, or cannot be stated of that resource; the message says what can.
    """
    if not isinstance(stated, list | tuple) or not 2 <= len(stated) <= MOST:
        raise InvalidInputError(
            "The statement is {stated}",
            remedy='Use a tuple such as ("group", "ins-...", "sg-...", 0) or ("weight", "lbl-...")',
            stated=quoted(stated),
        )
    parts: list[Any] = [*stated, *[None] * (MOST - len(stated))]
    kind, resource, group, rule, direction = parts
    found = _kind(kind)
    _require_resource(found, resource, snapshot)
    if found is not CauseKind.GROUP:
        return Cause(kind=found, resource=resource)
    return Cause(kind=found, resource=resource, group=str(group or ""), direction=_way(direction), rule=_place(rule))


def _kind(kind: Any) -> CauseKind:
    if kind not in tuple(CauseKind):
        raise InvalidInputError(
            "The cause is {kind}", remedy="Use {choices}", kind=quoted(kind), choices=either(CauseKind)
        )
    return CauseKind(kind)


def _require_resource(kind: CauseKind, resource: Any, snapshot: Snapshot) -> None:
    known = statable(snapshot)[kind]
    if resource not in known:
        raise InvalidInputError(
            "That cannot be stated of {resource}",
            remedy="Use one of {choices}",
            resource=quoted(resource),
            choices=listed(known),
        )


def _way(direction: Any) -> Direction:
    if direction not in (None, *Direction):
        raise InvalidInputError(
            "The direction is {direction}",
            remedy="Use {choices}",
            direction=quoted(direction),
            choices=either(Direction),
        )
    return Direction(direction or Direction.INGRESS)


def _place(rule: Any) -> int | None:
    """The place of a rule; None where none matches."""
    if rule in (None, NO_RULE):
        return None
    if isinstance(rule, bool) or not str(rule).isdecimal():
        raise InvalidInputError(
            "The rule is {rule}", remedy='Use its place, from 0, or "-" where none matches', rule=quoted(rule)
        )
    return int(rule)
