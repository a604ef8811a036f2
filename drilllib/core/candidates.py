"""
The plans that make interfaces accept what is needed: rules put in, DROP rules taken out of the way, or both.

A plan begins with the DROP rules that go. Then the needs are met one after the other, so that a rule put in for one may
serve the next. Every rule accepts only what was asked for and what its interface accepted before; where a DROP
goes, the rules below it decide what it had taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from drilllib.core.accepted import Accepted, accepted
from drilllib.core.boxes import FlowBox
from drilllib.core.changes import Change, Edit, accept_rule, changed, joined
from drilllib.core.flowsets import BITS, FlowSet, Plane, ports_of
from drilllib.core.needs import Need
from drilllib.core.rules import Action, Direction, Rule, SecurityGroup

Groups = Mapping[str, SecurityGroup]
Plan = tuple[Change, ...]
Ends = tuple[int, int]  # first and last address
Span = tuple[Ends, ...]

DROPS = 8  # DROP rules in the way of all needs that are tried in every combination; beyond these, none is taken out
TOGETHER = 3  # of them at once
ORDERS = 3  # needs that are met in every order
WIDE = {4: 8, 6: 16}  # a block of far ends wider than this is open to the world


@dataclass(frozen=True, slots=True)
class _Place:
    """One rule of the interface's whole list."""

    group: str
    index: int
    rule: Rule
    matches: Span  # the far ends that it may match, for the needed protocol and port


def plans(needs: Sequence[Need], groups: Groups) -> Iterator[Plan]:
    """
    Every plan worth comparing, few DROP rules first. None where a list that was not read stands in the way.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    drops = list(dict.fromkeys(drop for need in needs for drop in _drops(need, groups)))
    fewest = TOGETHER
    for size in range(min(len(drops), TOGETHER) + 1 if len(drops) <= DROPS else 1):
        for gone in combinations(drops, size) if size <= fewest else ():
            for plan in _after(needs, groups, gone):
                fewest = min(fewest, len(plan))
                yield plan


def _drops(need: Need, groups: Groups) -> Iterator[Change]:
    """The DROP rules that may take something of what is missing, as changes that delete them."""
    listed = [groups[name] for name in need.groups]
    missing = _ends(need.meant - _accepted(listed, need).sure, need)
    for each in _places(need, listed):
        if each.rule.action is Action.DROP and _overlap(each.matches, missing):
            yield Change(each.group, need.direction, Edit.DELETE, each.index, old=each.rule)


def _after(needs: Sequence[Need], groups: Groups, gone: Plan) -> Iterator[Plan]:
    """The plans that take out exactly the DROP rules *gone*."""
    orders = permutations(needs) if len(needs) <= ORDERS else (tuple(needs), tuple(reversed(needs)))
    made = (joined(plan) for order in orders for plan in _filled(order, groups, gone))
    for plan in dict.fromkeys(made):
        yield _without_twins(_in_place_of_drops(needs, groups, plan), groups)


def _filled(needs: Sequence[Need], groups: Groups, plan: Plan) -> Iterator[Plan]:
    """*plan* with rules for all that is still missing, for each need in one of its groups."""
    for place, need in enumerate(needs):
        blocks = list(_fewest_blocks(need, _accepted([changed(groups[name], plan) for name in need.groups], need)))
        if blocks:
            for name in dict.fromkeys(need.groups):
                more = _inserted(need, name, blocks, groups, plan)
                if more is not None:
                    yield from _filled(needs[place + 1 :], groups, (*plan, *more))
            return
    yield plan


def _inserted(
    need: Need, name: str, blocks: Sequence[tuple[Ends, Span]], groups: Groups, plan: Plan
) -> list[Change] | None:
    """Rules for *blocks* in group *name*; None where they would decide nothing there."""
    gone = {(each.group, each.place) for each in plan if each.edit is Edit.DELETE and each.direction is need.direction}
    listed = [groups[each] for each in need.groups]
    left = [each for each in _places(need, listed) if (each.group, each.index) not in gone]
    made = []
    for block, missing in blocks:
        index = _index_in(need, name, left, missing, groups)
        if index is None:
            return None
        ports = [] if need.port is None else [(need.port, need.port)]
        rule = accept_rule(need.protocol, _text(need, block), ports)
        made.append(Change(name, need.direction, Edit.INSERT, index, rule))
    return made


def _in_place_of_drops(needs: Sequence[Need], groups: Groups, plan: Plan) -> Plan:
    """A rule that serves as well where a DROP goes is put into its place: one edit in the place of two."""
    for drop in [each for each in plan if each.edit is Edit.DELETE]:
        for rule in [each for each in plan if each.edit is Edit.INSERT and each.direction is drop.direction]:
            both = Change(drop.group, drop.direction, Edit.REPLACE, drop.place, rule.rule, drop.old)
            fewer = joined([*(each for each in plan if each not in (drop, rule)), both])
            if all(_is_met(need, groups, fewer) for need in needs):
                plan = fewer
                break
    return plan


def _is_met(need: Need, groups: Groups, plan: Plan) -> bool:
    return need.meant <= _accepted([changed(groups[name], plan) for name in need.groups], need).sure


def _accepted(listed: Sequence[SecurityGroup], need: Need) -> Accepted:
    """What is accepted of the needed protocol and port."""
    return accepted(listed, need.direction, (Plane(need.protocol, family_of(need)),), need.port)


def _without_twins(plan: Plan, groups: Groups) -> Plan:
    """The API refuses a rule that the list already has, so one further down has to go [API-VPC, DuplicatePolicy]."""
    twins = [twin for each in plan if each.rule for twin in _twins(groups[each.group], each.direction, each.rule)]
    gone = {(each.group, each.direction, each.place) for each in plan if each.edit is not Edit.INSERT}
    return joined([*plan, *(each for each in twins if (each.group, each.direction, each.place) not in gone)])


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


def _places(need: Need, listed: Iterable[SecurityGroup]) -> Iterator[_Place]:
    for group in listed:
        matches: dict[int, list[Ends]] = {}
        plane = Plane(need.protocol, family_of(need))
        for first, last, (low, high, index, _) in group.rows(need.direction, *plane):
            ports = ports_of(plane, low, high)
            if ports and ports[0] <= (need.port or 0) <= ports[1]:
                matches.setdefault(index, []).append((first, last))
        rules = group.rules(need.direction) or ()
        yield from (_Place(group.group_id, index, rules[index], tuple(each)) for index, each in matches.items())


def _fewest_blocks(need: Need, found: Accepted) -> Iterator[tuple[Ends, Span]]:
    """
    The fewest CIDR blocks of flows that were asked for or pass already, which hold all that is missing.

    Each is no wider than what was asked for in it, nor open to the world unless that was, and comes with what is
    missing in it.
    """
    family = family_of(need)
    allowed, wanted = _ends(need.meant | found.sure, need), _ends(need.meant, need)
    missing = _ends(need.meant - found.sure, need)
    behind = -1
    for first, last in missing:
        while (start := max(first, behind + 1)) <= last:
            widest = max(
                _widest(start, wanted, BITS[family]), _widest(start, allowed, BITS[family] - WIDE[family]), key=_size
            )
            inside = _within(wanted, widest)
            yield _around(inside[0][0], inside[-1][1]), _within(missing, widest)
            behind = widest[1]


def _size(ends: Ends) -> int:
    return ends[1] - ends[0]


def _widest(address: int, allowed: Sequence[Ends], bits: int) -> Ends:
    """The widest block around an address that lies within *allowed*, with *bits* bits of addresses at most."""
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
    return text.removesuffix("/128" if ":" in text else "/32")
