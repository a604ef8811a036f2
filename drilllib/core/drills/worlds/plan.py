"""The plan of one world: what everything in it is called and where it is, before anything goes wrong."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from drilllib.core.drills.worlds.bases import Base
from drilllib.core.drills.worlds.draws import Draws

APPS = ("web", "api", "cart", "search", "login", "media", "orders", "payments", "gateway", "mail", "stock", "tracker")
NAMESPACES = ("shop", "prod", "core", "retail", "platform", "edge", "office", "billing")
HOSTS = ("node", "worker", "vm", "kube", "cvm")
REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu", "ap-singapore")
# Addresses that documentation and benchmarks may use, which belong to nobody.
PUBLIC = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
STRANGERS = "198.18.0.0/15"
LISTENED = {"HTTP": (80, 8080, 8000), "TCP": (80, 443, 3306, 6379, 9000), "UDP": (53, 514, 5060, 4500)}
POD_PORTS = {"HTTP": (80, 3000, 5000, 8080), "TCP": (80, 443, 3306, 6379, 7000), "UDP": (53, 514, 5060, 5353)}
IDLE_PORTS = (8888, 9090, 9102, 9464)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A node. *front*: the CLB sends to it, where it sends to nodes."""

    name: str
    instance: str
    address: str
    front: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A pod of the Service, with an interface of its own, on *host*."""

    name: str
    interface: str
    address: str
    host: Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    Names, addresses and ports of a world's Service and of all that leads to it.

    *served* are the blocks whose clients the Service is for, *client* is in the first of them, *near* are blocks beside
    them that it is not for. *port* is the listener's, *pod_port* that at which the pods listen; at *idle_port* nothing
    does, though the pods' group lets it in. *spare_group* is an old group that closes everything.
    """

    base: Base
    level: int
    region: str
    cluster: str
    namespace: str
    app: str
    protocol: str
    balancer: str
    vip: str
    listener: str
    location: str
    port: int
    node_port: int
    pod_port: int
    idle_port: int
    cluster_ip: str
    machines: tuple[Machine, ...]
    replicas: tuple[Replica, ...]
    node_subnet: str
    pod_subnet: str
    clb_group: str
    node_group: str
    pod_group: str
    spare_group: str
    template: str
    served: tuple[str, ...]
    near: tuple[str, ...]
    client: str

    @property
    def service(self) -> str:
        """The Service, as NAMESPACE/NAME."""
        return f"{self.namespace}/{self.app}"

    @property
    def transport(self) -> str:
        """TCP or UDP."""
        return "UDP" if self.protocol == "UDP" else "TCP"

    @property
    def fronts(self) -> tuple[Machine, ...]:
        """The nodes that the CLB sends to, where it sends to nodes."""
        return tuple(each for each in self.machines if each.front)


def drawn_plan(base: Base, listeners: tuple[str, ...], level: int, draws: Draws) -> Plan:
    """A plan on that base, larger at a higher level, with one of *listeners* as its protocol."""
    protocol, second, third = draws.one(listeners), draws.below(200) + 1, 16 * draws.below(14) + 3
    node_subnet, pod_subnet = (f"10.{second}.{third + more}.0/24" for more in (0, 1))
    vips, clients = draws.some(PUBLIC, 2)
    served, near = _blocks(clients, level, draws)
    machines = _machines(base, level, node_subnet, draws)
    app = draws.one(APPS)
    return Plan(
        base=base,
        level=level,
        region=draws.one(REGIONS),
        cluster=f"cls-{draws.identity()}",
        namespace=draws.one(NAMESPACES),
        app=app,
        protocol=protocol,
        balancer=f"lb-{draws.identity()}",
        vip=_inside(vips, 10 + draws.below(200)),
        listener=f"lbl-{draws.identity()}",
        location=f"loc-{draws.identity()}",
        port=draws.one(LISTENED[protocol]),
        node_port=30000 + draws.below(2700),
        pod_port=draws.one(POD_PORTS[protocol]),
        idle_port=draws.one(IDLE_PORTS),
        cluster_ip=f"172.16.{draws.below(250)}.{draws.below(250) + 2}",
        machines=machines,
        replicas=_replicas(base, level, app, pod_subnet, machines, draws),
        node_subnet=node_subnet,
        pod_subnet=pod_subnet,
        clb_group=f"sg-{draws.identity()}",
        node_group=f"sg-{draws.identity()}",
        pod_group=f"sg-{draws.identity()}",
        spare_group=f"sg-{draws.identity()}",
        template=f"ipm-{draws.identity()}",
        served=served,
        near=near,
        client=_inside(served[0], 1 + draws.below(IPv4Network(served[0]).num_addresses - 2)),
    )


def _blocks(clients: str, level: int, draws: Draws) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the Service is for, one block or (from level 2) two, and blocks beside them."""
    length = draws.one((25, 26, 27))
    blocks = [str(each) for each in IPv4Network(clients).subnets(new_prefix=length)]
    drawn = draws.some(blocks, len(blocks))
    count = 2 if level > 1 and length > 25 and draws.chance(0.5) else 1
    return tuple(drawn[:count]), tuple(drawn[count : count + 2])


def _machines(base: Base, level: int, subnet: str, draws: Draws) -> tuple[Machine, ...]:
    """One or more nodes that the CLB sends to, and as many or more that it does not."""
    fronts = level if level < 3 else 2 + draws.below(2)
    backs = 0 if base.local else 1 if level == 1 else 2 + draws.below(level)
    word, addresses = draws.one(HOSTS), draws.some(range(10, 250), fronts + backs)
    names = draws.some(range(1, 60), fronts + backs)
    return tuple(
        Machine(
            name=f"{word}-{names[place]:02d}",
            instance=f"ins-{draws.identity()}",
            address=_inside(subnet, addresses[place]),
            front=place < fronts or base.every,
        )
        for place in range(fronts + backs)
    )


def _replicas(
    base: Base, level: int, app: str, subnet: str, machines: tuple[Machine, ...], draws: Draws
) -> tuple[Replica, ...]:
    """Pods on nodes that the CLB does not send to, under `Local` on each that it does; never on every node."""
    hosts = [each for each in machines if base.every or each.front is base.local]
    count = len(hosts) if base.local else min(level, len(hosts) - base.every)
    addresses, stem = draws.some(range(10, 250), count), draws.identity()
    return tuple(
        Replica(
            name=f"{app}-{stem}-{place + 1}",
            interface=f"eni-{draws.identity()}",
            address=_inside(subnet, addresses[place]),
            host=hosts[place],
        )
        for place in range(count)
    )


def _inside(block: str, place: int) -> str:
    return str(IPv4Network(block)[place])
