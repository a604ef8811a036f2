"""
The rules of a list as numbered rectangles, and which of them never decide a flow.

Only rules whose members are known cover others. A rule that only names its peer is dead where every flow it could match
is taken.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from drilllib.core.rules.rules import Action, Direction, SecurityGroup
from drilllib.core.sets.flowsets import PLANES, Plane, ports_of
from drilllib.core.sets.grid import Box, Budget, Stretch, stretches
from drilllib.core.sets.overlaps import Overlaps

RulePosition = tuple[str, int]  # a group's id and a place in its list, from 0


class Part(NamedTuple):
    """One rectangle of one rule; see `rules.SecurityGroup.rows`."""

    rank: int  # place in the one list that the groups make, from 0
    spot: RulePosition
    action: Action
    certain: bool
    box: Box


class Parts(dict[Plane, list[Part]]):
    """Every rule's rectangles on each plane, from the top, and what was found out about them."""

    unread: Sequence[int] = ()
    """Where lists stand that were not read: each above the rule of this rank."""

    @cached_property
    def dead(self) -> frozenset[RulePosition]:
        """The rules that never decide a flow. A rule that matches nothing at all is not among them; it has no parts."""
        budget = Budget()
        alive: set[RulePosition] = set()
        for each in self.apart():
            if len(each) == 1:  # what meets no other rule decides all that it matches
                alive.add(each[0].spot)
                continue
            for stretch in stretches([part.box for part in each], budget):
                _add_alive(each, stretch, alive)
        return frozenset(self.by_spot.keys() - alive)

    def apart(self) -> Iterator[Sequence[Part]]:
        """The rectangles in sets that share no address, from the top: what is asked of one concerns no other."""
        for each in self.values():
            last = -1
            found: list[int] = []
            for number, part in sorted(enumerate(each), key=lambda pair: pair[1].box):
                if part.box[0] > last and found:
                    yield [each[place] for place in sorted(found)]
                    found = []
                found.append(number)
                last = max(last, part.box[1])
            yield [each[place] for place in sorted(found)]

    @cached_property
    def by_spot(self) -> Mapping[RulePosition, Sequence[tuple[Plane, Part]]]:
        """The rectangles of each rule that has any."""
        found: dict[RulePosition, list[tuple[Plane, Part]]] = {}
        for plane, each in self.items():
            for part in each:
                found.setdefault(part.spot, []).append((plane, part))
        return found

    def meeting(self, plane: Plane, box: Box, without: Set[RulePosition], budget: Budget) -> Iterator[Part]:
        """
        The rectangles that overlap *box*, from the top, but for those of the rules *without*.

        Raises:
            TooComplexError: The budget is spent.
        """
        key = plane, frozenset(without)
        if key not in self._indices:
            kept = [part for part in self[plane] if part.spot not in without]
            self._indices[key] = kept, Overlaps([part.box for part in kept])
        kept, overlaps = self._indices[key]
        return (kept[number] for number in overlaps.of(box, budget))

    @cached_property
    def _indices(self) -> dict[tuple[Plane, frozenset[RulePosition]], tuple[list[Part], Overlaps]]:
        return {}


def parts_of(groups: Sequence[SecurityGroup], direction: Direction) -> Parts:
    """The rules of *groups*, read in their order as one list. A group that comes again decides nothing more."""
    once = list({group.group_id: group for group in groups}.values())
    parts = Parts({plane: list(_parts(once, direction, plane)) for plane in PLANES})
    ranks = accumulate((len(group.rules(direction) or ()) for group in once), initial=0)
    parts.unread = [rank for rank, group in zip(ranks, once, strict=False) if group.rules(direction) is None]
    return parts


def overlap(box: Box, other: Box) -> bool:
    """Have the two a point in common?"""
    return box[0] <= other[1] and other[0] <= box[1] and box[2] <= other[3] and other[2] <= box[3]


def clip(box: Box, to: Box) -> Box:
    """What two rectangles that overlap have in common."""
    return max(box[0], to[0]), min(box[1], to[1]), max(box[2], to[2]), min(box[3], to[3])


def covers(box: Box, other: Box) -> bool:
    """Does *box* hold all of *other*?"""
    return box[0] <= other[0] and other[1] <= box[1] and box[2] <= other[2] and other[3] <= box[3]


def _parts(groups: Sequence[SecurityGroup], direction: Direction, plane: Plane) -> Iterator[Part]:
    above = 0
    for group in groups:
        rules = group.rules(direction) or ()
        for first, last, (low, high, index, certain) in group.rows(direction, *plane):
            ports = ports_of(plane, low, high)
            if ports:
                spot, box = (group.group_id, index), (first, last, *ports)
                yield Part(above + index, spot, rules[index].action, certain, box)
        above += len(rules)


def _add_alive(parts: Sequence[Part], stretch: Stretch, alive: set[RulePosition]) -> None:
    """Add the rules that decide something in this stretch."""
    covered = [0] * (len(stretch.ports) - 1)
    for number, top, bottom, mask in stretch.pieces:
        part, rows = parts[number], covered[top:bottom]
        if part.spot not in alive and any(mask & ~row for row in rows):
            alive.add(part.spot)
        if part.certain:
            covered[top:bottom] = [row | mask for row in rows]
