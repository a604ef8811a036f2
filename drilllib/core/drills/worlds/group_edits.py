"""The named edits of security groups: each makes one mistake at one place of a request's way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network, ip_address

from drilllib.core.drills.worlds.edit import Edit
from drilllib.core.drills.worlds.planted import Planted
from drilllib.core.drills.worlds.scene import ANYBODY, Line, Scene, marked
from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.rules.rules import Direction

PLACES = ("clb", "node", "pod")


def _is_asked(scene: Scene, where: str) -> bool:
    """Do the groups at that place decide about the Service's packets?"""
    base = scene.plan.base
    return where == "clb" or (not base.local if where == "pod" else not (base.direct or base.passes))


def _dropped(scene: Scene, where: str, direction: Direction = Direction.INGRESS, mark: str = "") -> Planted:
    return Planted(
        kind=CauseKind.GROUP,
        resources=scene.resources(where),
        group=scene.group_at(where),
        direction=direction,
        mark=mark,
    )


def _ingress(scene: Scene, where: str) -> list[Line]:
    return scene.groups[scene.group_at(where)].ingress


def _changed(scene: Scene, where: str, change: Callable[[Line], Line]) -> Planted:
    """Every rule that lets the Service in there, changed; none of them does any more."""
    lines = _ingress(scene, where)
    for place in marked(lines, f"allow {where}"):
        lines[place] = change(lines[place])
    return _dropped(scene, where)


def _sources(scene: Scene, where: str) -> Mapping[str, str]:
    """Wrong sources by how one comes to write them."""
    plan, right = scene.plan, scene.peers_at(where)
    halves = IPv4Network(plan.served[0]).subnets()
    found = {
        "neighbour": plan.near[0],
        "narrow": next(str(half) for half in halves if ip_address(plan.client) not in half),
        "vip": f"{plan.vip}/32",
        "clients": plan.served[0],
        "nodes": plan.node_subnet,
        "group": plan.clb_group,
    }
    theirs = {"clients"} if plan.node_subnet not in right else {"nodes", "narrow"}
    unlikely = {"vip", "nodes", "group"} if where == "clb" else {"nodes"} if where == "node" else set()
    return {way: source for way, source in found.items() if way not in theirs | unlikely}


def wrong_source(scene: Scene, where: str, way: str) -> Planted:
    """The rule is there, and its source is somebody else; rules for further blocks of clients stay."""
    lines, source = _ingress(scene, where), _sources(scene, where)[way]
    place = marked(lines, f"allow {where}")[0]
    lines[place] = replace(lines[place], peer=source, mark="")
    return _dropped(scene, where)


def _ports(scene: Scene, where: str) -> Mapping[str, int]:
    """Wrong ports by how one comes to write them."""
    plan, right = scene.plan, scene.port_at(where)
    found = {"listener": plan.port, "node-port": plan.node_port, "pod": plan.pod_port, "old": right + 1}
    return {way: port for way, port in found.items() if port != right}


def wrong_port(scene: Scene, where: str, way: str) -> Planted:
    """The rules are for a port that packets do not have here."""
    port = str(_ports(scene, where)[way])
    return _changed(scene, where, lambda line: replace(line, port=port, mark=""))


def wrong_protocol(scene: Scene, where: str, way: str) -> Planted:
    """The rules are for the other of TCP and UDP."""
    other = "TCP" if scene.plan.transport == "UDP" else "UDP"
    return _changed(scene, where, lambda line: replace(line, protocol=other, mark=""))


def missing_rule(scene: Scene, where: str, way: str) -> Planted:
    """Nobody has written the rules."""
    lines = _ingress(scene, where)
    lines[:] = [line for line in lines if line.mark != f"allow {where}"]
    return _dropped(scene, where)


