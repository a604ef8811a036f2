"""
Who can reach a Service: the exact sets of clients, kept apart by how their requests fare.

A trace depends on the client only where some interface's groups see its address. The lists of those groups cut all
clients into classes that no rule on the way tells apart, whatever the rewrites in between; one client of each class is
traced. So what is said here about millions of addresses is what `trace` says about each of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from drilllib.core.plain import plain
from drilllib.core.reach.ports import families_of, ports_asked
from drilllib.core.rules.addresses import EVERYONE, KIND, Address, Block, parse_client
from drilllib.core.rules.members import PRIVATE
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import blocks_of, boxes
from drilllib.core.sets.flowsets import EMPTY, FlowSet, Plane, flows_in, flows_of
from drilllib.core.snapshot.network_policies import Admitted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.entry import UnanswerableError, entry_of
from drilllib.core.trace.origin import PUBLIC
from drilllib.core.trace.path import Hop, Path
from drilllib.core.trace.request import trace
from drilllib.core.trace.sources import is_unseen
from drilllib.core.trace.verdict import Verdict

SCHEMA = "drilllib/reach/1"
ANY_CLIENT = {4: "203.0.113.10", 6: "2001:db8::10"}
NO_CLIENTS: dict[int, tuple[Block, ...]] = {  # addresses that `parse_client` refuses: no packet can come from them
    4: tuple(map(IPv4Network, ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"))),
    6: tuple(map(IPv6Network, ("::/127", "ff00::/8"))),
}
PASSES = (Verdict.REACHABLE, Verdict.INTERMITTENT)
_CLIENTS = "TCP"  # a set of clients is kept as the flows from them to this port; which one has no meaning
_PORT = (1, 1)


@dataclass(frozen=True, slots=True)
class ClientClass:
    """Clients that fare alike, and the trace of one of them; where facts are missing, others may lack more or fewer."""

    clients: FlowSet
    trace: Trace

    @property
    def sources(self) -> tuple[str, ...]:
        """The clients as CIDR blocks."""
        return blocks_of(self.clients)


@dataclass(frozen=True, slots=True)
class Reach:
    """
    The clients of one port, in classes. *inside* are addresses of nodes and pods, which are asked about nowhere.

    *question* is any class's, with its defaults filled in. *unseen* are the private clients of a public VIP, which come
    to it from public addresses: they are in no class.
    """

    question: Question
    classes: tuple[ClientClass, ...]
    inside: FlowSet
    unseen: FlowSet = EMPTY

    @property
    def family(self) -> int:
        """The address family of the clients, 4 or 6."""
        return next(iter(self.classes[0].clients.planes)).family

    def clients(self, *verdicts: Verdict) -> FlowSet:
        """The clients whose requests fare in one of these ways."""
        found = EMPTY
        for each in self.classes:
            if each.trace.verdict in verdicts:
                found |= each.clients
        return found

    def with_unseen(self, *verdicts: Verdict) -> FlowSet:
        """The same, and the unseen clients where all public ones fare so."""
        found = self.clients(*verdicts)
        return found | self.unseen if clients_from(PUBLIC) - self.inside <= found else found

    def to_dict(self) -> dict[str, Any]:
        """The question, and for each way of faring its clients and why."""
        return {
            **plain(self.question, "service", "vip", "port", "protocol", "scheme", "host", "path"),
            "always": list(blocks_of(self.clients(Verdict.REACHABLE))),
            "sometimes": list(blocks_of(self.clients(Verdict.INTERMITTENT))),
            "undetermined": list(blocks_of(self.clients(Verdict.UNDETERMINED))),
            "never": list(blocks_of(self.clients(Verdict.UNREACHABLE))),
            "classes": [_class_dict(each) for each in self.classes],
            "assumptions": sorted({one for each in self.classes for one in each.trace.assumptions}),
        }


def _class_dict(each: ClientClass) -> dict[str, Any]:
    answer = each.trace
    symptom = answer.symptom and answer.symptom.to_dict()
    told = {"verdict": answer.verdict, "reason": answer.reason, "symptom": symptom, "gaps": list(map(str, answer.gaps))}
    return {**told, "sources": list(each.sources), "example": answer.question.client}


def reach(snapshot: Snapshot, question: Question, among: FlowSet = EMPTY) -> tuple[Reach, ...]:
    """
    Who can reach what *question* asks for; its client is left out of it. One answer for each address family.

    Of a family that *among* has clients of, it is about these alone.

    Raises:
        InvalidInputError: The port or the protocol of the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules on the way overlap in too many ways for an exact answer.
    """
    return tuple(traced(snapshot, question, each) for each in parts_of(snapshot, question, among))


def reach_ports(snapshot: Snapshot, question: Question, among: FlowSet = EMPTY) -> tuple[Reach, ...]:
    """`reach` for every port that *question* leaves open: all of the Service, or all that the VIP listens on."""
    return tuple(
        one
        for port, protocol in ports_asked(snapshot, question)
        for one in reach(snapshot, replace(question, port=port, protocol=protocol), among)
    )


def clients_from(blocks: Iterable[Block]) -> FlowSet:
    """Those blocks as a set of clients, to be compared with `Reach.clients`."""
    return flows_of(blocks, _CLIENTS, _PORT)


def far_ends(flows: FlowSet, family: int) -> FlowSet:
    """The far ends of *flows* as a set of clients."""
    return flows_in(((family, *ends) for ends in flows.addresses(family)), _CLIENTS, _PORT)


def example_client(clients: FlowSet) -> str:
    """One of the clients: where it can be the usual one, else the first of the largest block."""
    usual = next((name for name in ANY_CLIENT.values() if clients_from([ip_network(name)]) <= clients), None)
    return usual or str(max(boxes(clients), key=lambda box: box.last - box.first).example.peer)


def possible_clients(family: int) -> FlowSet:
    """Every address of a family that a packet can come from."""
    return clients_from([EVERYONE[family]]) - clients_from(NO_CLIENTS[family])


@dataclass(frozen=True, slots=True)
class Parts:
    """The clients of one port that no rule tells apart, *sample* the trace of one of them; *unseen* are in no part."""

    sample: Trace
    inside: FlowSet
    clients: tuple[FlowSet, ...]
    unseen: FlowSet = EMPTY


def parts_of(snapshot: Snapshot, question: Question, among: FlowSet = EMPTY) -> tuple[Parts, ...]:
    """The parts of all clients for each address family, to be traced; see `reach`, for the errors too."""
    return tuple(_parts(snapshot, question, family, among) for family in families_of(snapshot, question))


def _parts(snapshot: Snapshot, question: Question, family: int, among: FlowSet) -> Parts:
    inside = inside_clients(snapshot, family)
    maybe = maybe_inside(snapshot, family)
    unseen = unseen_clients(snapshot, question, family) - inside - maybe
    clients = possible_clients(family) - inside - unseen
    clients = clients & among or clients
    outside = clients - maybe
    sample = trace(snapshot, replace(question, client=str(one_of(outside or clients, ANY_CLIENT[family]))))
    classes = [clients]
    for cut in cuts_of(snapshot, sample.paths, parse_client(sample.question.client), family):
        classes = [part for each in classes for part in halves(each, cut) if part]
    return Parts(sample, inside, tuple(classes), unseen)


def traced(snapshot: Snapshot, question: Question, found: Parts) -> Reach:
    """How the clients of each part fare, by a trace of one of them."""
    classes = (ClientClass(each, _traced(snapshot, question, each, found.sample)) for each in found.clients)
    return Reach(found.sample.question, tuple(merged(classes)), found.inside, found.unseen)


def halves(clients: FlowSet, cut: FlowSet) -> tuple[FlowSet, FlowSet]:
    """Those in *cut* and the others."""
    others = clients - cut
    return clients - others, others


def inside_clients(snapshot: Snapshot, family: int) -> FlowSet:
    """The addresses of nodes and pods, which `reach` asks about nowhere."""
    ends = ((family, int(each), int(each)) for each in snapshot.insiders.addresses if each.version == family)
    return snapshot.ungrouped.once(("inside", family), lambda: flows_in(ends, _CLIENTS, _PORT))


def maybe_inside(snapshot: Snapshot, family: int) -> FlowSet:
    """Clients that may be nodes or pods which were not read."""
    return clients_from(block for block in snapshot.insiders.possible if block.version == family)


def unseen_clients(snapshot: Snapshot, question: Question, family: int) -> FlowSet:
    """The private addresses, where the VIP that is asked sees others in their place."""
    try:
        about = entry_of(snapshot, replace(question, client=ANY_CLIENT[family]))
    except UnanswerableError:
        return EMPTY
    private = is_unseen(about.balancer, about.frontend, PRIVATE[0].network_address) if family == 4 else False
    return clients_from(PRIVATE) if private else EMPTY


def _private(family: int) -> Iterator[FlowSet]:
    """A private load balancer, and a group as a peer, treat private addresses as others than public ones."""
    if family == 4:
        yield clients_from(PRIVATE)


def cuts_of(snapshot: Snapshot, paths: Iterable[Path], client: Address, family: int) -> Iterator[FlowSet]:
    """
    The clients that each list of groups, or a pod's NetworkPolicies, surely and possibly let through; private ones.

    *paths* are all that *client* may take, behind its stops too.
    """
    hops = [hop for path in paths for hop in path.hops]
    checks = (check for hop in hops for check in hop.checks)
    seen = [check for check in checks if check.groups and ip_network(client) in check.peer.blocks]
    for names, direction, protocol, port in dict.fromkeys(
        (check.groups, check.direction, check.protocol, check.port) for check in seen
    ):
        yield from _through(snapshot, names, direction, protocol, port, family)
    if snapshot.network_policies.may_matter:
        yield from _past_policies(snapshot, hops, client, family)
    yield maybe_inside(snapshot, family)
    yield from _private(family)


def _past_policies(snapshot: Snapshot, hops: Iterable[Hop], client: Address, family: int) -> Iterator[FlowSet]:
    """What the NetworkPolicies of pods let in, but for pods that see a node in the client's place."""
    asked: dict[Admitted, None] = {}
    for hop in (hop for hop in hops if hop.hop is HopKind.POD):
        if all(not check.policies or check.peer.address == client for check in hop.checks):
            found = snapshot.network_policies.of_port(hop.name, hop.port)
            asked |= {each.admitted: None for each in found}
    for ranges in dict.fromkeys(ranges for each in asked for ranges in (each.sure, each.possible)):
        yield flows_in((each for each in ranges if each[0] == family), _CLIENTS, _PORT)


