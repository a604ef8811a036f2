"""
The smallest change of security groups that lets intended clients reach a Service on every path.

Smallest is the fewest rule edits, then the fewest newly accepted flows that nobody asked for (collateral), counted over
every interface that a changed group is bound to. Only ACCEPT rules are put in and only DROP rules go, so nothing that
passed before is lost. Every proposal is traced again before it is given.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact, rules_of
from drilllib.core.fix.needs import Need, Widening, needs_of
from drilllib.core.fix.plans import plans
from drilllib.core.fix.refinements import further_plans, narrowed
from drilllib.core.fix.stops import Stop, blockers_of, stops_of
from drilllib.core.fix.unmet_needs import Plan
from drilllib.core.reach.clients import ClientClass, Reach, clients_from, example_client, reach
from drilllib.core.rules.addresses import BITS, WIDE, Block, parse_client
from drilllib.core.rules.edits import Change, Edit, changed
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.sets.accepted import Accepted, accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.edits import with_changes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.path import Blocker
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, Message

CHOICES = 1000  # plans that are compared
OTHERS = 2  # proposals that are told besides the best

InterfaceSide = tuple[str, Direction]  # a resource's id and a direction


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes, and what they newly accept beside what was asked for, by interface and direction."""

    changes: tuple[Change, ...]
    collateral: Mapping[InterfaceSide, FlowSet]

    @property
    def cost(self) -> tuple[int, int, int]:
        """Edits, flows of collateral, and rules that go; the smallest is the best."""
        gone = sum(each.edit is not Edit.INSERT for each in self.changes)
        return len(self.changes), sum(each.size for each in self.collateral.values()), gone

    def to_dict(self) -> dict[str, Any]:
        """Both as plain data."""
        found = ((spot, box) for spot, flows in self.collateral.items() for box in boxes(flows))
        return {
            "changes": [each.to_dict() for each in self.changes],
            "collateral": [
                {"interface": name, "direction": direction, **box.to_dict()} for (name, direction), box in found
            ],
        }


