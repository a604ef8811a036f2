"""Mistakes that an engine might make in what real answers of the APIs have, and lack; see walker_misreadings.py."""

from collections.abc import Callable, Iterator

from walker_mistakes import (
    BALANCERS,
    INSTANCES,
    Change,
    cluster,
    container_ports,
    containers,
    defaulting,
    endpoints,
    forwarding,
    health_checks,
    listeners,
    losing,
    objects,
    part,
    pod_specs,
    replacing,
    setting,
    specs,
    statuses,
    statuses_of_pods,
    targets,
    without,
)

OFF = ("STOPPED", "SHUTDOWN", "LAUNCH_FAILED", "TERMINATED")
READY = [{"type": "Ready", "status": "True"}]


def every_part_of(*changes: Change) -> Change:
    """One mistake that shows in several places."""
    return lambda document, question: [change(document, question) for change in changes]


def each(find: Callable[[dict], Iterator[dict]], change: Callable[[dict], object]) -> Change:
    """The same mistake about everything found."""
    return lambda document, _: [change(item) for item in find(document)]


def only(keep: Callable[[dict], bool]) -> Change:
    """Some Kubernetes objects are not seen."""

    def change(document: dict, _: dict) -> None:
        if document.get("kubernetes") is not None:
            document["kubernetes"] = [*filter(keep, document["kubernetes"])]

    return change


def slices(document: dict) -> list[dict]:
    return objects(document, "EndpointSlice")


def conditions(document: dict) -> list[dict]:
    return [item["conditions"] for item in endpoints(document) if item.get("conditions")]


def hints(document: dict) -> list[dict]:
    return [item["hints"] for item in endpoints(document) if item.get("hints")]


def node_infos(document: dict) -> list[dict]:
    return [node["status"] for node in objects(document, "Node")]


def init_containers(document: dict) -> Iterator[dict]:
    for spec in pod_specs(document):
        yield from spec.get("initContainers") or ()


def network_policies(document: dict) -> list[dict]:
    return objects(document, "NetworkPolicy")


def ingress_rules(document: dict) -> Iterator[dict]:
    for policy in network_policies(document):
        yield from (policy["spec"] or {}).get("ingress") or ()


def blocks(document: dict) -> Iterator[dict]:
    for rule in ingress_rules(document):
        yield from (peer["ipBlock"] for peer in rule.get("from") or () if peer.get("ipBlock"))


def redirections(document: dict) -> list[dict]:
    return [rule["RewriteTarget"] for rule in forwarding(document) if rule.get("RewriteTarget")]


def selectors(document: dict) -> Iterator[dict]:
    for kind in ("SecurityGroupPolicy", "NetworkPolicy"):
        yield from (item["spec"].get("podSelector") or {} for item in objects(document, kind))


def stopped_nodes_run(document: dict, _: dict) -> None:
    for instance in INSTANCES(document):
        if instance.get("InstanceState") in OFF:
            instance["InstanceState"] = "RUNNING"


def others_are_off(document: dict, _: dict) -> None:
    for instance in INSTANCES(document):
        if instance.get("InstanceState") not in (None, "RUNNING"):
            instance["InstanceState"] = "STOPPED"


def no_ports_are_none(document: dict, question: dict) -> None:
    """Where the question names a port; else it cannot be asked."""
    for spec in specs(document) if question["port"] else ():
        spec["ports"] = spec.get("ports") or []


def claims_everything(document: dict, _: dict) -> None:
    document["complete"] = {"kubernetes": ["EndpointSlice", "Node", "Pod", "Service"]}


def versions_are_new(document: dict, _: dict) -> None:
    for item in [*cluster(document), *node_infos(document)]:
        item.pop("ClusterVersion", None)
        item.pop("nodeInfo", None)


def gone_ids_are_none(document: dict, _: dict) -> None:
    for service in objects(document, "Service"):
        annotations = service["metadata"]["annotations"]
        for key in [key for key, value in annotations.items() if value == "lb-gone"]:
            del annotations[key]


def nulls_are_dropped(piece: dict) -> None:
    for item in (piece, *(piece.get("ports") or ())):
        for field in [field for field, value in item.items() if value is None]:
            del item[field]


def nulls_are_numbers(piece: dict) -> None:
    for served in piece.get("ports") or ():
        served["port"] = served.get("port", 0) or 8080


def probes_are_not_seen(container: dict) -> None:
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        container.pop(name, None)


