"""Clusters of any size as snapshot documents, with all that a capture of shop/web has to find."""

from typing import Any

VPC, CLUSTER, UID = "vpc-real0001", "cls-real0001", "0d0c0b0a-0000-4000-8000-000000000001"
BALANCER = "lb-real0001"


def cluster(nodes: int, pods: int = 0) -> dict[str, Any]:
    """Shop/web behind a CLB on so many nodes, with so many pods (one a node where none are said)."""
    endpoints = [_endpoint(place, nodes) for place in range(pods or nodes)]
    slices = [endpoints[start : start + 100] for start in range(0, len(endpoints), 100)]
    return {
        "load_balancers": [balancer()],
        "listeners": {BALANCER: [_listener(nodes)]},
        "target_health": [{"LoadBalancerId": BALANCER, "Listeners": []}],
        "instances": [_instance(place) for place in range(nodes)],
        "network_interfaces": [_interface(each, place) for place, each in enumerate(endpoints)],
        "subnets": [{"SubnetId": "subnet-1", "CidrBlock": "10.0.0.0/16", "VpcId": VPC}],
        "security_groups": {f"sg-{name}": rules() for name in ("clb", "node", "pod")},
        "cluster": {"ClusterId": CLUSTER, "ClusterNetworkSettings": {"VpcId": VPC}},
        "kubernetes": [
            service(),
            *map(_node, range(nodes)),
            *(_slice(place, each) for place, each in enumerate(slices)),
        ],
    }


def service(**spec: Any) -> dict[str, Any]:
    """Shop/web, of type LoadBalancer, with the annotation of the controller."""
    annotations = {"service.kubernetes.io/loadbalance-id": BALANCER}
    metadata = {"namespace": "shop", "name": "web", "uid": UID, "annotations": annotations}
    made = {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80, "nodePort": 30080}], **spec}
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}}
    return {"kind": "Service", "apiVersion": "v1", "metadata": metadata, "spec": made, "status": status}


def balancer(**changed: Any) -> dict[str, Any]:
    """The load balancer, which TKE made."""
    tags = {"tke-lb-serviceuuid": UID, "tke-createdBy-flag": "yes", "tke-clusterId": CLUSTER}
    made = {"LoadBalancerId": BALANCER, "LoadBalancerVips": ["192.0.2.10"], "SecureGroups": ["sg-clb"], "VpcId": VPC}
    listed = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    return {**made, "LoadBalancerType": "OPEN", "Tags": listed, **changed}


def rules(*entries: dict[str, Any]) -> dict[str, Any]:
    """A group with these rules for what comes in."""
    return {"SecurityGroupPolicySet": {"Version": "1", "Ingress": list(entries), "Egress": []}}


def address(block: int, place: int) -> str:
    """An address of the VPC: nodes are in block 0, pods in block 100."""
    return f"10.0.{block + place // 250}.{place % 250 + 1}"


def _endpoint(place: int, nodes: int) -> dict[str, Any]:
    return {"addresses": [address(100, place)], "nodeName": f"node-{place % nodes}"}


def _slice(place: int, endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    metadata = {"namespace": "shop", "name": f"web-{place}", "labels": {"kubernetes.io/service-name": "web"}}
    return {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": metadata, "endpoints": endpoints}


def _node(place: int) -> dict[str, Any]:
    status = {"addresses": [{"type": "InternalIP", "address": address(0, place)}]}
    spec = {"providerID": f"qcloud:///100003/ins-{place:08d}"}
    return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": f"node-{place}"}, "spec": spec, "status": status}


def _instance(place: int) -> dict[str, Any]:
    made = {"InstanceId": f"ins-{place:08d}", "PrivateIpAddresses": [address(0, place)]}
    return {**made, "SecurityGroupIds": ["sg-node"], "VirtualPrivateCloud": {"VpcId": VPC}}


def _interface(endpoint: dict[str, Any], place: int) -> dict[str, Any]:
    listed = [{"PrivateIpAddress": endpoint["addresses"][0]}]
    name = f"eni-{place:08d}"
    return {"NetworkInterfaceId": name, "PrivateIpAddressSet": listed, "GroupSet": ["sg-pod"], "VpcId": VPC}


def _listener(nodes: int) -> dict[str, Any]:
    targets = [{"Type": "CVM", "InstanceId": f"ins-{place:08d}", "Port": 30080} for place in range(nodes)]
    return {"ListenerId": "lbl-real0001", "Protocol": "TCP", "Port": 80, "Targets": targets}


def with_service(item: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    """The cluster of two nodes with another shop/web, and more objects."""
    document = cluster(2)
    document["kubernetes"] = [item, *others, *document["kubernetes"][1:]]
    return document
