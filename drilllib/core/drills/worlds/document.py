"""A scene written out as a `drilllib/snapshot/1` document: the cloud's part. `objects` has that of Kubernetes."""

from collections.abc import Iterable
from typing import Any

from drilllib.core.drills.worlds.objects import objects_of
from drilllib.core.drills.worlds.plan import Machine, Plan, Replica
from drilllib.core.drills.worlds.scene import Line, Scene
from drilllib.core.snapshot.snapshot import SCHEMA

Document = dict[str, Any]


def document_of(scene: Scene) -> Document:
    """The document; nothing in it is shared with the scene."""
    own, every = scene.plan, (scene.plan, *scene.others)
    balancers = {each.balancer: each for each in reversed(every)}
    return {
        "schema": SCHEMA,
        "region": own.region,
        "cluster": _cluster(scene),
        "load_balancers": [_balancer(scene, each) for each in reversed(balancers.values())],
        "listeners": {
            name: [_listener(scene, each) for each in every if each.balancer == name] for name in reversed(balancers)
        },
        "target_health": None,
        "instances": [_instance(scene, each) for each in own.machines],
        "network_interfaces": [_interface(scene, each) for plan in every for each in plan.replicas],
        "subnets": [
            {"SubnetId": f"subnet-{own.cluster[4:]}", "CidrBlock": own.node_subnet},
            {"SubnetId": f"subnet-{own.balancer[3:]}", "CidrBlock": own.pod_subnet},
        ],
        "security_groups": {name: _group(scene, name) for name in sorted(scene.groups)},
        **_templates(scene),
        "kubernetes": objects_of(scene),
        "complete": {"kubernetes": ["EndpointSlice", "NetworkPolicy", "Node", "Pod", "Service"]},
        "semantics": {"profile": "documented", "containers_declare_all_ports": True},
        "gaps": [{"what": "target_health", "why": "not read"}],
    }


def _cluster(scene: Scene) -> Document:
    plan = scene.plan
    return {
        "ClusterId": plan.cluster,
        "NetworkType": "VPC-CNI",
        "VpcCniType": "tke-route-eni",
        "KubeProxyMode": "iptables",
        "controller_config": {"EnableDefaultDirectAccess": "false"},
        "eniipamd": {"enableSecurityGroups": True, "securityGroups": list(scene.of_pods)},
    }


def _balancer(scene: Scene, plan: Plan) -> Document:
    return {
        "LoadBalancerId": plan.balancer,
        "LoadBalancerVips": [plan.vip],
        "LoadBalancerDomain": "",
        "AddressIPVersion": "ipv4",
        "SecureGroups": list(scene.bound[plan.balancer]),
        "LoadBalancerPassToTarget": plan.base.passes,
    }


def _listener(scene: Scene, plan: Plan) -> Document:
    is_own = plan is scene.plan
    check = {"HealthSwitch": 1, "SourceIpType": 0 if plan.base.probes_by_vip else 1}
    common = {
        "ListenerId": plan.listener,
        "Protocol": plan.protocol,
        "Port": scene.listener_port if is_own else plan.port,
        "KeepaliveEnable": 0,
        "HealthCheck": check,
    }
    targets = _targets(scene, plan)
    if plan.protocol != "HTTP":
        return {**common, "Rules": None, "Targets": targets}
    return {**common, "Rules": [{"LocationId": plan.location, "Domain": plan.vip, "Url": "/", "Targets": targets}]}


def _targets(scene: Scene, plan: Plan) -> list[Document]:
    weight = scene.weight if plan is scene.plan else 10
    port = scene.target_port if plan is scene.plan else plan.pod_port
    if plan.base.direct:
        return [_target("ENI", each.host.instance, each.address, port, weight) for each in plan.replicas]
    return [_target("CVM", each.instance, each.address, plan.node_port, weight) for each in plan.fronts]


def _target(kind: str, instance: str, address: str, port: int, weight: int) -> Document:
    return {
        "Type": kind,
        "InstanceId": instance,
        "PrivateIpAddresses": [address],
        "Port": port,
        "Weight": weight,
    }


def _instance(scene: Scene, machine: Machine) -> Document:
    return {
        "InstanceId": machine.instance,
        "InstanceName": machine.name,
        "InstanceState": "STOPPED" if machine.instance in scene.stopped else "RUNNING",
        "PrivateIpAddresses": [machine.address],
        "SecurityGroupIds": list(scene.bound[machine.instance]),
    }


def _interface(scene: Scene, replica: Replica) -> Document:
    return {
        "NetworkInterfaceId": replica.interface,
        "Primary": False,
        "Attachment": {"InstanceId": replica.host.instance},
        "PrivateIpAddressSet": [{"PrivateIpAddress": replica.address}],
        "GroupSet": list(scene.bound[replica.interface]),
    }


def _group(scene: Scene, name: str) -> Document:
    group = scene.groups[name]
    lists = {"Ingress": _policies(group.ingress), "Egress": _policies(group.egress)}
    return {"SecurityGroupName": group.title, "SecurityGroupPolicySet": {"Version": "1", **lists}}


def _policies(lines: Iterable[Line]) -> list[Document]:
    return [line.policy(place) for place, line in enumerate(lines)]


def _templates(scene: Scene) -> Document:
    found = {
        name: {"AddressTemplateId": name, "AddressTemplateName": "clients", "AddressSet": list(members)}
        for name, members in scene.templates.items()
    }
    empty: Document = {"address_template_groups": {}, "service_templates": {}, "service_template_groups": {}}
    return {"address_templates": found, **empty}
