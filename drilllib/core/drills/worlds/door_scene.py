"""A world between two workloads in the making: the lists on its way, and all that faults and noise change."""

from collections.abc import Mapping
from dataclasses import dataclass

from drilllib.core.drills.worlds.door_bases import DOOR, NODE, OUTSIDE, POD, SERVICE, SOURCE
from drilllib.core.drills.worlds.door_plan import DoorPlan
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.noise import ADMIN_PORTS, NOTES, TITLES, stranger
from drilllib.core.drills.worlds.plan import Machine
from drilllib.core.drills.worlds.scene import ANYBODY, BASELINE, EVERYTHING, GroupLists, Line
from drilllib.core.rules.rules import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """
    A list on the way: of *group* in one *direction*, bound to *resources*, which has to admit *peer* at *port*.

    *peers* and *ports* are what somebody takes for the right ones, by the way of taking it.
    """

    where: str
    direction: Direction
    group: str
    resources: tuple[str, ...]
    peer: str
    port: int
    peers: Mapping[str, str]
    ports: Mapping[str, int]

    def allow(self, note: str = "") -> Line:
        """The rule that admits the connection."""
        return Line("ACCEPT", "TCP", self.peer, str(self.port), note, f"allow {self.where}")


@dataclass(slots=True)
class DoorScene:
    """The changeable part of a world; *bound* has the groups of each instance and interface, in order."""

    plan: DoorPlan
    gates: tuple[Gate, ...]
    groups: dict[str, GroupLists]
    bound: dict[str, list[str]]

    def copied(self) -> "DoorScene":
        """Another scene of the same plan, to change without changing this one."""
        groups = {
            name: GroupLists(each.title, list(each.ingress), list(each.egress)) for name, each in self.groups.items()
        }
        return DoorScene(self.plan, self.gates, groups, {name: list(each) for name, each in self.bound.items()})

    def gate(self, where: str) -> Gate:
        """The gate of that name."""
        return next(each for each in self.gates if each.where == where)

    def lines_at(self, gate: Gate) -> list[Line]:
        """Its list."""
        return self.groups[gate.group].of(gate.direction)


def healthy_door_scene(plan: DoorPlan, draws: Draws) -> DoorScene:
    """A scene in which the connection gets through, and no list on its way admits more than that and some chores."""
    workloads = (plan.asking, plan.asked, *plan.strangers)
    groups = {
        plan.near_group: GroupLists(f"{plan.near[0].name}-pool", _chores(plan)),
        plan.far_group: GroupLists(f"{plan.far[0].name}-pool", _chores(plan)),
        plan.spare_group: GroupLists("old-baseline", [_PLANTED], [EVERYTHING if _node_forwards(plan) else _PLANTED]),
        **{each.group: GroupLists(f"{each.app}-pods", _chores(plan)) for each in workloads},
    }
    bound = {each.instance: [plan.near_group] for each in plan.near if each.instance}
    bound |= {each.instance: [plan.far_group] for each in plan.far if each.instance}
    for each in workloads:
        bound |= {pod.interface: [each.group] for pod in each.pods if has_interface(plan, pod.host)}
    scene = DoorScene(plan, gates_of(plan), groups, bound)
    for gate in scene.gates:
        lines = scene.lines_at(gate)
        if gate.direction is Direction.EGRESS:
            lines[:] = [Line("ACCEPT", "TCP", ANYBODY, "443", "registry"), gate.allow(plan.asked.app), BASELINE]
        else:
            lines[:] = [gate.allow(plan.asked.app), *lines, *([BASELINE] if draws.chance(0.5) else [])]
    return scene


_PLANTED = Line("DROP", "ALL", ANYBODY, "ALL", "", "planted")


def _node_forwards(plan: DoorPlan) -> bool:
    """Does the node with the NodePort send on? Then a group that closes its way in would close its way out as well."""
    return plan.base.source == OUTSIDE


def _chores(plan: DoorPlan) -> list[Line]:
    return [Line("ACCEPT", "TCP", plan.node_subnet, "10250", "kubelet")]


