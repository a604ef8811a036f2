"""
Plans that open less, or need fewer edits, than the good ones that `plans` finds.

There a rule is as wide as what was asked for, and all rules for one need stand in the same group. Here a rule may serve
several needs, though another, wider one would do for one of them; the rules for one need may stand in several groups;
and in the end each is cut down to what would be missing without it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from drilllib.core.fix.needs import Need
from drilllib.core.fix.plans import in_orders, in_place_of, ways_in, without_duplicates
from drilllib.core.fix.unmet_needs import Groups, Plan, around, missing, passing, rule_for
from drilllib.core.rules.edits import Change, Edit, accept_rule, joined
from drilllib.core.rules.members import Reference
from drilllib.core.rules.rules import Action
from drilllib.core.sets.flowsets import FlowSet, flows_of

PLANS = 60  # that are made besides
WORK = 6000  # plans times rules: the longer the lists, the fewer plans
APART = 16  # ways in which the rules for one need are put into several groups


def narrowed(plan: Plan, needs: Sequence[Need], groups: Groups) -> Iterator[Plan]:
    """*plan* with its rules cut down one after the other, in every order. It still meets all *needs*."""
    edits = _without_doubles(plan)
    wider = [each for each in edits if each.rule and _cut_down(each, edits, needs, groups) != edits]
    for order in in_orders(wider):
        found = edits
        for each in order:
            found = _cut_down(each, found, needs, groups)
        yield without_duplicates(joined(found), groups)


def _without_doubles(plan: Plan) -> Plan:
    """*plan* before `without_duplicates`."""
    return tuple(each for each in plan if not (each.old and each.old.action is Action.ACCEPT))


def _cut_down(change: Change, plan: Plan, needs: Sequence[Need], groups: Groups) -> Plan:
    """*plan* with the rule of *change* for no more than what is missing without it, or none."""
    without = tuple(each for each in plan if each is not change)
    if change.old:
        without = (*without, replace(change, edit=Edit.DELETE, rule=None))
    asked = [each for each in needs if each.direction is change.direction and change.group in each.groups]
    lacking = [(each, found) for each in asked if (found := missing(each, groups, without))]
    if not lacking:
        return without
    block = around(min(found[0][0] for _, found in lacking), max(found[-1][1] for _, found in lacking))
    rule = rule_for(lacking[0][0], block, sorted({each.port or 0 for each, _ in lacking}))
    return tuple(replace(each, rule=rule) if each is change else each for each in plan)


def further_plans(known: Collection[Plan], needs: Sequence[Need], groups: Groups, most: int) -> Iterator[Plan]:
    """More plans, of up to *most* edits, that take out the same DROP rules as one of those *known*."""
    starts = dict.fromkeys(_drops_of(plan) for plan in known)
    made = (plan for gone in starts for order in in_orders(needs) for plan in _filled(order, groups, gone, most))
    rules = sum(len(groups[name].rules(need.direction) or ()) for need in needs for name in need.groups)
    for plan in dict.fromkeys(map(joined, islice(made, min(PLANS, WORK // max(rules, 1))))):
        for each in _in_place_of_drops(needs, groups, plan):
            placed = without_duplicates(each, groups)
            if len(placed) <= most and placed not in known:
                yield placed


def _drops_of(plan: Plan) -> Plan:
    return tuple(replace(each, edit=Edit.DELETE, rule=None) for each in _without_doubles(plan) if each.old)


def _filled(needs: Sequence[Need], groups: Groups, plan: Plan, most: int) -> Iterator[Plan]:
    """*plan* with rules for all that is still missing, need by need, unless they are more than *most*."""
    if len({(each.group, each.place, each.rule.peer) for each in plan if each.rule}) > most:
        return
    if not needs:
        yield plan
        return
    for start in dict.fromkeys((plan, _shared(needs[0], groups, plan))):
        ways = ways_in(needs[0], groups, start)
        for more in islice(product(*(each.values() for each in ways)), APART):
            yield from _filled(needs[1:], groups, (*start, *more), most)


def _in_place_of_drops(needs: Sequence[Need], groups: Groups, plan: Plan) -> Sequence[Plan]:
    """Every way to put rules into the place of DROPs; see `plans.in_place_of`."""
    ways = [plan]
    for drop in [each for each in plan if each.edit is Edit.DELETE]:
        ways = [one for each in ways for one in [*in_place_of(drop, each, needs, groups)] or [each]]
    return ways


def _shared(need: Need, groups: Groups, plan: Plan) -> Plan:
    """*plan* with every rule that it puts in for the need's port, too, where the interface may accept that."""
    may = need.meant | passing(need, groups)
    return tuple(_for_port_of(need, each, may) if each.group in need.groups else each for each in plan)


def _for_port_of(need: Need, change: Change, may: FlowSet) -> Change:
    rule = change.rule
    if rule is None or need.port is None or (rule.protocol, change.direction) != (need.protocol, need.direction):
        return change
    port = need.port, need.port
    if isinstance(rule.peer, Reference) or not flows_of((rule.peer,), need.protocol, port) <= may:
        return change
    return replace(change, rule=accept_rule(rule.protocol, str(rule.peer), sorted({*(rule.ports or ()), port})))
