"""
Sets of flows in few terms that may overlap, as a person would say them: `boxes` tells no flow twice, and needs more.

Every disjoint box that is in no term yet is widened within the set, and that is the next term; then those go that the
others cover together. So there are never more terms than boxes. The fewest are not searched for: of two blocks that
meet one lies in the other, which leaves little to choose.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby

from drilllib.core.sets.boxes import FlowBox, boxes, common_ends
from drilllib.core.sets.flowsets import PLANES, FlowSet, Plane, all_ports
from drilllib.core.sets.grid import Box, Budget, painted
from drilllib.core.sets.overlaps import LOOK
from drilllib.core.sets.rectangles import covers, overlap
from drilllib.errors import TooComplexError

EFFORT = 1 << 31  # cells of a grid, or looks that take as long: about a second

Ends = tuple[int, int]
Bands = list[tuple[Ends, list[Ends]]]  # ranges of ports in order, each with its ranges of addresses in order


def cover(flows: FlowSet) -> tuple[FlowBox, ...]:
    """
    *flows* as few terms, IPv4 first. None can be widened within the set, and none is covered by the others.

    Where finding them would take long, the disjoint boxes of `boxes`.

    Raises:
        TooComplexError: Even those are too many to be told.
    """
    disjoint, budget = boxes(flows), Budget(EFFORT)
    try:
        return tuple(sorted(_needed(_wide(flows, disjoint, budget), budget), key=_place))
    except TooComplexError:
        return disjoint


def _place(term: FlowBox) -> tuple[int, int, Ends, int]:
    """ALL before each protocol, then by ports and by far ends."""
    plane = Plane(term.protocol, term.family)
    return term.family, PLANES.index(plane) if plane in PLANES else -1, term.ports or (0, 0), term.first


def _wide(flows: FlowSet, disjoint: Iterable[FlowBox], budget: Budget) -> list[FlowBox]:
    """Terms that cannot be widened, so many that every box lies in one."""
    regions = _regions(flows)
    found: list[FlowBox] = []
    for box in disjoint:
        budget.spend(LOOK * len(found))
        if not any(_holds(term, box) for term in found):
            found.append(_widened(box, regions, budget))
    return found


def _regions(flows: FlowSet) -> dict[Plane, Bands]:
    """What is covered on each plane and, as one more plane ALL, on every plane of a family."""
    found = {plane: flows.planes.get(plane, ()) for plane in PLANES}
    for family in (4, 6):
        found[Plane("ALL", family)] = common_ends(family, [found[plane] for plane in PLANES if plane.family == family])
    return {plane: _bands(each) for plane, each in found.items()}


def _bands(found: Iterable[Box]) -> Bands:
    return [(ports, [box[:2] for box in each]) for ports, each in groupby(found, key=lambda box: box[2:])]


def _widened(box: FlowBox, regions: dict[Plane, Bands], budget: Budget) -> FlowBox:
    """A box widened to all protocols if it can be, then to all the ports its block has there, then to larger blocks."""
    own, ends = Plane(box.protocol, box.family), (box.first, box.last)
    within = box.ports or all_ports(own)
    tried = ((each, _ports_around(ends, within, regions[each], budget)) for each in (Plane("ALL", box.family), own))
    plane, ports = next((each, around) for each, around in tried if around)
    while _ports_around(_parent(ends), ports, regions[plane], budget):
        ends = _parent(ends)
    return FlowBox(*plane, *ends, None if plane.protocol == "ALL" or ports == all_ports(plane) else ports)


def _parent(ends: Ends) -> Ends:
    """The block twice as long that a block lies in."""
    length = 2 * (ends[1] - ends[0] + 1)
    first = ends[0] // length * length
    return first, first + length - 1


def _ports_around(ends: Ends, within: Ends, bands: Bands, budget: Budget) -> Ends | None:
    """The widest range of ports that holds those *within* and is covered for all of a block."""
    budget.spend(LOOK * len(bands))
    runs: list[Ends] = []
    for (low, high), ranges in bands:
        if _has(ranges, ends):
            runs.append((runs.pop()[0] if runs and runs[-1][1] == low - 1 else low, high))
    return next((run for run in runs if run[0] <= within[0] and within[1] <= run[1]), None)


def _has(ranges: Sequence[Ends], ends: Ends) -> bool:
    """Does a block lie in one of the ranges?"""
    place = bisect_right(ranges, ends[0], key=lambda each: each[0])
    return bool(place) and ends[1] <= ranges[place - 1][1]


def _needed(terms: Sequence[FlowBox], budget: Budget) -> list[FlowBox]:
    """The terms without those that the others cover together."""
    kept = list(terms)
    for term in reversed(terms):
        others = [each for each in kept if each is not term]
        if _covered(term, others, budget):
            kept = others
    return kept


def _covered(term: FlowBox, others: Sequence[FlowBox], budget: Budget) -> bool:
    budget.spend(LOOK * len(others))
    for plane in PLANES:
        if _is_on(plane, term):
            mine, theirs = _on(plane, term), [_on(plane, each) for each in others if _is_on(plane, each)]
            if painted([(mine, True), *((each, False) for each in theirs if overlap(mine, each))], budget):
                return False
    return True


def _holds(term: FlowBox, box: FlowBox) -> bool:
    """Does all of *box* lie in *term*?"""
    plane = Plane(box.protocol, box.family)
    return _is_on(plane, term) and covers(_on(plane, term), _on(plane, box))


def _is_on(plane: Plane, term: FlowBox) -> bool:
    return term.family == plane.family and term.protocol in ("ALL", plane.protocol)


def _on(plane: Plane, term: FlowBox) -> Box:
    """A term as a rectangle of that plane."""
    return term.first, term.last, *(term.ports or all_ports(plane))
