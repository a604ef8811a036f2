"""
Walks the packets of one source to any door: its egress list, kube-proxy on its own node, the lists at the far end.

docs/connections.md, sections 3 and 4. Replies come back by the state that security groups keep [SG-OV].
"""

from collections.abc import Iterable

from drilllib.core.connection.cluster_ip import AtClusterIp
from drilllib.core.connection.ends import Door
from drilllib.core.connection.far_end import CARRIER_PORTS, has_public_address, may_be_a_service, may_be_inside
from drilllib.core.connection.sender import ANY_PORT, Sender, sender_of
from drilllib.core.facts import Fact, FactCode, fact, several
from drilllib.core.rules.addresses import Address, at
from drilllib.core.rules.members import is_public
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Endpoint
from drilllib.core.snapshot.services import Service, ServicePort
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.gates import Gate, Gatekeeper, doubted
from drilllib.core.trace.inside import Insider, OwnNode
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.node import Cluster, assuming, doubting, place_unknown, untold
from drilllib.core.trace.node_facts import NodeFacts, PodFacts
from drilllib.core.trace.origin import Origin, from_address
from drilllib.core.trace.own_node import InsideCluster
from drilllib.core.trace.path import Hop, Nat, Path, Rewrite, marked, masqueraded
from drilllib.core.trace.pod_policies import OWN_NODE, PolicyView


