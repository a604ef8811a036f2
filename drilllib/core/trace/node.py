"""
What happens behind the CLB: at a node, which forwards to a pod, and at a pod's interface.

kube-proxy picks one of the Service's ready endpoints, under `Local` only among those on its own node. Under `Cluster`
it puts the node's address in the source's place [K8S, TKE-SVC]. A pod on the same node is reached over its veth, past
its interface's groups, where interfaces are shared [inferred, ENI-SH]; with other interfaces nobody documents it.
"""

from collections.abc import Iterable
from dataclasses import replace

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Endpoint, Interface, Node
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.gates import Gate, Gatekeeper, doubted
from drilllib.core.trace.origin import Origin, from_address, from_anywhere
from drilllib.core.trace.path import Check, Hop, Rewrite, masqueraded


class Cluster:
    """The nodes and pods of a snapshot, for packets of one transport protocol."""

    def __init__(self, snapshot: Snapshot, keeper: Gatekeeper, transport: str) -> None:
        self._snapshot = snapshot
        self._keeper = keeper
        self._transport = transport

    def ways(self, at_node: Hop, node: Node, source: Origin) -> Iterable[tuple[str | None, tuple[Hop, ...]]]:
        """Each endpoint that may be picked, with the hops to it; one way that ends at the node where there is none."""
        if node.name in self._snapshot.kubernetes.nodes_not_ready:
            at_node = _assuming(at_node, Assumption.NOT_READY_NODE_FORWARDS)
        family = 6 if ":" in at_node.address else 4
        endpoints, stop = self._endpoints(at_node, family, node)
        if stop:
            return [(None, (stop,))]
        return [(each.name, self._to_pod(at_node, node, source, each)) for each in endpoints]

    def pod_gate(self, pod: Endpoint) -> Gate:
        """The groups of the interface that carries a pod's address."""
        interface = self._snapshot.interfaces.of(pod)
        gap = fact(FactCode.GROUPS_OF_INTERFACE, pod=pod.pod)
        return Gate(interface.groups, interface.unknown or gap) if interface else Gate(None, gap)

    def pod_hop(self, pod: Endpoint, *checks: Check) -> Hop:
        """A pod reached through its interface."""
        interface = self._snapshot.interfaces.of(pod)
        hop = _listening(Hop(hop="pod", name=pod.pod, address=str(pod.address), port=pod.port), pod.listens)
        if interface and not interface.settled:
            hop = _assuming(hop, Assumption.ENI_GROUPS_FROM_IPAMD_SETTING)
        return replace(hop, interface=interface.interface_id if interface else None, checks=checks)

    def _endpoints(self, at_node: Hop, family: int, node: Node) -> tuple[tuple[Endpoint, ...], Hop | None]:
        """The endpoints kube-proxy on *node* picks from, or the hop where the packet ends instead."""
        if not self._snapshot.has("kubernetes"):
            return (), untold(at_node, fact(FactCode.KUBERNETES_OBJECTS), Reason.FACT_MISSING)
        service = self._snapshot.kubernetes.service_on_node_port(self._transport, at_node.port)
        if service is None:
            stop = replace(at_node, problem=Reason.NODEPORT_NOT_IN_USE)
            return (), _assuming(stop, Assumption.ONLY_SERVICES_USE_NODEPORTS)
        endpoints = self._snapshot.kubernetes.endpoints(self._transport, at_node.port, family)
        if endpoints is None:
            slices = fact(FactCode.ENDPOINT_SLICES, service=service.name.partition("/")[2])
            return (), untold(at_node, slices, Reason.FACT_MISSING)
        if not endpoints:
            return (), _assuming(replace(at_node, problem=Reason.NO_ENDPOINTS), Assumption.NO_ENDPOINTS_IS_REFUSED)
        if node.name is None:
            return (), untold(at_node, fact(FactCode.NODE_AT, node=node.label), Reason.FACT_MISSING)
        if _is_local_only(service):
            endpoints = tuple(endpoint for endpoint in endpoints if endpoint.node_name == node.name)
        return endpoints, None if endpoints else replace(at_node, problem=Reason.NO_LOCAL_ENDPOINT)

    def _to_pod(self, at_node: Hop, node: Node, source: Origin, pod: Endpoint) -> tuple[Hop, Hop]:
        """The node's DNAT and SNAT, its egress where the pod is elsewhere, and the pod's own interface."""
        service = self._snapshot.kubernetes.service_on_node_port(self._transport, at_node.port)
        spread = not _is_local_only(service)
        hidden = spread and self._snapshot.semantics.cluster_policy_hides_client
        seen = _node_origin(node, pod.address.version) if hidden else source
        before, after = at(at_node.address, at_node.port), at(pod.address, pod.port)
        rewrites = [Rewrite(kind="DNAT", field="destination", before=before, after=after)]
        if hidden:
            rewrites.append(masqueraded(source, seen))
            at_node = _assuming(at_node, Assumption.CLUSTER_SNAT_USES_NODE_ADDRESS)
        elif spread:
            at_node = _assuming(at_node, Assumption.NODE_ADDRESS_REACHES_POD_AS_CLIENT)
        local = pod.node_name == node.name
        out = () if local else (self._on_the_way_out(node, pod),)
        at_node = replace(at_node, checks=at_node.checks + out, rewrites=tuple(rewrites))
        return at_node, self._local(pod, seen, source_kept=not spread) if local else self._checked(pod, seen)

    def _on_the_way_out(self, node: Node, pod: Endpoint) -> Check:
        """The egress list of the node's groups."""
        there = from_address(pod.address)
        return self._keeper.ask(node_gate(node), Direction.EGRESS, there, self._transport, pod.port)

    def _checked(self, pod: Endpoint, source: Origin) -> Hop:
        """A pod whose interface's groups are asked."""
        gate = self.pod_gate(pod)
        return self.pod_hop(pod, self._keeper.ask(gate, Direction.INGRESS, source, self._transport, pod.port))

    def _local(self, pod: Endpoint, source: Origin, *, source_kept: bool) -> Hop:
        """A pod on the node that forwards to it."""
        if not self._snapshot.semantics.local_delivery_skips_pod_eni:
            return _assuming(self._checked(pod, source), Assumption.LOCAL_DELIVERY_CROSSES_POD_ENI)
        if not self._snapshot.interfaces.shared(pod):
            hop = self._checked(pod, source)
            gap = fact(FactCode.POD_FROM_ITS_NODE, pod=pod.pod)
            return replace(hop, checks=tuple(doubted(check, gap) for check in hop.checks))
        hop = _listening(Hop(hop="pod", name=pod.pod, address=str(pod.address), port=pod.port), pod.listens)
        hop = _assuming(hop, Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI)
        interface = self._snapshot.interfaces.of(pod)
        return _assuming(hop, Assumption.REPLY_OF_LOCAL_POD_PASSES) if source_kept and _may_filter(interface) else hop


