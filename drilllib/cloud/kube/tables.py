"""The `Table` that kubectl asks for: columns by kind, those of ``-o wide`` with priority 1. API: meta/v1 Table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drilllib.cloud.kube import cells
from drilllib.cloud.kube.kinds import Kind

Object = Mapping[str, Any]
Cell = Callable[[Object, datetime], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it shows of an object at a time, and whether ``-o wide`` alone shows it."""

    name: str
    cell: Cell
    wide: bool = False
    type: str = "string"


def _plain(name: str, cell: Callable[[Object], Any], wide: bool = False, kind: str = "string") -> Column:
    return Column(name, lambda item, _: cell(item), wide, kind)


def _spec(name: str, otherwise: Any) -> Callable[[Object], Any]:
    return lambda item: (item.get("spec") or {}).get(name) or otherwise


def _status(name: str, otherwise: Any) -> Callable[[Object], Any]:
    return lambda item: (item.get("status") or {}).get(name) or otherwise


def _node(name: str) -> Column:
    heading = {"osImage": "OS-Image", "kernelVersion": "Kernel-Version"}.get(name, "Container-Runtime")
    return _plain(heading, lambda node: cells.node_info(node, name), wide=True)


_NAME = _plain("Name", lambda item: item["metadata"]["name"])
_AGE = Column("Age", lambda item, now: cells.age(item["metadata"].get("creationTimestamp"), now))
_WORKLOAD = (
    _plain("Containers", lambda item: cells.containers(item, "name"), wide=True),
    _plain("Images", lambda item: cells.containers(item, "image"), wide=True),
    _plain("Selector", cells.selector, wide=True),
)
_GATES = _plain("Readiness Gates", lambda _: cells.NONE, wide=True)


def _replicas(deployment: Object) -> str:
    return f"{_status('readyReplicas', 0)(deployment)}/{_spec('replicas', 0)(deployment)}"


_DAEMON_COUNTS = (
    ("Desired", "desiredNumberScheduled"),
    ("Current", "currentNumberScheduled"),
    ("Ready", "numberReady"),
    ("Up-to-date", "updatedNumberScheduled"),
    ("Available", "numberAvailable"),
)


