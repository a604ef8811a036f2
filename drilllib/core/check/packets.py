"""One packet as the example of a set: where it comes to, and what decides about it there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from drilllib.core.reach.resources import groups_of
from drilllib.core.rules.addresses import KIND, Address, at
from drilllib.core.rules.rules import Action, Decision, Direction, Flow, decide
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind

STRANGER, STRANGER_6 = "198.51.100.7", "2001:db8:bad::7"  # of the documentation's addresses
TOLD_PORTS = {HopKind.CLB: (80, 443, 22), HopKind.NODE: (22, 30713, 3306, 443), HopKind.POD: (80, 22, 443)}


@dataclass(frozen=True, slots=True)
class Place:
    """An interface that packets come to: *resource* is its id, *name* what carries it, with one address of it."""

    kind: HopKind
    resource: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """
    A packet that fares otherwise than meant. *trace* is the whole request's where it comes from a client of the CLB,
    *decision* that of the groups of *place* where it comes to that interface by itself; *unasked*: it comes in without
    them, because pass-to-target is on, and *decision* is what they would have said.
    """

    protocol: str
    source: str
    place: Place
    port: int | None
    trace: Trace | None = None
    decision: Decision | None = None
    unasked: bool = False

    @property
    def text(self) -> str:
        """``TCP 198.51.100.7 → node-a 10.0.35.11:22``."""
        where = at(self.place.address, self.port) if self.port else self.place.address
        return f"{self.protocol} {self.source} → {self.place.name} {where}"


def places_of(snapshot: Snapshot) -> Iterator[Place]:
    """Every CLB, then every node's primary interface, then every interface that carries pods."""
    for balancer in snapshot.load_balancers:
        vip = next(map(str, balancer.vips), balancer.domain)
        yield Place(HopKind.CLB, balancer.balancer_id, "CLB", vip)
    for node in snapshot.nodes:
        yield Place(HopKind.NODE, node.instance_id, node.label, str(next(iter(node.addresses), "?")))
    for item in snapshot.part("network_interfaces") or ():
        if not item.get("Primary"):
            address = next((each["PrivateIpAddress"] for each in item.get("PrivateIpAddressSet") or ()), "?")
            yield Place(HopKind.POD, item["NetworkInterfaceId"], _carried(snapshot, address), address)


def _carried(snapshot: Snapshot, address: str) -> str:
    """The pod at an address, without its namespace."""
    pods = {str(known): name for known, name in snapshot.kubernetes.pods_by_address.items()}
    return pods.get(address, "?").rpartition("/")[2]


def flow_of(flows: FlowSet, place: Place, sources: Iterable[str], protocol: str) -> Flow:
    """
    One of *flows* at *place* that tells most: from the first of *sources* that has one, to a well-known port; else the
    first of the largest block.
    """
    for source in sources:
        for port in TOLD_PORTS[place.kind]:
            flow = Flow(protocol=protocol, peer=ip_address(source), port=port)
            if flow in flows:
                return flow
    return max(boxes(flows), key=lambda box: box.last - box.first).example


def neighbours(client: str) -> tuple[str, ...]:
    """The addresses beside one."""
    address = ip_address(client)
    kind: type[Address] = KIND[address.version]
    return tuple(str(kind(int(address) + step)) for step in (1, -1))


def by_flow(snapshot: Snapshot, place: Place, flow: Flow) -> Packet:
    """A packet at an interface, and what its groups decide: none bound lets everything in, one not read cannot tell."""
    names = groups_of(snapshot, place.resource) if place.resource else None
    made = None if names is None else Decision(Action.ACCEPT, Direction.INGRESS)
    if names:
        made = decide([snapshot.group(name) for name in names], Direction.INGRESS, flow)
    return Packet(protocol=flow.protocol, source=str(flow.peer), place=place, port=flow.port, decision=made)


def by_trace(snapshot: Snapshot, answer: Trace) -> Packet:
    """A client's request at the CLB; one that was not read has no id."""
    asked = answer.question
    unread = Place(HopKind.CLB, "", "CLB", asked.vip or "?")
    place = next((each for each in places_of(snapshot) if each.kind is HopKind.CLB), unread)
    return Packet(protocol=asked.protocol or "TCP", source=asked.client, place=place, port=asked.port, trace=answer)