def _drop(scene: Scene, where: str, way: str) -> Line:
    plan, port = scene.plan, scene.port_at(where)
    if way == "all":
        return Line("DROP", "ALL", ANYBODY, "ALL", "", "planted")
    if way == "port":
        ports = "30000-32767" if where == "node" else str(port)
        return Line("DROP", plan.transport, ANYBODY, ports, "", "planted")
    pods_see_nodes = plan.node_subnet in scene.peers_at(where)
    block = plan.node_subnet if pods_see_nodes else str(IPv4Network(plan.served[0]).supernet(new_prefix=24))
    return Line("DROP", "ALL", block, "ALL", "", "planted")


def below_drop(scene: Scene, where: str, way: str) -> Planted:
    """The right rules stand below one that drops."""
    lines = _ingress(scene, where)
    lines.insert(marked(lines, f"allow {where}")[0], _drop(scene, where, way))
    return _dropped(scene, where, mark="planted")


def earlier_group(scene: Scene, where: str, way: str) -> Planted:
    """An old group that closes everything is bound before the right one."""
    for resource in scene.resources(where):
        scene.bound[resource].insert(0, scene.plan.spare_group)
    return _dropped(scene, where, mark="planted")


def other_group(scene: Scene, where: str, way: str) -> Planted:
    """The last of the nodes or pods has an old group that closes everything, in the place of the right one."""
    last, right, spare = scene.resources(where)[-1], scene.group_at(where), scene.plan.spare_group
    scene.bound[last] = [spare if each == right else each for each in scene.bound[last]]
    return replace(_dropped(scene, where, mark="planted"), resources=(last,))


def closed_egress(scene: Scene, where: str, way: str) -> Planted:
    """The nodes' group lets nothing out to the pods."""
    peer = scene.plan.pod_subnet if way == "subnet" else "10.0.0.0/8"
    lines = scene.groups[scene.group_at("node")].egress
    lines.insert(0, Line("DROP", scene.plan.transport, peer, "ALL", "", "planted"))
    return _dropped(scene, "node", Direction.EGRESS, "planted")


def wrong_member(scene: Scene, where: str, way: str) -> Planted:
    """The rule names a template, and the clients' block is not in it."""
    scene.templates[scene.plan.template] = (*scene.plan.near, *scene.plan.served[1:])
    return _dropped(scene, where)


def missing_probe(scene: Scene, where: str, way: str) -> Planted:
    """Requests are let in, and health checks are not."""
    lines = _ingress(scene, where)
    lines[:] = [line for line in lines if line.mark != "probe"]
    return _dropped(scene, where)


def _shows_alone(scene: Scene, where: str) -> bool:
    """Can it be told what one node or pod that drops does? Where nodes have pods of their own health is unknown."""
    return _is_asked(scene, where) and not (where == "pod" and scene.plan.base.every)


def _lets_nodes_out(scene: Scene, where: str) -> bool:
    return not (scene.plan.base.direct or scene.plan.base.local)


def _is_probed(scene: Scene, where: str) -> bool:
    base = scene.plan.base
    return base.probes_by_vip and where == ("pod" if base.direct else "node")


def _names_template(scene: Scene, where: str) -> bool:
    return scene.plan.base.template == where


def _any_way(*ways: str) -> Callable[[Scene, str], tuple[str, ...]]:
    return lambda scene, where: ways


GROUP_EDITS = (
    Edit("wrong-source", wrong_source, PLACES, _is_asked, lambda scene, where: tuple(_sources(scene, where))),
    Edit("wrong-port", wrong_port, PLACES, _is_asked, lambda scene, where: tuple(_ports(scene, where))),
    Edit("wrong-protocol", wrong_protocol, PLACES, _is_asked),
    Edit("missing-rule", missing_rule, PLACES, _is_asked),
    Edit("below-drop", below_drop, PLACES, _is_asked, _any_way("all", "port", "block")),
    Edit("earlier-group", earlier_group, PLACES, _is_asked),
    Edit("other-group", other_group, ("node", "pod"), _shows_alone),
    Edit("closed-egress", closed_egress, ("node",), _lets_nodes_out, _any_way("subnet", "range")),
    Edit("wrong-member", wrong_member, ("clb", "node"), _names_template),
    Edit("missing-probe", missing_probe, ("node", "pod"), _is_probed),
)