def _through(
    snapshot: Snapshot, names: Sequence[str], direction: Direction, protocol: str, port: int | None, family: int
) -> Iterator[FlowSet]:
    """What passes an interface's groups, with the port put back to what clients name."""
    groups = [snapshot.group(name) for name in names]
    found = accepted(groups, direction, (Plane(protocol, family),), port)
    for flows in (found.sure, found.possible)[: 1 + (found.sure != found.possible)]:
        yield far_ends(flows, family)


def _traced(snapshot: Snapshot, question: Question, clients: FlowSet, sample: Trace) -> Trace:
    """The trace of one of the clients: *sample* itself where it is of one of them."""
    chosen = str(one_of(clients, sample.question.client))
    if chosen == sample.question.client:
        return sample
    return trace(snapshot, replace(question, client=chosen))


def one_of(clients: FlowSet, preferred: str | None) -> Address | str:
    """One of the clients: *preferred* where it is one of them, else the first that is no block's own address."""
    if preferred and clients_from([ip_network(preferred)]) <= clients:
        return preferred
    ((plane, found),) = clients.planes.items()
    first, last = found[0][:2]
    return KIND[plane.family](first + (last - first > 1))


def merged(classes: Iterable[ClientClass]) -> list[ClientClass]:
    """Classes that fare alike in everything that is told, as one."""
    found: dict[tuple[Any, ...], ClientClass] = {}
    for each in classes:
        answer = each.trace
        key = answer.verdict, answer.reason, answer.symptoms, answer.gaps, tuple(answer.assumptions)
        known = found.get(key)
        found[key] = ClientClass(known.clients | each.clients, known.trace) if known else each
    return list(found.values())
