"""
Plans made from one that is already good: a rule cut down, or one edit given up for others.

A plan's rules are as wide as what was asked for, and each stands in one group for one need. Where they open something
elsewhere, less may do: another rule of the plan, or one that a DROP had held back, may serve for the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from drilllib.core.candidates import in_orders, in_place_of, ways_in, without_twins
from drilllib.core.changes import Change, Edit, accept_rule, joined
from drilllib.core.flowsets import FlowSet, flows_of
from drilllib.core.missing import Groups, Plan, around, missing, passing, rule_for
from drilllib.core.needs import Need
from drilllib.core.rules import Action

OTHERS = 60  # plans that are made
WORK = 6000  # plans times rules; where lists are long, fewer plans are made
APART = 16  # ways in which the rules for one need are put into several groups


def narrowed(plan: Plan, needs: Sequence[Need], groups: Groups) -> Iterator[Plan]:
    """*plan* with its rules cut down one after the other, in every order. It still meets all *needs*."""
    edits = _chosen(plan)
    for order in in_orders([each for each in edits if each.rule and _cut_down(each, edits, needs, groups) != edits]):
        found = edits
        for each in order:
            found = _cut_down(each, found, needs, groups)
        yield without_twins(joined(found), groups)


def _chosen(plan: Plan) -> Plan:
    """Without the rules that go because the API refuses a second one like them."""
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


def others(known: Iterable[Plan], needs: Sequence[Need], groups: Groups, most: int) -> Iterator[Plan]:
    """
    More plans of up to *most* edits, that begin with the DROP rules of one of those *known*.

    A rule may serve several needs though it is wider than one of them asks for, and the rules for one need may stand in
    several groups.
    """
    starts = dict.fromkeys(_drops_of(plan) for plan in known)
    made = (
        joined(plan) for gone in starts for order in in_orders(needs) for plan in _filled(order, groups, gone, most)
    )
    rules = sum(len(groups[name].rules(need.direction) or ()) for need in needs for name in need.groups)
    for plan in dict.fromkeys(islice(made, min(OTHERS, WORK // (rules + 1)))):
        for each in _in_place_of_drops(needs, groups, plan):
            placed = without_twins(each, groups)
            if len(placed) <= most:
                yield placed


def _drops_of(plan: Plan) -> Plan:
    return tuple(replace(each, edit=Edit.DELETE, rule=None) for each in _chosen(plan) if each.old)


def _filled(needs: Sequence[Need], groups: Groups, plan: Plan, most: int) -> Iterator[Plan]:
    """*plan* with rules for all that is still missing, need by need."""
    if len({(each.group, each.place, each.rule and each.rule.peer) for each in plan if not each.old}) > most:
        return
    if not needs:
        yield plan
        return
    for start in dict.fromkeys((plan, _shared(needs[0], groups, plan))):
        ways = ways_in(needs[0], groups, start)
        for more in islice(product(*(each.values() for each in ways)), APART):
            yield from _filled(needs[1:], groups, (*start, *more), most)


def _in_place_of_drops(needs: Sequence[Need], groups: Groups, plan: Plan) -> Sequence[Plan]:
    """Every way to put rules into the place of DROPs; see `candidates.in_place_of`."""
    ways = [plan]
    for drop in [each for each in plan if each.edit is Edit.DELETE]:
        ways = [one for each in ways for one in [*in_place_of(drop, each, needs, groups)] or [each]]
    return ways


def _shared(need: Need, groups: Groups, plan: Plan) -> Plan:
    """*plan* with every rule that it puts in for the need's port, too, where the interface may accept that."""
    may = need.meant | passing(need, groups).sure
    return tuple(_for_port_of(need, each, may) if each.group in need.groups else each for each in plan)


def _for_port_of(need: Need, change: Change, may: FlowSet) -> Change:
    """The rule of *change* for the need's port, too, where its interface may accept that."""
    rule = change.rule
    if rule is None or need.port is None or (rule.protocol, change.direction) != (need.protocol, need.direction):
        return change
    port = need.port, need.port
    if not flows_of((rule.peer,), need.protocol, port) <= may:
        return change
    return replace(change, rule=accept_rule(rule.protocol, str(rule.peer), tuple(sorted({*(rule.ports or ()), port}))))
