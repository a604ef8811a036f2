"""
The plans that make interfaces accept what is needed: rules put in, DROP rules taken out of the way, or both.

A plan begins with the DROP rules that go. Then the needs are met one after the other, so that a rule put in for one may
serve the next. Every rule accepts only what was asked for and what its interface accepted before; where a DROP
goes, the rules below it decide what it had taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations
from typing import TypeVar

from drilllib.core.fix.needs import Need
from drilllib.core.fix.unmet_needs import (
    Groups,
    PlacedRule,
    Plan,
    Span,
    fewest_blocks,
    missing,
    overlap,
    passing,
    rule_for,
    rules_matching,
)
from drilllib.core.rules.edits import Change, Edit, joined
from drilllib.core.rules.rules import Action, Direction, Rule, SecurityGroup

_T = TypeVar("_T")

DROPS = 8  # DROP rules in the way of all needs that are tried in every combination; beyond these, none is taken out
TOGETHER = 3  # of them at once
ORDERS = 3  # needs that are met in every order
MOVED = 12  # rules that are tried in the place of one DROP


def plans(needs: Sequence[Need], groups: Groups) -> Iterator[Plan]:
    """Every plan worth comparing, few DROP rules first. None where a list that was not read stands in the way."""
    drops = list(dict.fromkeys(drop for need in needs for drop in _drops(need, groups)))
    fewest = TOGETHER
    for size in range(min(len(drops), TOGETHER) + 1 if len(drops) <= DROPS else 1):
        for gone in combinations(drops, size) if size <= fewest else ():
            for plan in _after(needs, groups, gone):
                fewest = min(fewest, len(plan))
                yield plan


def _drops(need: Need, groups: Groups) -> Iterator[Change]:
    """The DROP rules that may take something of what is missing, as changes that delete them."""
    lacking = missing(need, groups)
    for each in rules_matching(need, groups):
        if each.rule.action is Action.DROP and overlap(each.matches, lacking):
            yield Change(each.group, need.direction, Edit.DELETE, each.index, old=each.rule)


def _after(needs: Sequence[Need], groups: Groups, gone: Plan) -> Iterator[Plan]:
    """The plans that take out exactly the DROP rules *gone*."""
    made = (joined(plan) for order in in_orders(needs) for plan in _filled(order, groups, gone))
    for plan in dict.fromkeys(made):
        yield without_duplicates(_in_place_of_drops(needs, groups, plan), groups)


def in_orders(items: Sequence[_T]) -> Iterable[tuple[_T, ...]]:
    """*items* in every order where they are few, else from both ends."""
    return permutations(items) if len(items) <= ORDERS else (tuple(items), tuple(reversed(items)))


def _filled(needs: Sequence[Need], groups: Groups, plan: Plan) -> Iterator[Plan]:
    """*plan* with rules for all that is still missing, for each need in one of its groups."""
    for place, need in enumerate(needs):
        ways = ways_in(need, groups, plan)
        if ways:
            for name in dict.fromkeys(need.groups):
                if all(name in each for each in ways):
                    yield from _filled(needs[place + 1 :], groups, (*plan, *(each[name] for each in ways)))
            return
    yield plan


def ways_in(need: Need, groups: Groups, plan: Plan) -> list[dict[str, Change]]:
    """For each block of the fewest that hold what is missing: a rule for it in every group where it decides."""
    gone = {(each.group, each.place) for each in plan if each.edit is Edit.DELETE and each.direction is need.direction}
    left = [each for each in rules_matching(need, groups) if (each.group, each.index) not in gone]
    found = []
    for block, lacking in fewest_blocks(need, groups, plan):
        rule = rule_for(need, block, (need.port,))
        places = {name: _index_in(need, name, left, lacking, groups) for name in need.groups}
        made = {name: index for name, index in places.items() if index is not None}
        found.append({name: Change(name, need.direction, Edit.INSERT, at, rule) for name, at in made.items()})
    return found


def _in_place_of_drops(needs: Sequence[Need], groups: Groups, plan: Plan) -> Plan:
    """A rule that serves as well where a DROP goes is put into its place: one edit in the place of two."""
    for drop in [each for each in plan if each.edit is Edit.DELETE]:
        plan = next(in_place_of(drop, plan, needs, groups), plan)
    return plan


def in_place_of(drop: Change, plan: Plan, needs: Sequence[Need], groups: Groups) -> Iterator[Plan]:
    """*plan* with some of its rules by turns in the place of *drop*, where all needs are still met; see `MOVED`."""
    for rule in _movable(drop, plan):
        both = Change(drop.group, drop.direction, Edit.REPLACE, drop.place, rule.rule, drop.old)
        fewer = joined([*(each for each in plan if each not in (drop, rule)), both])
        if all(need.meant <= passing(need, groups, fewer) for need in needs):
            yield fewer


def _movable(drop: Change, plan: Plan) -> list[Change]:
    """
    The rules that may go into the place of *drop*: all of a few; of many, those first that differ in more than their
    block.
    """
    rules = [each for each in plan if each.edit is Edit.INSERT and each.direction is drop.direction]
    if len(rules) <= MOVED:
        return rules
    unlike = {(each.group, each.place, each.rule and each.rule.ports): each for each in reversed(rules)}
    return list(dict.fromkeys((*unlike.values(), *rules)))[: MOVED // 3]


def without_duplicates(plan: Plan, groups: Groups) -> Plan:
    """With the rules gone that are like one put in: the API refuses a second one [API-VPC, DuplicatePolicy]."""
    duplicates = [
        duplicate
        for each in plan
        if each.rule
        for duplicate in _duplicates(groups[each.group], each.direction, each.rule)
    ]
    gone = {(each.group, each.direction, each.place) for each in plan if each.edit is not Edit.INSERT}
    return joined([*plan, *(each for each in duplicates if (each.group, each.direction, each.place) not in gone)])


def _duplicates(group: SecurityGroup, direction: Direction, rule: Rule) -> Iterator[Change]:
    for index, each in enumerate(group.rules(direction) or ()):
        if _alike(each) == _alike(rule):
            yield Change(group.group_id, direction, Edit.DELETE, index, old=each)


def _alike(rule: Rule) -> tuple[object, ...]:
    return rule.action, rule.protocol, rule.peer, rule.ports, rule.service


def _index_in(need: Need, name: str, left: Sequence[PlacedRule], missing: Span, groups: Groups) -> int | None:
    """The lowest place in a group where a rule for *missing* still decides; None where none does."""
    rules = groups[name].rules(need.direction)
    if rules is None or not _is_open(need, left, name, 0, missing):
        return None
    drops = (each for each in left if each.group == name and each.rule.action is Action.DROP)
    return min((each.index for each in drops if overlap(each.matches, missing)), default=len(rules))


def _is_open(need: Need, left: Sequence[PlacedRule], name: str, index: int, missing: Span) -> bool:
    """Does no DROP that is left stand above that place and match any of *missing*?"""
    order = {group: number for number, group in enumerate(need.groups)}
    here = order[name], index
    above = (each for each in left if (order[each.group], each.index) < here and each.rule.action is Action.DROP)
    return not any(overlap(each.matches, missing) for each in above)
