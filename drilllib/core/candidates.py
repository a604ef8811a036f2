"""
The ways to make one interface's groups accept what is needed: rules put in, DROP rules taken out of the way, or both.

Every way accepts nothing but what was asked for and what the interface accepted before, save where a DROP goes: then
the rules below it decide what it had taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from drilllib.core.accepted import Accepted, accepted
from drilllib.core.boxes import FlowBox
from drilllib.core.changes import Change, Edit, accept_rule, changed
from drilllib.core.flowsets import BITS, FlowSet, Plane, ports_of
from drilllib.core.needs import Need
from drilllib.core.rules import Action, Direction, Rule, SecurityGroup

Groups = Mapping[str, SecurityGroup]
Way = tuple[Change, ...]
Ends = tuple[int, int]  # first and last address
Span = tuple[Ends, ...]

DROPS = 8  # DROP rules in the way that are tried in every combination; beyond these, none is taken out
TOGETHER = 3  # of them at once


@dataclass(frozen=True, slots=True)
class _Place:
    """One rule of the interface's whole list."""

    group: str
    index: int
    rule: Rule
    matches: Span  # the far ends that it may match, for the needed protocol and port


def ways(need: Need, groups: Groups) -> Iterator[Way]:
    """
    Every way worth trying, for a need that is not met. Nothing where a list that was not read stands above all of them.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    family = family_of(need)
    listed = [groups[name] for name in need.groups]
    missing = _ends(need.meant - _accepted(listed, need).sure, need)
    places = list(_places(need, listed, family))
    drops = [each for each in places if each.rule.action is Action.DROP and _overlap(each.matches, missing)]
    sizes = range(min(len(drops), TOGETHER) + 1) if len(drops) <= DROPS else (0,)
    for gone in (chosen for size in sizes for chosen in combinations(drops, size)):
        yield from _without(need, groups, places, gone)


def _accepted(listed: Sequence[SecurityGroup], need: Need) -> Accepted:
    """What is accepted of the needed protocol and port."""
    return accepted(listed, need.direction, (Plane(need.protocol, family_of(need)),), need.port)


def _without(need: Need, groups: Groups, places: Sequence[_Place], gone: Sequence[_Place]) -> Iterator[Way]:
    """The ways with exactly the DROP rules *gone* out of the way."""
    deleted = [Change(each.group, need.direction, Edit.DELETE, each.index, old=each.rule) for each in gone]
    listed = [changed(groups[name], deleted) for name in need.groups]
    found = _accepted(listed, need)
    blocks = list(_fewest_blocks(need, found))
    left = [each for each in places if each not in gone]
    if not blocks:
        yield tuple(deleted)
    for name in dict.fromkeys(need.groups) if blocks else ():
        way = _filled(need, name, blocks, left, gone, groups)
        if way is not None:
            yield way


def _filled(
    need: Need,
    name: str,
    blocks: Sequence[tuple[Ends, Span]],
    left: Sequence[_Place],
    gone: Sequence[_Place],
    groups: Groups,
) -> Way | None:
    """Rules for *blocks*: in the place of DROP rules that go, as far as these serve, the others in group *name*."""
    free, way = list(gone), []
    for block, missing in blocks:
        rule = accept_rule(need.protocol, _text(need, block), [] if need.port is None else [(need.port, need.port)])
        spot = next((each for each in free if _is_open(need, left, each.group, each.index, missing)), None)
        if spot is not None:
            free.remove(spot)
            way.append(Change(spot.group, need.direction, Edit.REPLACE, spot.index, rule, spot.rule))
            way += _twins(groups[spot.group], need.direction, rule)
            continue
        index = _index_in(need, name, left, missing, groups)
        if index is None:
            return None
        way.append(Change(name, need.direction, Edit.INSERT, index, rule))
        way += _twins(groups[name], need.direction, rule)
    way += [Change(each.group, need.direction, Edit.DELETE, each.index, old=each.rule) for each in free]
    return tuple(way)


def _twins(group: SecurityGroup, direction: Direction, rule: Rule) -> Iterator[Change]:
    """The API refuses a rule that the list already has, so one further down has to go [API-VPC, DuplicatePolicy]."""
    for index, each in enumerate(group.rules(direction) or ()):
        if _alike(each) == _alike(rule):
            yield Change(group.group_id, direction, Edit.DELETE, index, old=each)


def _alike(rule: Rule) -> tuple[object, ...]:
    return rule.action, rule.protocol, rule.peer, rule.ports, rule.service


def _index_in(need: Need, name: str, left: Sequence[_Place], missing: Span, groups: Groups) -> int | None:
    """The lowest place in a group where a rule for *missing* still decides; None where none does."""
    rules = groups[name].rules(need.direction)
    if rules is None or not _is_open(need, left, name, 0, missing):
        return None
    drops = (each for each in left if each.group == name and each.rule.action is Action.DROP)
    return min((each.index for each in drops if _overlap(each.matches, missing)), default=len(rules))


def _is_open(need: Need, left: Sequence[_Place], name: str, index: int, missing: Span) -> bool:
    """Does no DROP that is left stand above that place and match any of *missing*?"""
    order = {group: number for number, group in enumerate(need.groups)}
    here = order[name], index
    above = (each for each in left if (order[each.group], each.index) < here and each.rule.action is Action.DROP)
    return not any(_overlap(each.matches, missing) for each in above)


def _places(need: Need, listed: Iterable[SecurityGroup], family: int) -> Iterator[_Place]:
    for group in listed:
        matches: dict[int, list[Ends]] = {}
        plane = Plane(need.protocol, family)
        for first, last, (low, high, index, _) in group.rows(need.direction, *plane):
            ports = ports_of(plane, low, high)
            if ports and ports[0] <= (need.port or 0) <= ports[1]:
                matches.setdefault(index, []).append((first, last))
        rules = group.rules(need.direction) or ()
        yield from (_Place(group.group_id, index, rules[index], tuple(each)) for index, each in matches.items())


def _fewest_blocks(need: Need, found: Accepted) -> Iterator[tuple[Ends, Span]]:
    """
    The fewest CIDR blocks of flows that were asked for or pass already, which hold all that is missing.

    Each is no wider than what was asked for in it, and comes with what is missing in it.
    """
    family = family_of(need)
    allowed, wanted = _ends(need.meant | found.sure, need), _ends(need.meant, need)
    missing = _ends(need.meant - found.sure, need)
    behind = -1
    for first, last in missing:
        while (start := max(first, behind + 1)) <= last:
            widest = _widest(start, allowed, BITS[family])
            inside = _within(wanted, widest)
            yield _around(inside[0][0], inside[-1][1]), _within(missing, widest)
            behind = widest[1]


def _widest(address: int, allowed: Sequence[Ends], bits: int) -> Ends:
    """The widest block around an address that lies within *allowed*."""
    ((low, high),) = [ends for ends in allowed if ends[0] <= address <= ends[1]]
    size = 0
    while size < bits and _block(address, size + 1)[0] >= low and _block(address, size + 1)[1] <= high:
        size += 1
    return _block(address, size)


def _block(address: int, size: int) -> Ends:
    first = address >> size << size
    return first, first + (1 << size) - 1


def _around(first: int, last: int) -> Ends:
    """The smallest block that holds both."""
    return _block(first, (first ^ last).bit_length())


def _within(span: Span, to: Ends) -> Span:
    return tuple(ends for each in span if (ends := _cut(each, to)))


def _cut(ends: Ends, to: Ends) -> Ends | None:
    first, last = max(ends[0], to[0]), min(ends[1], to[1])
    return (first, last) if first <= last else None


def _overlap(some: Iterable[Ends], others: Sequence[Ends]) -> bool:
    return any(_cut(one, other) for one in some for other in others)


def _ends(flows: FlowSet, need: Need) -> Span:
    return flows.only(need.protocol, need.port).addresses(family_of(need))


def family_of(need: Need) -> int:
    """The address family of a need's far ends."""
    return next(iter(need.meant.planes)).family


def _text(need: Need, block: Ends) -> str:
    text = FlowBox(need.protocol, family_of(need), *block, None).block
    return text.removesuffix("/32").removesuffix("/128")
