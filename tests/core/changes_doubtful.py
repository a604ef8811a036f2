"""
Changes that put a fact of real clusters into the default lab of which nobody can say what it does to a request.

A *change* takes the default lab's document and alters it in place; those that need an argument return one.
"""

from changes import Change, Document, balancer, group_3_closed, targets, the_listener
from changes_cluster import objects, pod_on_node_a, service
from changes_real import the_pod

WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}
RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def containers(**states: Document) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["spec"]["containers"][0]["name"] = "web"
        the_pod(document)["status"]["containerStatuses"] = [{"name": k, "state": v} for k, v in states.items()]

    return change


def conditions(**values: str) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["status"]["conditions"] = [{"type": k, "status": v} for k, v in values.items()]

    return change


def gates(document: Document) -> None:
    the_pod(document)["spec"]["readinessGates"] = [
        {"conditionType": "cloud.tencent.com/load-balancer-backendgroup-ready"}
    ]


def pod_target(document: Document) -> None:
    """Direct access: the CLB sends to the pod itself."""
    target = targets(document)[0]
    target |= {"Type": "ENI", "Port": 80, "PrivateIpAddresses": ["10.0.36.12"]}
    target["InstanceId"] = ""


def target_outside(document: Document) -> None:
    """The CLB sends to a machine that is none of the cluster's: its address is no Node's."""
    target = targets(document)[0]
    target |= {"InstanceId": "ins-legacy", "PrivateIpAddresses": ["10.0.35.77"]}
    instance = {**document["instances"][0], "InstanceId": "ins-legacy", "InstanceName": "legacy"}
    document["instances"].append({**instance, "PrivateIpAddresses": ["10.0.35.77"]})


def stranger(
    vpc: str | None = "vpc-other", groups: tuple[str, ...] = ("sg-foreign",), *, first: bool = False
) -> Change:
    """DescribeNetworkInterfaces answers for the whole region: an interface of another VPC has the pod's address."""

    def change(document: Document) -> None:
        ours = document["network_interfaces"][0]
        other = {**ours, "NetworkInterfaceId": "eni-other", "GroupSet": ["sg-foreign"], "VpcId": vpc}
        document["network_interfaces"].insert(0 if first else 1, other)

    return change


def of_vpcs(interface: str | None = None, cluster: str | None = None, node_a: str | None = None) -> Change:
    """What says in which VPC the pods' interfaces, the cluster and node-a are."""

    def change(document: Document) -> None:
        for each in document["network_interfaces"]:
            if interface and "VpcId" not in each:
                each["VpcId"] = interface
        if cluster:
            document["cluster"]["ClusterNetworkSettings"] = {"VpcId": cluster}
        if node_a:
            document["instances"][0]["VirtualPrivateCloud"] = {"VpcId": node_a}

    return change


def same_vip(document: Document) -> None:
    """A private CLB of another VPC has the VIP, too, and nothing names the Service's."""
    document["load_balancers"].insert(0, {**document["load_balancers"][0], "LoadBalancerId": "lb-other"})
    document["listeners"]["lb-other"] = []
    ours = service(document)
    ours["metadata"]["annotations"].pop("service.kubernetes.io/loadbalance-id", None)
    ours["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}}


def private_clb(document: Document) -> None:
    """No VIP is public, and the client is."""
    balancer(LoadBalancerType="INTERNAL", LoadBalancerVips=["10.0.40.10"])(document)
    service(document)["status"]["loadBalancer"]["ingress"] = [{"ip": "10.0.40.10"}]
    for rule in the_listener(document)["Rules"] or ():
        rule["Domain"] = "10.0.40.10"


def mode_unread(document: Document) -> None:
    document["cluster"].pop("VpcCniType")


def node_condition(number: int, kind: str, value: str) -> Change:
    """A condition of node-a (0) or node-b (1)."""

    def change(document: Document) -> None:
        node = list(objects(document, "Node"))[number]
        kept = [each for each in node["status"].get("conditions") or [] if each["type"] != kind]
        node["status"]["conditions"] = [*kept, {"type": kind, "status": value}]

    return change


def node_b_gone(document: Document) -> None:
    """The Node object of the pod's node was deleted; all that there are were read."""
    document["kubernetes"].remove(list(objects(document, "Node"))[1])
    document["complete"] = {"kubernetes": ["EndpointSlice", "NetworkPolicy", "Node", "Pod", "Service"]}


def target_address(text: str) -> Change:
    def change(document: Document) -> None:
        targets(document)[0]["PrivateIpAddresses"] = [text]

    return change


def not_healthy(**fields: object) -> Change:
    """What the CLB saw of its targets, by these fields alone."""

    def change(document: Document) -> None:
        seen = [{"IP": each["PrivateIpAddresses"][0], "Port": each["Port"], **fields} for each in targets(document)]
        rules = [{"LocationId": "loc-lab00001", "Targets": seen}]
        listeners = [{"ListenerId": "lbl-lab00001", "Rules": rules}]
        document["target_health"] = [{"LoadBalancerId": "lb-lab00001", "Listeners": listeners}]

    return change


# Each leaves a fact open that nothing else leaves open.
DOUBTFUL = (
    (containers(web=WAITING),),
    (conditions(Ready="False"),),
    (stranger(),),
    (private_clb,),
    (target_outside,),
    (same_vip,),
    (of_vpcs(node_a="vpc-b"), balancer(VpcId="vpc-a")),
    (node_condition(0, "Ready", "Unknown"),),
    (node_b_gone,),
    (target_address("10.0.35.99"),),
    (mode_unread, pod_on_node_a, group_3_closed),
)
