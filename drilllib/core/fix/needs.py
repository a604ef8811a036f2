"""
What has to pass each interface on the way, so that intended clients reach a Service on every path.

Groups 1 and 2 have to admit the clients themselves. Behind a node the pod's group sees nodes, and a node's egress list
sees pods; nodes and pods come and go, so their subnets are meant there and not the addresses of today.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drilllib.core.fix.widening import Meant, NeededFlows, Widening
from drilllib.core.rules.addresses import Address, Block, parse_client
from drilllib.core.rules.members import Range, range_of
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.flowsets import FlowSet, flows_in, union_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.members import Members, members_of
from drilllib.core.trace.path import Check, Hop

NOT_ASKED = (Reason.PASS_TO_TARGET, Reason.PROBE_RANGE, Reason.NO_GROUP)


class Need(NamedTuple):
    """
    Flows that one interface's groups have to accept: *must* for the path to pass today, *meant* for it to stay so.

    *resource* is the interface's id, or its owner's name where it is not in the snapshot; *who* the far ends are:
    clients, probes, nodes, pods, balancer, or unknown.
    """

    resource: str
    groups: tuple[str, ...]
    direction: Direction
    protocol: str
    port: int | None
    who: str
    must: FlowSet
    meant: FlowSet


def needs_of(
    snapshot: Snapshot, answer: Trace, clients: Sequence[Block], widening: Widening
) -> tuple[tuple[Need, ...], frozenset[Assumption]]:
    """All that the paths of *answer*, the trace of one of *clients*, need for all of them; and what is guessed."""
    client = Senders("clients", parse_client(answer.question.client), clients)
    return needs_along(snapshot, asked_on(members_of(answer)), client, widening)


@dataclass(frozen=True, slots=True)
class Senders:
    """*who* sends packets, *address* the one that was traced, *blocks* all that are meant."""

    who: str
    address: Address
    blocks: Sequence[Block]


AskedCheck = tuple[Members, Hop, Check]
_Common = tuple[tuple[str, ...], Direction, str, int | None, str]  # the fields of a need between name and flows


def needs_along(
    snapshot: Snapshot, checks: Iterable[AskedCheck], senders: Senders, widening: Widening
) -> tuple[tuple[Need, ...], frozenset[Assumption]]:
    """What these checks need, for packets of *senders*; and what is guessed."""
    found, needed = _Found(), _Needed(senders, widening)
    met: set[tuple[object, ...]] = set()
    names: dict[Hashable, list[str]] = {}
    for members, hop, check in checks:
        who, flows = needed.by(members, check)
        common = check.groups, check.direction, check.protocol, check.port, who
        place = members.place_of(hop)
        if (*common, id(flows), place) in met:
            continue  # the same interfaces need the same of many paths
        met.add((*common, id(flows), place))
        if place not in names:
            names[place] = called(snapshot, members, hop)
        found.add(common, names[place], flows)
    return found.needs(), frozenset({Assumption.SUBNET_IS_AROUND_ADDRESS} if needed.is_guessed else ())


class _Found:
    """The needs of interfaces, in the order in which they are met; of one interface's all that are alike are one."""

    def __init__(self) -> None:
        self._marks: dict[_Common, dict[str, int]] = {}  # a bit for each of the flows that an interface needs
        self._flows: list[NeededFlows] = []
        self._bits: dict[int, int] = {}  # of flows, by their identity
        self._order: list[tuple[_Common, str]] = []

    def add(self, common: _Common, names: Iterable[str], flows: NeededFlows) -> None:
        """All these interfaces need *flows*, too."""
        if id(flows) not in self._bits:
            self._bits[id(flows)] = 1 << len(self._flows)
            self._flows.append(flows)
        marks, bit = self._marks.setdefault(common, {}), self._bits[id(flows)]
        for name in names:
            mark = marks.get(name, 0)
            marks[name] = mark | bit
            if not mark:
                self._order.append((common, name))

    def needs(self) -> tuple[Need, ...]:
        """One for each."""
        together = {mark: self._together(mark) for marks in self._marks.values() for mark in {*marks.values()}}
        marks = ((common, name, self._marks[common][name]) for common, name in self._order)
        return tuple([Need(name, *common, *together[mark]) for common, name, mark in marks])

    def _together(self, mark: int) -> NeededFlows:
        """The flows of a mark as one."""
        must, meant = zip(*(flows for place, flows in enumerate(self._flows) if mark >> place & 1), strict=True)
        return union_of(must), union_of(meant)


