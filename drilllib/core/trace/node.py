"""
What happens behind the CLB: at a node, which forwards to a pod, and at a pod's interface.

kube-proxy picks one of the Service's ready endpoints, under `Local` only among those on its own node. Under `Cluster`
it puts the node's address in the source's place [K8S, TKE-SVC]. A pod on the same node is reached over its veth, past
its interface's groups, where interfaces are shared [inferred, ENI-SH]; with other interfaces nobody documents it.
"""

from collections.abc import Sequence
from functools import partial
from ipaddress import ip_address

from drilllib.core.facts import Fact, FactCode, fact, several
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.resources import Endpoint, Node
from drilllib.core.snapshot.services import Service
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.gates import Gate, Gatekeeper, doubted
from drilllib.core.trace.kube_proxy import Choice, choose
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.node_facts import NodeFacts, PodFacts
from drilllib.core.trace.origin import Origin, from_address
from drilllib.core.trace.path import Check, Hop, Nat, Rewrite, masqueraded
from drilllib.core.trace.pod_policies import OWN_NODE, PolicyView, policies_asked

_HIDDEN, _SHOWN = Assumption.CLUSTER_SNAT_USES_NODE_ADDRESS, Assumption.NODE_ADDRESS_REACHES_POD_AS_CLIENT
Pick = tuple[Endpoint | None, Hop]  # an endpoint, and the hop at the node that picked it


