"""A plan's scene as it works: the rules that the Service needs on its way, and nothing in their way."""

from dataclasses import replace

from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.plan import Plan
from drilllib.core.drills.worlds.scene import ANYBODY, BASELINE, GroupLists, Line, Scene

CLOSED = Line("DROP", "ALL", ANYBODY, "ALL", mark="planted")  # which drops once its group is bound


def healthy_scene(plan: Plan, draws: Draws) -> Scene:
    """The scene before noise and faults; about half of the lists end in a DROP that somebody has written."""
    scene = Scene(
        plan=plan,
        groups={
            plan.clb_group: GroupLists(f"{plan.namespace}-{plan.app}-clb"),
            plan.node_group: GroupLists(f"{plan.cluster}-nodes"),
            plan.pod_group: GroupLists(f"{plan.cluster}-pods"),
            plan.spare_group: GroupLists("quarantine", [draws.one((CLOSED, replace(CLOSED, note="audit 2019")))]),
        },
        bound=_bound(plan),
        templates={plan.template: plan.served} if plan.base.template else {},
        target_port=plan.pod_port,
        listener_port=plan.port,
        policy="Local" if plan.base.local else "Cluster",
        of_pods=() if plan.base.inherits else (plan.pod_group,),
    )
    for where in ("clb", "node", "pod"):
        scene.groups[scene.group_at(where)].ingress += _needed(scene, where)
    for name in (plan.clb_group, plan.node_group, plan.pod_group):
        if draws.chance(0.5) or (plan.base.passes and name == plan.node_group):
            scene.groups[name].ingress.append(BASELINE)
    return scene


def _bound(plan: Plan) -> dict[str, list[str]]:
    of_pods = plan.node_group if plan.base.inherits else plan.pod_group
    return {
        plan.balancer: [plan.clb_group],
        **{each.instance: [plan.node_group] for each in plan.machines},
        **{each.interface: [of_pods] for each in plan.replicas},
    }


def _needed(scene: Scene, where: str) -> tuple[Line, ...]:
    """The rules that a place needs; none where its groups are not asked."""
    plan = scene.plan
    if where == "node" and (plan.base.direct or plan.base.passes):
        return ()
    probed = plan.base.probes_by_vip and where == ("pod" if plan.base.direct else "node")
    return (*scene.allow_at(where), *((probe_at(scene, where),) if probed else ()))


def probe_at(scene: Scene, where: str) -> Line:
    """The rule that lets in the health checks of a CLB that probes from its VIP."""
    return Line("ACCEPT", "TCP", scene.plan.vip, str(scene.port_at(where)), "health checks", "probe")