class _Needed:
    """The flows that checks ask about, for everybody at their far ends; found once for those with the same far ends."""

    def __init__(self, senders: Senders, widening: Widening) -> None:
        self._senders, self._widening = senders, widening
        self.is_guessed = False
        self._known: dict[Hashable, Meant] = {}

    def by(self, members: Members, check: Check) -> tuple[str, NeededFlows]:
        """Who the far ends are, and the flows."""
        who, ends = _peers(members, check, self._senders)
        known = self._widening.flows if who in ("nodes", "pods") else self._known
        key = who, check.protocol, check.port, ends
        if key not in known:
            known[key] = self._found(members, check, who)
        flows, is_guess = known[key]
        self.is_guessed |= is_guess
        return who, flows

    def _found(self, members: Members, check: Check, who: str) -> Meant:
        ranges = self._ranges(members, check, who)
        if who not in ("nodes", "pods"):
            flows = _flows(check, ranges)
            return (flows, flows), False
        meant, is_guess = self._widening.around(ranges, is_node=who == "nodes")
        return (_flows(check, ranges), _flows(check, (*ranges, *meant))), is_guess

    def _ranges(self, members: Members, check: Check, who: str) -> Sequence[Range]:
        """The blocks that the far ends are in today."""
        if who == self._senders.who:
            return list(map(range_of, self._senders.blocks))
        address = check.peer.address
        every = members.far_ends(address) if address and who in ("nodes", "pods") else None
        return every or list(map(range_of, check.peer.blocks))


class Unions:
    """Unions of the same sets, made once: the interfaces of many nodes need the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[FlowSet, FlowSet, FlowSet]] = {}

    def of(self, one: FlowSet, other: FlowSet) -> FlowSet:
        """Both together."""
        if one is other:
            return one
        if (id(one), id(other)) not in self._known:
            self._known[id(one), id(other)] = one, other, one | other
        return self._known[id(one), id(other)][2]


def asked_on(every: Iterable[Members]) -> Iterator[AskedCheck]:
    """The checks that groups really decide."""
    for members in every:
        for hop in members.path.hops:
            for check in hop.checks:
                if is_asked(check):
                    yield members, hop, check


def is_asked(check: Check) -> bool:
    """Do groups really decide it?"""
    return bool(check.groups) and check.reason not in NOT_ASKED


def _flows(check: Check, ranges: Iterable[Range]) -> FlowSet:
    return flows_in(ranges, check.protocol, None if check.port is None else (check.port, check.port))


def _peers(members: Members, check: Check, senders: Senders) -> tuple[str, Hashable]:
    """Who the far ends are, and what tells them from others."""
    address = check.peer.address
    if address == senders.address:
        return senders.who, ()
    if check.peer.is_anyone:
        return "unknown", check.peer.blocks
    ends = (members.ends(address) if address else None) or check.peer.blocks
    if check.direction is Direction.EGRESS:
        return "pods", ends
    by_node = [each.source for hop in members.path.hops if hop.hop is HopKind.NODE for each in hop.rewrites]
    return ("nodes", ends) if check.peer in by_node else ("balancer", check.peer.blocks)


def called(snapshot: Snapshot, members: Members, hop: Hop) -> list[str]:
    """The ids of all interfaces there; one that is not in the snapshot is called by its owner."""
    if hop.hop is HopKind.CLB:
        return [hop.name]
    resource_at = snapshot.interfaces.resource_at
    return [resource_at(address) or name for name, address in members.at(hop)]
