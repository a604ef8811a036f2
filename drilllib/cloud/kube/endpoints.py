"""The legacy Endpoints of Services, built from their EndpointSlices on request. API: core/v1 Endpoints."""

from typing import Any

from drilllib.cloud.kube.kinds import ENDPOINT_SLICE, SERVICE
from drilllib.cloud.kube.objects import Document, Object, labels_of, name_of, namespace_of, of_kind
from drilllib.core.snapshot.kubernetes import SERVICE_NAME

WARNING = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'


def endpoints_of(document: Document) -> list[Object]:
    """The Endpoints of every Service that has slices."""
    services = {(namespace_of(each), name_of(each)): each for each in of_kind(document, SERVICE)}
    slices: dict[tuple[str, str], list[Object]] = {}
    for item in of_kind(document, ENDPOINT_SLICE):
        key = namespace_of(item), labels_of(item).get(SERVICE_NAME, "")
        if key in services:
            slices.setdefault(key, []).append(item)
    return [_of_service(services[key], items) for key, items in slices.items()]


def _of_service(service: Object, slices: list[Object]) -> Object:
    metadata = {name: service["metadata"][name] for name in ("name", "namespace", "uid", "creationTimestamp")}
    newest = max(slices, key=lambda each: int(each["metadata"].get("resourceVersion") or 0))
    metadata["resourceVersion"] = newest["metadata"].get("resourceVersion") or ""
    if labels_of(service):
        metadata["labels"] = dict(labels_of(service))
    item: Object = {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata}
    subsets = [subset for each in slices if (subset := _subset(each))]
    return {**item, "subsets": subsets} if subsets else item


def _subset(item: Object) -> dict[str, Any] | None:
    ready: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    for each in item.get("endpoints") or ():
        place = ready if (each.get("conditions") or {}).get("ready") is not False else waiting
        for address in each.get("addresses") or ():
            names = {name: each[name] for name in ("nodeName", "targetRef") if each.get(name)}
            place.append({"ip": address, **names})
    ports = [{name: value for name, value in port.items() if value} for port in item.get("ports") or ()]
    lists = {"addresses": ready, "notReadyAddresses": waiting, "ports": ports}
    return {name: value for name, value in lists.items() if value} if ready or waiting else None
