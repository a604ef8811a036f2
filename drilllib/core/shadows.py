"""
Rules without effect: dead ones, which other rules above leave nothing to decide, and redundant ones, without which
every flow fares the same.

What is named is certain: only rules whose members are known cover others, and a rule that only names its peer is
dead where every flow it could match is taken.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import or_

from drilllib.core.flowsets import PLANES, Plane, ports_of
from drilllib.core.grid import Box, Budget, Stretch, stretches
from drilllib.core.rules import Action, Direction, SecurityGroup

Spot = tuple[str, int]  # a group's id and a place in its list, from 0
KEPT = 1 << 31  # bits that a search for redundant rules may hold at once


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle of one rule; see `rules.SecurityGroup.rows`."""

    rank: int  # place in the one list that the groups make, from 0
    spot: Spot
    action: Action
    certain: bool
    box: Box


@dataclass(frozen=True, slots=True)
class Shadow:
    """
    What leaves a dead rule nothing: *takers* decide its flows, *covered_by* is as few of them as cover it.

    *actions* are the takers'.
    """

    takers: tuple[Spot, ...]
    covered_by: tuple[Spot, ...]
    actions: frozenset[Action]


Parts = Mapping[Plane, Sequence[Part]]


def parts_of(groups: Sequence[SecurityGroup], direction: Direction) -> Parts:
    """Every rule's rectangles on each plane, from the top."""
    return {plane: list(_parts(groups, direction, plane)) for plane in PLANES}


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


def cancelled(groups: Sequence[SecurityGroup], direction: Direction) -> dict[Spot, Spot]:
    """
    Each ACCEPT that admits nothing because DROP rules above take all it matches, with the topmost of those that do.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    parts = parts_of(groups, direction)
    dead = dead_rules(parts)
    accepts = {part.spot for each in parts.values() for part in each if part.action is Action.ACCEPT} & dead
    shadows = {spot: shadow_of(parts, spot) for spot in accepts}
    return {spot: shadow.covered_by[0] for spot, shadow in shadows.items() if shadow.actions == {Action.DROP}}


def dead_rules(parts: Parts) -> set[Spot]:
    """
    The rules that never decide a flow. A rule that matches nothing at all is not among them; it has no parts.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    budget = Budget()
    alive: set[Spot] = set()
    for each in parts.values():
        for stretch in stretches([part.box for part in each], budget):
            _add_alive(each, stretch, alive)
    return {part.spot for each in parts.values() for part in each} - alive


def _add_alive(parts: Sequence[Part], stretch: Stretch, alive: set[Spot]) -> None:
    """Add the rules that decide something in this stretch."""
    covered = [0] * (len(stretch.ports) - 1)
    for number, top, bottom, mask in stretch.pieces:
        part, rows = parts[number], covered[top:bottom]
        if part.spot not in alive and any(mask & ~row for row in rows):
            alive.add(part.spot)
        if part.certain:
            covered[top:bottom] = [row | mask for row in rows]