def has_interface(plan: DoorPlan, host: Machine) -> bool:
    """Has a pod there an interface of its own? On a super node everywhere, on a machine in VPC-CNI."""
    return not host.instance or not plan.base.is_routed


def gates_of(plan: DoorPlan) -> tuple[Gate, ...]:
    """The lists that the connection comes to, in their order (docs/connections.md, section 7)."""
    door = _door(plan)
    return (_node(plan), door) if plan.base.source == OUTSIDE else (_source(plan), door)


def _source(plan: DoorPlan) -> Gate:
    """What the source may send: the list of its own interface, or of the node it is, or stands behind."""
    is_pod = plan.base.source == POD and has_interface(plan, plan.near[0])
    own = tuple(each.interface for each in plan.asking.pods)
    wrong = {"nodes": plan.node_subnet, "neighbour": plan.next_subnet}
    return Gate(
        where=SOURCE,
        direction=Direction.EGRESS,
        group=plan.asking.group if is_pod else plan.near_group,
        resources=own if is_pod else tuple(each.instance for each in plan.near),
        peer=plan.pod_subnet,
        port=plan.port,
        peers=wrong | ({"cluster-ip": plan.cluster_ip} if plan.base.door == SERVICE else {}),
        ports={"node-port": plan.node_port, **_service_port(plan)},
    )


def _node(plan: DoorPlan) -> Gate:
    """What the node lets in at its NodePort: the client, whom it sees."""
    return Gate(
        where=NODE,
        direction=Direction.INGRESS,
        group=plan.near_group,
        resources=tuple(each.instance for each in plan.near),
        peer=plan.clients,
        port=plan.node_port,
        peers={"nodes": plan.node_subnet, "pods": plan.pod_subnet},
        ports={"pod": plan.port},
    )


def _door(plan: DoorPlan) -> Gate:
    """What the far end lets in: pods by their own addresses, nodes and what they forward by the nodes'."""
    own = has_interface(plan, plan.far[0])
    peer = plan.pod_subnet if plan.base.source == POD else plan.node_subnet
    wrong = {"nodes": plan.node_subnet, "pods": plan.pod_subnet, "neighbour": plan.next_subnet}
    wrong |= {"clients": plan.clients} if plan.base.source == OUTSIDE else {}
    return Gate(
        where=DOOR,
        direction=Direction.INGRESS,
        group=plan.asked.group if own else plan.far_group,
        resources=tuple(each.interface for each in plan.asked.pods)
        if own
        else tuple(each.instance for each in plan.far),
        peer=peer,
        port=plan.port,
        peers={way: block for way, block in wrong.items() if block != peer},
        ports={"node-port": plan.node_port, **_service_port(plan)},
    )


def _service_port(plan: DoorPlan) -> dict[str, int]:
    return {"service": plan.service_port} if plan.service_port != plan.port else {}


def add_door_noise(scene: DoorScene, draws: Draws) -> None:
    """From level 2 on: groups of other people, bound or not, and longer lists. Nothing of it is about the ticket."""
    level, plan = scene.plan.level, scene.plan
    for title in draws.some(TITLES, level) if level > 1 else ():
        name = f"sg-{draws.identity()}"
        scene.groups[name] = GroupLists(title, [_line(draws)], egress=[])
        pool = draws.one((plan.near, plan.far))
        for resource in [each.instance for each in pool if each.instance] if draws.chance(0.5) else ():
            scene.bound[resource].append(name)
    for name, group in scene.groups.items():
        for _ in range(0 if name == plan.spare_group else 2 * level - 2):
            group.ingress.insert(draws.below(1 + sum(each.mark != "baseline" for each in group.ingress)), _line(draws))


def _line(draws: Draws) -> Line:
    """A rule about a stranger, who asks for nothing here."""
    block, note = stranger(draws), draws.one(NOTES)
    if draws.chance(0.25):
        return Line("DROP", "ALL", block, "ALL", note)
    return Line("ACCEPT", "TCP", block, str(draws.one(ADMIN_PORTS["TCP"])), note)
