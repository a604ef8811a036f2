"""
The default lab: one Service on two nodes where all three security groups matter.

node-a is the CLB's only target, and the pod runs on node-b, so that a request crosses the CLB, node-a and the pod's
interface. Addresses come from the documentation ranges and private space. Every lab starts from this document.
"""

from typing import Any

from drilllib.core.snapshot.annotations import (
    BACKENDS_LABEL,
    DIRECT_ACCESS,
    GROUPS,
    LOAD_BALANCER_ID,
    SPECIFIED_PROTOCOL,
)
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.semantics import DOCUMENTED, Semantics
from drilllib.core.snapshot.snapshot import SCHEMA

CLIENT = "203.0.113.10"
BALANCER = "lb-lab00001"
VIP = "192.0.2.10"
SERVICE = "shop/web"
CLB_GROUP, NODE_GROUP, POD_GROUP = "sg-clb00001", "sg-node0001", "sg-pod00001"
NODE_PORT = 30713
CLIENT_BLOCK, NODE_SUBNET = "203.0.113.0/24", "10.0.35.0/24"


def policy(action: str, protocol: str, peer: str, port: str) -> dict[str, Any]:
    """One SecurityGroupPolicy with an IPv4 peer."""
    return {"Protocol": protocol, "Port": port, "CidrBlock": peer, "Action": action}


def default_lab(
    *, listener: str = "HTTP", semantics: Semantics = DOCUMENTED, clients: str = CLIENT_BLOCK
) -> dict[str, Any]:
    """
    The healthy lab as a new `drilllib/snapshot/1` document; *listener* is HTTP (layer 7) or TCP (layer 4).

    *clients* is the block that is let in. The pod's group admits whom the pod sees: the nodes, or the client where
    *semantics* say so.
    """
    pod_sees = NODE_SUBNET if semantics.cluster_policy_hides_client else clients
    return {
        "schema": SCHEMA,
        "region": "ap-guangzhou",
        "cluster": {
            "ClusterId": "cls-lab00001",
            "NetworkType": "VPC-CNI",
            "VpcCniType": "tke-route-eni",
            "KubeProxyMode": "iptables",
            "controller_config": {"EnableDefaultDirectAccess": "true"},
            "eniipamd": {"enableSecurityGroups": True, "securityGroups": [POD_GROUP]},
        },
        "load_balancers": [
            {
                "LoadBalancerId": BALANCER,
                "LoadBalancerVips": [VIP],
                "LoadBalancerDomain": "",
                "AddressIPVersion": "ipv4",
                "SecureGroups": [CLB_GROUP],
                "LoadBalancerPassToTarget": False,
            }
        ],
        "listeners": {BALANCER: [_listener(listener)]},
        "target_health": None,
        "instances": [_instance("a", "10.0.35.11"), _instance("b", "10.0.35.12")],
        "network_interfaces": [
            {
                "NetworkInterfaceId": "eni-podsb001",
                "Primary": False,
                "Attachment": {"InstanceId": "ins-nodeb001"},
                "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.36.12"}],
                "GroupSet": [POD_GROUP],
            }
        ],
        "subnets": [
            {"SubnetId": "subnet-nodes001", "CidrBlock": NODE_SUBNET},
            {"SubnetId": "subnet-pods0001", "CidrBlock": "10.0.36.0/24"},
        ],
        "security_groups": {
            CLB_GROUP: _group("lab-clb", policy("ACCEPT", "TCP", clients, "80")),
            NODE_GROUP: _group("lab-node", policy("ACCEPT", "TCP", clients, str(NODE_PORT))),
            POD_GROUP: _group("lab-pod", policy("ACCEPT", "TCP", pod_sees, "80")),
        },
        "address_templates": {},
        "address_template_groups": {},
        "service_templates": {},
        "service_template_groups": {},
        "kubernetes": [
            _service(listener),
            _node("node-a", "10.0.35.11"),
            _node("node-b", "10.0.35.12"),
            _pod(),
            _endpoint_slice(),
        ],
        "complete": {"kubernetes": ["EndpointSlice", "NetworkPolicy", "Node", "Pod", "Service"]},
        "semantics": semantics.to_dict(),
        "gaps": [{"what": "target_health", "why": "not read"}],
    }