class Ways:
    """The ways of packets of one transport protocol from *source*; *insider* is the node or pod that it is."""

    def __init__(self, snapshot: Snapshot, source: Address, insider: Insider | None, transport: str) -> None:
        self._snapshot, self._source, self._transport = snapshot, source, transport
        self._routed = snapshot.is_routed
        self._standing = LocalFacts(snapshot, transport)
        self._keeper = Gatekeeper(snapshot)
        self._cluster = Cluster(self._standing, self._keeper, transport)
        self._sender = self._sender_of(insider) if insider else None

    def _sender_of(self, insider: Insider) -> Sender:
        node = self._standing.of_node(insider.node)
        pod = self._standing.of_pod(insider.pod) if insider.pod else None
        return sender_of(self._snapshot, insider, node, pod, routed=self._routed)

    def to_pod(self, door: Address, port: int) -> list[Path]:
        """To a pod's own address."""
        endpoint = self._snapshot.kubernetes.pod_at(door, port, self._transport)
        if endpoint is None:
            raise LookupError(door)
        pod = self._standing.of_pod(endpoint)
        if self._sender is not None and self._sender.is_itself(pod):
            return [_path(endpoint, (self._cluster.on_loopback(pod),))]
        return [_path(endpoint, self._to_pod(pod))]

    def _to_pod(self, pod: PodFacts) -> tuple[Hop, ...]:
        """The hops to one pod: where the packet begins, and the pod."""
        sender, address, port = self._sender, pod.pod.address, pod.pod.port
        if sender is None:
            beyond = self._cluster.checked(pod, self._origin, PolicyView((self._origin,)))
            return (self._from_outside(beyond, address),)
        is_here, unless = sender.place_of(pod)
        if is_here:
            return sender.hop(), self._cluster.local(pod, self._origin, self._view(sender, pod), source_kept=False)
        out = sender.leaving(self._keeper, self._transport, address, port, unless)
        beyond = self._cluster.checked(pod, self._origin, self._view(sender, pod))
        return assuming(out, *sender.assumed(pod)), doubting(beyond, unless) if unless else beyond

    def _view(self, sender: Sender, pod: PodFacts) -> PolicyView:
        """The source as the pod's policies see it: its own node is always let in, and the pod itself [K8S-NP]."""
        if sender.is_own_node_of(pod) or sender.is_itself(pod):
            return OWN_NODE
        unknown = sender.pod is None and place_unknown(sender.node.node, pod) is not None
        return PolicyView((self._origin,), or_own_node=unknown)

    def to_node(self, door: Door, node: NodeFacts, port: int) -> list[Path]:
        """To a port of a node: a NodePort, or what listens there."""
        service = self._standing.service(port)
        here, unless = self._on(node)
        if here:
            before, at_node = self._staying(door, node, port, service)
        else:
            before, at_node = self._arriving(door, node, port, unless)
        stop = self._under_local(service)
        if stop is not None and not node.is_off:
            return [_path(None, (*before, untold(at_node, stop, Reason.NOT_MODELLED)))]
        cluster = self._inside(service, port) if here and service else self._cluster
        picks = cluster.picks(at_node, node)
        return [_path(pick[0], (*before, *cluster.behind(pick, node, self._origin))) for pick in picks]

    def _arriving(self, door: Door, node: NodeFacts, port: int, unless: Fact | None) -> tuple[tuple[Hop, ...], Hop]:
        """The hops as far as a node on another machine, *unless* that fact says that it is the source's own."""
        check = self._keeper.ask(node.gate, Direction.INGRESS, self._origin, self._transport, port)
        at_node = _at(door, node, port).but(checks=(doubted(check, unless) if unless else check,))
        if self._sender is None:
            return (), self._from_outside(at_node, door.address)
        out = self._sender.leaving(self._keeper, self._transport, door.address, port, unless)
        return (assuming(out, *self._sender.assumed()),), at_node

    def _staying(self, door: Door, node: NodeFacts, port: int, service: Service | None) -> tuple[tuple[Hop, ...], Hop]:
        """The hops as far as the source's own node: no list is asked; a Service's answer may leave by the pod's way."""
        is_pod = self._sender is not None and self._sender.pod is not None
        of_pods = is_pod and not self._routed
        skipped = Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI if of_pods else Assumption.LOCAL_DELIVERY_SKIPS_NODE_GROUPS
        before: tuple[Hop, ...] = (self._sender.hop(),) if self._sender and is_pod else ()
        if self._sender and service is not None:
            around = self._snapshot.doubts.of_address(self._sender.address)
            before = tuple(hop.but(doubts=(*hop.doubts, *around)) for hop in before)
        return before, assuming(_at(door, node, port), skipped)

    def _under_local(self, service: Service | None) -> Fact | None:
        """Does kube-proxy take a pod for one of the cluster, and so leave `Local` aside? It depends on its settings."""
        sender = self._sender
        if sender is None or sender.pod is None or service is None or service.traffic_policy == "Cluster":
            return None
        return fact(FactCode.POD_UNDER_LOCAL, pod=sender.insider.label, service=service.name)

    def _on(self, node: NodeFacts) -> tuple[bool, Fact | None]:
        """Do packets to that node stay on the source's machine? False with the fact where that is not known."""
        sender = self._sender
        if sender is None:
            return False, None
        own = sender.node.node
        is_same = own.name == node.node.name is not None or (
            sender.pod is None and own.addresses == node.node.addresses
        )
        if not is_same:
            return False, None
        if sender.is_shared:
            return True, None
        return False, sender.apart()

    def _inside(self, service: Service, port: int) -> Cluster:
        """kube-proxy on the source's own node, asked on its NodePort."""
        if self._sender is None:
            raise LookupError(port)
        ours = next(it for it in service.ports if (it.node_port, it.transport) == (port, self._transport))
        return InsideCluster(
            self._standing, self._keeper, self._transport, self._sender.insider, OwnNode(service, ours)
        )

    def to_service(self, service: Service, port: ServicePort | int, address: Address) -> list[Path]:
        """To a ClusterIP, which kube-proxy on the source's own node knows; a number is a port asked from outside."""
        sender = self._sender
        if sender is None or isinstance(port, int):
            return [_path(None, (self._stranger(),))]
        if sender.pod is not None and (sender.is_on_super_node or not sender.is_shared):
            gap = fact(FactCode.POD_PAST_KUBE_PROXY, pod=sender.insider.label)
            return [_path(None, (untold(sender.hop(), gap, Reason.NOT_MODELLED),))]
        node = sender.node
        hop = Hop(hop=HopKind.NODE, name=node.node.label, address=str(address), port=port.port, doubts=node.doubts)
        picks = AtClusterIp(self._standing, self._keeper, self._transport, service, port).picks(hop, node)
        return [_path(endpoint, self._behind(endpoint, at_node)) for endpoint, at_node in picks]

    def _behind(self, endpoint: Endpoint | None, at_node: Hop) -> tuple[Hop, ...]:
        """kube-proxy on the source's node, and what comes after it; of a node that asks these are one hop."""
        if endpoint is None:
            around = self._sender.kept if self._sender else ()
            return (at_node.but(doubts=(*around, *at_node.doubts)),)
        before, after = at(at_node.address, at_node.port), at(endpoint.address, endpoint.port)
        rewrite = Rewrite(kind=Nat.DNAT, field="destination", before=before, after=after)
        at_node = at_node.but(rewrites=(rewrite,))
        pod = self._standing.of_pod(endpoint)
        out, beyond = self._to_pod(pod)
        if self._sender is None or self._sender.pod is not None:
            is_itself = self._sender is not None and self._sender.is_itself(pod)  # a hairpin, which is masqueraded
            kept = () if is_itself else (Assumption.CLUSTER_IP_KEEPS_POD_ADDRESS,)
            return assuming(at_node, *kept), out, beyond
        doubts = tuple(dict.fromkeys((*at_node.doubts, *out.doubts)))
        one = at_node.but(checks=out.checks, doubts=doubts, interface=out.interface)
        return assuming(one, *out.assumptions), beyond

    def _stranger(self) -> Hop:
        """Outside the cluster nothing leads to a ClusterIP."""
        name = str(self._source)
        hop = Hop(hop=HopKind.OUTSIDE, name=name, address=name, port=ANY_PORT, problem=Reason.CLUSTER_IP_IS_INTERNAL)
        return assuming(hop, Assumption.CLUSTER_IP_HAS_NO_ROUTE)

    def to_outside(self, address: Address, port: int) -> list[Path]:
        """To an address that is no part of the cluster: what lies beyond the lists that were read is not known."""
        if self._sender is None:
            raise LookupError(address)
        unless = self._instead(self._sender, address)
        out = self._sender.leaving(self._keeper, self._transport, address, port, unless)
        out, source = self._masqueraded(out, address)
        known = self._snapshot.interfaces.at(address)
        name = self._snapshot.interfaces.resource_at(address) or str(address)
        hop = Hop(hop=HopKind.OUTSIDE, name=name, address=str(address), port=port)
        if known is not None:
            gate = Gate(known.groups, known.unknown or fact(FactCode.GROUPS_OF_RESOURCE, resource=name))
            check = self._keeper.ask(gate, Direction.INGRESS, source, self._transport, port)
            hop = hop.but(interface=known.interface_id, checks=(doubted(check, unless) if unless else check,))
        if is_public(address) and port in CARRIER_PORTS:
            hop = hop.but(doubts=(fact(FactCode.CARRIER_FILTER, port=port),))
        return [_path(None, (out, untold(hop, fact(FactCode.OUTSIDE_DOOR, address=address), Reason.FACT_MISSING)))]

    def _instead(self, sender: Sender, address: Address) -> Fact | None:
        """What an address outside may be instead: a node or a pod, or a Service of which kube-proxy knows."""
        doubts = []
        if may_be_inside(self._snapshot, address):
            doubts.append(fact(FactCode.DOOR_PLACE, address=address))
        is_stranger = sender.pod is None and sender.node.node.name is None
        has_kube_proxy = not (is_stranger and self._snapshot.kubernetes.is_complete("Node"))
        if has_kube_proxy and may_be_a_service(self._snapshot, address):
            doubts.append(fact(FactCode.DOOR_SERVICE, address=address))
        return several(doubts) if doubts else None

    def _masqueraded(self, out: Hop, address: Address) -> tuple[Hop, Origin]:
        """The source that is seen outside: of a pod behind its node that node, unless its packets stay in the VPC."""
        sender = self._sender
        if sender is None or not sender.is_behind_node:
            return out, self._origin
        if not is_public(address):
            return assuming(out, *(sender.assumed() if self._snapshot.interfaces.at(address) else ())), self._origin
        node = sender.node.origin(address.version)
        out = assuming(out, Assumption.GLOBAL_ROUTER_MASQUERADES_OUTSIDE)
        return out.but(rewrites=(masqueraded(self._origin, node),)), node

    def _from_outside(self, hop: Hop, address: Address) -> Hop:
        """A node or a pod that somebody outside asks by its private address: a public one needs a public one there."""
        if self._source.version == 6 or not is_public(self._source) or is_public(address):
            return hop
        if has_public_address(self._snapshot, address):
            return hop
        return hop.but(doubts=(*hop.doubts, fact(FactCode.PUBLIC_ADDRESS, name=hop.name)))

    @property
    def _origin(self) -> Origin:
        return from_address(self._source)

    def service_on(self, port: int) -> Service | None:
        """The Service that has that NodePort."""
        return self._standing.service(port)

    def node_at(self, door: Door) -> NodeFacts:
        """All about the node that is asked."""
        if door.node is None:
            raise LookupError(door.address)
        return self._standing.of_node(door.node)


def _at(door: Door, node: NodeFacts, port: int) -> Hop:
    """The hop at a node that is asked itself."""
    name, address = node.node.label, str(door.address)
    return Hop(hop=HopKind.NODE, name=name, address=address, port=port, interface="primary", doubts=node.doubts)


def _path(endpoint: Endpoint | None, hops: Iterable[Hop]) -> Path:
    return Path(target=None, endpoint=endpoint.name if endpoint else None, hops=marked(hops))