class Cluster:
    """
    The nodes and pods of a snapshot, for packets of one transport protocol.

    What depends on which node or which pod it is comes from their facts (node_facts.py), and from nowhere else.
    """

    _hides_anybody = True  # puts a node in the place of whoever sends by it

    def __init__(self, standing: LocalFacts, keeper: Gatekeeper, transport: str) -> None:
        self._standing = standing
        self._keeper = keeper
        self._transport = transport
        self._arrived: dict[int, tuple[PodFacts, Hop]] = {}  # by the identity of the pod's facts

    def picks(self, at_node: Hop, node: NodeFacts, among: Sequence[Endpoint] | None = None) -> tuple[Pick, ...]:
        """
        Each endpoint that kube-proxy may pick, with the hop at the node; one pick of none where the packet ends there.

        *among* stands for all endpoints behind the NodePort: some of each kind, on this node and elsewhere.
        """
        at_node = self._in_its_state(at_node, node)
        if at_node.problem is None and node.is_no_node:
            at_node = untold(at_node, fact(FactCode.NODE_OF_CLUSTER, node=node.node.label), Reason.FACT_MISSING)
        if at_node.problem is not None:
            return ((None, at_node),)
        if self._standing.is_external(ip_address(at_node.address), at_node.port):
            return ((None, untold(at_node, self._port_owner(at_node, node), Reason.FACT_MISSING)),)
        service = self._service_at(at_node)
        if service is None:
            return (self._without_service(at_node, node),)
        choice = self._choice(service, at_node, node, among)
        at_node = assuming(at_node, *choice.assumptions)
        if choice.reason:
            return ((None, at_node.but(problem=choice.reason, gap=choice.gap)),)
        return tuple([(each, at_node) for each in choice.endpoints])

    def _choice(self, service: Service, at_node: Hop, node: NodeFacts, among: Sequence[Endpoint] | None) -> Choice:
        """What kube-proxy picks from, as far as the Service and its EndpointSlices are known."""
        doubts, name = self._standing.doubts_of(service), service.name.partition("/")[2]
        if doubts:
            return Choice(reason=Reason.NOT_MODELLED, gap=several(doubts))
        node_port = self._node_port(at_node)
        endpoints = self._standing.endpoints(node_port, family_of(at_node)) if among is None else among
        if endpoints is None:
            return Choice(reason=Reason.FACT_MISSING, gap=fact(FactCode.ENDPOINT_SLICES, service=name))
        if self._standing.has_unnumbered_port(node_port):
            return Choice(reason=Reason.FACT_MISSING, gap=fact(FactCode.ENDPOINT_PORT, service=name))
        choice = choose(service, endpoints, node, self._standing.place_of)
        if choice.reason is Reason.NO_ENDPOINTS:
            why = self._standing.why_no_endpoints(node_port, family_of(at_node))
            return choice._replace(reason=why)
        return choice

    def _node_port(self, at_node: Hop) -> int:
        """The NodePort of what the node was asked for."""
        return at_node.port

    def _service_at(self, at_node: Hop) -> Service | None:
        """The Service that the node was asked for, as kube-proxy treats the packet."""
        return self._standing.service(self._node_port(at_node))

    def _hidden_behind(self, node: NodeFacts, family: int) -> Origin:
        """What the node puts in the source's place."""
        return node.origin(family)

    def _in_its_state(self, hop: Hop, node: NodeFacts) -> Hop:
        """A machine that is switched off answers nothing; of one whose state was not read we take that it runs."""
        if not node.is_ready:
            hop = assuming(hop, Assumption.NOT_READY_NODE_FORWARDS)
        if node.is_off:
            return assuming(hop.but(problem=Reason.INSTANCE_NOT_RUNNING), Assumption.STOPPED_INSTANCE_IS_SILENT)
        if node.node.state is None and node.node.groups is not None:
            hop = assuming(hop, Assumption.INSTANCE_IS_RUNNING)
        is_read = self._standing.is_read
        return hop if is_read else untold(hop, fact(FactCode.KUBERNETES_OBJECTS), Reason.FACT_MISSING)

    def _without_service(self, at_node: Hop, node: NodeFacts) -> Pick:
        """A port that no Service of the snapshot owns: a pod on the node's network may listen there."""
        port, name = at_node.port, node.node.label
        pods = [each for each in node.pods if each.host_network and each.listens(self._transport, port)]
        pods.sort(key=lambda each: (not each.is_up, each.is_ready is False))
        if pods:
            return Endpoint(pods[0].name, ip_address(at_node.address), port, node.node.name or "", True), at_node
        forwarded = next((each for each in node.pods if (self._transport, port) in each.host_ports), None)
        if forwarded is None and self._standing.is_free(port):
            stop = at_node.but(problem=Reason.NODEPORT_NOT_IN_USE)
            return None, assuming(stop, Assumption.ONLY_SERVICES_USE_NODEPORTS)
        gap = self._port_owner(at_node, node)
        if forwarded is not None:
            gap = fact(FactCode.HOST_PORT, node=name, port=port, pod=forwarded.name)
        return None, untold(at_node, gap, Reason.FACT_MISSING)

    def _port_owner(self, hop: Hop, node: NodeFacts) -> Fact:
        return fact(FactCode.PORT_OWNER, transport=self._transport, port=hop.port, node=node.node.label)

    def behind(self, pick: Pick, node: NodeFacts, source: Origin) -> tuple[Hop, ...]:
        """The hops of one pick: the node, and the pod where there is one."""
        pod, at_node = pick
        if pod is None:
            return (at_node,)
        facts, service = self._standing.of_pod(pod), self._service_at(at_node)
        if service is None:
            return at_node, self._on_node_network(facts, at_node)
        return self._to_pod(at_node, node, source, facts, service)

    def pod_hop(self, pod: PodFacts, seen: PolicyView, *checks: Check) -> Hop:
        """A pod reached through its interface; its groups, which made *checks*, come before its NetworkPolicies."""
        hop = self._at_pod(pod, seen)
        own, doubts = (*checks, *hop.checks), hop.doubts + pod.doubts_outside
        return hop.but(interface=pod.interface.interface_id, checks=own, doubts=doubts)

    def _on_node_network(self, pod: PodFacts, at_node: Hop) -> Hop:
        """A pod that has its node's address: no group of its own is asked, and it is known to listen."""
        hop = self._at_pod(pod, OWN_NODE)
        hop = hop.but(interface=at_node.interface, doubts=pod.doubts)
        return assuming(hop, Assumption.HOST_NETWORK_POD_LISTENS)

    def _at_pod(self, pod: PodFacts, seen: PolicyView) -> Hop:
        """What becomes of a packet that has come to a pod, whatever its groups say."""
        hop, (check, gap) = self._arriving(pod), policies_asked(pod, seen, self._transport)
        hop = hop.but(doubts=(*hop.doubts, gap)) if gap else hop
        return hop.but(checks=(check,)) if check and not pod.is_off else hop

    def _arriving(self, pod: PodFacts) -> Hop:
        """The same as far as the sender does not matter, found once."""
        if id(pod) not in self._arrived:
            self._arrived[id(pod)] = pod, self._from_anybody(pod.pod, pod)
        return self._arrived[id(pod)][1]

    def _from_anybody(self, endpoint: Endpoint, pod: PodFacts) -> Hop:
        at_pod, doubts = str(endpoint.address), pod.doubts
        hop = Hop(hop=HopKind.POD, name=endpoint.pod, address=at_pod, port=endpoint.port, doubts=doubts)
        if pod.is_off:
            return assuming(hop.but(problem=Reason.INSTANCE_NOT_RUNNING), Assumption.STOPPED_INSTANCE_IS_SILENT)
        return self._running(self._listening(hop, endpoint, shared=pod.shares_ports), pod)

    def _running(self, hop: Hop, pod: PodFacts) -> Hop:
        """Whatever a pod would listen on: nobody answers where no container runs, and maybe where it is not ready."""
        if not pod.is_up and hop.problem is not Reason.PORT_NOT_LISTENING:
            return untold(hop, fact(FactCode.POD_NOT_RUNNING, pod=hop.name), Reason.FACT_MISSING)
        if not pod.is_ready and hop.problem is None:
            return untold(hop, fact(FactCode.POD_NOT_READY, pod=hop.name), Reason.FACT_MISSING)
        return hop

    def _listening(self, hop: Hop, pod: Endpoint, *, shared: bool) -> Hop:
        """
        A pod listens on what its containers declare; one that declares nothing is taken to listen [core/v1].

        Where it has *shared* the address with pods that were not read, one of them may listen in its place.
        """
        told = self._standing.semantics.containers_declare_all_ports
        if pod.listens is None and not told:
            return assuming(hop, Assumption.POD_LISTENS_WHERE_ASKED)
        if pod.listens:
            return assuming(hop, Assumption.CONTAINER_PORTS_LISTEN)
        if pod.listens is False and told and not shared:
            return hop.but(problem=Reason.PORT_NOT_LISTENING)
        gap = fact(FactCode.PORT_UNDECLARED, pod=pod.pod, transport=self._transport, port=pod.port)
        return untold(hop, gap, Reason.PORT_NOT_DECLARED)

    def _to_pod(
        self, at_node: Hop, node: NodeFacts, source: Origin, pod: PodFacts, service: Service
    ) -> tuple[Hop, Hop]:
        """The node's DNAT and SNAT, and what comes after these."""
        spread = not service.is_local_only
        hidden = spread and self._standing.semantics.cluster_policy_hides_client
        own = self._hidden_behind(node, pod.pod.address.version) if hidden else None
        assumptions, rewrites = at_node.assumptions, self._rewrites(at_node, pod, source, own)
        if spread:
            assumptions = (*assumptions, _HIDDEN if hidden else _SHOWN)
        make = partial(self._out, node, pod, source, own, kept=not spread)
        whoever = self._hides_anybody and hidden and pod.admission is None  # no client is told from another behind it
        out, beyond = self._keeper.once((self._transport, node, pod), make) if whoever else make()
        checks = (*at_node.checks, *out)
        return at_node.but(assumptions=assumptions, rewrites=rewrites, checks=checks), beyond

    def _out(
        self, node: NodeFacts, pod: PodFacts, source: Origin, own: Origin | None, *, kept: bool
    ) -> tuple[tuple[Check, ...], Hop]:
        """
        The node's egress where the pod is elsewhere, and the pod's own interface.

        That sees the node's *own* address where there is one, else the *source* that the node saw; *kept*: by `Local`.
        """
        unknown, hidden, seen = place_unknown(node.node, pod), own is not None, source if own is None else own
        if unknown is None and pod.pod.node_name == node.node.name:
            beyond = self.local(pod, seen, PolicyView((source,), or_own_node=hidden), source_kept=kept)
            return self._maybe_out(node, pod), beyond
        view = PolicyView((seen,) if unknown is None or not hidden else (seen, source), or_own_node=unknown is not None)
        out, beyond = self._on_the_way_out(node, pod.pod), self.checked(pod, seen, view)
        if unknown is not None:
            out, beyond = tuple(doubted(each, unknown) for each in out), doubting(beyond, unknown)
        return out, beyond

    def _rewrites(self, at_node: Hop, pod: PodFacts, source: Origin, seen: Origin | None) -> tuple[Rewrite, ...]:
        """The node's DNAT, and its SNAT where pods see another source than the node did."""
        before, after = at(at_node.address, at_node.port), at(self._arriving(pod).address, pod.pod.port)
        rewrite = Rewrite(kind=Nat.DNAT, field="destination", before=before, after=after)
        return (rewrite,) if seen in (None, source) else (rewrite, masqueraded(source, seen))

    def _on_the_way_out(self, node: NodeFacts, pod: Endpoint) -> tuple[Check, ...]:
        """The egress list of the node's groups."""
        return (self.leaving(node.gate, pod),)

    def _maybe_out(self, node: NodeFacts, pod: PodFacts) -> tuple[Check, ...]:
        """The same for a pod on the node: nobody documents whether packets to an interface of its own leave."""
        if pod.is_shared or not self._standing.semantics.local_delivery_skips_pod_eni:
            return ()
        return tuple(doubted(each, attachment(pod)) for each in self._on_the_way_out(node, pod.pod))

    def leaving(self, gate: Gate, pod: Endpoint) -> Check:
        """The egress list of a *gate*, asked about a packet to a pod."""
        return self._keeper.ask(gate, Direction.EGRESS, from_address(pod.address), self._transport, pod.port)

    def checked(self, pod: PodFacts, source: Origin, seen: PolicyView) -> Hop:
        """A pod whose interface's groups are asked."""
        check = self._keeper.ask(pod.gate, Direction.INGRESS, source, self._transport, pod.pod.port)
        return self.pod_hop(pod, seen, check)

    def on_loopback(self, pod: PodFacts) -> Hop:
        """A pod that asks itself: its packet crosses no interface, and no policy keeps it out [K8S-NP]."""
        return self._at_pod(pod, OWN_NODE).but(interface=pod.interface.interface_id)

    def local(self, pod: PodFacts, source: Origin, seen: PolicyView, *, source_kept: bool) -> Hop:
        """A pod on the node that forwards to it, which policies may be asked about before the node hides the source."""
        if self._standing.is_routed and pod.is_shared and not pod.pod.node_name.startswith(SUPER_NODE):
            return assuming(self._at_pod(pod, seen), Assumption.LOCAL_DELIVERY_SKIPS_NODE_GROUPS)
        if not self._standing.semantics.local_delivery_skips_pod_eni:
            return assuming(self.checked(pod, source, seen), Assumption.LOCAL_DELIVERY_CROSSES_POD_ENI)
        if not pod.is_shared:
            return doubting(self.checked(pod, source, seen), attachment(pod))
        hop = assuming(self._at_pod(pod, seen), Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI)
        filters = source_kept and pod.interface.groups != ()
        return assuming(hop, Assumption.REPLY_OF_LOCAL_POD_PASSES) if filters else hop