COLUMNS: dict[str, tuple[Column, ...]] = {
    "Namespace": (_NAME, _plain("Status", _status("phase", "Active")), _AGE),
    "Node": (
        *(_NAME, _plain("Status", cells.node_status), _plain("Roles", cells.node_roles), _AGE),
        _plain("Version", lambda node: cells.node_info(node, "kubeletVersion")),
        _plain("Internal-IP", lambda node: cells.node_address_of(node, "InternalIP"), wide=True),
        _plain("External-IP", lambda node: cells.node_address_of(node, "ExternalIP"), wide=True),
        *(_node("osImage"), _node("kernelVersion"), _node("containerRuntimeVersion")),
    ),
    "Pod": (
        *(_NAME, _plain("Ready", cells.pod_ready), _plain("Status", cells.pod_phase)),
        *(_plain("Restarts", cells.pod_restarts, kind="integer"), _AGE),
        _plain("IP", _status("podIP", cells.NONE), wide=True),
        _plain("Node", _spec("nodeName", cells.NONE), wide=True),
        *(_plain("Nominated Node", lambda _: cells.NONE, wide=True), _GATES),
    ),
    "Service": (
        *(_NAME, _plain("Type", _spec("type", "ClusterIP")), _plain("Cluster-IP", _spec("clusterIP", cells.NONE))),
        *(_plain("External-IP", cells.external_address), _plain("Port(s)", cells.service_ports), _AGE),
        _plain("Selector", lambda item: cells.pairs((item.get("spec") or {}).get("selector")), wide=True),
    ),
    "ConfigMap": (_NAME, _plain("Data", lambda item: len(item.get("data") or ()), kind="integer"), _AGE),
    "Event": (
        Column("Last Seen", lambda item, now: cells.age(cells.event_time(item, "lastTimestamp"), now)),
        *(_plain("Type", lambda item: item.get("type")), _plain("Reason", lambda item: item.get("reason"))),
        _plain("Object", cells.event_object),
        _plain("Subobject", lambda item: (item.get("involvedObject") or {}).get("fieldPath") or "", wide=True),
        _plain("Source", lambda item: (item.get("source") or {}).get("component") or "", wide=True),
        _plain("Message", lambda item: (item.get("message") or "").strip()),
        Column("First Seen", lambda item, now: cells.age(cells.event_time(item, "firstTimestamp"), now), True),
        _plain("Count", lambda item: item.get("count") or 1, wide=True, kind="integer"),
        _plain("Name", lambda item: item["metadata"]["name"], wide=True),
    ),
    "Deployment": (
        *(_NAME, _plain("Ready", _replicas)),
        _plain("Up-to-date", _status("updatedReplicas", 0), kind="integer"),
        *(_plain("Available", _status("availableReplicas", 0), kind="integer"), _AGE, *_WORKLOAD),
    ),
    "ReplicaSet": (
        *(_NAME, _plain("Desired", _spec("replicas", 0), kind="integer")),
        _plain("Current", _status("replicas", 0), kind="integer"),
        *(_plain("Ready", _status("readyReplicas", 0), kind="integer"), _AGE, *_WORKLOAD),
    ),
    "EndpointSlice": (
        *(_NAME, _plain("AddressType", lambda item: item.get("addressType"))),
        *(_plain("Ports", cells.endpoint_ports), _plain("Endpoints", cells.endpoint_addresses), _AGE),
    ),
    "NodeENIConfig": (_NAME, _AGE),
    "Ingress": (
        *(_NAME, _plain("Class", _spec("ingressClassName", cells.NONE)), _plain("Hosts", cells.ingress_hosts)),
        *(_plain("Address", cells.ingress_addresses), _plain("Ports", cells.ingress_ports), _AGE),
    ),
    "NetworkPolicy": (_NAME, _plain("Pod-Selector", cells.pod_selector), _AGE),
    **dict.fromkeys(("Gateway", "HTTPRoute", "TkeServiceConfig", "SecurityGroupPolicy"), (_NAME, _AGE)),
    "Endpoints": (_NAME, _plain("Endpoints", cells.endpoints), _AGE),
    "LimitRange": (_NAME, _plain("Created At", lambda item: item["metadata"].get("creationTimestamp"))),
    "ResourceQuota": (_NAME, _AGE),
    "ControllerRevision": (_NAME, _AGE),
    "DaemonSet": (
        *(_NAME, *(_plain(name, _status(field, 0), kind="integer") for name, field in _DAEMON_COUNTS)),
        *(_plain("Node Selector", cells.node_selector), _AGE, *_WORKLOAD),
    ),
    "StatefulSet": (_NAME, _plain("Ready", _replicas), _AGE, *_WORKLOAD[:2]),
    "Lease": (_NAME, _plain("Holder", _spec("holderIdentity", "")), _AGE),
    "HorizontalPodAutoscaler": (
        *(_NAME, _plain("Reference", cells.scaled), _plain("Targets", cells.scaling_targets)),
        _plain("MinPods", _spec("minReplicas", "<unset>")),
        _plain("MaxPods", _spec("maxReplicas", 0), kind="integer"),
        *(_plain("Replicas", _status("currentReplicas", 0), kind="integer"), _AGE),
    ),
    "Scale": (_NAME, _plain("Desired", _spec("replicas", 0)), _plain("Available", _status("replicas", 0)), _AGE),
}


def table(kind: Kind, items: Iterable[Object], now: datetime, include: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """*include* is the query's includeObject: Metadata (the default), Object or None."""
    items = list(items)
    columns = COLUMNS["Scale" if items and items[0]["kind"] == "Scale" else kind.name]
    definitions = [
        {"name": each.name, "type": each.type, "format": "name" if each.name == "Name" else "", "description": ""}
        | {"priority": int(each.wide)}
        for each in columns
    ]
    rows = [{"cells": [each.cell(item, now) for each in columns], **_object(item, include)} for item in items]
    header = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return {**header, "columnDefinitions": definitions, "rows": rows}


def _object(item: Object, include: str) -> dict[str, Any]:
    if include == "None":
        return {}
    if include == "Object":
        return {"object": item}
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}
    return {"object": partial}
