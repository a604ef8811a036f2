"""
What has to pass each interface on the way, so that intended clients reach a Service on every path.

Groups 1 and 2 have to admit the clients themselves. Behind a node the pod's group sees nodes, and a node's egress list
sees pods; nodes and pods come and go, so their subnets are meant there and not the addresses of today.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, Block, holds, parse_client
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.flowsets import FlowSet, flows_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.path import Check, Hop, Path

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
    return needs_along(snapshot, asked_on(answer.paths), client, widening)


@dataclass(frozen=True, slots=True)
class Senders:
    """*who* sends packets, *address* the one that was traced, *blocks* all that are meant."""

    who: str
    address: Address
    blocks: Sequence[Block]


AskedCheck = tuple[Path, Hop, Check]


def needs_along(
    snapshot: Snapshot, checks: Iterable[AskedCheck], senders: Senders, widening: Widening
) -> tuple[tuple[Need, ...], frozenset[Assumption]]:
    """What these checks need, for packets of *senders*; and what is guessed."""
    found: dict[tuple[object, ...], Need] = {}
    guessed = False
    for path, hop, check in checks:
        who, must = _peers(path, check, senders)
        meant, is_guess = _widened(must, widening, who)
        guessed |= is_guess
        called = _called(snapshot, hop)
        need = Need(
            resource=str(called),
            groups=check.groups,
            direction=check.direction,
            protocol=check.protocol,
            port=check.port,
            who=who,
            must=_flows(check, must),
            meant=_flows(check, (*must, *meant)),
            called=called,
        )
        key = need.resource, need.groups, need.direction, need.protocol, need.port, who
        known = found.get(key)
        found[key] = replace(need, must=known.must | need.must, meant=known.meant | need.meant) if known else need
    return tuple(found.values()), frozenset({Assumption.SUBNET_IS_AROUND_ADDRESS} if guessed else ())


def asked_on(paths: Iterable[Path]) -> Iterator[AskedCheck]:
    """The checks that groups really decide."""
    for path in paths:
        for hop in path.hops:
            for check in hop.checks:
                if is_asked(check):
                    yield path, hop, check


def is_asked(check: Check) -> bool:
    """Do groups really decide it?"""
    return bool(check.groups) and check.reason not in NOT_ASKED


def _flows(check: Check, blocks: Iterable[Block]) -> FlowSet:
    return flows_of(blocks, check.protocol, None if check.port is None else (check.port, check.port))


def _peers(path: Path, check: Check, senders: Senders) -> tuple[str, Sequence[Block]]:
    """Who the far ends are, and the blocks they are in today."""
    blocks = check.peer.blocks
    if check.peer.address == senders.address:
        return senders.who, senders.blocks
    if check.peer.is_anyone:
        return "unknown", blocks
    if check.direction is Direction.EGRESS:
        return "pods", blocks
    by_node = [each.source for hop in path.hops if hop.hop == "node" for each in hop.rewrites]
    return ("nodes" if check.peer in by_node else "balancer"), blocks


def _widened(blocks: Sequence[Block], widening: Widening, who: str) -> tuple[list[Block], bool]:
    """What is meant besides *blocks*, and whether that is a guess."""
    if who not in ("nodes", "pods"):
        return [], False
    pairs = [widening.of(each, is_node=who == "nodes") for each in blocks]
    return [block for found, _ in pairs for block in found], any(guess for _, guess in pairs)


def _called(snapshot: Snapshot, hop: Hop) -> str | Fact:
    """The id of the interface; one that is not in the snapshot is called by its owner."""
    if hop.hop == "clb":
        return hop.name
    unnamed = fact(FactCode.INTERFACE, interface=hop.interface, owner=hop.name)
    return snapshot.interfaces.resource_at(ip_network(hop.address).network_address) or unnamed
