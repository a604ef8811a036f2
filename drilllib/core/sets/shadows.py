"""
Rules without effect: dead ones, which other rules above leave nothing to decide, and redundant ones, without which
every flow fares the same.

What is named is certain: only rules whose members are known cover others, and a rule that only names its peer is
dead where every flow it could match is taken.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from operator import or_

from drilllib.core.rules.rules import Action, Direction, SecurityGroup
from drilllib.core.sets.flowsets import Plane
from drilllib.core.sets.grid import Box, Budget, Stretch, stretches
from drilllib.core.sets.rectangles import Part, Parts, RulePosition, clip, covers, overlap, parts_of

KEPT = 1 << 31  # bits that a search for redundant rules, or for the fewest that cover one, may hold at once


@dataclass(frozen=True, slots=True)
class Shadow:
    """
    What leaves a dead rule nothing: *deciders* decide its flows, *covered_by* is as few of them as cover it.

    *actions* are the deciders'.
    """

    deciders: tuple[RulePosition, ...]
    covered_by: tuple[RulePosition, ...]
    actions: frozenset[Action]


@dataclass(frozen=True, slots=True)
class Succession:
    """
    What becomes of a redundant rule's flows once it is gone: *successors* below decide them, the top one first.

    *conflicting* are redundant too, lie between and would decide otherwise, so they have to go first.
    """

    successors: tuple[RulePosition, ...]
    conflicting: tuple[RulePosition, ...]


def cancelled(groups: Sequence[SecurityGroup], direction: Direction) -> dict[RulePosition, RulePosition]:
    """Each ACCEPT that admits nothing because DROP rules above take all of it, with the topmost of them."""
    parts, budget = parts_of(groups, direction), Budget()
    accepts = (spot for spot, found in parts.by_spot.items() if found[0][1].action is Action.ACCEPT)
    shadows = {spot: shadow_of(parts, spot, budget) for spot in accepts if spot in parts.dead}
    return {spot: shadow.covered_by[0] for spot, shadow in shadows.items() if shadow.actions == {Action.DROP}}


def redundant_rules(parts: Parts, dead: Set[RulePosition], kept: Set[RulePosition] = frozenset()) -> list[RulePosition]:
    """
    The rules that do decide flows, but as the rules below would: without them and the *dead* ones nothing changes.

    Rules are tried from the bottom, each as if those already found were gone, so all of them can be deleted together;
    a few of them only from the bottom up. Those in *kept* are not tried.
    """
    budget = Budget(KEPT)
    drawn: dict[int, list[_Drawn]] = {}
    for each in parts.apart():
        for stretch in stretches([part.box for part in each], budget):
            for one in _drawings(each, stretch, dead):
                drawn.setdefault(one.part.rank, []).append(one)
    found, unread = [], sorted(parts.unread)
    for rank, pieces in sorted(drawn.items(), reverse=True):
        if unread and rank < unread[-1]:
            _forget(piece for each in drawn.values() for piece in each)
            unread = [each for each in unread if each <= rank]
        if pieces[0].part.spot in kept or any(piece.matters() for piece in pieces):
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


def _forget(pieces: Iterable[_Drawn]) -> None:
    """Below a list that was not read anything may be accepted, and nothing surely is."""
    for piece in pieces:
        piece.sure[:], piece.possible[:] = [0] * len(piece.sure), [-1] * len(piece.possible)


def _drawings(parts: Sequence[Part], stretch: Stretch, dead: Set[RulePosition]) -> Iterator[_Drawn]:
    covered, sure, possible = ([0] * (len(stretch.ports) - 1) for _ in range(3))
    for number, top, bottom, mask in stretch.pieces:
        part, rows = parts[number], slice(top, bottom)
        if part.spot not in dead:
            yield _Drawn(part, rows, mask, [mask & ~row for row in covered[rows]], sure, possible)
            if part.certain:
                covered[rows] = [row | mask for row in covered[rows]]


def shadow_of(parts: Parts, spot: RulePosition, budget: Budget | None = None) -> Shadow:
    """Which rules leave the dead rule *spot* nothing. Of *budget*, one for many questions, each takes its cost."""
    budget = budget or Budget()
    deciders: dict[int, Part] = {}
    for plane, mine in parts.by_spot[spot]:
        deciders.update((part.rank, part) for part in _deciders(parts, plane, mine, budget))
    found = [part for _, part in sorted(deciders.items())]
    names = tuple(part.spot for part in found)
    return Shadow(names, _fewest(parts, spot, names, budget), frozenset(part.action for part in found))


def succession(
    parts: Parts, spot: RulePosition, dead: Set[RulePosition], gone: Set[RulePosition], budget: Budget
) -> Succession:
    """
    Which rules below stand in for the redundant rule *spot* once the *dead* and all of *gone*, the redundant ones, are
    deleted.
    """
    successors: dict[int, RulePosition] = {}
    conflicting: dict[int, RulePosition] = {}
    for plane, mine in parts.by_spot[spot]:
        found = [part for part in parts.meeting(plane, mine.box, dead, budget) if part.spot != spot]
        for part in _successors(mine, found, gone, budget):
            alike = part.action is mine.action
            if alike is not (part.spot in gone):
                (successors if alike else conflicting)[part.rank] = part.spot
    return Succession(*(tuple(each for _, each in sorted(found.items())) for found in (successors, conflicting)))


def _deciders(parts: Parts, plane: Plane, mine: Part, budget: Budget) -> Iterator[Part]:
    """The certain parts above that decide flows of *mine*."""
    above = (
        part for part in parts.meeting(plane, mine.box, parts.dead, budget) if part.certain and part.rank < mine.rank
    )
    return _first_to_match(mine.box, list(_down_to_a_cover(mine.box, above)), budget)


def _successors(mine: Part, found: Sequence[Part], gone: Set[RulePosition], budget: Budget) -> Iterator[Part]:
    """The parts below, certain or *gone*, that would meet flows of *mine* if it no longer decided them."""
    listed = [part for part in found if part.certain or (part.rank > mine.rank and part.spot in gone)]
    passing = {number for number, part in enumerate(listed) if part.rank > mine.rank and part.spot in gone}
    return (part for part in _first_to_match(mine.box, listed, budget, passing) if part.rank > mine.rank)


def _down_to_a_cover(box: Box, found: Iterator[Part]) -> Iterator[Part]:
    """The parts from the top, none below one that holds all of *box*."""
    for part in found:
        yield part
        if covers(part.box, box):
            return


def _first_to_match(box: Box, found: Sequence[Part], budget: Budget, passing: Set[int] = frozenset()) -> Iterator[Part]:
    """Those of *found* that are the first to match some point of *box*; the numbers in *passing* take nothing away."""
    if found and covers(found[0].box, box) and not passing:
        yield found[0]
        return
    met: set[int] = set()
    for stretch in stretches([box, *(clip(part.box, box) for part in found)], budget):
        left = [0] * (len(stretch.ports) - 1)
        for number, top, bottom, mask in stretch.pieces:
            if number == 0:
                left[top:bottom] = [mask] * (bottom - top)
            elif any(row & mask for row in left[top:bottom]):
                met.add(number)
                if number - 1 not in passing:
                    left[top:bottom] = [row & ~mask for row in left[top:bottom]]
    yield from (found[number - 1] for number in sorted(met))


def _fewest(
    parts: Parts, spot: RulePosition, deciders: Sequence[RulePosition], budget: Budget
) -> tuple[RulePosition, ...]:
    """So many deciders that none can be left out; one where it covers all, because it decides last."""
    if len(deciders) < 2:
        return tuple(deciders)
    wanted, cells = _cells(parts, spot, deciders, budget)
    above = list(accumulate(cells, or_, initial=0))
    kept: list[RulePosition] = []
    below = 0
    for name, mine, others in reversed(list(zip(deciders, cells, above[:-1], strict=True))):
        if wanted & ~(others | below):
            kept.append(name)
            below |= mine
    return tuple(reversed(kept))


def _cells(parts: Parts, spot: RulePosition, deciders: Sequence[RulePosition], budget: Budget) -> tuple[int, list[int]]:
    """The rule's own area as bits, and what each of the deciders covers of it."""
    wanted, offset, held = 0, 0, Budget(KEPT)
    cells = dict.fromkeys(deciders, 0)
    for plane, mine in parts.by_spot[spot]:
        every = (part for name in deciders for where, part in parts.by_spot[name] if where == plane and part.certain)
        found = [part for part in every if overlap(part.box, mine.box)]
        for stretch in stretches([mine.box, *(clip(part.box, mine.box) for part in found)], budget):
            for number, bits in _as_bits(stretch, offset):
                if number == 0:
                    wanted |= bits
                else:
                    cells[found[number - 1].spot] |= bits
            offset += (len(stretch.ports) - 1) * len(stretch.addresses)
            held.spend(2 * len(deciders) * (len(stretch.ports) - 1) * len(stretch.addresses))
    return wanted, list(cells.values())


def _as_bits(stretch: Stretch, offset: int) -> Iterator[tuple[int, int]]:
    """Each piece as bits, one row after the other from *offset* on."""
    width = len(stretch.addresses)
    for number, top, bottom, mask in stretch.pieces:
        yield number, reduce(or_, (mask << (offset + row * width) for row in range(top, bottom)))