NEW_MISREADINGS: dict[str, tuple[str | None, Change]] = {
    "no policy is Cluster": ("no policy field", defaulting(specs, "externalTrafficPolicy", "Cluster")),
    "no weight is some": ("no weight", defaulting(targets, "Weight", 10)),
    "no type is a node": ("no type", defaulting(targets, "Type", "CVM")),
    "no keep-alive is none": ("no keep-alive", defaulting(listeners, "KeepaliveEnable", 0)),
    "no pass-to-target is none": ("no pass to target", defaulting(BALANCERS, "LoadBalancerPassToTarget", False)),
    "no source of probes is 100.64": ("no probe source", defaulting(health_checks, "SourceIpType", 1)),
    "no switch is on": ("no health switch", defaulting(health_checks, "HealthSwitch", 1)),
    "no domain is one": (
        "no domain",
        each(
            forwarding, lambda rule: rule.get("Domain") or rule.get("Domains") or rule.update(Domain="shop.example.com")
        ),
    ),
    "no path is every path": ("no URL", defaulting(forwarding, "Url", "/")),
    "no ports are none": ("no Service ports", no_ports_are_none),
    "everything is here": ("not complete", claims_everything),
    "nothing is known to be here": (None, lambda document, _: document.pop("complete", None)),
    "containers may listen on more": ("declare all", lambda document, _: document.pop("semantics", None)),
    "containers declare every port": (
        None,
        lambda document, _: document.update(semantics={"containers_declare_all_ports": True}),
    ),
    "no rule redirects": ("redirect", losing(forwarding, "RewriteTarget")),
    "redirections are permanent": ("redirect", losing(redirections, "RewriteCode")),
    "Snat is not looked at": ("Snat", losing(BALANCERS, "Snat")),
    "instances that are off run": ("stopped", stopped_nodes_run),
    "instances that change run": ("changing state", setting(INSTANCES, "InstanceState", "RUNNING")),
    "instances that change are off": ("changing state", others_are_off),
    "no state is off": ("no state", defaulting(INSTANCES, "InstanceState", "STOPPED")),
    "network ACLs are not looked at": ("network ACL", losing(part("subnets"), "NetworkAclId")),
    "pods that no Service has are not seen": (
        "host listener",
        only(lambda item: not item["metadata"]["name"].startswith("agent-")),
    ),
    "host ports are not looked at": ("host port", losing(container_ports, "hostPort")),
    "hostIP is not looked at": (None, losing(statuses_of_pods, "hostIP")),
    "hostNetwork is not looked at": ("host network", losing(pod_specs, "hostNetwork")),
    "Services elsewhere are not seen": ("hidden Services", only(lambda item: "hidden" not in item["metadata"]["name"])),
    "no ports of a slice are none": ("slices half read", defaulting(slices, "ports", [])),
    "no endpoints of a slice are none": ("slices half read", defaulting(slices, "endpoints", [])),
    "null in a slice was not read": ("null slices", each(slices, nulls_are_dropped)),
    "null in the place of a number is one": ("null slices", each(slices, nulls_are_numbers)),
    "endpoints that are taken down are gone": ("terminating", losing(conditions, "terminating")),
    "endpoints that serve are ready": ("terminating", replacing(conditions, "serving", True, False)),
    "versions are not looked at": ("versions", versions_are_new),
    "hints are not looked at": ("hints", losing(endpoints, "hints")),
    "hints for nodes are not looked at": ("hints", losing(hints, "forNodes")),
    "hints for zones are not looked at": ("hints", losing(hints, "forZones")),
    "hints always hold": ("hints", setting(specs, "trafficDistribution", "PreferClose")),
    "NetworkPolicies are not seen": ("NetworkPolicy", without("kubernetes", "NetworkPolicy")),
    "peers of NetworkPolicies are not looked at": ("NetworkPolicy", losing(ingress_rules, "from")),
    "ports of NetworkPolicies are not looked at": ("NetworkPolicy", losing(ingress_rules, "ports")),
    "exceptions of NetworkPolicies are not looked at": ("NetworkPolicy", losing(blocks, "except")),
    "NetworkPolicies of any namespace count": (
        "NetworkPolicy",
        each(network_policies, lambda policy: policy["metadata"].update(namespace="shop")),
    ),
    "types of NetworkPolicies are not looked at": (
        "NetworkPolicy",
        each(network_policies, lambda policy: policy["spec"].pop("policyTypes", None)),
    ),
    "expressions are not looked at": (None, losing(selectors, "matchExpressions")),
    "labels of selectors are not looked at": (None, losing(selectors, "matchLabels")),
    "sidecars end": ("sidecars", losing(init_containers, "restartPolicy")),
    "init containers run on": ("sidecars", setting(init_containers, "restartPolicy", "Always")),
    "probes of containers are not looked at": ("container probes", each(containers, probes_are_not_seen)),
    "pods are always ready": ("container probes", setting(statuses_of_pods, "conditions", READY)),
    "any answer will do": ("HTTP checks", losing(health_checks, "HttpCode")),
    "probes are over TCP": ("HTTP checks", setting(health_checks, "CheckType", "TCP")),
    "kube-proxy answers no probes": ("healthCheckNodePort", losing(specs, "healthCheckNodePort")),
    "endpoints are drawn anew": ("affinity", losing(specs, "sessionAffinity")),
    "endpoints are kept": (None, setting(specs, "sessionAffinity", "ClientIP")),
    "targets are drawn anew": ("session", losing(listeners, "SessionExpireTime")),
    "targets are kept": (None, setting(listeners, "SessionExpireTime", 60)),
    "the id of a CLB that is not here is none": ("gone CLB", gone_ids_are_none),
    "an Alive target proves nothing": ("observed", replacing(statuses, "HealthStatusDetail", "Alive", "Close")),
}