def untold(hop: Hop, what: Fact, reason: Reason) -> Hop:
    """The hop where what follows cannot be told; *what* names the missing fact."""
    return replace(hop, problem=reason, gap=what)


def node_gate(node: Node) -> Gate:
    """The groups of a node's primary interface."""
    instance = f" ({node.instance_id})" if node.instance_id else ""
    return Gate(node.groups, fact(FactCode.GROUPS, resource=f"{node.label}{instance}"))


def _assuming(hop: Hop, assumption: Assumption) -> Hop:
    return replace(hop, assumptions=(*hop.assumptions, assumption))


def _listening(hop: Hop, listens: bool | None) -> Hop:
    """A pod listens on what its containers declare; one that declares nothing is taken to listen."""
    if listens is None:
        return hop
    return _assuming(
        replace(hop, problem=None if listens else Reason.PORT_NOT_LISTENING), Assumption.CONTAINER_PORTS_LISTEN
    )


def _may_filter(interface: Interface | None) -> bool:
    return interface is None or interface.groups != ()


def _is_local_only(service: Service | None) -> bool:
    return service is not None and service.is_local_only


def _node_origin(node: Node, family: int) -> Origin:
    address = node.address_of(family)
    if address:
        return from_address(address)
    return from_anywhere(family, fact(FactCode.NODE_ADDRESS, family=family, node=node.label))
