"""What of a need does not pass yet, and the blocks that rules for it may have."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from drilllib.core.fix.needs import Need
from drilllib.core.rules.addresses import BITS, WIDE
from drilllib.core.rules.edits import Change, accept_rule, changed
from drilllib.core.rules.rules import Rule, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import FlowBox
from drilllib.core.sets.flowsets import FlowSet, Plane, ports_of

Plan = tuple[Change, ...]
Ends = tuple[int, int]  # first and last address
Span = tuple[Ends, ...]


class Groups(dict[str, SecurityGroup]):
    """Groups by their ids, for one search, whose plans meet the same needs again and again: each is looked at once."""

    def __init__(self, groups: Mapping[str, SecurityGroup]) -> None:
        super().__init__(groups)
        self._passing: dict[Hashable, FlowSet] = {}
        self._missing: dict[Hashable, tuple[FlowSet, FlowSet, Span]] = {}

    def passing(self, need: Need, plan: Plan) -> FlowSet:
        """See `passing`."""
        mine = tuple([each for each in plan if each.direction is need.direction and each.group in need.groups])
        plane = Plane(need.protocol, family_of(need))
        key = need.groups, need.direction, plane, need.port, mine
        if key not in self._passing:
            listed = [changed(self[name], mine) for name in need.groups]
            self._passing[key] = accepted(listed, need.direction, (plane,), need.port).sure
        return self._passing[key]

    def missing(self, need: Need, plan: Plan) -> Span:
        """See `missing`."""
        found = self.passing(need, plan)
        key = id(need.meant), id(found)
        if key not in self._missing:
            self._missing[key] = need.meant, found, ends_of(need.meant - found, need)
        return self._missing[key][2]


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """One rule of the interface's whole list."""

    group: str
    index: int
    rule: Rule
    matches: Span  # the far ends that it may match, for the needed protocol and port


def rules_matching(need: Need, groups: Groups) -> Iterator[PlacedRule]:
    """The rules of the need's groups that may match its protocol and port."""
    for group in (groups[name] for name in need.groups):
        matches: dict[int, list[Ends]] = {}
        plane = Plane(need.protocol, family_of(need))
        for first, last, (low, high, index, _) in group.rows(need.direction, *plane):
            ports = ports_of(plane, low, high)
            if ports and ports[0] <= (need.port or 0) <= ports[1]:
                matches.setdefault(index, []).append((first, last))
        rules = group.rules(need.direction) or ()
        yield from (PlacedRule(group.group_id, index, rules[index], tuple(each)) for index, each in matches.items())


def passing(need: Need, groups: Groups, plan: Plan = ()) -> FlowSet:
    """What the need's groups surely accept of its protocol and port after *plan*."""
    return groups.passing(need, plan)


def missing(need: Need, groups: Groups, plan: Plan = ()) -> Span:
    """The far ends that still do not pass after *plan*."""
    return groups.missing(need, plan)


def fewest_blocks(need: Need, groups: Groups, plan: Plan) -> Iterator[tuple[Ends, Span]]:
    """
    The fewest CIDR blocks of flows that were asked for or pass already, which hold all that is missing after *plan*.

    Each is no wider than what was asked for in it, nor open to the world unless that was, and comes with what is
    missing in it.
    """
    family, lacking = family_of(need), missing(need, groups, plan)
    if not lacking:
        return
    allowed, wanted = (ends_of(each, need) for each in (need.meant | passing(need, groups, plan), need.meant))
    behind = -1
    for first, last in lacking:
        while (start := max(first, behind + 1)) <= last:
            widest = max(
                _widest(start, wanted, BITS[family]), _widest(start, allowed, BITS[family] - WIDE[family]), key=_size
            )
            inside = within(wanted, widest)
            yield around(inside[0][0], inside[-1][1]), within(lacking, widest)
            behind = widest[1]


def _size(ends: Ends) -> int:
    return ends[1] - ends[0]


def _widest(address: int, allowed: Sequence[Ends], bits: int) -> Ends:
    """The widest block around an address that lies within *allowed*, with *bits* bits of addresses at most."""
    low, high = allowed[bisect_right(allowed, address, key=lambda ends: ends[0]) - 1]
    size = 0
    while size < bits and _block(address, size + 1)[0] >= low and _block(address, size + 1)[1] <= high:
        size += 1
    return _block(address, size)


def _block(address: int, size: int) -> Ends:
    first = address >> size << size
    return first, first + (1 << size) - 1


def around(first: int, last: int) -> Ends:
    """The smallest block that holds both."""
    return _block(first, (first ^ last).bit_length())


def within(span: Span, to: Ends) -> Span:
    """What of *span*, whose ends rise, lies there."""
    start = bisect_left(span, to[0], key=lambda ends: ends[1])
    stop = bisect_right(span, to[1], key=lambda ends: ends[0])
    return tuple(ends for each in span[start:stop] if (ends := _cut(each, to)))


def _cut(ends: Ends, to: Ends) -> Ends | None:
    first, last = max(ends[0], to[0]), min(ends[1], to[1])
    return (first, last) if first <= last else None


def overlap(some: Iterable[Ends], others: Sequence[Ends]) -> bool:
    """Do any two of them have an address in common?"""
    return any(_cut(one, other) for one in some for other in others)


def ends_of(flows: FlowSet, need: Need) -> Span:
    """The far ends of those flows that are of the need's protocol, port and family."""
    return flows.only(need.protocol, need.port).addresses(family_of(need))


def family_of(need: Need) -> int:
    """The address family of a need's far ends."""
    return next(iter(need.meant.planes)).family


def rule_for(need: Need, block: Ends, ports: Iterable[int | None]) -> Rule:
    """ACCEPT for that block to *ports*, None standing for a protocol without any."""
    text = FlowBox(need.protocol, family_of(need), *block, None).block
    return accept_rule(need.protocol, text, [(port, port) for port in ports if port])
