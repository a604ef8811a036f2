"""
The two workloads with a CLB before one of them: what rows 3 to 5 of the playbook's matrix meet, and clients inside.

The database has a private CLB, the shop a public one whose listener, NodePort and pod have three different ports, so
that no list is right by chance.
"""

from typing import Any, NamedTuple

from drilllib.core.drills.default_lab import EVERYTHING, policy
from drilllib.core.drills.networks import CLUSTER_IP, GROUPS, MYSQL, NODE_PORT, NODES, PORT, SERVICE, WEB
from drilllib.core.snapshot.annotations import DIRECT_ACCESS, LOAD_BALANCER_ID, SPECIFIED_PROTOCOL
from drilllib.core.snapshot.cluster import GLOBAL_ROUTER
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.resources import GLOBAL_ROUTE, LAYER_7

BALANCER, CLB_GROUP, POOL_GROUP = "lb-lab00002", "sg-clb00002", "sg-pool0001"
JOB, JOB_ADDRESS = "shop/job-1", "10.0.36.13"
OWN_ADDRESSES = ("10.0.36.4", "10.0.36.5")  # of the interfaces that carry web-1, and mysql-0 with job-1
CUSTOMER, CUSTOMERS = "203.0.113.10", "203.0.113.0/24"
POD_GROUPS = "eks.tke.cloud.tencent.com/security-group-id"  # an annotation of a pod on a super node [SUPER]
Document = dict[str, Any]


class Clb(NamedTuple):
    """
    A Service with a CLB: the pod behind it, the VIP, the ports of listener, NodePort and pod.

    *clients* is the block that its group admits, *targets* are the nodes that it asks; none: it asks the pod
    itself (direct access).
    """

    service: str
    pod: str
    vip: str
    port: int
    node_port: int
    pod_port: int
    cluster_ip: str
    clients: str
    kind: str = "OPEN"
    protocol: str = "TCP"
    targets: tuple[str, ...] = ()


OF_MYSQL = Clb(SERVICE, MYSQL, "10.0.38.10", PORT, NODE_PORT, PORT, CLUSTER_IP, "10.0.0.0/8", kind="INTERNAL")
OF_WEB = Clb("shop/web", WEB, "192.0.2.10", 80, 30080, 8080, "172.16.60.200", CUSTOMERS)


def asked_from_inside(document: Document) -> None:
    """The database's private CLB; pods on both nodes, and of each interface its own address, as its node may ask by."""
    _add_job(document)
    for each, own in zip(document["network_interfaces"], OWN_ADDRESSES, strict=True):
        for address in each["PrivateIpAddressSet"]:
            address["Primary"] = False
        each["PrivateIpAddressSet"].append({"PrivateIpAddress": own, "Primary": True})
    _put_before(document, OF_MYSQL._replace(targets=("node-a", "node-b")))


def direct_to_web(document: Document) -> None:
    """The shop's CLB asks the pod itself."""
    _put_before(document, OF_WEB)


def direct_by_super_node(document: Document) -> None:
    """The same of a pod on a super node, whose annotation names its group; its node pool has another one, not bound."""
    _put_before(document, OF_WEB)
    _pod(document, OF_WEB)["metadata"]["annotations"] = {POD_GROUPS: GROUPS[WEB]}
    rule = policy("ACCEPT", "TCP", CUSTOMERS, str(OF_WEB.pod_port))
    document["security_groups"][POOL_GROUP] = _group("pool", rule)


def web_by_node_a(document: Document) -> None:
    """The shop's CLB has an HTTP listener, and asks the NodePort of node-a."""
    _put_before(document, OF_WEB._replace(protocol="HTTP", targets=("node-a",)))


def _put_before(document: Document, clb: Clb) -> None:
    """Put a CLB and its Service before a pod of `two_workloads`; the CLB's group admits all its clients."""
    balancer = {
        "LoadBalancerId": BALANCER,
        "LoadBalancerType": clb.kind,
        "LoadBalancerVips": [clb.vip],
        "AddressIPVersion": "ipv4",
        "SecureGroups": [CLB_GROUP],
        "LoadBalancerPassToTarget": False,
    }
    document |= {"load_balancers": [balancer], "listeners": {BALANCER: [_listener(document, clb)]}}
    document["target_health"], document["gaps"] = None, [{"what": "target_health", "why": "not read"}]
    document["security_groups"][CLB_GROUP] = _group("clb", policy("ACCEPT", "TCP", clb.clients, str(clb.port)))
    pod = _pod(document, clb)
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": clb.pod_port}]
    kept = [each for each in document["kubernetes"] if not _is_of(each, clb.service)]
    document["kubernetes"] = [*kept, _service(clb), _endpoint_slice(clb, pod)]


