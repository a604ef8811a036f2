"""
Which hosts a lab has for a snapshot, and how they hang together: a plan, made before anything is built.

Every interface hangs on a port of the fabric, the cloud's own network, where its security groups are asked. A pod that
shares its node's secondary interface hangs on the node by a pair of its own instead, so that a packet from its node
reaches it past that interface's groups; every other packet comes through the interface.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from drilllib.core.facts import FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Endpoint, Listener, LoadBalancer, Node, Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import LabStateError
from drilllib.labs.netns.playable import missing, require_outside, require_playable

FABRIC, CLIENT, CLB = "fabric", "client", "clb"
MOST_HOSTS = 64
BOTH = (Direction.EGRESS, Direction.INGRESS)
PROBES_FROM, KEPT_ALIVE_FROM = {4: "100.64.0.{}", 6: "fd64::{}"}, {4: "100.127.0.{}", 6: "fd7f::{}"}


@dataclass(slots=True, eq=False)
class Port:
    """One interface: *device* in *host*, and the end of it at the fabric. *groups*: those of *resource*, in order."""

    number: int
    host: str
    device: str
    addresses: list[Address]
    resource: str | None = None
    groups: tuple[str, ...] = ()
    asks: tuple[Direction, ...] = ()

    @property
    def name(self) -> str:
        """What the fabric calls it."""
        return f"port{self.number}"


@dataclass(frozen=True, slots=True)
class PodHost:
    """A pod: *over* is the secondary interface's port that leads to it, *node* where it runs, where that is known."""

    host: str
    name: str
    addresses: tuple[Address, ...]
    node: str | None
    over: Port
    local: bool  # does it hang on its node, by a pair of its own?
    listens: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class NodeHost:
    """A node, and its ports: the primary interface first."""

    host: str
    node: Node
    ports: list[Port]


@dataclass(frozen=True, slots=True)
class BalancerHost:
    """A CLB and what it listens on; the addresses that its probes and its own connections come from."""

    host: str
    balancer: LoadBalancer
    port: Port
    listeners: tuple[Listener, ...]
    number: int

    def own_address(self, kind: dict[int, str], family: int) -> Address:
        """Of `PROBES_FROM` or `KEPT_ALIVE_FROM`, the one of this CLB."""
        return ip_address(kind[family].format(self.number + 1))


@dataclass(slots=True)
class Plan:
    """The whole plan."""

    client: Port
    balancers: list[BalancerHost] = field(default_factory=list)
    nodes: list[NodeHost] = field(default_factory=list)
    pods: list[PodHost] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ports(self) -> list[Port]:
        """Every port of the fabric."""
        found = [self.client, *(each.port for each in self.balancers)]
        found += [port for node in self.nodes for port in node.ports]
        return found + [pod.over for pod in self.pods if pod.over.host == pod.host]

    @property
    def hosts(self) -> list[str]:
        """Every host that a person may look into, in the order a request meets them."""
        groups: tuple[Iterable[BalancerHost | NodeHost | PodHost], ...] = (self.balancers, self.nodes, self.pods)
        return [CLIENT, *(each.host for group in groups for each in group)]

    def addresses(self) -> dict[str, tuple[Address, ...]]:
        """What each host is asked at."""
        found = {CLIENT: tuple(self.client.addresses)}
        found |= {each.host: each.balancer.vips for each in self.balancers}
        found |= {each.host: each.node.addresses for each in self.nodes}
        return found | {each.host: each.addresses for each in self.pods}


def plan_of(snapshot: Snapshot, client: str) -> Plan:
    """
    The plan for *snapshot*.

    Raises:
        LabStateError: Something in it cannot be built of hosts and cables.
    """
    return _Planner(snapshot, client).plan()