def new_cluster(semantics: Semantics = DOCUMENTED) -> dict[str, Any]:
    """
    The lab's cluster as a new one is, before anything was made in it: subnets, and nothing on them. Groups on the
    interfaces of pods are off, as they are by default [ENI-SG]. Whoever does the drill makes groups, nodes, pods and
    the Service, and switches group 3 on.
    """
    document = default_lab(semantics=semantics)
    kept = ("schema", "region", "cluster", "subnets", "complete", "semantics")
    cluster = {**document["cluster"], "eniipamd": {"enableSecurityGroups": False, "securityGroups": []}}
    nothing: dict[str, list[Any]] = {
        name: [] for name in ("load_balancers", "instances", "network_interfaces", "kubernetes", "gaps")
    }
    templates: dict[str, dict[str, Any]] = {name: {} for name in document if "template" in name}
    parts: dict[str, Any] = {"listeners": {}, "security_groups": {}, "target_health": None}
    return {**{name: document[name] for name in kept}, "cluster": cluster, **nothing, **templates, **parts}


def _listener(protocol: str) -> dict[str, Any]:
    target = {
        "Type": "CVM",
        "InstanceId": "ins-nodea001",
        "PrivateIpAddresses": ["10.0.35.11"],
        "Port": NODE_PORT,
        "Weight": 10,
    }
    common = {"ListenerId": "lbl-lab00001", "Protocol": protocol, "Port": 80, "KeepaliveEnable": 0}
    common["HealthCheck"] = {"HealthSwitch": 1, "SourceIpType": 1}
    if protocol == "TCP":
        return {**common, "Rules": None, "Targets": [target]}
    return {**common, "Rules": [{"LocationId": "loc-lab00001", "Domain": VIP, "Url": "/", "Targets": [target]}]}


def _instance(letter: str, address: str) -> dict[str, Any]:
    return {
        "InstanceId": f"ins-node{letter}001",
        "InstanceName": f"node-{letter}",
        "InstanceState": "RUNNING",
        "PrivateIpAddresses": [address],
        "SecurityGroupIds": [NODE_GROUP],
    }


def _group(name: str, ingress: dict[str, Any]) -> dict[str, Any]:
    rules = {"Ingress": [{"PolicyIndex": 0, **ingress}], "Egress": [{"PolicyIndex": 0, **EVERYTHING}]}
    return {"SecurityGroupName": name, "SecurityGroupPolicySet": {"Version": "1", **rules}}


EVERYTHING = policy("ACCEPT", "ALL", "0.0.0.0/0", "ALL")


def _service(listener: str) -> dict[str, Any]:
    annotations = {
        DIRECT_ACCESS: "false",
        GROUPS: CLB_GROUP,
        BACKENDS_LABEL: "drill=front",
        LOAD_BALANCER_ID: BALANCER,
    }
    if listener != "TCP":
        annotations[SPECIFIED_PROTOCOL] = f'{{"80":{{"protocol":["{listener}"]}}}}'
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": "172.16.60.200",
            "externalTrafficPolicy": "Cluster",
            "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80, "nodePort": NODE_PORT}],
            "selector": {"app": "web"},
        },
        "status": {"loadBalancer": {"ingress": [{"ip": VIP}]}},
    }


def _node(name: str, address: str) -> dict[str, Any]:
    label = {"drill": "front" if name == "node-a" else "back"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **label}},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _pod() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"nodeName": "node-b", "containers": [{"name": "web", "ports": [{"containerPort": 80}]}]},
        "status": {"phase": "Running", "podIP": "10.0.36.12"},
    }


def _endpoint_slice() -> dict[str, Any]:
    endpoint = {
        "addresses": ["10.0.36.12"],
        "conditions": {"ready": True},
        "nodeName": "node-b",
        "targetRef": {"kind": "Pod", "name": "web-1", "namespace": "shop"},
    }
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "web-1", "namespace": "shop", "labels": {SERVICE_NAME: "web"}},
        "addressType": "IPv4",
        "ports": [{"port": 80, "protocol": "TCP"}],
        "endpoints": [endpoint],
    }
