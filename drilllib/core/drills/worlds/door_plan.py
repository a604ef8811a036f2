"""The plan of a world between two workloads: what everything is called and where it is, before anything goes wrong."""

from dataclasses import dataclass

from drilllib.core.drills.worlds.door_bases import NODE, OUTSIDE, POD, SERVICE, DoorBase
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.plan import APPS, HOSTS, NAMESPACES, REGIONS, Machine, Replica

STORES = {"mysql": 3306, "postgres": 5432, "redis": 6379, "rabbitmq": 5672, "ledger": 8080, "search-index": 9200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Some pods of one app with one group between them; under GlobalRouter that group is bound to nothing."""

    namespace: str
    app: str
    group: str
    pods: tuple[Replica, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPlan:
    """
    Names, addresses and ports of a world. *near* are the nodes of one pool, on which *asking* runs, *far* those of
    another, on which *asked* runs; *strangers* are others' workloads. *port* is the asked pods', *service_port* that of
    their Service, *node_port* its NodePort. *clients* is the block outside of which somebody asks.
    """

    base: DoorBase
    level: int
    region: str
    cluster: str
    near: tuple[Machine, ...]
    far: tuple[Machine, ...]
    near_group: str
    far_group: str
    spare_group: str
    asking: Workload
    asked: Workload
    strangers: tuple[Workload, ...]
    port: int
    service_port: int
    node_port: int
    cluster_ip: str
    node_subnet: str
    pod_subnet: str
    next_subnet: str
    clients: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Who has to get through, as a connection names them; the first is who reports."""
        if self.base.source == POD:
            return tuple(f"pod/{self.asking.namespace}/{each.name}" for each in self.asking.pods)
        if self.base.source == NODE:
            return tuple(f"node/{each.name}" for each in self.near)
        start = self.clients.rpartition(".")[0]
        return tuple(f"{start}.{10 + place}" for place in range(self.level))

    @property
    def door(self) -> str:
        """What they ask, as a connection names it."""
        if self.base.door == SERVICE:
            return f"svc/{self.asked.namespace}/{self.asked.app}"
        name = f"{self.asked.namespace}/{self.asked.pods[0].name}"
        return f"node/{self.near[0].name}" if self.base.door == NODE else f"pod/{name}"

    @property
    def door_port(self) -> int:
        """The port that they ask there."""
        return {SERVICE: self.service_port, NODE: self.node_port}.get(self.base.door, self.port)

    @property
    def served(self) -> tuple[str, ...]:
        """Whom the door is for, as a ticket says it."""
        return (self.clients,) if self.base.source == OUTSIDE else self.sources


def drawn_door_plan(base: DoorBase, level: int, draws: Draws) -> DoorPlan:
    """A plan on that base; more nodes, pods and strangers at a higher level."""
    second, third = draws.below(200) + 1, 16 * draws.below(14) + 3
    node_subnet, vpc_pods, next_subnet = (f"10.{second}.{third + more}.0/24" for more in (0, 1, 2))
    pod_subnet = f"172.{17 + draws.below(10)}.0.0/16" if base.is_routed else vpc_pods
    host = draws.one(HOSTS)
    near = _machines(host, 1, level, node_subnet, draws, off=base.supers[0])
    far = _machines(host, level + 1, level, node_subnet, draws, off=base.supers[1])
    store = draws.one(tuple(STORES))
    apps, places = draws.some(APPS, 1 + level), draws.some(NAMESPACES, 2)
    asking = _workload(places[0], apps[0], near, pod_subnet, 0, level, draws)
    asked = _workload(places[1], store, far, pod_subnet, 1, level, draws)
    others = tuple(
        _workload(draws.one(places), app, far if place else near, pod_subnet, 2 + place, 1, draws)
        for place, app in enumerate(apps[1:level])
    )
    return DoorPlan(
        base=base,
        level=level,
        region=draws.one(REGIONS),
        cluster=f"cls-{draws.identity()}",
        near=near,
        far=far,
        near_group=f"sg-{draws.identity()}",
        far_group=f"sg-{draws.identity()}",
        spare_group=f"sg-{draws.identity()}",
        asking=asking,
        asked=asked,
        strangers=others,
        port=STORES[store],
        service_port=STORES[store] + draws.one((0, 10000)) if base.door == SERVICE else STORES[store],
        node_port=30000 + draws.below(2700),
        cluster_ip=f"192.168.{draws.below(100)}.{draws.below(250) + 2}",
        node_subnet=node_subnet,
        pod_subnet=pod_subnet,
        next_subnet=next_subnet,
        clients=f"192.168.{100 + draws.below(100)}.0/24",
    )


def _machines(host: str, first: int, count: int, subnet: str, draws: Draws, *, off: bool) -> tuple[Machine, ...]:
    """So many nodes; *off* the machines: super nodes, which have no instance."""
    names = (f"eklet-subnet-{draws.identity()}" if off else f"{host}-{first + place}" for place in range(count))
    start = subnet.rpartition(".")[0]
    return tuple(
        Machine(
            name=name,
            instance="" if off else f"ins-{draws.identity()}",
            address=f"{start}.{10 + first + place}",
            front=first == 1,
        )
        for place, name in enumerate(names)
    )


def _workload(
    namespace: str, app: str, hosts: tuple[Machine, ...], subnet: str, number: int, count: int, draws: Draws
) -> Workload:
    """So many pods in turn on the hosts; under GlobalRouter each host has a block of addresses."""
    start = subnet.rpartition(".")[0] if subnet.endswith(".0/24") and not subnet.endswith(".0.0/16") else ""
    pods = []
    for place in range(count):
        host = hosts[place % len(hosts)]
        last = 20 + 20 * number + place
        block = int(host.address.rpartition(".")[2])
        address = f"{start}.{last}" if start else f"{subnet.removesuffix('.0.0/16')}.{block}.{last}"
        name, interface = f"{app}-{place}", f"eni-{draws.identity()}"
        pods.append(Replica(name=name, interface=interface, address=address, host=host))
    return Workload(namespace=namespace, app=app, group=f"sg-{draws.identity()}", pods=tuple(pods))
