"""
Is a fault between two workloads repaired: does what is meant to work, and does no list let through more than it may?

By exact sets, as `core.check.repairs` does it for requests, against a `Scenario`. What is not so comes with the
connection that does not work, or with one packet that a list lets through, or loses.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from drilllib.core.check.packets import STRANGER, places_of
from drilllib.core.check.packets import Place as Interface
from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.behind_clb import OF_WEB
from drilllib.core.drills.networks import NODE_PORT, PORT
from drilllib.core.drills.scenario import Ends, Place, Scenario
from drilllib.core.reach.resources import accepted_by, groups_of
from drilllib.core.rules.addresses import at
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action, Decision, Direction, Flow, SecurityGroup, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import FlowBox, boxes
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.verdict import Verdict

TELLING_PORTS = (22, 80, 443, PORT, NODE_PORT, OF_WEB.pod_port)


class ConnectionAspect(StrEnum):
    """What a repair between two workloads is asked: in this order."""

    SERVED = "served"
    """Every connection that is meant to work does."""
    KEPT = "kept"
    """No list has lost what it let through for somebody else."""
    INGRESS = "ingress"
    """No interface lets in more than it may."""
    EGRESS = "egress"
    """No interface lets out more than it may."""


@dataclass(frozen=True, slots=True)
class PastInterface:
    """One packet at an interface, on its way in or out, and what the groups there decide about it."""

    place: Interface
    flow: Flow
    decision: Decision

    @property
    def text(self) -> str:
        """``TCP 198.51.100.7 → mysql-0 10.0.36.12:22``; on its way out ``TCP web-1 10.0.36.11 → 198.51.100.7:22``."""
        here, there, port = f"{self.place.name} {self.place.address}", str(self.flow.peer), self.flow.port
        incoming = self.decision.direction is Direction.INGRESS
        ends = (there, here) if incoming else (here, there)
        return f"{self.flow.protocol} {ends[0]} → {at(ends[1], port) if port else ends[1]}"


@dataclass(frozen=True, slots=True)
class ConnectionAnswer:
    """
    One aspect: *fails* is a connection that does not work, with its *trace*, *against* a packet that fares otherwise
    than meant.
    """

    aspect: ConnectionAspect
    fails: Ends | None = None
    trace: Trace | None = None
    against: PastInterface | None = None

    @property
    def holds(self) -> bool:
        """Is it as meant?"""
        return self.fails is None and self.against is None


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """Every aspect of the repair of a *scenario*; *places* is what has lists of rules."""

    scenario: Scenario
    places: tuple[Interface, ...]
    answers: tuple[ConnectionAnswer, ...]

    @property
    def passed(self) -> bool:
        """Do all aspects hold?"""
        return all(each.holds for each in self.answers)


def connection_of(ends: Ends) -> Connection:
    """The question that a scenario asks."""
    return Connection(client=ends.source, door=ends.door, port=ends.port)


def check_connections(snapshot: Snapshot, scenario: Scenario) -> ConnectionCheck:
    """
    Hold a snapshot against what a scenario is meant to be once it is repaired.

    Raises:
        UnknownNameError: An end of a connection, or an interface, is gone.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    interfaces, planted = tuple(places_of(snapshot)), scenario.open()
    asked = ((each, trace(snapshot, connection_of(each))) for each in scenario.served)
    fails = next((each for each in asked if each[1].verdict is not Verdict.REACHABLE), (None, None))
    lost = next(_lost(snapshot, interfaces, scenario), None)
    answers = [
        ConnectionAnswer(ConnectionAspect.SERVED, *fails),
        ConnectionAnswer(ConnectionAspect.KEPT, against=lost),
    ]
    for direction in Direction:
        more = next(_more(snapshot, planted, interfaces, scenario, direction), None)
        answers.append(ConnectionAnswer(ConnectionAspect(direction), against=more))
    return ConnectionCheck(scenario, interfaces, tuple(answers))


def _lost(snapshot: Snapshot, interfaces: Iterable[Interface], scenario: Scenario) -> Iterator[PastInterface]:
    named = {each.resource: each for each in interfaces}
    for place, lines in scenario.keep.items():
        lost = _as_set(lines, place.direction) - accepted_by(snapshot, *place).sure
        if lost:
            yield _packet(snapshot, scenario, named[place.resource], place.direction, lost)


def _more(
    snapshot: Snapshot, planted: Snapshot, interfaces: Iterable[Interface], scenario: Scenario, direction: Direction
) -> Iterator[PastInterface]:
    """One packet of each interface that lets through more than it did and more than it may."""
    for each in interfaces:
        place = Place(each.resource, direction)
        meant = accepted_by(planted, *place).sure | _as_set(scenario.may.get(place, ()), direction)
        more = accepted_by(snapshot, *place).possible - meant
        if more:
            yield _packet(snapshot, scenario, each, direction, more)


def _as_set(lines: Iterable[str], direction: Direction) -> FlowSet:
    rules = tuple(map(rule_from_text, lines))
    one = SecurityGroup("", *((rules, ()) if direction is Direction.INGRESS else ((), rules)))
    return accepted([one], direction).sure


def _packet(
    snapshot: Snapshot, scenario: Scenario, place: Interface, direction: Direction, flows: FlowSet
) -> PastInterface:
    """One of the flows, and what decides about it."""
    flow = _telling(flows, _peers(snapshot, place, scenario))
    groups = [snapshot.group(name) for name in groups_of(snapshot, place.resource) or ()]
    made = decide(groups, direction, flow) if groups else Decision(Action.ACCEPT, direction)
    return PastInterface(place, flow, made)


def _telling(flows: FlowSet, peers: Iterable[str]) -> Flow:
    """The flow with the first of *peers* that has one, by a well-known port; else the first of the largest block."""
    known = (Flow(protocol="TCP", peer=ip_address(peer), port=port) for peer in peers for port in TELLING_PORTS)
    return next((each for each in known if each in flows), None) or max(boxes(flows), key=_width).example


def _width(box: FlowBox) -> int:
    return box.last - box.first


def _peers(snapshot: Snapshot, place: Interface, scenario: Scenario) -> Iterator[str]:
    """Whom a packet tells most of: a stranger, then another node, then the ends of the connections."""
    ends = (end for each in scenario.served for end in both_ends(snapshot, each.source, each.door))
    known = (*(address for node in snapshot.nodes for address in node.addresses), *ends)
    yield from (STRANGER, *(str(each) for each in known if str(each) != place.address))