def redundant_rules(parts: Parts, dead: Set[Spot]) -> list[Spot]:
    """
    The rules that do decide flows, but as the rules below would: without them and the *dead* ones nothing changes.

    Rules are tried from the bottom, each as if those already found were gone, so all of them can be deleted together.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    budget = Budget(KEPT)
    drawn: dict[int, list[_Drawn]] = {}
    for each in parts.values():
        for stretch in stretches([part.box for part in each], budget):
            for one in _drawings(each, stretch, dead):
                drawn.setdefault(one.part.rank, []).append(one)
    found = []
    for _, pieces in sorted(drawn.items(), reverse=True):
        if any(piece.matters() for piece in pieces):
            for piece in pieces:
                piece.draw()
        else:
            found.append(pieces[0].part.spot)
    return found[::-1]


@dataclass(slots=True)
class _Drawn:
    """A piece of a rule, what it decides of it, row by row, and what the kept rules below accept there."""

    part: Part
    rows: slice
    mask: int
    decides: list[int]
    sure: list[int]
    possible: list[int]

    def matters(self) -> bool:
        """Would a flow that it decides fare otherwise without it?"""
        if self.part.action is Action.ACCEPT:
            return any(mine & ~below for mine, below in zip(self.decides, self.sure[self.rows], strict=True))
        return any(mine & below for mine, below in zip(self.decides, self.possible[self.rows], strict=True))

    def draw(self) -> None:
        """Put it over what is below. A doubtful rule makes nothing surer."""
        accepts = self.part.action is Action.ACCEPT
        for rows in (self.sure, self.possible):
            if self.part.certain or accepts == (rows is self.possible):
                drawn = [row | self.mask if accepts else row & ~self.mask for row in rows[self.rows]]
                rows[self.rows] = drawn


def _drawings(parts: Sequence[Part], stretch: Stretch, dead: Set[Spot]) -> Iterator[_Drawn]:
    covered, sure, possible = ([0] * (len(stretch.ports) - 1) for _ in range(3))
    for number, top, bottom, mask in stretch.pieces:
        part, rows = parts[number], slice(top, bottom)
        if part.spot not in dead:
            yield _Drawn(part, rows, mask, [mask & ~row for row in covered[rows]], sure, possible)
            if part.certain:
                covered[rows] = [row | mask for row in covered[rows]]


def shadow_of(parts: Parts, spot: Spot) -> Shadow:
    """Which rules leave the dead rule *spot* nothing."""
    wanted, above = _cells(parts, spot)
    takers: list[tuple[Part, int]] = []
    left = wanted
    for part, cells in above:
        if left & cells:
            takers.append((part, cells))
            left &= ~cells
    names = tuple(part.spot for part, _ in takers)
    return Shadow(names, _fewest(wanted, takers), frozenset(part.action for part, _ in takers))


def _fewest(wanted: int, takers: Sequence[tuple[Part, int]]) -> tuple[Spot, ...]:
    """One taker that covers all of it, or else so many that none can be left out."""
    for part, cells in takers:
        if not wanted & ~cells:
            return (part.spot,)
    kept = list(takers)
    for each in reversed(takers):
        others = [other for other in kept if other is not each]
        if not wanted & ~reduce(or_, (cells for _, cells in others), 0):
            kept = others
    return tuple(part.spot for part, _ in kept)


def _cells(parts: Parts, spot: Spot) -> tuple[int, list[tuple[Part, int]]]:
    """The rule's own area as bits, and the certain rules above with what they cover of it, from the top."""
    wanted, offset, budget = 0, 0, Budget()
    above: dict[int, tuple[Part, int]] = {}
    for each in parts.values():
        for mine in (part for part in each if part.spot == spot):
            found = [(part, box) for part in _before(each, mine) if (box := _clip(part.box, mine.box))]
            for stretch in stretches([mine.box, *(box for _, box in found)], budget):
                for number, bits in _as_bits(stretch, offset):
                    if number == 0:
                        wanted |= bits
                    else:
                        part = found[number - 1][0]
                        above[part.rank] = part, above.get(part.rank, (part, 0))[1] | bits
                offset += (len(stretch.ports) - 1) * len(stretch.addresses)
    return wanted, [pair for _, pair in sorted(above.items())]


def _before(parts: Sequence[Part], mine: Part) -> Iterator[Part]:
    """The certain parts of the rules above."""
    return (part for part in parts if part.certain and part.rank < mine.rank)


def _clip(box: Box, to: Box) -> Box | None:
    first, last, low, high = max(box[0], to[0]), min(box[1], to[1]), max(box[2], to[2]), min(box[3], to[3])
    return (first, last, low, high) if first <= last and low <= high else None


def _as_bits(stretch: Stretch, offset: int) -> Iterator[tuple[int, int]]:
    """Each piece as bits, one row after the other from *offset* on."""
    width = len(stretch.addresses)
    for number, top, bottom, mask in stretch.pieces:
        yield number, reduce(or_, (mask << (offset + row * width) for row in range(top, bottom)))
