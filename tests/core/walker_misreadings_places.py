"""Mistakes in policies, in what runs, and in where things are; see walker_misreadings.py."""

from walker_misreadings_new import conditions, each, every_part_of
from walker_mistakes import (
    BALANCERS,
    INSTANCES,
    INTERFACES,
    Change,
    cluster,
    defaulting,
    losing,
    objects,
    pod_specs,
    setting,
    statuses,
    statuses_of_pods,
    targets,
    without,
)


def nodes(document: dict) -> list[dict]:
    return [node["status"] for node in objects(document, "Node")]


def claims_all_policies(document: dict, _: dict) -> None:
    complete = document.get("complete") or {}
    document["complete"] = {"kubernetes": [*(complete.get("kubernetes") or []), "NetworkPolicy"]}


def claims_all_pods(document: dict, _: dict) -> None:
    complete = document.get("complete") or {}
    document["complete"] = {"kubernetes": [*(complete.get("kubernetes") or []), "Pod"]}


def claims_all_nodes(document: dict, _: dict) -> None:
    complete = document.get("complete") or {}
    document["complete"] = {"kubernetes": [*(complete.get("kubernetes") or []), "Node"]}


def subnets_are_lost(document: dict, _: dict) -> None:
    document["subnets"] = None


# No world of the first 60,000 shows that a port's name in a NetworkPolicy, or externalIPs, are not looked at; the cases
# by hand in test_walker_plain_policies.py and test_walker_plain_places.py are about them.
PLACES: dict[str, tuple[str | None, Change]] = {
    "nothing enforces policies": ("enforced", setting(cluster, "networkpolicy", {"enforced": False})),
    "policies are always enforced": ("NetworkPolicy", setting(cluster, "networkpolicy", {"enforced": True})),
    "nobody knows whether policies are enforced": ("enforced", losing(cluster, "networkpolicy")),
    "Namespaces are not seen": ("enforced", without("kubernetes", "Namespace")),
    "all policies are here": ("enforced", claims_all_policies),
    "all Pods are here": ("enforced", claims_all_pods),
    "gates count": ("readiness gates", losing(pod_specs, "readinessGates")),
    "states of containers are not looked at": (
        "container statuses",
        every_part_of(losing(statuses_of_pods, "containerStatuses"), losing(statuses_of_pods, "initContainerStatuses")),
    ),
    "pods that are not ready answer": ("pods not ready", setting(statuses_of_pods, "conditions", [])),
    "what is picked serves": ("ready and not serving", losing(conditions, "serving")),
    "Property is not looked at": ("Property", losing(cluster, "Property")),
    "interfaces are shared": (None, defaulting(cluster, "VpcCniType", "tke-route-eni")),
    "every CLB is public": ("internal", setting(BALANCERS, "LoadBalancerType", "OPEN")),
    "lost nodes forward": ("lost nodes", setting(nodes, "conditions", [])),
    "all nodes are here": ("not complete", claims_all_nodes),
    "targets are where their instances are": (
        "instance elsewhere",
        each(targets, lambda target: target.get("InstanceId") and target.pop("PrivateIpAddresses", None)),
    ),
    "VPCs of CLBs are not looked at": ("VPCs", losing(BALANCERS, "VpcId")),
    "VPCs of targets are not looked at": ("VPCs", losing(BALANCERS, "TargetRegionInfo")),
    "VPCs of instances are not looked at": ("VPCs", losing(INSTANCES, "VirtualPrivateCloud")),
    "VPCs of interfaces are not looked at": ("VPCs", losing(INTERFACES, "VpcId")),
    "the VPC of the cluster is not looked at": ("VPCs", losing(cluster, "ClusterNetworkSettings")),
    "the older spelling is not looked at": ("spellings of health", losing(statuses, "HealthStatusDetial")),
    "truth values are not looked at": ("spellings of health", losing(statuses, "HealthStatus")),
    "subnets are not looked at": (None, subnets_are_lost),
}
