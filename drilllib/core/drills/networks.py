"""
Two workloads on two machines, in each network of TKE: what a connection that no load balancer has a part in meets.

`shop/web-1` is on the first machine, `db/mysql-0` on the second; every list lets the one ask the other. Addresses come
from private space. A cluster of GlobalRouter has its pods in a block of their own, which the VPC routes to the nodes;
pods on super nodes have interfaces of their own wherever they are.
"""

from typing import Any

from drilllib.core.drills.default_lab import EVERYTHING, policy
from drilllib.core.snapshot.cluster import GLOBAL_ROUTER, VPC_CNI
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.snapshot import SCHEMA

WEB, MYSQL, SERVICE = "shop/web-1", "db/mysql-0", "db/mysql"
PORT, NODE_PORT, CLUSTER_IP = 3306, 30306, "172.16.60.201"
NODES = {"node-a": "10.0.35.11", "node-b": "10.0.35.12"}
SUPER_NODES = ("eklet-subnet-a-1", "eklet-subnet-b-1")
GROUPS = {"node-a": "sg-nodea001", "node-b": "sg-nodeb001", WEB: "sg-web00001", MYSQL: "sg-mysql001"}
_IN_VPC, _ROUTED = {WEB: "10.0.36.11", MYSQL: "10.0.36.12"}, {WEB: "172.17.0.11", MYSQL: "172.17.1.12"}
Document = dict[str, Any]


def two_workloads(
    network: str = VPC_CNI, *, mode: str = "tke-route-eni", on: tuple[str, str] = ("node-a", "node-b")
) -> Document:
    """
    The two workloads as a new `drilllib/snapshot/1` document.

    Args:
        network: VPC-CNI or GlobalRouter.
        mode: how VPC-CNI attaches the interfaces of pods: tke-route-eni (shared) or tke-direct-eni (exclusive).
        on: the nodes of `shop/web-1` and of `db/mysql-0`; one that is none of `NODES` is a super node.
    """
    routed = network == GLOBAL_ROUTER
    pods = {name: (node, _address(name, node, routed=routed)) for name, node in zip((WEB, MYSQL), on, strict=True)}
    apart = {name: place for name, place in pods.items() if not (routed and place[0] in NODES)}
    return {
        "schema": SCHEMA,
        "region": "ap-guangzhou",
        "cluster": {
            "ClusterId": "cls-lab00002",
            "NetworkType": network,
            **({} if routed else {"VpcCniType": mode}),
            "ClusterNetworkSettings": {"Ipvs": False},
        },
        "load_balancers": [],
        "listeners": {},
        "instances": [_instance(name, address) for name, address in NODES.items()],
        "network_interfaces": [_interface(name, node, address) for name, (node, address) in apart.items()],
        "subnets": [{"SubnetId": "subnet-nodes001", "CidrBlock": "10.0.35.0/24"}],
        "security_groups": {group: _group(name) for name, group in GROUPS.items()},
        "address_templates": {},
        "address_template_groups": {},
        "service_templates": {},
        "service_template_groups": {},
        "kubernetes": [
            *(_node(name, address) for name, address in NODES.items()),
            *(_node(name, f"10.0.37.{place}") for place, name in enumerate(SUPER_NODES, start=11) if name in on),
            *(_pod(name, node, address) for name, (node, address) in pods.items()),
            _service(),
            _endpoint_slice(*pods[MYSQL]),
        ],
        "complete": {"kubernetes": ["EndpointSlice", "NetworkPolicy", "Node", "Pod", "Service"]},
    }


def _address(name: str, node: str, *, routed: bool) -> str:
    return (_ROUTED if routed and node in NODES else _IN_VPC)[name]


def _instance(name: str, address: str) -> Document:
    return {
        "InstanceId": f"ins-{name.replace('-', '')}001",
        "InstanceName": name,
        "InstanceState": "RUNNING",
        "PrivateIpAddresses": [address],
        "SecurityGroupIds": [GROUPS[name]],
    }


def _interface(name: str, node: str, address: str) -> Document:
    machine = {"Attachment": {"InstanceId": f"ins-{node.replace('-', '')}001"}} if node in NODES else {}
    return {
        "NetworkInterfaceId": f"eni-{name.rpartition('/')[2].replace('-', '')}01",
        "Primary": False,
        **machine,
        "PrivateIpAddressSet": [{"PrivateIpAddress": address}],
        "GroupSet": [GROUPS[name]],
    }


def _group(name: str) -> Document:
    """The groups of who asks let nobody in; those of who is asked let in what the drills ask for."""
    peers = [] if name in ("node-a", WEB) else ["10.0.0.0/16", "172.17.0.0/16"]
    asked = [policy("ACCEPT", "TCP", peer, f"{PORT},{NODE_PORT}") for peer in peers]
    ingress = [{"PolicyIndex": place, **each} for place, each in enumerate(asked)]
    rules = {"Ingress": ingress, "Egress": [{"PolicyIndex": 0, **EVERYTHING}]}
    return {"SecurityGroupName": name.rpartition("/")[2], "SecurityGroupPolicySet": {"Version": "1", **rules}}


def _node(name: str, address: str) -> Document:
    ready = [{"type": "Ready", "status": "True"}]
    status = {"addresses": [{"type": "InternalIP", "address": address}], "conditions": ready}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status}


def _pod(name: str, node: str, address: str) -> Document:
    namespace, _, short = name.partition("/")
    container = {"name": short, "ports": [{"containerPort": PORT if name == MYSQL else 80}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": short, "namespace": namespace, "labels": {"app": short.partition("-")[0]}},
        "spec": {"nodeName": node, "containers": [container]},
        "status": {"phase": "Running", "podIP": address},
    }


def _service() -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "mysql", "namespace": "db"},
        "spec": {
            "type": "NodePort",
            "clusterIP": CLUSTER_IP,
            "externalTrafficPolicy": "Cluster",
            "internalTrafficPolicy": "Cluster",
            "ports": [{"port": PORT, "protocol": "TCP", "targetPort": PORT, "nodePort": NODE_PORT}],
            "selector": {"app": "mysql"},
        },
    }


def _endpoint_slice(node: str, address: str) -> Document:
    reference = {"kind": "Pod", "name": "mysql-0", "namespace": "db"}
    endpoint = {"addresses": [address], "conditions": {"ready": True}, "nodeName": node, "targetRef": reference}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "mysql-1", "namespace": "db", "labels": {SERVICE_NAME: "mysql"}},
        "addressType": "IPv4",
        "ports": [{"port": PORT, "protocol": "TCP"}],
        "endpoints": [endpoint],
    }
