"""
What a list of groups lets through, as exact sets.

The same reading as `rules.decide`, for all flows at once. Rules whose members are not known, and lists that were not
read, leave flows of which nobody can say; `tests/core/test_accepted.py` holds the two against each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drilllib.core.rules.rules import Action, Direction, SecurityGroup
from drilllib.core.sets.flowsets import EMPTY, PLANES, FlowSet, Plane, everything, painted_set, ports_of
from drilllib.core.sets.grid import Box

Layers = dict[Plane, list[tuple[Box, bool]]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """*sure*: accepted whatever is unknown. *possible*: accepted unless what is unknown speaks against it."""

    sure: FlowSet
    possible: FlowSet

    @property
    def unknown(self) -> FlowSet:
        """The flows that are accepted or dropped depending on what is not known."""
        return self.possible - self.sure

    def of(self, flow: object) -> Action:
        """What is done with one flow; see `rules.decide`."""
        if flow in self.sure:
            return Action.ACCEPT
        return Action.UNDETERMINED if flow in self.possible else Action.DROP


UNREAD = Accepted(EMPTY, everything())
OPEN = Accepted(everything(), everything())


def accepted(
    groups: Sequence[SecurityGroup],
    direction: Direction,
    planes: Iterable[Plane] = PLANES,
    port: int | None = None,
) -> Accepted:
    """
    The flows that *groups*, read in their order as one list, accept in that direction.

    Only those on *planes* are told, and only those to *port* where one is named: a slice costs far less than the whole.
    """
    asked = tuple(planes)
    sure, doubtful = _layers(groups, direction, asked, port, certain=Action.DROP)
    known = painted_set(sure)
    if not doubtful:
        return Accepted(known, known)
    possible, _ = _layers(groups, direction, asked, port, certain=Action.ACCEPT)
    return Accepted(known, painted_set(possible))


def _layers(
    groups: Sequence[SecurityGroup],
    direction: Direction,
    planes: Iterable[Plane],
    port: int | None,
    certain: Action,
) -> tuple[Layers, bool]:
    """
    Every rule as layers, the topmost last, and whether any is doubtful.

    Of the doubtful rules those of the action *certain* count: with DROP what is accepted is sure, with ACCEPT possible.
    """
    found: Layers = {plane: [] for plane in planes}
    doubtful = False
    for group in reversed(groups):
        for plane, layers in found.items():
            if group.rules(direction) is None:
                doubtful = True
                layers.append((_whole(plane, port), certain is Action.ACCEPT))
            else:
                doubtful |= _add_rules(layers, plane, port, group, direction, certain)
    return found, doubtful


def _add_rules(
    layers: list[tuple[Box, bool]],
    plane: Plane,
    port: int | None,
    group: SecurityGroup,
    direction: Direction,
    certain: Action,
) -> bool:
    """The group's rules from the bottom; was any of them doubtful?"""
    rules = group.rules(direction) or ()
    doubtful = False
    for first, last, (low, high, index, sure) in reversed(group.rows(direction, *plane)):
        if port is not None and not low <= port <= high:
            continue
        ports, action = ports_of(plane, low, high) if port is None else (port, port), rules[index].action
        doubtful |= not sure
        if ports and (sure or action is certain):
            layers.append(((first, last, *ports), action is Action.ACCEPT))
    return doubtful


def _whole(plane: Plane, port: int | None) -> Box:
    (box,) = everything((plane.family,)).planes[plane]
    return box if port is None else (*box[:2], port, port)