def attachment(pod: PodFacts) -> Fact:
    """The fact that would tell whether packets of a pod's own node go through the pod's interface."""
    return fact(FactCode.POD_ATTACHMENT if pod.is_shared is None else FactCode.POD_FROM_ITS_NODE, pod=pod.pod.pod)


def untold(hop: Hop, what: Fact, reason: Reason) -> Hop:
    """The hop where what follows cannot be told; *what* names the missing fact."""
    return hop.but(problem=reason, gap=what)


def family_of(hop: Hop) -> int:
    """The address family of a hop, 4 or 6."""
    return 6 if ":" in hop.address else 4


def assuming(hop: Hop, *assumptions: Assumption) -> Hop:
    """The hop, which takes these for granted, too."""
    if not assumptions:
        return hop
    return hop.but(assumptions=(*hop.assumptions, *assumptions))


def doubting(hop: Hop, gap: Fact) -> Hop:
    """The hop where nobody knows whether its groups are asked."""
    return hop.but(checks=tuple(check if check.policies else doubted(check, gap) for check in hop.checks))


def place_unknown(node: Node, pod: PodFacts) -> Fact | None:
    """The fact that would tell whether a pod runs on that node; None where it is known."""
    if not (pod.pod.node_name or pod.is_stranger):
        return fact(FactCode.NODE_OF_POD, pod=pod.pod.pod)
    return fact(FactCode.NODE_AT, node=node.label) if node.name is None else None
