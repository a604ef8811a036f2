"""
What a walk may know of one node and of one pod, each gathered once.

Hops are made from these facts and from nothing else that depends on which node or which pod it is. So nodes whose facts
are alike but for their names and addresses fare alike, unless a list of rules tells their addresses apart; `shape`
tells whether they are. A fact added here counts from then on, without a word anywhere else.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from operator import attrgetter
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Endpoint, Interface, Node, Target
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.gates import Gate
from drilllib.core.trace.missing_endpoints import why_no_endpoints
from drilllib.core.trace.origin import Origin, from_address, from_anywhere
from drilllib.core.trace.path import Check, Hop, Rewrite
from drilllib.errors import InvalidInputError, quoted

MODELLED = ("CVM", "ENI")  # the kinds of targets


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One node. *is_ready*: its Ready condition was not read, or is True. *doubts* may stop a packet there."""

    node: Node
    is_ready: bool
    doubts: tuple[Fact, ...] = ()

    @property
    def gate(self) -> Gate:
        """The groups of its primary interface."""
        node = self.node
        instance = f" ({node.instance_id})" if node.instance_id else ""
        return Gate(node.groups, fact(FactCode.GROUPS, resource=f"{node.label}{instance}"))

    def origin(self, family: int) -> Origin:
        """Its own address as the source of what it forwards."""
        address = self.node.address_of(family)
        if address:
            return from_address(address)
        return from_anywhere(family, fact(FactCode.NODE_ADDRESS, family=family, node=self.node.label))


@dataclass(frozen=True, slots=True)
class PodFacts:
    """
    One pod, asked on one port: its interface, and whether its node's pods share that.

    *doubts* may stop a packet at the pod, *doubts_outside* one that comes from another node.
    """

    pod: Endpoint
    interface: Interface | None
    is_shared: bool
    doubts: tuple[Fact, ...] = ()
    doubts_outside: tuple[Fact, ...] = ()

    @property
    def gate(self) -> Gate:
        """The groups of the interface that carries its address."""
        gap = fact(FactCode.GROUPS_OF_INTERFACE, pod=self.pod.pod)
        return Gate(self.interface.groups, self.interface.unknown or gap) if self.interface else Gate(None, gap)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """
    One target of a listener: the node it is on, or the pod that it is, asked on its own port and on that of probes.

    *address* is the instance's first where the target names none, and 0.0.0.0 for a target of a kind that is not
    modelled. *interface* is what was read with the address of a pod that nothing names. *doubts* may stop a packet.
    """

    target: Target
    address: Address
    node: NodeFacts | None = None
    pod: PodFacts | None = None
    probed: PodFacts | None = None
    interface: Interface | None = None
    doubts: tuple[Fact, ...] = ()

    @property
    def label(self) -> str:
        """What to call the node or the pod."""
        if self.node:
            return self.node.node.label
        return self.pod.pod.pod if self.pod else str(self.target.address or self.target.name)


