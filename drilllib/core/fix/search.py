"""
The smallest changes of groups that make interfaces accept what is needed: rules, and the order of groups.

Smallest is the fewest edits, then the fewest newly accepted flows that nobody asked for (collateral), counted over
every interface that a changed group is bound to. Only ACCEPT rules are put in and only DROP rules go, and no order is
taken that loses anything, so nothing that passed before is lost.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from drilllib.core.fix.group_orders import Orders, loses, order_step, ordered, orders
from drilllib.core.fix.needs import Need, Unions
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.fix.plans import plans
from drilllib.core.fix.proposal import InterfaceSide, Proposal
from drilllib.core.fix.refinements import further_plans, narrowed
from drilllib.core.fix.unmet_needs import Groups, Plan, missing
from drilllib.core.rules.addresses import BITS, WIDE
from drilllib.core.rules.edits import Change, Edit, changed
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.snapshot import Snapshot

CHOICES = 1000  # plans that are compared
OTHERS = 2  # proposals that are told besides the best


def smallest(snapshot: Snapshot, needs: Sequence[Need], lacking: Sequence[Need]) -> tuple[Proposal, ...]:
    """The best combination of ways to meet every need, and the next best, with one edit more at most."""
    search, found, fewest = _Search(snapshot, needs), list[tuple[Plan, Proposal]](), sys.maxsize
    for order in orders(snapshot, lacking):
        if len(order) <= fewest:
            more = search.under(order, lacking, fewest)
            found += more.items()
            fewest = min([fewest, *(len(each.changes) + len(each.steps) for each in more.values())])
    ranked = sorted(found, key=lambda each: (each[1].cost, search.strangers(each[1]), _in_order(each[0])))
    unlike: dict[object, Proposal] = {}
    for _, each in ranked:
        unlike.setdefault((frozenset(each.changes), *each.orders.items()), each)
    return _with_room(snapshot, list(unlike.values()))


def without_drops(snapshot: Snapshot, needs: Sequence[Need], lacking: Sequence[Need]) -> Proposal | None:
    """The change that lets in least besides, of those that take no DROP out; however many edits it is."""
    search, meet = _Search(snapshot, needs), unlike_needs(lacking)
    found = []
    for plan in dict.fromkeys(islice(plans(meet, search.groups), CHOICES)) if meet else ():
        if not any(each.old and each.old.action is Action.DROP for each in plan):
            found.append(search.best(plan, narrowed(plan, meet, search.groups), {}))
    good = [each for each in found if each]
    return min(good, key=lambda each: (each.cost[1], each.cost[0], search.strangers(each)), default=None)


def unlike_needs(needs: Iterable[Need]) -> list[Need]:
    """One of those that are met by the same rules."""
    alike = {(need.groups, need.direction, need.protocol, need.port, need.meant): need for need in needs}
    return list(alike.values())


def _with_room(snapshot: Snapshot, ranked: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """The first few, of one edit more than the first at most; those for which a group has no room come last."""
    close = [each for each in ranked if each.cost[0] <= ranked[0].cost[0] + 1]
    return tuple(sorted(close, key=lambda each: bool(over_quota(snapshot, each.changes)))[: OTHERS + 1])


def too_wide_orders(snapshot: Snapshot, needs: Sequence[Need], lacking: Sequence[Need]) -> tuple[Orders, ...]:
    """
    Orders of groups that would do and lose nothing, and are not proposed because they open the world.

    Whoever put the shadowed rule there may have meant just that, so they are worth a word.
    """
    search, found = _Search(snapshot, needs), []
    for order in orders(snapshot, lacking):
        if order and not any(missing(need, search.groups) for need in ordered(lacking, order)):
            proposal = search.of((), order)
            if search.opens_the_world(proposal) and not loses(snapshot, order, ()):
                found.append(order)
    return tuple(each for each in found if len(each) == min(map(len, found)))


@dataclass(frozen=True)
class _Search:
    """Proposals compared by what they cost."""

    snapshot: Snapshot
    needs: Sequence[Need]

    @cached_property
    def groups(self) -> Groups:
        """The groups of the snapshot."""
        return Groups(self.snapshot.groups)

    def under(self, order: Orders, lacking: Sequence[Need], fewest: int) -> dict[Plan, Proposal]:
        """The best of all plans where groups stand in that *order*, of one edit more than *fewest* at most."""
        groups = self.groups
        short = [need for need in ordered(lacking, order) if not order or missing(need, groups)]
        meet = unlike_needs(short)
        if order and not meet:
            enough = self.of((), order)
            return {} if self._is_refused(enough) else {(): enough}
        first = islice(plans(meet, groups), CHOICES) if meet else ()
        found = self._compared(sorted(set(first), key=_in_order), meet, order, fewest)
        least = min((len(best.changes) for best in found.values()), default=0)
        return found | self._compared(further_plans(found, meet, groups, least), meet, order, fewest)

    def _compared(
        self, tried: Iterable[Plan], meet: Sequence[Need], order: Orders, fewest: int
    ) -> dict[Plan, Proposal]:
        """Those plans that have one edit more than the fewest at most, each with the best that can be made of it."""
        most = fewest - len(order)
        found: dict[Plan, Proposal] = {}
        for plan in dict.fromkeys(tried):
            if len(plan) <= most + 1:
                best = self.best(plan, narrowed(plan, meet, self.groups), order)
                if best:
                    found[plan] = best
                    most = min(most, len(best.changes))
        return found

    def best(self, plan: Plan, narrow: Iterable[Plan], order: Orders) -> Proposal | None:
        """The cheapest of *plan* and its narrow forms, and of those that cost the same the first."""
        proposals = [self.of(each, order) for each in dict.fromkeys((plan, *narrow))]
        best = min(proposals, key=lambda each: each.cost)
        return None if self._is_refused(best) else best

    def _is_refused(self, proposal: Proposal) -> bool:
        """Does it open the world, or lose anything by another order?"""
        return self.opens_the_world(proposal) or loses(self.snapshot, proposal.orders, proposal.changes)

    def of(self, plan: Plan, order: Orders) -> Proposal:
        """The proposal to make these edits after putting groups into that order."""
        steps = tuple(order_step(self.snapshot, name, groups) for name, groups in order.items())
        return Proposal(plan, self._collateral(plan, order), steps, order)

    def strangers(self, proposal: Proposal) -> int:
        """How many of its new rules go into a group without one of the same port or for the same peer."""
        new = (each for each in proposal.changes if each.rule and each.edit is Edit.INSERT)
        return sum(not self._has_sibling(each) for each in new)

    def _has_sibling(self, change: Change) -> bool:
        rules = self.snapshot.group(change.group).rules(change.direction) or ()
        accepting = (each for each in rules if each.action is Action.ACCEPT)
        rule = change.rule
        return rule is not None and any(
            (each.protocol, each.ports) == (rule.protocol, rule.ports) or each.peer == rule.peer for each in accepting
        )

    @cached_property
    def _bound(self) -> Mapping[str, tuple[str, ...] | None]:
        return self.snapshot.bound_groups()

    @cached_property
    def _asked(self) -> Mapping[InterfaceSide, FlowSet]:
        found: dict[InterfaceSide, FlowSet] = {}
        union = Unions()
        for need in self.needs:
            spot = need.resource, need.direction
            found[spot] = union.of(found[spot], need.meant) if spot in found else need.meant
        return found

    @cached_property
    def _all_asked(self) -> FlowSet:
        """What is asked of any interface."""
        asked = EMPTY
        for each in _unlike(need.meant for need in self.needs):
            asked |= each
        return asked

    @cached_property
    def _alike(self) -> Mapping[Direction, Mapping[tuple[tuple[str, ...], int], tuple[FlowSet, list[str]]]]:
        """Interfaces with the same groups, of which the same is asked: what that is, and their names."""
        found: dict[Direction, dict[tuple[tuple[str, ...], int], tuple[FlowSet, list[str]]]] = {}
        for direction in Direction:
            kinds = found.setdefault(direction, {})
            for name, groups in self._bound.items():
                asked = self._asked.get((name, direction), EMPTY)
                if groups:
                    kinds.setdefault((groups, id(asked)), (asked, []))[1].append(name)
        return found

    def _collateral(self, changes: Sequence[Change], order: Orders) -> dict[InterfaceSide, FlowSet]:
        """What these newly accept on each interface in the snapshot, beside what is asked of it."""
        found: dict[InterfaceSide, FlowSet] = {}
        for direction in Direction:
            more = self._more(direction, changes)
            for name, groups in order.items():
                now, asked = self._bound.get(name) or (), self._asked.get((name, direction), EMPTY)
                more[name] = newly(self.snapshot, now, groups, direction, changes) - asked if now else EMPTY
            found |= {(name, direction): more[name] for name in self._bound if more.get(name)} if more else {}
        return found

    def _more(self, direction: Direction, changes: Sequence[Change]) -> dict[str, FlowSet]:
        """The same by the rules alone, in no order."""
        touched = {each.group for each in changes if each.direction is direction}
        found: dict[str, FlowSet] = {}
        news: dict[tuple[str, ...], FlowSet] = {}
        for (groups, _), (asked, names) in self._alike[direction].items() if touched else ():
            if not touched.isdisjoint(groups):
                if groups not in news:
                    news[groups] = newly(self.snapshot, groups, groups, direction, changes)
                more = news[groups] - asked
                found |= dict.fromkeys(names, more) if more else {}
        return found

    def opens_the_world(self, proposal: Proposal) -> bool:
        """Does it newly accept a block wider than `WIDE` that nobody asked for anywhere?"""
        collateral = EMPTY
        for flows in _unlike(proposal.collateral.values()):
            collateral |= flows - self._all_asked
        return any((box.last - box.first) >> (BITS[box.family] - WIDE[box.family]) for box in boxes(collateral))


def _unlike(flows: Iterable[FlowSet]) -> Iterable[FlowSet]:
    """Each set once; interfaces of one kind share theirs."""
    return {id(each): each for each in flows}.values()


def newly(
    snapshot: Snapshot, before: Sequence[str], after: Sequence[str], direction: Direction, changes: Sequence[Change]
) -> FlowSet:
    """
    The flows that groups on one interface accept after *changes*, or may accept, and did not before.

    *before* and *after* are the groups in their order.
    """
    old = accepted([snapshot.group(name) for name in before], direction)
    new = accepted([changed(snapshot.group(name), changes) for name in after], direction)
    return (new.sure - old.sure) | (new.possible - old.possible)


def _in_order(plan: Plan) -> tuple[int, str]:
    return len(plan), str(plan)
