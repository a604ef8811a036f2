"""A scene between two workloads written out as a `drilllib/snapshot/1` document."""

from collections.abc import Iterator
from typing import Any

from drilllib.core.drills.worlds.door_plan import DoorPlan, Workload
from drilllib.core.drills.worlds.door_scene import DoorScene, has_interface
from drilllib.core.drills.worlds.plan import Machine, Replica
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.snapshot import SCHEMA

Document = dict[str, Any]


def door_document_of(scene: DoorScene) -> Document:
    """The document; nothing in it is shared with the scene."""
    plan = scene.plan
    return {
        "schema": SCHEMA,
        "region": plan.region,
        "cluster": _cluster(plan),
        "load_balancers": [],
        "listeners": {},
        "instances": [_instance(scene, each) for each in (*plan.near, *plan.far) if each.instance],
        "network_interfaces": [
            _interface(scene, pod) for each in _workloads(plan) for pod in each.pods if has_interface(plan, pod.host)
        ],
        "subnets": [{"SubnetId": f"subnet-{plan.cluster[4:]}", "CidrBlock": plan.node_subnet}],
        "security_groups": {name: _group(scene, name) for name in sorted(scene.groups)},
        **{f"{kind}_template{more}": {} for kind in ("address", "service") for more in ("s", "_groups")},
        "kubernetes": list(_objects(plan)),
        "complete": {"kubernetes": ["EndpointSlice", "NetworkPolicy", "Node", "Pod", "Service"]},
        "semantics": {"profile": "documented", "containers_declare_all_ports": True},
    }


def _workloads(plan: DoorPlan) -> tuple[Workload, ...]:
    return (plan.asking, plan.asked, *plan.strangers)


def _cluster(plan: DoorPlan) -> Document:
    mode = {} if plan.base.is_routed else {"VpcCniType": "tke-route-eni"}
    return {
        "ClusterId": plan.cluster,
        "NetworkType": plan.base.network,
        **mode,
        "ClusterNetworkSettings": {"Ipvs": False},
    }


def _instance(scene: DoorScene, machine: Machine) -> Document:
    return {
        "InstanceId": machine.instance,
        "InstanceName": machine.name,
        "InstanceState": "RUNNING",
        "PrivateIpAddresses": [machine.address],
        "SecurityGroupIds": list(scene.bound[machine.instance]),
    }


def _interface(scene: DoorScene, pod: Replica) -> Document:
    machine = {"Attachment": {"InstanceId": pod.host.instance}} if pod.host.instance else {}
    return {
        "NetworkInterfaceId": pod.interface,
        "Primary": False,
        **machine,
        "PrivateIpAddressSet": [{"PrivateIpAddress": pod.address}],
        "GroupSet": list(scene.bound[pod.interface]),
    }


def _group(scene: DoorScene, name: str) -> Document:
    group = scene.groups[name]
    lists = {
        way: [line.policy(place) for place, line in enumerate(lines)]
        for way, lines in (("Ingress", group.ingress), ("Egress", group.egress))
    }
    return {"SecurityGroupName": group.title, "SecurityGroupPolicySet": {"Version": "1", **lists}}


def _objects(plan: DoorPlan) -> Iterator[Document]:
    yield _service(plan)
    yield from (_node(each) for each in (*plan.near, *plan.far))
    for each in _workloads(plan):
        yield from (_pod(each, pod, plan.port if each is plan.asked else 80) for pod in each.pods)
    yield _slice(plan)


def _service(plan: DoorPlan) -> Document:
    port = {"port": plan.service_port, "protocol": "TCP", "targetPort": plan.port, "nodePort": plan.node_port}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": plan.asked.app, "namespace": plan.asked.namespace},
        "spec": {
            "type": "NodePort",
            "clusterIP": plan.cluster_ip,
            "clusterIPs": [plan.cluster_ip],
            "externalTrafficPolicy": "Cluster",
            "internalTrafficPolicy": "Cluster",
            "ports": [port],
            "selector": {"app": plan.asked.app},
        },
    }


def _node(machine: Machine) -> Document:
    ready = [{"type": "Ready", "status": "True"}]
    addresses = [{"type": "InternalIP", "address": machine.address}]
    labels = {"kubernetes.io/hostname": machine.name, "pool": "front" if machine.front else "back"}
    metadata, status = {"name": machine.name, "labels": labels}, {"addresses": addresses, "conditions": ready}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": status}


def _pod(workload: Workload, pod: Replica, port: int) -> Document:
    container = {"name": workload.app, "ports": [{"containerPort": port, "protocol": "TCP"}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": pod.name, "namespace": workload.namespace, "labels": {"app": workload.app}},
        "spec": {"nodeName": pod.host.name, "containers": [container]},
        "status": {"phase": "Running", "podIP": pod.address, "conditions": [{"type": "Ready", "status": "True"}]},
    }


def _slice(plan: DoorPlan) -> Document:
    asked = plan.asked
    ready = {"ready": True, "serving": True, "terminating": False}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{asked.app}-{plan.cluster[4:]}",
            "namespace": asked.namespace,
            "labels": {SERVICE_NAME: asked.app},
        },
        "addressType": "IPv4",
        "ports": [{"port": plan.port, "protocol": "TCP"}],
        "endpoints": [
            {
                "addresses": [each.address],
                "conditions": ready,
                "nodeName": each.host.name,
                "targetRef": {"kind": "Pod", "name": each.name, "namespace": asked.namespace},
            }
            for each in asked.pods
        ],
    }
