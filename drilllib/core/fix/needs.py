"""
What has to pass each interface on the way, so that intended clients reach a Service on every path.

Groups 1 and 2 have to admit the clients themselves. Behind a node the pod's group sees nodes, and a node's egress list
sees pods; nodes and pods come and go, so their subnets are meant there and not the addresses of today.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import Address, Block, holds, parse_client
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.flowsets import FlowSet, flows_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.members import Members, members_of
from drilllib.core.trace.path import Check, Hop

NOT_ASKED = (Reason.PASS_TO_TARGET, Reason.PROBE_RANGE, Reason.NO_GROUP)
_SUBNET = {4: 24, 6: 64}  # what stands for a subnet that was not read


@dataclass(frozen=True, slots=True)
class Need:
    """
    Flows that one interface's groups have to accept: *must* for the path to pass today, *meant* for it to stay so.

    *resource* is the interface's id, *who* the far ends are: clients, probes, nodes, pods, balancer, or unknown. An
    interface that is not in the snapshot has its owner in *called*.
    """

    resource: str
    groups: tuple[str, ...]
    direction: Direction
    protocol: str
    port: int | None
    who: str
    must: FlowSet
    meant: FlowSet
    called: str | Fact


@dataclass(frozen=True, slots=True)
class Widening:
    """What nodes are taken to be: *nodes* where the user said so, else the subnets in the snapshot, else a guess."""

    subnets: tuple[Block, ...]
    nodes: tuple[Block, ...] = ()

    def of(self, address: Block, *, is_node: bool) -> tuple[tuple[Block, ...], bool]:
        """The blocks that stand for an address, and whether that is a guess."""
        if is_node and self.nodes:
            return tuple(each for each in self.nodes if each.version == address.version), False
        around = [each for each in self.subnets if holds(each, address)]
        if around:
            return (max(around, key=lambda each: each.prefixlen),), False
        return (address.supernet(new_prefix=min(_SUBNET[address.version], address.prefixlen)),), True


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
_Flows = tuple[FlowSet, FlowSet]  # that must pass, and that are meant to
_Key = tuple[str, tuple[str, ...], Direction, str, int | None, str]  # the fields of a need before its flows


def needs_along(
    snapshot: Snapshot, checks: Iterable[AskedCheck], senders: Senders, widening: Widening
) -> tuple[tuple[Need, ...], frozenset[Assumption]]:
    """What these checks need, for packets of *senders*; and what is guessed."""
    found: dict[_Key, tuple[FlowSet, FlowSet, str | Fact]] = {}
    union, needed = Unions(), _Needed(senders, widening)
    met: set[tuple[object, ...]] = set()
    for members, hop, check in checks:
        who, flows = needed.by(members, check)
        common = check.groups, check.direction, check.protocol, check.port, who
        place = *common, id(flows), members.place_of(hop)
        if place in met:
            continue  # the same interfaces need the same of many paths
        met.add(place)
        for name in called(snapshot, members, hop):
            key = str(name), *common
            known = found.get(key)
            found[key] = (union.of(known[0], flows[0]), union.of(known[1], flows[1]), name) if known else (*flows, name)
    needs = tuple(Need(*key, *flows) for key, flows in found.items())
    return needs, frozenset({Assumption.SUBNET_IS_AROUND_ADDRESS} if needed.is_guessed else ())


class _Needed:
    """The flows that checks ask about, for everybody at their far ends; found once for those with the same far ends."""

    def __init__(self, senders: Senders, widening: Widening) -> None:
        self._senders, self._widening = senders, widening
        self.is_guessed = False
        self._known: dict[tuple[object, ...], _Flows] = {}
        self._wide: dict[tuple[Block, str], tuple[tuple[Block, ...], bool]] = {}

    def by(self, members: Members, check: Check) -> tuple[str, _Flows]:
        """Who the far ends are, and the flows."""
        who, ends = _peers(members, check, self._senders)
        key = who, check.protocol, check.port, ends
        if key not in self._known:
            blocks = self._blocks(members, check, who)
            meant, is_guess = self._widened(blocks, who)
            self.is_guessed |= is_guess
            self._known[key] = _flows(check, blocks), _flows(check, dict.fromkeys((*blocks, *meant)))
        return who, self._known[key]

    def _blocks(self, members: Members, check: Check, who: str) -> Sequence[Block]:
        """The blocks that the far ends are in today."""
        if who == self._senders.who:
            return self._senders.blocks
        address = check.peer.address
        every = members.far_ends(address) if address and who in ("nodes", "pods") else None
        return every or check.peer.blocks

    def _widened(self, blocks: Sequence[Block], who: str) -> tuple[list[Block], bool]:
        """What is meant besides *blocks*, and whether that is a guess."""
        if who not in ("nodes", "pods"):
            return [], False
        for each in blocks:
            if (each, who) not in self._wide:
                self._wide[each, who] = self._widening.of(each, is_node=who == "nodes")
        pairs = dict.fromkeys(self._wide[each, who] for each in blocks)
        return [block for found, _ in pairs for block in found], any(guess for _, guess in pairs)


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


def _flows(check: Check, blocks: Iterable[Block]) -> FlowSet:
    return flows_of(blocks, check.protocol, None if check.port is None else (check.port, check.port))


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


def called(snapshot: Snapshot, members: Members, hop: Hop) -> Iterator[str | Fact]:
    """The ids of all interfaces there; one that is not in the snapshot is called by its owner."""
    if hop.hop is HopKind.CLB:
        yield hop.name
        return
    for name, address in members.at(hop):
        known = snapshot.interfaces.resource_at(address)
        yield known or name