class Standing:
    """The facts of a snapshot's nodes and pods, for packets of one transport protocol."""

    def __init__(self, snapshot: Snapshot, transport: str) -> None:
        self._snapshot, self._transport = snapshot, transport
        self.semantics = snapshot.semantics
        self.is_read = snapshot.has("kubernetes")

    def of_node(self, node: Node) -> NodeFacts:
        """All about one node."""
        is_ready = node.name not in self._snapshot.kubernetes.nodes_not_ready
        return NodeFacts(node, is_ready, self._snapshot.doubts.of_node(node))

    def of_pod(self, pod: Endpoint) -> PodFacts:
        """All about one pod."""
        interfaces, doubts = self._snapshot.interfaces, self._snapshot.doubts
        return PodFacts(pod, interfaces.of(pod), interfaces.shared(pod), doubts.of_pod(pod), doubts.outside_pod(pod))

    def of_target(self, target: Target, probe_port: int) -> TargetFacts:
        """
        All about one target, probed on *probe_port*.

        Raises:
            InvalidInputError: It has no address, and its instance is not in the snapshot.
        """
        if target.kind not in MODELLED:
            return TargetFacts(target, target.address or IPv4Address(0))
        address, doubts = self._address_of(target), self._snapshot.doubts.of_target(target)
        if target.kind == "CVM":
            return TargetFacts(target, address, node=self.of_node(self._node(target, address)), doubts=doubts)
        pod, probed = (self._pod(address, port) for port in (target.port, probe_port))
        if pod:
            return TargetFacts(target, address, None, pod, probed, doubts=doubts)
        doubts += self._snapshot.doubts.of_address(address)
        return TargetFacts(target, address, interface=self._snapshot.interfaces.at(address), doubts=doubts)

    def _address_of(self, target: Target) -> Address:
        if target.address is not None:
            return target.address
        node = self._snapshot.node_of_instance(target.instance_id) if target.kind == "CVM" else None
        if node is None:
            raise InvalidInputError(
                "Target {name} has no address, and its instance is not in the snapshot",
                remedy="Add PrivateIpAddresses to the target, or the instance",
                name=quoted(target.name),
            )
        return node.addresses[0]

    def _node(self, target: Target, address: Address) -> Node:
        node, name = self._snapshot.node_of_instance(target.instance_id), self._snapshot.interfaces.node_name_at
        return node or Node(name(address), target.instance_id, (address,), None)

    def _pod(self, address: Address, port: int) -> PodFacts | None:
        """The pod at an address; None where nothing that was read has it."""
        pod = self._snapshot.kubernetes.pod_at(address, port, self._transport)
        return self.of_pod(pod) if pod else None

    def service(self, node_port: int) -> Service | None:
        """The Service that owns a NodePort."""
        return self._snapshot.kubernetes.service_on_node_port(self._transport, node_port)

    def doubts_of(self, service: Service) -> tuple[Fact, ...]:
        """What about a Service or its EndpointSlices may send a packet elsewhere."""
        return self._snapshot.doubts.of_service(service.name)

    def endpoints(self, node_port: int, family: int) -> tuple[Endpoint, ...] | None:
        """The ready endpoints behind a NodePort that a Service owns; None where no EndpointSlice was read."""
        return self._snapshot.kubernetes.endpoints(self._transport, node_port, family)

    def why_no_endpoints(self, node_port: int, family: int) -> Reason:
        """Why it has none, where they were read."""
        return why_no_endpoints(self._snapshot, self._transport, node_port, family)


# The fields by which a thing of a kind is known from others of its kind.
_NAMES: dict[type, frozenset[str]] = {
    Node: frozenset({"name", "instance_id", "addresses"}),
    Endpoint: frozenset({"pod", "address", "node_name"}),
    Interface: frozenset({"interface_id"}),
    Target: frozenset({"instance_id", "address", "weight"}),
    Hop: frozenset({"name", "address", "interface"}),
    Check: frozenset({"peer"}),
    Rewrite: frozenset({"before", "after", "source"}),
    TargetFacts: frozenset({"address"}),
}
_NAMED_IN_FACTS = frozenset({"pod", "node", "resource", "target", "address", "owner", "instance", "object"})


_PLAIN = frozenset({str, int, bool, type(None)})


def shape(value: Any) -> Hashable:
    """All of *value* but the names and addresses of what it is about: equal for things that stand alike."""
    kind = value.__class__
    if kind in _PLAIN:
        return value  # type: ignore[no-any-return]
    if kind is tuple:
        return tuple([shape(each) for each in value]) if value else ()
    if kind is Fact:
        return value.code, tuple(shape(each) for name, each in value.values if name not in _NAMED_IN_FACTS)
    kept, names = _parts(kind)
    if not kept:
        return value  # type: ignore[no-any-return]
    told = [each if each.__class__ in _PLAIN else shape(each) for each in kept(value)]
    return (kind, *told, *map(_trace_of_name, names(value))) if names else (kind, *told)


def names_in(what: Fact) -> frozenset[str]:
    """Which kinds of things a fact names, such as pod, node or target."""
    inner = (names_in(each) for _, each in what.values if isinstance(each, Fact))
    return frozenset(name for name, _ in what.values if name in _NAMED_IN_FACTS).union(*inner)


def _trace_of_name(value: Any) -> Hashable:
    """What still counts of a name or an address: whether it is known, and of which family."""
    if isinstance(value, Origin):
        return shape(value) if value.address is None else value.address.version
    if isinstance(value, IPv4Address | IPv6Address):
        return value.version
    return frozenset(map(_trace_of_name, value)) if isinstance(value, tuple) else bool(value)


Getter = Callable[[Any], tuple[Any, ...]]


@cache
def _parts(kind: type) -> tuple[Getter | None, Getter | None]:
    """How to get the fields of a thing of that kind: those that count, and those that only name it."""
    if not is_dataclass(kind):
        return None, None
    names, every = _NAMES.get(kind, frozenset()), [each.name for each in fields(kind) if each.compare]
    return _getter([each for each in every if each not in names]), _getter([each for each in every if each in names])


def _getter(names: Sequence[str]) -> Getter | None:
    """Gets fields as a tuple, one field too."""
    if not names:
        return None
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
