"""
Changes that make of the default lab what real clusters give.

A *change* takes the default lab's document and alters it in place; those that need an argument return one.
"""

from collections.abc import Callable

from changes import Change, Document, ingress, second_target, targets, the_listener
from changes_cluster import endpoint_slice, objects, service

from drilllib.core.facts import FactCode


def the_pod(document: Document) -> Document:
    return next(objects(document, "Pod"))


def state(value: str) -> Change:
    def change(document: Document) -> None:
        document["instances"][0]["InstanceState"] = value

    return change


def without_node_object(document: Document) -> None:
    document["kubernetes"].remove(next(objects(document, "Node")))
    document["instances"][0]["InstanceName"] = "console-name"


def acl(document: Document) -> None:
    document["subnets"][0]["NetworkAclId"] = "acl-12345678"


def redirecting(**wanted: object) -> Change:
    def change(document: Document) -> None:
        rule = the_listener(document)["Rules"][0]
        rule |= {
            "Targets": [],
            "RewriteTarget": {"TargetListenerId": "lbl-443", "TargetLocationId": "loc-443", **wanted},
        }

    return change


def condition(**values: bool) -> Change:
    def change(document: Document) -> None:
        endpoint_slice(document)["endpoints"][0]["conditions"] = values

    return change


def version(text: str) -> Change:
    def change(document: Document) -> None:
        document["cluster"]["ClusterVersion"] = text

    return change


def zones(document: Document) -> None:
    """node-a and web-2 in z1, node-b and web-1 in z2, and each endpoint hinted for its own."""
    for node, zone in zip(objects(document, "Node"), ("z1", "z2"), strict=True):
        node["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone
    for endpoint in endpoint_slice(document)["endpoints"]:
        zone = {"node-a": "z1", "node-b": "z2"}[endpoint["nodeName"]]
        endpoint["hints"] = {"forZones": [{"name": zone}]}


def auto(document: Document) -> None:
    service(document)["metadata"]["annotations"]["service.kubernetes.io/topology-mode"] = "Auto"


def container(**fields: object) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["spec"]["containers"][0] |= fields

    return change


def on_host_network(document: Document) -> None:
    """web-1 on node-a's own network, and the CLB asks for it there, past the Service."""
    pod = the_pod(document)
    pod["spec"] |= {"hostNetwork": True, "nodeName": "node-a"}
    pod["status"]["podIP"] = "10.0.35.11"
    targets(document)[0]["Port"] = 80


def not_complete(document: Document) -> None:
    document["complete"] = {"kubernetes": ["NetworkPolicy"]}


def policy(**spec: object) -> Change:
    def change(document: Document) -> None:
        metadata = {"name": "deny", "namespace": "shop"}
        document["kubernetes"].append(
            {"kind": "NetworkPolicy", "metadata": metadata, "spec": {"podSelector": {}, **spec}}
        )

    return change


def health_check_port(**probe: object) -> Change:
    """Both nodes are targets under Local, and the CLB probes kube-proxy itself."""

    def change(document: Document) -> None:
        service(document)["spec"] |= {"externalTrafficPolicy": "Local", "healthCheckNodePort": 32222}
        check = the_listener(document)["HealthCheck"]
        check |= {"CheckPort": 32222, **probe}

    return change


def host_port(document: Document) -> None:
    """The pod asks its node, a target, to forward 8080 to it."""
    the_pod(document)["spec"]["nodeName"] = "node-a"
    the_pod(document)["spec"]["containers"][0]["ports"][0]["hostPort"] = 8080
    targets(document)[0]["Port"] = 8080


def keepalive_unread(document: Document) -> None:
    del the_listener(document)["KeepaliveEnable"]


def pod_nowhere(document: Document) -> None:
    """Nothing says where the pod runs."""
    the_pod(document)["spec"].pop("nodeName")
    endpoint_slice(document)["endpoints"][0].pop("nodeName")


def sticky_service(document: Document) -> None:
    service(document)["spec"]["sessionAffinity"] = "ClientIP"


def sticky_listener(document: Document) -> None:
    the_listener(document)["SessionExpireTime"] = 600


def other_groups_on_node_b(document: Document) -> None:
    document["instances"][1]["SecurityGroupIds"] = ["sg-nodeb001"]


def _unread(place: Callable[[Document], Document], name: str) -> Change:
    return lambda document: place(document).pop(name)


def _spec(document: Document) -> Document:
    return service(document)["spec"]


TERMINATING = condition(ready=False, serving=True, terminating=True)
METRICS = container(ports=[{"name": "metrics", "containerPort": 9090}])
UNEQUAL_TARGETS = second_target, other_groups_on_node_b, ingress("sg-nodeb001")
# Each fact, and the field without which it is missing.
UNREAD = {
    FactCode.TRAFFIC_POLICY: _unread(_spec, "externalTrafficPolicy"),
    FactCode.PORT_OWNER: _unread(lambda document: _spec(document)["ports"][0], "nodePort"),
    FactCode.SERVICE_PORTS: _unread(_spec, "ports"),
    FactCode.ENDPOINT_PORT: _unread(lambda document: endpoint_slice(document)["ports"][0], "port"),
    FactCode.ENDPOINT_SLICES: _unread(endpoint_slice, "ports"),
    FactCode.TARGET_KIND: _unread(lambda document: targets(document)[0], "Type"),
    FactCode.TARGET_WEIGHT: _unread(lambda document: targets(document)[0], "Weight"),
    FactCode.RULE_HOST: _unread(lambda document: the_listener(document)["Rules"][0], "Domain"),
    FactCode.RULE_PATH: _unread(lambda document: the_listener(document)["Rules"][0], "Url"),
}
