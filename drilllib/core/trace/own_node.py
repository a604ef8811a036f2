"""
A client inside the cluster whose own node answers for the VIP: kube-proxy sends the packet straight to an endpoint.

The CLB, its groups and those of its targets are not asked [KP-INSIDE, CLB-LOOP]. What kube-proxy does is what it does
for a NodePort under `Cluster`; where a node of the cluster asks, also under `Local`.
"""

from dataclasses import replace

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.resources import Endpoint, Frontend, Listener, LoadBalancer, Target
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.attempt import Attempt
from drilllib.core.trace.codes import Assumption, HopKind
from drilllib.core.trace.gates import Gatekeeper, doubted
from drilllib.core.trace.inside import Insider, OwnNode, egress_doubts_of
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.node import Cluster
from drilllib.core.trace.node_facts import NodeFacts, TargetFacts
from drilllib.core.trace.origin import Origin, from_address, from_anywhere
from drilllib.core.trace.path import Check, Hop
from drilllib.core.trace.walker import Walker


class InsideCluster(Cluster):
    """kube-proxy on the client's node, asked for a VIP, or its own NodePort, and so for a port of a Service."""

    def __init__(
        self, standing: LocalFacts, keeper: Gatekeeper, transport: str, insider: Insider, way: OwnNode
    ) -> None:
        super().__init__(standing, keeper, transport)
        if standing.is_routed:
            insider = insider._replace(pod=None)  # which has no interface but its node's
        self._insider, self._way = insider, way
        self._hides_anybody = insider.pod is None
        self._beside = standing.beside(insider.address)
        self._client = standing.of_pod(insider.pod) if insider.pod else None

    def _node_port(self, at_node: Hop) -> int:
        return self._way.port.node_port or 0

    def _service_at(self, at_node: Hop) -> Service:
        return replace(self._way.service, traffic_policy="Cluster")

    def _hidden_behind(self, node: NodeFacts, family: int) -> Origin:
        """The node's address; of a pod's packet maybe one of the interface that it leaves by."""
        if self._client is None:
            return node.origin(family)
        own = [each for each in node.node.addresses if each.version == family]
        if not own or not self._beside:
            return from_anywhere(family, self._unknown)
        return Origin(from_address(*dict.fromkeys((*own, *self._beside))).blocks, self._unknown)

    @property
    def _unknown(self) -> Fact:
        return fact(FactCode.SOURCE_OF_POD, pod=self._insider.label, service=self._way.service.name)

    def _on_the_way_out(self, node: NodeFacts, pod: Endpoint) -> tuple[Check, ...]:
        """The egress list of the node's groups; of a pod's packet maybe that of its interface's."""
        of_node = self.leaving(node.gate, pod)
        if self._client is None:
            return (of_node,)
        of_pod = self.leaving(self._client.gate, pod)
        if of_node.action is of_pod.action is not Action.UNDETERMINED:
            return (of_node,)
        return doubted(of_node, self._unknown), doubted(of_pod, self._unknown)


class OwnNodeWalker(Walker):
    """
    Walks the attempts of a client inside at the one place that answers it, its own node, in the place of targets.

    Its listener is of layer 4 and probes nothing; no hop of its paths is the CLB.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        balancer: LoadBalancer,
        frontend: Frontend,
        listener: Listener,
        insider: Insider,
        way: OwnNode,
    ) -> None:
        super().__init__(snapshot, balancer, frontend, _answering(listener, frontend, insider, way))
        self.insider, self._way = insider, way
        self._cluster = InsideCluster(self.standing, self.keeper, self.transport, insider, way)

    def facts(self, target: Target) -> TargetFacts:
        """The client's node."""
        node, address = self.standing.of_node(self.insider.node), target.address or self.insider.address
        doubts = self.snapshot.doubts.of_address(self.insider.address) if self.insider.pod else ()
        doubts += egress_doubts_of(self.snapshot, self.insider)
        return TargetFacts(target, address, node=replace(node, is_no_node=False), doubts=doubts)

    def observed(self, target: Target) -> str | None:
        """The CLB sees nothing of it."""
        return None

    def sticks(self, facts: TargetFacts, client: Address) -> Service | None:
        """The Service, where it keeps a client with one endpoint."""
        return self._way.service if self._way.service.sticky else None

    def clb_hop(self, client: Address) -> Hop:
        """The CLB is not asked."""
        return Hop(hop=HopKind.CLB, name=self.balancer.balancer_id, address=self.frontend.name, port=self.listener.port)

    def request(self, facts: TargetFacts, client: Address) -> Attempt:
        """The client's connection, which begins at its own node."""
        return Attempt(facts, facts.target.port, from_address(client), (), None)

    def _at_target(self, attempt: Attempt) -> Hop:
        """The client's own node, asked for the VIP."""
        hop = super()._at_target(attempt)
        taken = (Assumption.KUBE_PROXY_ANSWERS_FOR_VIP,)
        return replace(hop, address=self.frontend.name, port=self.listener.port, assumptions=taken)


def _answering(listener: Listener, frontend: Frontend, insider: Insider, way: OwnNode) -> Listener:
    """The listener as the client's node answers for it; nothing about its probes is missing."""
    family = frontend.address.version if frontend.address else 4
    address = insider.node.address_of(family) or insider.address
    target = Target("CVM", insider.node.instance_id, address, way.port.node_port or 0, 10)
    protocol = listener.transport or "TCP"
    answering = replace(listener, protocol=protocol, targets=(target,), session_s=0, rules=())
    return replace(answering, probes=False, probe_port=None, probe_source_type=0)