def _add_job(document: Document) -> None:
    """A pod that asks from the database's own node, on the interface that the two share."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "job-1", "namespace": "shop", "labels": {"app": "job"}},
        "spec": {"nodeName": "node-b", "containers": [{"name": "job"}]},
        "status": {"phase": "Running", "podIP": JOB_ADDRESS},
    }
    document["kubernetes"].append(pod)
    for each in document["network_interfaces"]:
        if each["NetworkInterfaceId"] == "eni-mysql001":
            each["PrivateIpAddressSet"].append({"PrivateIpAddress": JOB_ADDRESS})


def _group(name: str, *ingress: Document) -> Document:
    """A security group with these rules."""
    lists = {"Ingress": ingress, "Egress": (EVERYTHING,)}
    rules = {
        side: [{"PolicyIndex": place, **each} for place, each in enumerate(rules)] for side, rules in lists.items()
    }
    return {"SecurityGroupName": name, "SecurityGroupPolicySet": {"Version": "1", **rules}}


def _listener(document: Document, clb: Clb) -> Document:
    targets = [_node_target(each, clb.node_port) for each in clb.targets] or [_pod_target(document, clb)]
    common = {"ListenerId": "lbl-lab00002", "Protocol": clb.protocol, "Port": clb.port, "KeepaliveEnable": 0}
    common["HealthCheck"] = {"HealthSwitch": 1, "SourceIpType": 1}
    if clb.protocol not in LAYER_7:
        return {**common, "Rules": None, "Targets": targets}
    return {**common, "Rules": [{"LocationId": "loc-lab00002", "Domain": clb.vip, "Url": "/", "Targets": targets}]}


def _node_target(node: str, port: int) -> Document:
    machine = {"InstanceId": f"ins-{node.replace('-', '')}001", "PrivateIpAddresses": [NODES[node]]}
    return {"Type": "CVM", **machine, "Port": port, "Weight": 10}


def _pod_target(document: Document, clb: Clb) -> Document:
    """The pod itself: with its machine where it is on one."""
    pod, routed = _pod(document, clb), document["cluster"]["NetworkType"] == GLOBAL_ROUTER
    node, address = pod["spec"]["nodeName"], pod["status"]["podIP"]
    machine = {"InstanceId": f"ins-{node.replace('-', '')}001"} if node in NODES else {}
    kind = GLOBAL_ROUTE if routed and machine else "ENI"
    return {"Type": kind, **machine, "PrivateIpAddresses": [address], "Port": clb.pod_port, "Weight": 10}


def _pod(document: Document, clb: Clb) -> Document:
    return next(each for each in document["kubernetes"] if each["kind"] == "Pod" and _name(each) == clb.pod)


def _name(item: Document) -> str:
    return f"{item['metadata'].get('namespace', '')}/{item['metadata']['name']}"


def _is_of(item: Document, service: str) -> bool:
    """Is it that Service, or the list of its endpoints?"""
    labelled = (item["metadata"].get("labels") or {}).get(SERVICE_NAME)
    space, _, name = service.partition("/")
    return (item["kind"] == "Service" and _name(item) == service) or (
        item["kind"] == "EndpointSlice" and (item["metadata"]["namespace"], labelled) == (space, name)
    )


def _service(clb: Clb) -> Document:
    space, _, name = clb.service.partition("/")
    annotations = {DIRECT_ACCESS: "false" if clb.targets else "true", LOAD_BALANCER_ID: BALANCER}
    if clb.protocol != "TCP":
        annotations[SPECIFIED_PROTOCOL] = f'{{"{clb.port}":{{"protocol":["{clb.protocol}"]}}}}'
    port = {"port": clb.port, "protocol": "TCP", "targetPort": clb.pod_port, "nodePort": clb.node_port}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": space, "annotations": annotations},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": clb.cluster_ip,
            "externalTrafficPolicy": "Cluster",
            "internalTrafficPolicy": "Cluster",
            "ports": [port],
            "selector": {"app": clb.pod.rpartition("/")[2].partition("-")[0]},
        },
        "status": {"loadBalancer": {"ingress": [{"ip": clb.vip}]}},
    }


def _endpoint_slice(clb: Clb, pod: Document) -> Document:
    space, _, name = clb.service.partition("/")
    reference = {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": space}
    endpoint = {"addresses": [pod["status"]["podIP"]], "conditions": {"ready": True}, "targetRef": reference}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-1", "namespace": space, "labels": {SERVICE_NAME: name}},
        "addressType": "IPv4",
        "ports": [{"port": clb.pod_port, "protocol": "TCP"}],
        "endpoints": [{**endpoint, "nodeName": pod["spec"]["nodeName"]}],
    }
