"""Noise: groups, rules and Services that are there and have nothing to do with the ticket. None at level 1."""

from dataclasses import replace
from ipaddress import IPv4Network

from drilllib.core.drills.worlds.bases import BASES
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.plan import APPS, PUBLIC, STRANGERS, Plan, Replica
from drilllib.core.drills.worlds.scene import GroupLists, Line, Scene

# No Service of a ticket has any of these ports.
ADMIN_PORTS = {
    "TCP": (22, 2049, 2379, 3389, 5900, 6443, 9100, 10250, 11211, 27017),
    "UDP": (123, 161, 4789, 8472),
}
OLD_NODE_PORTS = 32700  # and above: no Service has them any more
OTHER_PORTS = (1883, 5672, 8883, 9200, 10443)
NOTES = ("", "", "ops", "monitoring", "ticket 4711", "temporary", "old office", "do not remove", "audit", "migration")
TITLES = ("ops-access", "jump-host", "monitoring", "default", "legacy-vpc", "build-agents")
_BLOCKS = 256  # blocks of strangers to draw from


def add_noise(scene: Scene, draws: Draws) -> None:
    """At level 2 one more Service, at level 3 two; further groups, some bound besides the right ones; longer lists."""
    level = scene.plan.level
    if level == 1:
        return
    for _ in range(level - 1):
        _add_service(scene, draws)
        scene.templates[f"ipm-{draws.identity()}"] = tuple(stranger(draws) for _ in range(2 + draws.below(3)))
    for title in draws.some(TITLES, level):
        _add_group(scene, title, draws)
    if not scene.plan.base.inherits:
        scene.of_pods = tuple(scene.bound[scene.plan.replicas[0].interface])
    for group in scene.groups.values():
        for _ in range(2 * level - 2 + draws.below(level)):
            _insert(group, _line(scene, draws), draws)


def stranger(draws: Draws) -> str:
    """A block of somebody else."""
    first = int(IPv4Network(STRANGERS).network_address) + 256 * draws.below(_BLOCKS)
    return str(IPv4Network((first, draws.one((24, 25, 28)))))


def _line(scene: Scene, draws: Draws) -> Line:
    """A rule that says nothing about any Service: for another port, one of the past, or against a stranger."""
    note, block = draws.one(NOTES), stranger(draws)
    if draws.chance(0.25):
        return Line("DROP", "ALL", block, "ALL", note)
    if draws.chance(0.2):
        clients = draws.one((block, *scene.plan.served, *scene.plan.near))
        return Line("ACCEPT", "TCP", clients, str(OLD_NODE_PORTS + draws.below(68)), note)
    protocol = draws.one(("TCP", "TCP", "UDP"))
    named = (*scene.groups, *(name for name in scene.templates if name != scene.plan.template))
    source = draws.one(named) if draws.chance(0.15) else draws.one((block, block, "10.0.0.0/8", "172.16.0.0/12"))
    return Line("ACCEPT", protocol, source, str(draws.one(ADMIN_PORTS[protocol])), note)


def _insert(group: GroupLists, line: Line, draws: Draws) -> None:
    """Put the rule in anywhere above the DROP that ends the list."""
    end = len(group.ingress) - any(each.mark in ("baseline", "planted") for each in group.ingress[-1:])
    group.ingress.insert(draws.below(end + 1), line)


def _add_group(scene: Scene, title: str, draws: Draws) -> None:
    """A group of somebody else's; half of them are bound to all nodes, all pods or the CLB, first or last."""
    plan, every = scene.plan, (scene.plan, *scene.others)
    name = f"sg-{draws.identity()}"
    scene.groups[name] = GroupLists(title, [_line(scene, draws)], egress=[])
    if draws.chance(0.5):
        nodes, pods = (
            [each.instance for each in plan.machines],
            [one.interface for each in every for one in each.replicas],
        )
        at_once = [*nodes, *pods] if plan.base.inherits else None
        place, before = draws.one((at_once or nodes, at_once or pods, [plan.balancer])), draws.chance(0.5)
        for resource in place:
            scene.bound[resource].insert(0 if before else len(scene.bound[resource]), name)


def _add_service(scene: Scene, draws: Draws) -> None:
    """Another Service on the same nodes, which works: behind the same CLB, or one of its own."""
    other = _other_plan(scene, draws, shared=draws.chance(0.5))
    scene.others = (*scene.others, other)
    scene.bound |= {each.interface: list(scene.bound[scene.plan.replicas[0].interface]) for each in other.replicas}
    if other.clb_group not in scene.groups:
        scene.groups[other.clb_group] = GroupLists(f"{other.namespace}-{other.app}-clb")
        scene.bound[other.balancer] = [other.clb_group]
    needed = (
        (other.clb_group, other.served[0], other.port),
        (other.node_group, other.served[0], other.node_port),
        (scene.group_at("pod"), other.node_subnet, other.pod_port),
    )
    for group, peer, port in needed:
        _insert(scene.groups[group], Line("ACCEPT", "TCP", peer, str(port), other.app), draws)


def _other_plan(scene: Scene, draws: Draws, *, shared: bool) -> Plan:
    plan, taken = scene.plan, [scene.plan, *scene.others]
    app = draws.one([each for each in APPS if each not in [one.app for one in taken]])
    if not shared:
        vip = draws.one([str(IPv4Network(block)[250 + len(taken)]) for block in PUBLIC])
        plan = replace(plan, balancer=f"lb-{draws.identity()}", vip=vip, clb_group=f"sg-{draws.identity()}")
    return replace(
        plan,
        base=BASES["node-port"],
        app=app,
        protocol="TCP",
        listener=f"lbl-{draws.identity()}",
        location=f"loc-{draws.identity()}",
        port=draws.one([port for port in OTHER_PORTS if port not in [one.port for one in taken]]),
        node_port=30000 + (plan.node_port - 30000 + 900 * len(taken) + draws.below(800) + 10) % 2700,
        pod_port=OTHER_PORTS[len(taken)] + 10000,
        cluster_ip=f"172.17.{len(taken)}.{draws.below(250) + 2}",
        replicas=_other_replicas(plan, app, len(taken), draws),
        served=(stranger(draws),),
    )


def _other_replicas(plan: Plan, app: str, number: int, draws: Draws) -> tuple[Replica, ...]:
    """One pod; addresses above those of the ticket's Service."""
    return (
        Replica(
            name=f"{app}-{draws.identity()}-1",
            interface=f"eni-{draws.identity()}",
            address=str(IPv4Network(plan.pod_subnet)[250 + number]),
            host=draws.one(plan.machines),
        ),
    )