@dataclass(frozen=True, slots=True)
class Fix:
    """
    The answer: *proposals*, the best first, none where nothing has to change or nothing can be done with groups.

    *before* and *after* say how the intended clients fare, in classes; *needs* what each interface lacked. Where there
    are proposals, *stops* and *blockers* say what stands in the clients' way: as sets of flows, and as a trace does.
    """

    question: Question
    needs: tuple[Need, ...]
    proposals: tuple[Proposal, ...]
    before: tuple[ClientClass, ...]
    after: tuple[ClientClass, ...]
    assumptions: tuple[Assumption, ...]
    gaps: tuple[Fact, ...] = ()
    """Facts without which no change can be proposed."""
    stops: tuple[Stop, ...] = ()
    blockers: tuple[Blocker, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those of the best proposal."""
        return self.proposals[0].changes if self.proposals else ()

    @property
    def works(self) -> bool:
        """Does every intended request succeed after the first proposal, or without one?"""
        return all(each.trace.verdict is Verdict.REACHABLE for each in self.after)

    @property
    def left(self) -> tuple[Trace, ...]:
        """Traces of intended clients that still fail, or of which that is not known."""
        return tuple(each.trace for each in self.after if each.trace.verdict is not Verdict.REACHABLE)

    @property
    def verdict(self) -> Verdict:
        """How the worst of the intended clients fares in the end."""
        worst = (Verdict.UNREACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED, Verdict.REACHABLE)
        return min((each.trace.verdict for each in self.after), key=worst.index)


def fix(snapshot: Snapshot, question: Question, clients: Sequence[Block], nodes: Sequence[Block] = ()) -> Fix:
    """
    Let *clients* reach what *question* asks for; its own client is left out of it.

    *nodes* are the sources that the pods' groups shall admit; the nodes' subnets where none is given.

    Raises:
        InvalidInputError: A block has no client of the VIP, or the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    before = _fare(snapshot, question, clients)
    widening = Widening(snapshot.subnets(), tuple(nodes))
    asked = [needs_of(snapshot, each, _like(each, clients), widening) for each in _samples(before)]
    needs = [need for found, _ in asked for need in found]
    lacking = [need for need in needs if not need.must <= _of_need(snapshot.groups, need).sure]
    gaps = _gaps(snapshot, lacking)
    proposals = () if gaps else _proposals(snapshot, needs, lacking)
    after = _fare(with_changes(snapshot, proposals[0].changes), question, clients) if proposals else before
    stops = stops_of(snapshot, lacking) if proposals else ()
    blockers = blockers_of(snapshot, stops, before) if proposals else ()
    taken = {one for each in after for one in each.trace.assumptions}
    taken |= {one for _, guessed in asked for one in guessed}
    return Fix(
        question=before[0].trace.question,
        needs=tuple(lacking),
        proposals=proposals,
        before=before,
        after=after,
        assumptions=tuple(sorted(taken)),
        gaps=gaps,
        stops=stops,
        blockers=blockers,
    )


def _fare(snapshot: Snapshot, question: Question, clients: Sequence[Block]) -> tuple[ClientClass, ...]:
    """The intended clients, in the classes they fall into."""
    answers, asked = reach(snapshot, question), clients_from(clients)
    _require_clients(answers, clients)
    return tuple(
        ClientClass(wanted, trace(snapshot, replace(question, client=example_client(wanted))))
        for reached in answers
        for each in reached.classes
        if (wanted := each.clients & asked)
    )


def _require_clients(answers: Sequence[Reach], clients: Sequence[Block]) -> None:
    """A block without any client would be left out without a word."""
    remedy = Message("Name blocks of the VIP's family outside of the cluster")
    if not clients:
        raise InvalidInputError("No block of clients was named", remedy=remedy)
    known = [each.clients(*Verdict) for each in answers]
    for block in clients:
        if not any(each & clients_from([block]) for each in known):
            vip = answers[0].question.vip or "this Service"
            raise InvalidInputError("No client of {vip} is in {block}", remedy=remedy, vip=vip, block=block)


def _samples(classes: Iterable[ClientClass]) -> Iterable[Trace]:
    """One trace for each address family; what is asked on the way is the same for all clients of a family."""
    return {parse_client(each.trace.question.client).version: each.trace for each in classes}.values()


def _like(sample: Trace, clients: Iterable[Block]) -> list[Block]:
    """The clients of the sample's family."""
    version = parse_client(sample.question.client).version
    return [block for block in clients if block.version == version]


def _of_need(groups: Mapping[str, SecurityGroup], need: Need) -> Accepted:
    listed = [groups.get(name) or SecurityGroup(name, None, None) for name in need.groups]
    return accepted(listed, need.direction)


def _gaps(snapshot: Snapshot, lacking: Iterable[Need]) -> tuple[Fact, ...]:
    """The lists that would have to change and were not read, and the interfaces of which nobody knows whom to admit."""
    found: list[Fact] = []
    for need in lacking:
        unread = (name for name in need.groups if snapshot.group(name).rules(need.direction) is None)
        found += (rules_of(name, need.direction) for name in unread)
        found += [fact(FactCode.ADMITTED, resource=need.called)] if need.who == "unknown" else []
    return tuple(dict.fromkeys(found))


def _proposals(snapshot: Snapshot, needs: Sequence[Need], lacking: Sequence[Need]) -> tuple[Proposal, ...]:
    """The best combination of ways to meet every need, and the next best, with one edit more at most."""
    alike = {(need.groups, need.direction, need.protocol, need.port, need.meant): need for need in lacking}
    meet = list(alike.values())
    first = islice(plans(meet, snapshot.groups), CHOICES) if meet else ()
    found = _compared(sorted(set(first), key=_in_order), meet, snapshot, needs)
    fewest = min((len(best.changes) for best in found.values()), default=0)
    found |= _compared(further_plans(found, meet, snapshot.groups, fewest), meet, snapshot, needs)
    ranked = sorted(found.items(), key=lambda each: (each[1].cost, _in_order(each[0])))
    best = list({each.changes: each for _, each in ranked}.values())[: OTHERS + 1]
    return tuple(each for each in best if len(each.changes) <= len(best[0].changes) + 1)


def _in_order(plan: Plan) -> tuple[int, str]:
    return len(plan), str(plan)


def _compared(
    tried: Iterable[Plan], meet: Sequence[Need], snapshot: Snapshot, needs: Sequence[Need]
) -> dict[Plan, Proposal]:
    """Those of the plans that have one edit more than the fewest at most, each with the best that can be made of it."""
    asked, fewest = _asked(needs), sys.maxsize
    found: dict[Plan, Proposal] = {}
    for plan in dict.fromkeys(tried):
        if len(plan) <= fewest + 1:
            best = _best(plan, narrowed(plan, meet, snapshot.groups), snapshot, asked)
            if not _opens_the_world(best, needs):
                found[plan] = best
                fewest = min(fewest, len(best.changes))
    return found


def _best(plan: Plan, narrow: Iterable[Plan], snapshot: Snapshot, asked: Mapping[InterfaceSide, FlowSet]) -> Proposal:
    """The cheapest of *plan* and its narrow forms, and of those that cost the same the first."""
    proposals = [Proposal(each, _collateral(snapshot, each, asked)) for each in dict.fromkeys((plan, *narrow))]
    return min(proposals, key=lambda each: each.cost)


def _asked(needs: Iterable[Need]) -> dict[InterfaceSide, FlowSet]:
    found: dict[InterfaceSide, FlowSet] = {}
    for need in needs:
        spot = need.resource, need.direction
        found[spot] = found.get(spot, EMPTY) | need.meant
    return found


def _collateral(
    snapshot: Snapshot, changes: Sequence[Change], asked: Mapping[InterfaceSide, FlowSet]
) -> dict[InterfaceSide, FlowSet]:
    """What *changes* newly accept on each interface in the snapshot, beside what is *asked* of it."""
    found: dict[InterfaceSide, FlowSet] = {}
    for direction in Direction:
        touched = {each.group for each in changes if each.direction is direction}
        news: dict[tuple[str, ...], FlowSet] = {}
        for name, groups in snapshot.bound_groups().items() if touched else ():
            if groups and touched & set(groups):
                if groups not in news:
                    news[groups] = newly(snapshot, groups, direction, changes)
                more = news[groups] - asked.get((name, direction), EMPTY)
                found |= {(name, direction): more} if more else {}
    return found


def newly(snapshot: Snapshot, names: Sequence[str], direction: Direction, changes: Sequence[Change]) -> FlowSet:
    """The flows that groups *names*, on one interface, accept after *changes*, or may accept, and did not before."""
    listed = [snapshot.group(name) for name in names]
    before, after = accepted(listed, direction), accepted([changed(each, changes) for each in listed], direction)
    return (after.sure - before.sure) | (after.possible - before.possible)


def _opens_the_world(proposal: Proposal, needs: Iterable[Need]) -> bool:
    """Does it newly accept a block wider than `WIDE` that nobody asked for anywhere?"""
    asked = EMPTY
    for need in needs:
        asked |= need.meant
    collateral = EMPTY
    for flows in proposal.collateral.values():
        collateral |= flows - asked
    return any((box.last - box.first) >> (BITS[box.family] - WIDE[box.family]) for box in boxes(collateral))
