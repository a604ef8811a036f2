"""The named edits that are about no group: the Service, its pods, the listener, the machines."""

from drilllib.core.drills.worlds.edit import Edit
from drilllib.core.drills.worlds.planted import Planted
from drilllib.core.drills.worlds.scene import Scene
from drilllib.core.drills.worlds.world import CauseKind

NOWHERE = ("",)


def _at_service(scene: Scene, kind: CauseKind) -> Planted:
    return Planted(kind=kind, resources=(f"Service/{scene.plan.service}",))


def selector(scene: Scene, where: str, way: str) -> Planted:
    """The Service asks for a label that its pods do not have."""
    scene.selected = False
    return _at_service(scene, CauseKind.SELECTOR)


def not_ready(scene: Scene, where: str, way: str) -> Planted:
    """The pods fail their readiness probe."""
    scene.ready = False
    return _at_service(scene, CauseKind.NOT_READY)


def target_port(scene: Scene, where: str, way: str) -> Planted:
    """The Service sends to a port at which its pods do not listen."""
    scene.target_port = scene.plan.idle_port
    return _at_service(scene, CauseKind.TARGET_PORT)


def local_policy(scene: Scene, where: str, way: str) -> Planted:
    """The traffic policy became Local, and the pods are on other nodes than those that the CLB sends to."""
    scene.policy = "Local"
    return _at_service(scene, CauseKind.LOCAL_POLICY)


def listener_port(scene: Scene, where: str, way: str) -> Planted:
    """The listener is on another port than the Service says."""
    scene.listener_port = scene.plan.port + 1
    return Planted(kind=CauseKind.LISTENER, resources=(scene.plan.balancer,))


def zero_weight(scene: Scene, where: str, way: str) -> Planted:
    """Every target has the weight 0."""
    scene.weight = 0
    return Planted(kind=CauseKind.WEIGHT, resources=(scene.plan.listener,))


def stopped_nodes(scene: Scene, where: str, way: str) -> Planted:
    """The nodes that the CLB sends to are stopped."""
    instances = scene.resources("node")
    scene.stopped = frozenset(instances)
    return Planted(kind=CauseKind.STOPPED, resources=instances)


def _is_forwarded(scene: Scene, where: str) -> bool:
    """Does kube-proxy choose the pod?"""
    return not scene.plan.base.direct


def _is_elsewhere(scene: Scene, where: str) -> bool:
    """Are all pods on other nodes than those that the CLB sends to?"""
    base = scene.plan.base
    return not (base.direct or base.local or base.every)


def _anywhere(scene: Scene, where: str) -> bool:
    return True


OBJECT_EDITS = (
    Edit("selector", selector, NOWHERE, _is_forwarded),
    Edit("not-ready", not_ready, NOWHERE, _is_forwarded),
    Edit("target-port", target_port, NOWHERE, _is_forwarded),
    Edit("local-policy", local_policy, NOWHERE, _is_elsewhere),
    Edit("listener-port", listener_port, NOWHERE, _anywhere),
    Edit("zero-weight", zero_weight, NOWHERE, _anywhere),
    Edit("stopped-nodes", stopped_nodes, NOWHERE, _is_forwarded),
)