class _Planner:
    def __init__(self, snapshot: Snapshot, client: str) -> None:
        self._snapshot = snapshot
        self._numbers = iter(range(1, 1000))
        self._names: set[str] = {FABRIC, CLIENT}
        self._plan = Plan(self._port(CLIENT, "eth0", (ip_address(client),)))

    def plan(self) -> Plan:
        require_playable(self._snapshot)
        require_outside(self._snapshot, str(self._plan.client.addresses[0]))
        self._plan.balancers += [self._balancer(number, each) for number, each in enumerate(self._balancers())]
        self._plan.nodes += [self._node(node) for node in self._snapshot.nodes]
        self._plan.pods += [self._pod(name, addresses) for name, addresses in self._pods().items()]
        if len(self._plan.hosts) > MOST_HOSTS:
            raise LabStateError(
                "The snapshot has {count} hosts, and a lab takes {most_hosts}",
                remedy="Keep the Service's own nodes and pods, or use the simulated lab",
                count=len(self._plan.hosts),
                most_hosts=MOST_HOSTS,
            )
        return self._plan

    def _balancers(self) -> list[LoadBalancer]:
        return [each for each in self._snapshot.load_balancers if each.vips]

    def _balancer(self, number: int, balancer: LoadBalancer) -> BalancerHost:
        host = self._named(CLB if len(self._balancers()) == 1 else balancer.balancer_id, balancer.balancer_id)
        listeners = [self._placed(each) for whole in self._read_listeners(balancer) for each in _parts(whole)]
        _require_same_family(balancer, listeners)
        families = {each.version for each in balancer.vips} | {4}
        own = [kind[family].format(number + 1) for kind in (PROBES_FROM, KEPT_ALIVE_FROM) for family in families]
        addresses = (*balancer.vips, *balancer.snat_ips, *map(ip_address, own))
        port = self._port(host, "eth0", addresses, balancer.balancer_id, balancer.groups, (Direction.INGRESS,))
        if any(each.protocol == "HTTPS" for each in listeners):
            self._plan.notes.append(f"{balancer.balancer_id}: HTTPS is played as HTTP, without TLS")
        return BalancerHost(host, balancer, port, tuple(listeners), number)

    def _placed(self, listener: Listener) -> Listener:
        """The same with the address of every target; a node's is its instance's first where it names none."""
        targets = []
        for each in listener.targets or ():
            node = self._snapshot.node_of_instance(each.instance_id) if each.is_node else None
            address = each.address or (node.addresses[0] if node else None)
            if not (each.is_node or each.is_pod) or address is None:
                raise missing(fact(FactCode.TARGET, target=each.name))
            targets.append(replace(each, address=address))
        return replace(listener, targets=None if listener.targets is None else tuple(targets))

    def _read_listeners(self, balancer: LoadBalancer) -> Sequence[Listener]:
        listeners = self._snapshot.listeners(balancer.balancer_id)
        if listeners is None:
            raise missing(fact(FactCode.LISTENERS, balancer=balancer.balancer_id))
        for each in (one for listener in listeners for one in listener.by_rule):
            unknown = self._snapshot.not_modelled(balancer, each)
            if unknown:
                raise missing(unknown)
        return listeners

    def _node(self, node: Node) -> NodeHost:
        host = self._named(node.label, node.instance_id)
        return NodeHost(host, node, [self._port(host, "eth0", node.addresses, node.instance_id, node.groups, BOTH)])

    def _pods(self) -> dict[str, list[Address]]:
        """Each pod's addresses; one on its node's network is left out where nothing asks for it."""
        found: dict[str, list[Address]] = {}
        for address, name in self._snapshot.kubernetes.pods_by_address.items():
            if not self._is_of_node(address) or self._listens(address):
                found.setdefault(name, []).append(address)
        return found

    def _is_of_node(self, address: Address) -> bool:
        return any(address in node.addresses for node in self._snapshot.nodes)

    def _pod(self, name: str, addresses: list[Address]) -> PodHost:
        host = self._named(name.split("/")[-1], name.replace("/", "."))
        endpoint = self._snapshot.kubernetes.pod_at(addresses[0], 1, "TCP")
        if any(map(self._is_of_node, addresses)):
            raise missing(fact(FactCode.POD_ON_NODE_NETWORK, pod=name))
        assert endpoint is not None  # the name comes from a pod's address
        node = next((each for each in self._plan.nodes if each.node.name == endpoint.node_name), None)
        local = self._snapshot.interfaces.shared(endpoint) is not False and node is not None
        local = local and self._snapshot.semantics.local_delivery_skips_pod_eni
        over = self._interface(endpoint, node, addresses, host, local)
        listens = frozenset().union(*(self._listens(each) for each in addresses))
        return PodHost(host, name, tuple(addresses), node.host if node else None, over, local, listens)

    def _interface(
        self, endpoint: Endpoint, node: NodeHost | None, addresses: Sequence[Address], host: str, local: bool
    ) -> Port:
        """The port that leads to a pod: of its node's secondary interface, which pods may share, or its own."""
        found = self._snapshot.interfaces.of(endpoint)
        if found.groups is None:
            raise missing(found.unknown or fact(FactCode.GROUPS_OF_INTERFACE, pod=endpoint.pod))
        resource = found.interface_id
        if not local or node is None:
            return self._port(host, "eth0", addresses, resource, found.groups, BOTH)
        shared = next((each for each in node.ports[1:] if resource and each.resource == resource), None)
        if shared is None:
            shared = self._port(node.host, f"eth{len(node.ports)}", (), resource, found.groups, BOTH)
            node.ports.append(shared)
        shared.addresses += addresses
        return shared

    def _listens(self, address: Address) -> set[tuple[str, int]]:
        """The ports that anything may ask this pod on, and that it listens on."""
        asked = {
            (transport, each.port)
            for transport, number in self._snapshot.kubernetes.node_ports()
            for family in (4, 6)
            for each in self._snapshot.kubernetes.endpoints(transport, number, family) or ()
            if each.address == address
        }
        asked |= {
            (each.transport or "TCP", port)
            for each, target in self._pod_targets(address)
            for port in (target.port, each.probe_port or target.port)
        }
        pods = ((transport, self._snapshot.kubernetes.pod_at(address, port, transport)) for transport, port in asked)
        return {(transport, pod.port) for transport, pod in pods if pod is not None and pod.listens is not False}

    def _pod_targets(self, address: Address) -> list[tuple[Listener, Target]]:
        listeners = [each for balancer in self._plan.balancers for each in balancer.listeners]
        pairs = ((each, target) for each in listeners for target in each.targets or ())
        return [(each, target) for each, target in pairs if target.is_pod and target.address == address]

    def _port(
        self,
        host: str,
        device: str,
        addresses: Sequence[Address],
        resource: str | None = None,
        groups: tuple[str, ...] | None = (),
        asks: tuple[Direction, ...] = (),
    ) -> Port:
        if groups is None:
            raise missing(fact(FactCode.GROUPS, resource=resource))
        return Port(next(self._numbers), host, device, list(addresses), resource, groups, asks)

    def _named(self, *names: str) -> str:
        """The first of *names* that no other host has; names of hosts are names of files."""
        plain = ("".join(each if each.isalnum() or each in "-._" else "-" for each in name) for name in names)
        name = next(each for each in plain if each not in self._names)
        self._names.add(name)
        return name


def _parts(listener: Listener) -> tuple[Listener, ...]:
    """A listener, or each forwarding rule of it."""
    return listener.by_rule if listener.layer == 7 else (listener,)


def _require_same_family(balancer: LoadBalancer, listeners: Iterable[Listener]) -> None:
    """A kernel does not translate between IPv6 and IPv4, as a layer-4 listener of the cloud does."""
    for each in listeners:
        families = {target.address.version for target in each.targets or () if target.address}
        if each.layer == 4 and families and not {vip.version for vip in balancer.vips} <= families:
            raise LabStateError(
                "{listener_id} translates between IPv6 and IPv4, which no lab of real packets does at layer 4",
                remedy="Use an HTTP listener, or the simulated lab",
                listener_id=each.listener_id,
            )
