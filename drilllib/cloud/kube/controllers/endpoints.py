"""EndpointSlices follow the pods that a Service selects. API: discovery.k8s.io/v1 EndpointSlice."""

from typing import Any

from drilllib.cloud.kube.kinds import ENDPOINT_SLICE, POD, SERVICE
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    annotate,
    labels_of,
    name_of,
    namespace_of,
    new_object,
    objects,
    of_kind,
    own,
    pod_is_ready,
    remove,
)
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.services import transport_of

CHANGED = "endpoints.kubernetes.io/last-change-trigger-time"
_MANAGED = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}


def endpoint_slices(document: Document, tools: Tools) -> None:
    """Make each Service with a selector one slice of its pods; those of Services that are gone go too."""
    services = {(namespace_of(each), name_of(each)): each for each in of_kind(document, SERVICE)}
    for item in of_kind(document, ENDPOINT_SLICE):
        name = labels_of(item).get(SERVICE_NAME)
        if name and (namespace_of(item), name) not in services:
            remove(document, item)
    slices: dict[tuple[str, str | None], list[Object]] = {}
    for item in of_kind(document, ENDPOINT_SLICE):
        slices.setdefault((namespace_of(item), labels_of(item).get(SERVICE_NAME)), []).append(item)
    labelled = _by_label(of_kind(document, POD))
    for place, service in services.items():
        if selector := service["spec"].get("selector"):
            fewest = min((labelled.get((place[0], name, str(value)), []) for name, value in selector.items()), key=len)
            _follow(document, tools, service, slices.get(place, []), _chosen(fewest, selector))


def _by_label(pods: list[Object]) -> dict[tuple[str, str, str], list[Object]]:
    """The pods by namespace, name and value of each label."""
    found: dict[tuple[str, str, str], list[Object]] = {}
    for pod in pods:
        for name, value in labels_of(pod).items():
            found.setdefault((namespace_of(pod), name, value), []).append(pod)
    return found


def pods_of(document: Document, service: Object) -> list[Object]:
    """The pods with an address that a Service selects."""
    selector = service["spec"].get("selector")
    return _chosen(of_kind(document, POD, namespace_of(service)), selector) if selector else []


def _chosen(pods: list[Object], selector: dict[str, str]) -> list[Object]:
    chosen = [pod for pod in pods if selector.items() <= labels_of(pod).items()]
    return [pod for pod in chosen if (pod.get("status") or {}).get("podIP")]


def target_port(port: Object, pod: Object) -> int | None:
    """The number that a Service's port leads to on a pod; None where the pod has no port of that name."""
    wanted = port.get("targetPort", port["port"])
    if isinstance(wanted, int):
        return wanted
    if isinstance(wanted, str) and wanted.isascii() and wanted.isdigit():
        return int(wanted)
    containers = (pod.get("spec") or {}).get("containers") or ()
    named = [each for container in containers for each in container.get("ports") or () if each.get("name") == wanted]
    return next((each["containerPort"] for each in named if transport_of(each) == transport_of(port)), None)


def _follow(document: Document, tools: Tools, service: Object, current: list[Object], pods: list[Object]) -> None:
    ports = _ports(service, pods) if pods else []  # as the real controller leaves them, where there is no pod
    endpoints = [_endpoint(pod) for pod in pods]
    if _seen(current) == _summary(endpoints, ports) and current:
        return
    for item in current[1:]:
        remove(document, item)
    item = own(document, current[0]) if current else _new_slice(document, tools, service)
    family = "IPv6" if any(":" in address for each in endpoints for address in each["addresses"]) else "IPv4"
    if item.get("addressType") != family and endpoints:
        item["addressType"] = family
    item |= {"endpoints": endpoints, "ports": ports}
    if pods:
        annotate(item, CHANGED, tools.timestamp())
    item["metadata"]["generation"] = item["metadata"].get("generation", 0) + 1


def _ports(service: Object, pods: list[Object]) -> list[dict[str, Any]]:
    """Each port of the Service as the pods have it. Pods that disagree about a named port: the first one's counts."""
    found = []
    for port in service["spec"].get("ports") or ():
        numbers = [number for pod in pods if (number := target_port(port, pod))]
        numbers = numbers or [port["targetPort"]] if isinstance(port.get("targetPort"), int) else numbers
        if numbers:
            found.append({"name": port.get("name") or "", "port": numbers[0], "protocol": transport_of(port)})
    return found


def _endpoint(pod: Object) -> dict[str, Any]:
    ready = pod_is_ready(pod)
    names = {"kind": "Pod", "namespace": namespace_of(pod), "name": name_of(pod), "uid": pod["metadata"]["uid"]}
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "nodeName": pod["spec"].get("nodeName") or "",
        "targetRef": names,
    }


def _new_slice(document: Document, tools: Tools, service: Object) -> Object:
    labels = {SERVICE_NAME: name_of(service), **_MANAGED}
    name = tools.new_id(name_of(service), 5)
    namespace = namespace_of(service)
    item = new_object(ENDPOINT_SLICE, name, namespace, tools, addressType="IPv4", labels=labels, owner=service)
    item["metadata"]["generateName"] = f"{name_of(service)}-"
    objects(document).append(item)
    return item


def _seen(items: list[Object]) -> Any:
    endpoints = [each for item in items for each in item.get("endpoints") or ()]
    return _summary(endpoints, [each for item in items[:1] for each in item.get("ports") or ()])


def _summary(endpoints: list[dict[str, Any]], ports: list[dict[str, Any]]) -> Any:
    """What tells whether two slices say the same."""
    places = {
        (each["addresses"][0], (each.get("conditions") or {}).get("ready") is not False, each.get("nodeName") or "")
        for each in endpoints
        if each["addresses"]
    }
    return places, sorted((each.get("name") or "", each.get("port") or 0, transport_of(each)) for each in ports)
