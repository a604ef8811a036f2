"""
Plans that open less, or need fewer edits, than the good ones that `plans` finds.

There a rule is as wide as what was asked for, and all rules for one need stand in the same group. Here a rule may serve
several needs, though another, wider one would do for one of them; the rules for one need may stand in several groups;
and in the end each is cut down to what would be missing without it.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from drilllib.core.fix.needs import Need
from drilllib.core.fix.plans import in_orders, in_place_of, ways_in, without_duplicates
from drilllib.core.fix.unmet_needs import Ends, Groups, Plan, Span, around, missing, passing, rule_for
from drilllib.core.rules.addresses import Block
from drilllib.core.rules.edits import Change, Edit, accept_rule, joined
from drilllib.core.rules.members import Reference
from drilllib.core.rules.rules import Action
from drilllib.core.sets.flowsets import FlowSet, flows_of

PLANS = 60  # that are made besides
WORK = 3000  # plans times rules, those put in too: the more there are, the fewer plans
APART = 16  # ways in which the rules for one need are put into several groups


def narrowed(plan: Plan, needs: Sequence[Need], groups: Groups) -> Iterator[Plan]:
    """*plan* with its rules cut down one after the other, in every order. It still meets all *needs*."""
    edits = _without_doubles(plan)
    fits = _Fits(edits, needs, groups)
    rules = (each for each in edits if each.rule and not fits.exactly(each))
    wider = [each for each in rules if _cut_down(each, edits, needs, groups) != edits]
    for order in in_orders(wider):
        found = edits
        for each in order:
            found = _cut_down(each, found, needs, groups)
        yield without_duplicates(joined(found), groups)


def _without_doubles(plan: Plan) -> Plan:
    """*plan* before `without_duplicates`."""
    return tuple(each for each in plan if not (each.old and each.old.action is Action.ACCEPT))


class _Fits:
    """
    Which rules of a plan cannot be cut down, told without trying: where no other one is about their block, and all of
    it is missing without the plan's rules. With many blocks of clients nearly every rule is such a one.
    """

    def __init__(self, plan: Plan, needs: Sequence[Need], groups: Groups) -> None:
        gone = _drops_of(plan)
        self._needs = [(need, missing(need, groups, gone), _alone(need, plan)) for need in needs]

    def exactly(self, change: Change) -> bool:
        """Is there nothing to cut down?"""
        block, rule = _block_of(change), change.rule
        about = [each for each in self._needs if _serves(change, each[0])]
        if block is None or rule is None or len(about) < len(rule.ports or (None,)):
            return False
        return all(block in alone and _holds(lacking, block) for _, lacking, alone in about)


def _serves(change: Change, need: Need) -> bool:
    """Is the change's rule about the need's interface, protocol and port?"""
    rule = change.rule
    if rule is None or change.direction is not need.direction or change.group not in need.groups:
        return False
    port = need.port
    return rule.protocol == need.protocol and (port is None or (port, port) in (rule.ports or ()))


def _alone(need: Need, plan: Plan) -> frozenset[Ends]:
    """The blocks of the plan's rules for *need* that have no address in common with another one."""
    blocks = sorted(ends for each in plan if _serves(each, need) and (ends := _block_of(each)))
    behind, found = -1, set()
    for place, (first, last) in enumerate(blocks):
        following = blocks[place + 1][0] if place + 1 < len(blocks) else last + 1
        if behind < first and last < following:
            found.add((first, last))
        behind = max(behind, last)
    return frozenset(found)


def _block_of(change: Change) -> Ends | None:
    """The first and the last address of the change's rule."""
    peer = change.rule and change.rule.peer
    return (int(peer[0]), int(peer[-1])) if isinstance(peer, Block) else None


def _holds(span: Span, block: Ends) -> bool:
    """Is all of *block* in one piece of *span*?"""
    place = bisect_right(span, block[0], key=lambda ends: ends[0])
    return place > 0 and block[1] <= span[place - 1][1]


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
    for plan in dict.fromkeys(map(joined, islice(made, min(PLANS, WORK // max(rules + most, 1))))):
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
