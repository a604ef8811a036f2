"""
What happens behind the CLB: at a node, which forwards to a pod, and at a pod's interface.

kube-proxy picks one of the Service's ready endpoints, under `Local` only among those on its own node. Under `Cluster`
it puts the node's address in the source's place [K8S, TKE-SVC]. A pod on the same node is reached over its veth, past
its interface's groups, where interfaces are shared [inferred, ENI-SH]; with other interfaces nobody documents it.
"""

from collections.abc import Sequence
from dataclasses import replace

from drilllib.core.facts import Fact, FactCode, fact, several
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Endpoint, Interface, Node
from drilllib.core.snapshot.services import Service
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.gates import Gatekeeper, doubted
from drilllib.core.trace.origin import Origin, from_address
from drilllib.core.trace.path import Check, Hop, Rewrite, masqueraded
from drilllib.core.trace.standing import NodeFacts, PodFacts, Standing

Pick = tuple[Endpoint | None, Hop]  # an endpoint, and the hop at the node that picked it


class Cluster:
    """
    The nodes and pods of a snapshot, for packets of one transport protocol.

    What depends on which node or which pod it is comes from their facts (standing.py), and from nowhere else.
    """

    def __init__(self, standing: Standing, keeper: Gatekeeper, transport: str) -> None:
        self._standing = standing
        self._keeper = keeper
        self._transport = transport

    def picks(self, at_node: Hop, node: NodeFacts, among: Sequence[Endpoint] | None = None) -> tuple[Pick, ...]:
        """
        Each endpoint that kube-proxy may pick, with the hop at the node; one pick of none where the packet ends there.

        *among* stands for all endpoints behind the NodePort: some of each kind, on this node and elsewhere.
        """
        if not node.is_ready:
            at_node = _assuming(at_node, Assumption.NOT_READY_NODE_FORWARDS)
        endpoints, stop = self._endpoints(at_node, node.node, among)
        return ((None, stop),) if stop else tuple((each, at_node) for each in endpoints)

    def behind(self, pick: Pick, node: NodeFacts, source: Origin) -> tuple[Hop, ...]:
        """The hops of one pick: the node, and the pod where there is one."""
        pod, at_node = pick
        return (at_node,) if pod is None else self._to_pod(at_node, node, source, self._standing.of_pod(pod))

    def pod_hop(self, pod: PodFacts, *checks: Check) -> Hop:
        """A pod reached through its interface."""
        hop = _listening(_at_pod(pod), pod.pod.listens)
        if pod.interface and not pod.interface.settled:
            hop = _assuming(hop, Assumption.ENI_GROUPS_FROM_IPAMD_SETTING)
        name, doubts = pod.interface.interface_id if pod.interface else None, (*pod.doubts, *pod.doubts_outside)
        return replace(hop, interface=name, checks=checks, doubts=doubts)

    def _endpoints(
        self, at_node: Hop, node: Node, among: Sequence[Endpoint] | None
    ) -> tuple[Sequence[Endpoint], Hop | None]:
        """The endpoints kube-proxy on *node* picks from, or the hop where the packet ends instead."""
        if not self._standing.is_read:
            return (), untold(at_node, fact(FactCode.KUBERNETES_OBJECTS), Reason.FACT_MISSING)
        service = self._standing.service(at_node.port)
        if service is None:
            stop = replace(at_node, problem=Reason.NODEPORT_NOT_IN_USE)
            return (), _assuming(stop, Assumption.ONLY_SERVICES_USE_NODEPORTS)
        doubts = self._standing.doubts_of(service)
        if doubts:
            return (), untold(at_node, several(doubts), Reason.NOT_MODELLED)
        endpoints = self._standing.endpoints(at_node.port, family_of(at_node)) if among is None else among
        if endpoints is None:
            slices = fact(FactCode.ENDPOINT_SLICES, service=service.name.partition("/")[2])
            return (), untold(at_node, slices, Reason.FACT_MISSING)
        if not endpoints:
            why = self._standing.why_no_endpoints(at_node.port, family_of(at_node))
            return (), _assuming(replace(at_node, problem=why), Assumption.NO_ENDPOINTS_IS_REFUSED)
        if node.name is None:
            return (), untold(at_node, fact(FactCode.NODE_AT, node=node.label), Reason.FACT_MISSING)
        if _is_local_only(service):
            endpoints = tuple(endpoint for endpoint in endpoints if endpoint.node_name == node.name)
        return endpoints, None if endpoints else replace(at_node, problem=Reason.NO_LOCAL_ENDPOINT)

    def _to_pod(self, at_node: Hop, node: NodeFacts, source: Origin, pod: PodFacts) -> tuple[Hop, Hop]:
        """The node's DNAT and SNAT, its egress where the pod is elsewhere, and the pod's own interface."""
        spread = not _is_local_only(self._standing.service(at_node.port))
        hidden = spread and self._standing.semantics.cluster_policy_hides_client
        seen = node.origin(pod.pod.address.version) if hidden else source
        before, after = at(at_node.address, at_node.port), at(pod.pod.address, pod.pod.port)
        rewrites = [Rewrite(kind="DNAT", field="destination", before=before, after=after)]
        if hidden:
            rewrites.append(masqueraded(source, seen))
            at_node = _assuming(at_node, Assumption.CLUSTER_SNAT_USES_NODE_ADDRESS)
        elif spread:
            at_node = _assuming(at_node, Assumption.NODE_ADDRESS_REACHES_POD_AS_CLIENT)
        local = pod.pod.node_name == node.node.name
        out = () if local else (self._on_the_way_out(node, pod.pod),)
        at_node = replace(at_node, checks=at_node.checks + out, rewrites=tuple(rewrites))
        return at_node, self._local(pod, seen, source_kept=not spread) if local else self._checked(pod, seen)

    def _on_the_way_out(self, node: NodeFacts, pod: Endpoint) -> Check:
        """The egress list of the node's groups."""
        return self._keeper.ask(node.gate, Direction.EGRESS, from_address(pod.address), self._transport, pod.port)

    def _checked(self, pod: PodFacts, source: Origin) -> Hop:
        """A pod whose interface's groups are asked."""
        return self.pod_hop(pod, self._keeper.ask(pod.gate, Direction.INGRESS, source, self._transport, pod.pod.port))

    def _local(self, pod: PodFacts, source: Origin, *, source_kept: bool) -> Hop:
        """A pod on the node that forwards to it."""
        if not self._standing.semantics.local_delivery_skips_pod_eni:
            return _assuming(self._checked(pod, source), Assumption.LOCAL_DELIVERY_CROSSES_POD_ENI)
        if not pod.is_shared:
            hop = self._checked(pod, source)
            gap = fact(FactCode.POD_FROM_ITS_NODE, pod=pod.pod.pod)
            return replace(hop, checks=tuple(doubted(check, gap) for check in hop.checks))
        hop = replace(_listening(_at_pod(pod), pod.pod.listens), doubts=pod.doubts)
        hop = _assuming(hop, Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI)
        filters = source_kept and _may_filter(pod.interface)
        return _assuming(hop, Assumption.REPLY_OF_LOCAL_POD_PASSES) if filters else hop


def untold(hop: Hop, what: Fact, reason: Reason) -> Hop:
    """The hop where what follows cannot be told; *what* names the missing fact."""
    return replace(hop, problem=reason, gap=what)


def family_of(hop: Hop) -> int:
    """The address family of a hop, 4 or 6."""
    return 6 if ":" in hop.address else 4


def _at_pod(pod: PodFacts) -> Hop:
    return Hop(hop="pod", name=pod.pod.pod, address=str(pod.pod.address), port=pod.pod.port)


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
