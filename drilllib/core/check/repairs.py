"""
Is a drill repaired: does everything work that is meant to, and is nothing else let in anywhere?

By exact sets, not by samples, against what the drill intends (`core.drills.intents`). What is not so comes with one
packet for which it is not, and with what decides about that packet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address, ip_network

from drilllib.core.check.packets import (
    STRANGER,
    STRANGER_6,
    Packet,
    Place,
    by_flow,
    by_trace,
    flow_of,
    neighbours,
    places_of,
)
from drilllib.core.drills.intents import Intent
from drilllib.core.reach.bypass import past_clb
from drilllib.core.reach.clients import Reach, clients_from, example_client, far_ends, reach
from drilllib.core.reach.resources import accepted_by
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Flow, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.flowsets import EMPTY, FlowSet, flows_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Health, Question, Trace
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict

MAY_PASS = (Verdict.REACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED)


class Aspect(StrEnum):
    """What a repair is asked: in this order."""

    SERVED = "served"
    """Everybody who is meant to gets through, on every path, and by any node."""
    HEALTH = "health"
    """The CLB's health checks see every target alive."""
    OTHERS = "others"
    """Nobody else gets through the CLB, and no gate is left unasked."""
    PAST = "past"
    """Nothing else gets to any interface, past the CLB either."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One aspect: *against* is a packet for which it does not hold, *sick* the target that is not Alive."""

    aspect: Aspect
    against: Packet | None = None
    sick: Health | None = None

    @property
    def holds(self) -> bool:
        """Is it as meant?"""
        return self.against is None and self.sick is None


@dataclass(frozen=True, slots=True)
class RepairCheck:
    """
    Every aspect of a repair; *request* is the trace of the drill's own client, *places* all that packets come to.

    *tells*: whether a reader may be told what stops those who are meant to get through.
    """

    intent: Intent
    request: Trace
    places: tuple[Place, ...]
    answers: tuple[Answer, ...]
    tells: bool = True

    @property
    def passed(self) -> bool:
        """Do all aspects hold?"""
        return all(each.holds for each in self.answers)

    @property
    def against(self) -> Packet | None:
        """The first packet that fares otherwise than meant."""
        return next((each.against for each in self.answers if each.against), None)


