"""
A Service without endpoints: its selector misses all pods by one label, or its port has another name in EndpointSlices.

Proposed only where there is one way to see it. A selector: all pods that fit otherwise are alike, ready, declare the
target port, and belong to no other Service, no workload that was read has the labels, and something besides says whose
pods they are. A port's name: no controller keeps the EndpointSlice.
"""

import json
from collections.abc import Iterator, Mapping

from drilllib.core.fix.service_objects import (
    Object,
    ServicePortOf,
    declared_ports,
    is_ready,
    labels_of,
    number_of,
    of_kind,
    pods_in,
    service_port,
)
from drilllib.core.fix.situation import Situation
from drilllib.core.fix.steps import Step, StepCode, patch
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.services import transport_of
from drilllib.core.snapshot.snapshot import Snapshot

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
Selector = Mapping[str, str]


def endpoint_remedies(now: Situation) -> Iterator[tuple[Step, Snapshot]]:
    """The changes that may give the Service endpoints, each with the snapshot after it."""
    for each in now.classes[:1]:
        problems = {str(hop.problem) for path in each.trace.paths for hop in path.hops}
        if "NO_ENDPOINTS" in problems:
            found = service_port(now.snapshot.to_dict(), each.trace)
            yield from _selector(found) if found else ()
        if "PORT_NAME_DIFFERS" in problems:
            found = service_port(now.snapshot.to_dict(), each.trace)
            yield from _port_name(found) if found else ()


def _selector(found: ServicePortOf) -> Iterator[tuple[Step, Snapshot]]:
    old = dict(found.selector)
    if not old or found.pods or found.workloads:
        return
    choices = {json.dumps(each, sort_keys=True): each for each in _near(found)}
    if len(choices) != 1:
        return
    (new,) = choices.values()
    found.item["spec"]["selector"] = dict(new)
    if not all(map(is_ready, found.pods)):
        return
    select(found)
    facts = {"old": _text(old), "new": _text(new)}
    operation = {"op": "replace", "path": "/spec/selector", "value": dict(new)}
    step = Step(StepCode.SELECTOR, found.name, facts, patch("service", found.name, [operation]))
    yield step, Snapshot({**found.document, "target_health": None})


def _near(found: ServicePortOf) -> Iterator[Selector]:
    """The selectors that differ in one label and fit pods, which serve the port and belong to no other Service."""
    others = [
        selector
        for item in of_kind(found.document, "Service")
        if object_name(item) != found.name and isinstance(selector := item["spec"].get("selector"), dict) and selector
    ]
    for pod in pods_in(found.document, found.name):
        labels = labels_of(pod)
        unlike = [key for key, value in found.selector.items() if labels.get(key) != value]
        taken = any(each.items() <= labels.items() for each in others)
        ours = len(unlike) == 1 and (len(found.selector) > 1 or _is_called(found, labels, unlike[0]))
        if ours and not taken and _serves(found, pod):
            near = {key: labels.get(key, "") for key in found.selector}
            if unlike[0] not in labels:
                del near[unlike[0]]
            if near:
                yield near


def _is_called(found: ServicePortOf, labels: Mapping[str, str], key: str) -> bool:
    """Of a selector of one label no other is left to fit; then the pod's is the Service's name, or its own label."""
    names = {found.name.partition("/")[2], labels_of(found.item).get(key)}
    return labels.get(key) in names - {None}


def _serves(found: ServicePortOf, pod: Object) -> bool:
    """Does the pod declare the port that the Service sends to?"""
    transport = transport_of(found.port)
    return number_of(pod, found.target_port, transport) in declared_ports([pod], transport)


def select(found: ServicePortOf) -> None:
    """Change the EndpointSlices as the controller does for the pods that are selected now."""
    namespace, _, name = found.name.partition("/")
    made: dict[str, list[Object]] = {"IPv4": [], "IPv6": []}
    ports: list[Object] = []
    for pod in found.pods:
        status, transport = pod.get("status") or {}, transport_of(found.port)
        texts = dict.fromkeys([status.get("podIP"), *(each.get("ip") for each in status.get("podIPs") or ())])
        entry = {
            "conditions": {"ready": is_ready(pod)},
            "nodeName": (pod.get("spec") or {}).get("nodeName"),
            "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": namespace},
        }
        for text in filter(None, texts):
            made["IPv6" if ":" in text else "IPv4"].append({**entry, "addresses": [text]})
        number = number_of(pod, found.target_port, transport)
        ports = [{**_name(found), "port": number, "protocol": transport}]
    kept = [item for item in found.document["kubernetes"] if not any(item is each for each in found.slices)]
    for family, endpoints in made.items():
        if endpoints:
            labels = {SERVICE_NAME: name}
            metadata = {"name": f"{name}-{family.lower()}", "namespace": namespace, "labels": labels}
            kind = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}
            kept.append({**kind, "addressType": family, "ports": ports, "endpoints": endpoints})
    found.document["kubernetes"] = kept


def _name(found: ServicePortOf) -> Object:
    return {"name": found.port["name"]} if found.port.get("name") else {}


def _port_name(found: ServicePortOf) -> Iterator[tuple[Step, Snapshot]]:
    """The Service's name of the port for the only port of an EndpointSlice that no controller keeps."""
    by_hand = [each for each in found.slices if not labels_of(each).get(MANAGED_BY)]
    if len(found.slices) != 1 or len(by_hand) != 1 or len(by_hand[0].get("ports") or ()) != 1:
        return
    (port,), wanted, target = by_hand[0]["ports"], found.port.get("name") or "", found.target_port
    if isinstance(target, int) and port.get("port") != target:
        return
    old = port.get("name") or ""
    name = object_name(by_hand[0])
    operation = {"op": "add", "path": "/ports/0/name", "value": wanted}
    port["name"] = wanted
    facts = {"port": str(port.get("port")), "old": repr(old), "new": repr(wanted)}
    step = Step(StepCode.PORT_NAME, name, facts, patch("endpointslice", name, [operation]))
    yield step, Snapshot({**found.document, "target_health": None})


def _text(selector: Selector) -> str:
    return ",".join(f"{key}={value}" for key, value in selector.items())
