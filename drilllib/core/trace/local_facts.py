"""What a walk may know of the nodes, pods and targets of a snapshot, each gathered once as its facts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import Address, Block
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.kubernetes import NODE_PORTS
from drilllib.core.snapshot.network_policies import Admission
from drilllib.core.snapshot.pods import Pod
from drilllib.core.snapshot.resources import OFF, Endpoint, Node, Target
from drilllib.core.snapshot.services import Service, ServicePort
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.missing_endpoints import why_no_endpoints, why_none_behind
from drilllib.core.trace.node_facts import NodeFacts, PodFacts, TargetFacts
from drilllib.errors import InvalidInputError, quoted

_NO_NODE = "no node"  # as no Node can be called


class LocalFacts:
    """The facts of a snapshot's nodes and pods, for packets of one transport protocol."""

    def __init__(self, snapshot: Snapshot, transport: str) -> None:
        self._snapshot, self._transport = snapshot, transport
        self.semantics = snapshot.semantics
        self.is_read, self.is_routed = snapshot.has("kubernetes"), snapshot.is_routed
        self._policies = snapshot.network_policies if snapshot.network_policies.may_matter else None
        self._pods: dict[int, tuple[Endpoint, PodFacts]] = snapshot.lasting.once("pods by identity", dict)
        self._before: dict[int, tuple[Endpoint, PodFacts]] = snapshot.ungrouped.once("pods by identity", dict)
        self._nodes: dict[int, tuple[Node, NodeFacts]] = snapshot.ungrouped.once("nodes by identity", dict)

    def of_node(self, node: Node) -> NodeFacts:
        """All about one node, found once: which groups are bound to others does not change it."""
        if id(node) not in self._nodes:
            self._nodes[id(node)] = node, self._of_node(node)
        return self._nodes[id(node)][1]

    def _of_node(self, node: Node) -> NodeFacts:
        objects, name = self._snapshot.kubernetes, node.name or ""
        return NodeFacts(
            node,
            is_ready=node.name not in objects.nodes_not_ready,
            doubts=self._snapshot.doubts.of_node(node),
            is_read=name in objects.nodes,
            zone=objects.zone_of(name),
            minor=self._snapshot.kubernetes_minor(name),
            hint_name=name if name in objects.names_in_hints else "",
            blocks=self._blocks_around(node),
            pods=objects.pods_on(node.name, node.addresses),
            is_no_node=objects.is_no_node(node.name, node.addresses),
        )

    def _blocks_around(self, node: Node) -> frozenset[Block]:
        around = self._policies.blocks_around if self._policies else None
        return frozenset[Block]().union(*(around(each) for each in node.addresses)) if around else frozenset()

    def of_pods(self, pods: Iterable[Endpoint]) -> Iterator[PodFacts]:
        """All about each of some pods, which is kept."""
        for each in pods:
            found = self._regrouped(each) or self.of_pod(each)
            self._pods[id(each)] = self._before[id(each)] = each, found
            yield found

    def _regrouped(self, pod: Endpoint) -> PodFacts | None:
        """What was known of a pod before other groups were bound, with those that are now."""
        if id(pod) not in self._before:
            return None
        known, interface = self._before[id(pod)][1], self._snapshot.interfaces.of(pod)
        return known if interface == known.interface else replace(known, interface=interface)

    def of_pod(self, pod: Endpoint) -> PodFacts:
        """All about one pod."""
        if id(pod) in self._pods:
            return self._pods[id(pod)][1]
        interfaces, doubts = self._snapshot.interfaces, self._snapshot.doubts
        home, read = interfaces.machine_of(pod), self._snapshot.kubernetes.pods.get(pod.pod)
        return PodFacts(
            pod,
            interfaces.of(pod),
            interfaces.shared(pod),
            doubts.of_pod(pod),
            self._outside(pod, home),
            shares_ports=interfaces.is_on_node_network(pod) and not self._snapshot.kubernetes.is_complete("Pod"),
            is_stranger=not pod.node_name and pod.address in interfaces.of_strangers,
            is_off=home is not None and home.state in OFF,
            admission=self._admission(pod) if self._policies else None,
            is_up=read is None or read.is_up,
            is_ready=_is_ready(pod, read),
        )

    def _outside(self, pod: Endpoint, home: Node | None) -> tuple[Fact, ...]:
        """What may stop a packet from elsewhere: for a pod behind its node what may stop one there, too."""
        found = self._snapshot.doubts.outside_pod(pod)
        if home is None or not self._snapshot.interfaces.is_routed(pod):
            return found
        return tuple(dict.fromkeys((*found, *self.of_node(home).doubts)))

    def place_of(self, pod: Endpoint) -> str:
        """The name of its node, or of a place that is no Node; empty where nobody knows."""
        return pod.node_name or (_NO_NODE if self.of_pod(pod).is_stranger else "")

    def _admission(self, pod: Endpoint) -> Admission | None:
        """The add-on runs on no super node, and what it does to pods on their node's network is not documented."""
        if self._policies is None:
            return None
        is_plain = bool(pod.node_name) and not pod.node_name.startswith(SUPER_NODE)
        is_plain = is_plain and not self._snapshot.interfaces.is_on_node_network(pod)
        return self._policies.of(pod.pod, self._transport, pod.port, is_plain=is_plain)

    def beside(self, address: Address) -> tuple[Address, ...]:
        """All addresses of the interface that carries one; none where that was not read."""
        return self._snapshot.interfaces.beside(address)

    def of_target(self, target: Target, probe_port: int) -> TargetFacts:
        """
        All about one target, probed on *probe_port*.

        Raises:
            InvalidInputError: It has no address, and its instance is not in the snapshot.
        """
        if not (target.is_node or target.is_pod):
            return TargetFacts(target, target.address or IPv4Address(0))
        address, doubts = self._address_of(target), self._snapshot.doubts.of_target(target)
        if target.is_node:
            return TargetFacts(target, address, node=self.of_node(self._node(target, address)), doubts=doubts)
        pod, probed = (self._pod(address, port) for port in (target.port, probe_port))
        if pod:
            return TargetFacts(target, address, None, pod, probed, doubts=doubts)
        doubts += self._snapshot.doubts.of_address(address)
        return TargetFacts(target, address, interface=self._snapshot.interfaces.at(address), doubts=doubts)

    def _address_of(self, target: Target) -> Address:
        if target.address is not None:
            return target.address
        node = self._snapshot.node_of_instance(target.instance_id) if target.is_node else None
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
        """Every endpoint behind a NodePort that a Service owns, in use or not; None where they were not read."""
        return self._snapshot.kubernetes.candidates(self._transport, node_port, family)

    def in_use(self, node_port: int, family: int) -> tuple[Endpoint, ...] | None:
        """Those of them that are in use."""
        return self._snapshot.kubernetes.endpoints(self._transport, node_port, family)

    def behind(self, service: Service, port: ServicePort, family: int) -> tuple[Endpoint, ...] | None:
        """Every endpoint behind one port of a Service, in use or not; None where they were not read."""
        return self._snapshot.kubernetes.behind_port(service, port, family)

    def is_unnumbered(self, service: Service, port: ServicePort) -> bool:
        """Does an EndpointSlice leave open which number that port has?"""
        return self._snapshot.kubernetes.is_unnumbered(service, port)

    def why_none_behind(self, service: Service, port: ServicePort, family: int) -> Reason:
        """Why one port of a Service has no endpoints, where they were read."""
        return why_none_behind(self._snapshot, service, port, family)

    def has_unnumbered_port(self, node_port: int) -> bool:
        """Does an EndpointSlice leave open which port its endpoints have?"""
        return self._snapshot.kubernetes.has_unnumbered_port(self._transport, node_port)

    def is_free(self, node_port: int) -> bool:
        """Is it known that nothing has that port of nodes? Outside of their range any process of a node may."""
        return node_port in NODE_PORTS and self._snapshot.kubernetes.every_node_port_known

    def is_external(self, address: Address, port: int) -> bool:
        """Does kube-proxy forward that address and port of a node to a Service by `externalIPs`?"""
        asked = self._transport, address, port
        return asked in self._snapshot.kubernetes.external_addresses

    def why_no_endpoints(self, node_port: int, family: int) -> Reason:
        """Why it has none, where they were read."""
        return why_no_endpoints(self._snapshot, self._transport, node_port, family)


def _is_ready(endpoint: Endpoint, pod: Pod | None) -> bool:
    """Is neither a Pod said not to be ready nor its endpoint not to serve? Readiness gates stop no packet."""
    said = endpoint.conditions.serving and (pod is None or pod.is_ready is not False)
    return said or (pod is not None and pod.awaits_gates)
