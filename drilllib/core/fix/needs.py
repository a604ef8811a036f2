"""
What has to pass each interface on the way, so that intended clients reach a Service on every path.

Groups 1 and 2 have to admit the clients themselves. Behind a node the pod's group sees nodes, and a node's egress list
sees pods; nodes and pods come and go, so their subnets are meant there and not the addresses of today.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import Address, Block, holds, parse_client
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.flowsets import FlowSet, flows_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Assumption, Reason
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
_Flows = tuple[FlowSet, FlowSet, str | Fact]  # that must pass, and that are meant to; what to call the interface


def needs_along(
    snapshot: Snapshot, checks: Iterable[AskedCheck], senders: Senders, widening: Widening
) -> tuple[tuple[Need, ...], frozenset[Assumption]]:
    """What these checks need, for packets of *senders*; and what is guessed."""
    found: dict[tuple[str, tuple[str, ...], Direction, str, int | None, str], _Flows] = {}
    union = Unions()
    guessed = False
    for members, hop, check in checks:
        who, must = _peers(members, check, senders)
        meant, is_guess = _widened(must, widening, who)
        guessed |= is_guess
        flows = _flows(check, must), _flows(check, (*must, *meant))
        for name in called(snapshot, members, hop):
            key = str(name), check.groups, check.direction, check.protocol, check.port, who
            known = found.get(key)
            found[key] = (union.of(known[0], flows[0]), union.of(known[1], flows[1]), name) if known else (*flows, name)
    needs = tuple(Need(*key, *flows) for key, flows in found.items())
    return needs, frozenset({Assumption.SUBNET_IS_AROUND_ADDRESS} if guessed else ())


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


def _peers(members: Members, check: Check, senders: Senders) -> tuple[str, Sequence[Block]]:
    """Who the far ends are, and the blocks they are in today."""
    blocks, address = check.peer.blocks, check.peer.address
    if check.peer.address == senders.address:
        return senders.who, senders.blocks
    if check.peer.is_anyone:
        return "unknown", blocks
    every: Sequence[Block] = (members.far_ends(address) if address else None) or blocks
    if check.direction is Direction.EGRESS:
        return "pods", every
    by_node = [each.source for hop in members.path.hops if hop.hop == "node" for each in hop.rewrites]
    return ("nodes", every) if check.peer in by_node else ("balancer", blocks)


def _widened(blocks: Sequence[Block], widening: Widening, who: str) -> tuple[list[Block], bool]:
    """What is meant besides *blocks*, and whether that is a guess."""
    if who not in ("nodes", "pods"):
        return [], False
    pairs = [widening.of(each, is_node=who == "nodes") for each in blocks]
    return [block for found, _ in pairs for block in found], any(guess for _, guess in pairs)


def called(snapshot: Snapshot, members: Members, hop: Hop) -> Iterator[str | Fact]:
    """The ids of all interfaces there; one that is not in the snapshot is called by its owner."""
    if hop.hop == "clb":
        yield hop.name
        return
    for name, address in members.at(hop):
        known = snapshot.interfaces.resource_at(address)
        yield known or name
