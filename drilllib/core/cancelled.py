"""ACCEPT rules that never admit anything, because DROP rules above them take all they match."""

from collections.abc import Iterator, Sequence
from itertools import product

from drilllib.core.rules import PROTOCOLS, Action, Direction, SecurityGroup

Spot = tuple[str, int]  # a group's id and a place in its list, from 0
_Row = tuple[int, int, int, int]  # first and last peer, first and last port


def cancelled(groups: Sequence[SecurityGroup], direction: Direction) -> dict[Spot, Spot]:
    """
    Each ACCEPT that has no effect, with the topmost DROP that takes from it. *groups* as read on one interface.

    Certain in what it names: every part of the ACCEPT lies within one DROP above. Several DROPs that only together
    cover a part are not seen.
    """
    parts: dict[Spot, list[Spot | None]] = {}
    for protocol, family in product(PROTOCOLS, (4, 6)):
        for spot, cover in _covers(groups, direction, protocol, family):
            parts.setdefault(spot, []).append(cover)
    order = {group.group_id: place for place, group in enumerate(groups)}
    return {
        spot: min(covers, key=lambda each: (order[each[0]], each[1]))
        for spot, covers in parts.items()
        if None not in covers
    }


def _covers(
    groups: Sequence[SecurityGroup], direction: Direction, protocol: str, family: int
) -> Iterator[tuple[Spot, Spot | None]]:
    """Every part of every ACCEPT, with the first DROP above that contains it."""
    drops: list[tuple[_Row, Spot]] = []
    for group in groups:
        rules = group.rules(direction) or ()
        for first, last, (low, high, index, certain) in group.rows(direction, protocol, family):
            spot = (group.group_id, index)
            if rules[index].action is Action.ACCEPT:
                part = (first, last, low, high)
                yield spot, next((above for row, above in drops if _contains(row, part)), None)
            elif certain:
                drops.append(((first, last, low, high), spot))


def _contains(outer: _Row, inner: _Row) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer[2] <= inner[2] and inner[3] <= outer[3]
