"""A scene's Kubernetes objects: Services, nodes, pods and EndpointSlices."""

from collections.abc import Mapping
from typing import Any

from drilllib.core.drills.worlds.plan import Machine, Plan, Replica
from drilllib.core.drills.worlds.scene import Scene
from drilllib.core.snapshot.annotations import (
    BACKENDS_LABEL,
    DIRECT_ACCESS,
    GROUPS,
    LOAD_BALANCER_ID,
    PASS_TO_TARGET,
    SPECIFIED_PROTOCOL,
)
from drilllib.core.snapshot.kubernetes import SERVICE_NAME

Document = dict[str, Any]
WRONG_LABEL = "stable"  # what a selector asks for that no pod has


def objects_of(scene: Scene) -> list[Document]:
    """All of them: Services first, then nodes, pods and slices."""
    every = (scene.plan, *scene.others)
    return [
        *(_service(scene, each) for each in every),
        *(_node(each, each.instance in scene.stopped) for each in scene.plan.machines),
        *(_pod(scene, plan, each) for plan in every for each in plan.replicas),
        *(_slice(scene, each) for each in every),
    ]


def _service(scene: Scene, plan: Plan) -> Document:
    is_own = plan is scene.plan
    selector = {"app": plan.app} if scene.selected or not is_own else {"app": plan.app, "track": WRONG_LABEL}
    port = {
        "port": plan.port,
        "protocol": plan.transport,
        "targetPort": scene.target_port if is_own else plan.pod_port,
        "nodePort": plan.node_port,
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": plan.app, "namespace": plan.namespace, "annotations": _annotations(scene, plan)},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": plan.cluster_ip,
            "externalTrafficPolicy": scene.policy if is_own else "Cluster",
            "ports": [port],
            "selector": selector,
        },
        "status": {"loadBalancer": {"ingress": [{"ip": plan.vip}]}},
    }


def _annotations(scene: Scene, plan: Plan) -> Mapping[str, str]:
    found = {
        DIRECT_ACCESS: str(plan.base.direct).lower(),
        GROUPS: ",".join(scene.bound[plan.balancer]),
        BACKENDS_LABEL: "pool=front",
        LOAD_BALANCER_ID: plan.balancer,
    }
    if plan.base.passes:
        found[PASS_TO_TARGET] = "true"
    if plan.protocol == "HTTP":
        found[SPECIFIED_PROTOCOL] = f'{{"{plan.port}":{{"protocol":["HTTP"]}}}}'
    return found


def _node(machine: Machine, stopped: bool) -> Document:
    """A node; of one that is stopped the API server has not heard for a while."""
    labels = {"kubernetes.io/hostname": machine.name, "pool": "front" if machine.front else "back"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": machine.name, "labels": labels},
        "status": {
            "addresses": [{"type": "InternalIP", "address": machine.address}],
            "conditions": [{"type": "Ready", "status": "Unknown" if stopped else "True"}],
        },
    }


def _pod(scene: Scene, plan: Plan, replica: Replica) -> Document:
    ready = _is_ready(scene, plan, replica)
    ports = [{"containerPort": plan.pod_port, "protocol": plan.transport}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": replica.name, "namespace": plan.namespace, "labels": {"app": plan.app}},
        "spec": {"nodeName": replica.host.name, "containers": [{"name": plan.app, "ports": ports}]},
        "status": {
            "phase": "Running",
            "podIP": replica.address,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    }


def _slice(scene: Scene, plan: Plan) -> Document:
    is_own = plan is scene.plan
    shown = plan.replicas if scene.selected or not is_own else ()
    port = scene.target_port if is_own else plan.pod_port
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{plan.app}-{plan.listener[4:]}",
            "namespace": plan.namespace,
            "labels": {SERVICE_NAME: plan.app},
        },
        "addressType": "IPv4",
        "ports": [{"port": port, "protocol": plan.transport}],
        "endpoints": [_endpoint(plan, each, _is_ready(scene, plan, each)) for each in shown],
    }


def _is_ready(scene: Scene, plan: Plan, replica: Replica) -> bool:
    """Of the ticket's own pods a fault may say that they are not; no pod of a stopped node is."""
    return (scene.ready or plan is not scene.plan) and replica.host.instance not in scene.stopped


def _endpoint(plan: Plan, replica: Replica, ready: bool) -> Document:
    return {
        "addresses": [replica.address],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "nodeName": replica.host.name,
        "targetRef": {"kind": "Pod", "name": replica.name, "namespace": plan.namespace},
    }