def check_repair(snapshot: Snapshot, question: Question, intent: Intent) -> RepairCheck:
    """
    Hold a drill's snapshot against what is meant; *question* is that of the drill's client, with its port.

    Raises:
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    asked = _Repair(snapshot, question, intent)
    sick = next((each for each in asked.request.health if each.state != "Alive"), None)
    answers = (
        Answer(Aspect.SERVED, next(asked.unserved(), None)),
        Answer(Aspect.HEALTH, sick=sick),
        Answer(Aspect.OTHERS, next(asked.others(), None)),
        Answer(Aspect.PAST, next(asked.past(), None)),
    )
    return RepairCheck(intent, asked.request, asked.places, answers)


class _Repair:
    """One snapshot and one intent; each method yields packets that speak against the repair, the most telling first."""

    def __init__(self, snapshot: Snapshot, question: Question, intent: Intent) -> None:
        self.snapshot, self.question, self.intent = snapshot, question, intent
        self.request, self.places = trace(snapshot, question), tuple(places_of(snapshot))
        self.reached: Sequence[Reach] = reach(snapshot, replace(question, client=""))

    def unserved(self) -> Iterator[Packet]:
        """Clients who are meant to get through and do not, always; a node that the pods' groups keep out."""
        lacking = clients_from(map(ip_network, self.intent.served)) - self._clients(Verdict.REACHABLE)
        if lacking:
            yield self._of_client(lacking, (self.question.client, *neighbours(self.question.client)))
        nodes, port = self.intent.nodes, self.intent.pod_port
        wanted = flows_of([ip_network(nodes)], self.intent.protocol, (port, port)) if nodes else EMPTY
        for place in self._of_kind(HopKind.POD):
            missing = wanted - accepted_by(self.snapshot, place.resource, Direction.INGRESS).sure
            if missing:
                yield by_flow(self.snapshot, place, self._of_a_node(missing))

    def others(self) -> Iterator[Packet]:
        """Clients who get through and are not meant to; a client of whom some group on the way is not asked."""
        vips = (vip for balancer in self.snapshot.load_balancers for vip in balancer.vips)
        meant = clients_from(map(ip_network, (*self.intent.through, *vips)))  # no request comes from a VIP
        extra = self._clients(*MAY_PASS) - meant
        if extra:
            yield self._of_client(extra, (STRANGER, *neighbours(self.question.client)))
        if not self.intent.pass_to_target:
            yield from self._unasked()

    def past(self) -> Iterator[Packet]:
        """Flows that come to an interface by themselves and are not meant to; what they reach behind a node."""
        for place in self.places:
            extra = accepted_by(self.snapshot, place.resource, Direction.INGRESS).possible - self._most(place.kind)
            if extra:
                flow = flow_of(extra, place, self._sources(), self.intent.protocol)
                yield by_flow(self.snapshot, place, flow)
        yield from self._behind()

    def _behind(self) -> Iterator[Packet]:
        """Who may get to the Service at a node or a pod past the CLB and is not meant to, by groups not read too."""
        for found in (each for one in self.reached for each in past_clb(self.snapshot, one)):
            meant = far_ends(self._most(found.kind).only(self.intent.protocol, found.port), 4)
            extra = _all(found.clients[each] for each in MAY_PASS) - meant
            if extra:
                place = self._named(found.names[0], found.kind)
                source = _one_of(extra, (STRANGER, *neighbours(self.question.client)))
                flow = Flow(protocol=self.intent.protocol, peer=ip_address(source), port=found.port)
                yield by_flow(self.snapshot, place, flow)

    def _unasked(self) -> Iterator[Packet]:
        """The client's request at the first hop whose groups the CLB's traffic passes unasked."""
        for hop in (hop for path in self.request.paths for hop in path.hops):
            if any(check.reason is Reason.PASS_TO_TARGET for check in hop.checks):
                client, place = ip_address(self.question.client), self._named(hop.name, hop.hop)
                flow = Flow(protocol=self.intent.protocol, peer=client, port=hop.port)
                yield replace(by_flow(self.snapshot, place, flow), unasked=True)

    def _of_client(self, clients: FlowSet, preferred: Sequence[str]) -> Packet:
        """The request of one of the clients, of a preferred one where it can be."""
        asked = replace(self.question, client=_one_of(clients, preferred))
        return by_trace(self.snapshot, trace(self.snapshot, asked))

    def _of_a_node(self, flows: FlowSet) -> Flow:
        """One of the flows, from a node that is there where it can be."""
        for node in self.snapshot.nodes:
            for address in node.addresses:
                flow = Flow(protocol=self.intent.protocol, peer=address, port=self.intent.pod_port)
                if flow in flows:
                    return flow
        return flow_of(flows, self._of_kind(HopKind.POD)[0], (), self.intent.protocol)

    def _sources(self) -> Iterator[str]:
        """Who makes the best examples: a stranger, those beside the client, the client, the nodes."""
        yield from (STRANGER, *neighbours(self.question.client), self.question.client)
        yield from (str(address) for node in self.snapshot.nodes for address in node.addresses)
        yield STRANGER_6

    def _clients(self, *verdicts: Verdict) -> FlowSet:
        return _all(each.clients(*verdicts) for each in self.reached)

    def _named(self, name: str, kind: HopKind) -> Place:
        """The place that a hop is called by; one whose interface was not read has no id."""
        short = name.rpartition("/")[2]
        return next((each for each in self.places if each.name == short), Place(kind, "", short, "?"))

    def _of_kind(self, kind: HopKind) -> list[Place]:
        return [each for each in self.places if each.kind is kind]

    def _most(self, kind: HopKind) -> FlowSet:
        """The most that an interface of that kind may accept."""
        lines = {HopKind.CLB: self.intent.clb, HopKind.NODE: self.intent.node, HopKind.POD: self.intent.pod}[kind]
        meant = SecurityGroup("", tuple(map(rule_from_text, lines)), ())
        return accepted([meant], Direction.INGRESS).sure


def _all(sets: Iterable[FlowSet]) -> FlowSet:
    """All of them as one set."""
    found = EMPTY
    for each in sets:
        found |= each
    return found


def _one_of(clients: FlowSet, preferred: Sequence[str]) -> str:
    """One of the clients, the first of the preferred ones that is one."""
    chosen = (each for each in preferred if clients_from([ip_network(each)]) <= clients)
    return next(chosen, None) or example_client(clients)
