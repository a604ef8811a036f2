"""
Finding and keeping Kubernetes objects in a snapshot document, and filling in what a snapshot has not said.

As in Kubernetes, a controller never changes a pod in place that it was given: drafts of the document share the objects
of the kinds `SHARED`, of which there are many. Who changes one takes a copy of its own first (`own`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from drilllib.cloud.kube.kinds import Kind, kind_of
from drilllib.core.snapshot.reuse import copied

Document = dict[str, Any]
Object = dict[str, Any]
SHARED = ("EndpointSlice", "Event", "Pod")  # kinds
DEEPEST = 1000  # levels; a request's body may have 100
Key = tuple[str, str, str]  # kind, namespace ("" where it has none), name


@dataclass(frozen=True, slots=True)
class Tools:
    """What a controller needs besides the document: the time, and ids that nothing has yet."""

    now: Callable[[], datetime]
    new_id: Callable[[str, int], str]
    new_uid: Callable[[], str]

    def timestamp(self) -> str:
        """The time as Kubernetes writes it."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def objects(document: Document) -> list[Object]:
    """The document's own list of Kubernetes objects."""
    if document.get("kubernetes") is None:
        document["kubernetes"] = []
    found: list[Object] = document["kubernetes"]
    return found


def of_kind(document: Document, kind: Kind, namespace: str | None = None) -> list[Object]:
    """The objects of a kind, of one namespace where that is given."""
    named, versions = kind.name, (None, kind.api_version)  # as `kind_of` has it, in one pass
    found = [item for item in objects(document) if item["kind"] == named and item.get("apiVersion") in versions]
    return found if namespace is None else [item for item in found if namespace_of(item) == namespace]


def find(document: Document, kind: Kind, namespace: str, name: str) -> Object | None:
    """The object of that name; *namespace* is not looked at for kinds without one."""
    wanted = kind.name, namespace if kind.namespaced else "", name
    return next((item for item in of_kind(document, kind) if key_of(item) == wanted), None)


def namespace_of(item: Mapping[str, Any]) -> str:
    """The namespace that an object of a namespaced kind is in."""
    return item["metadata"].get("namespace") or "default"


def name_of(item: Mapping[str, Any]) -> str:
    return str(item["metadata"]["name"])


def key_of(item: Mapping[str, Any]) -> Key:
    """The key of an object: unique in the document."""
    kind = kind_of(item)
    return item["kind"], namespace_of(item) if kind is None or kind.namespaced else "", name_of(item)


def labels_of(item: Mapping[str, Any]) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def annotations_of(item: Mapping[str, Any]) -> dict[str, str]:
    return item["metadata"].get("annotations") or {}


def annotate(item: Object, key: str, value: str | None) -> None:
    """Set an annotation of an object; None removes it."""
    annotations = {**annotations_of(item), key: value}
    kept = {name: text for name, text in annotations.items() if text is not None}
    if kept != annotations_of(item):
        item["metadata"]["annotations"] = kept


def own(document: Document, item: Object) -> Object:
    """A copy of the object, in its place in the document: to be changed by nobody but the caller."""
    made: Object = copied(item, DEEPEST)
    swap(document, item, made)
    return made


def swap(document: Document, item: Object, other: Object) -> None:
    """Put *other* into the object's place."""
    document["kubernetes"] = [other if each is item else each for each in objects(document)]


def by_owner(items: Iterable[Object]) -> dict[str, list[Object]]:
    """The objects by the uids of their owners, in one pass."""
    found: dict[str, list[Object]] = {}
    for item in items:
        for uid in owners_of(item):
            found.setdefault(uid, []).append(item)
    return found


def remove(document: Document, item: Object) -> None:
    """Take the object out of the document."""
    document["kubernetes"] = [each for each in objects(document) if each is not item]


def new_object(kind: Kind, name: str, namespace: str, tools: Tools, **parts: Any) -> Object:
    """An object with its metadata; *parts* are `spec`, `data` and the like, `labels` and `owner` go into metadata."""
    metadata: Object = {"name": name} | ({"namespace": namespace} if kind.namespaced else {})
    labels, owner = parts.pop("labels", None), parts.pop("owner", None)
    metadata |= {"labels": dict(labels)} if labels else {}
    metadata |= {"ownerReferences": [owner_reference(owner)]} if owner else {}
    item = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **parts}
    fill_in(item, kind, tools)
    return item


def fill_in(item: Object, kind: Kind, tools: Tools) -> None:
    """What the API server gives every object, where the object lacks it."""
    metadata = item["metadata"]
    if metadata.get("uid") and metadata.get("creationTimestamp") and item.get("apiVersion"):
        return
    item.setdefault("apiVersion", kind.api_version)
    metadata |= {"namespace": namespace_of(item)} if kind.namespaced else {}
    metadata["uid"] = metadata.get("uid") or tools.new_uid()
    metadata["creationTimestamp"] = metadata.get("creationTimestamp") or tools.timestamp()
    if "spec" in item and kind.name in ("Deployment", "ReplicaSet", "EndpointSlice", "NodeENIConfig"):
        metadata.setdefault("generation", 1)
    if kind.name == "EndpointSlice":
        for port in item.get("ports") or ():
            port.setdefault("name", "")  # without it `kubectl describe service` crashes
    if kind.name == "Pod" and (item.get("status") or {}).get("phase") == "Running":
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": metadata["creationTimestamp"]}
        item["status"].setdefault("conditions", [ready])  # or `kubectl wait` waits in vain


def owner_reference(owner: Object) -> Object:
    """The reference by which a controlled object names its owner."""
    names = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name_of(owner)}
    return {**names, "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}


def owners_of(item: Object) -> Iterator[str]:
    """The uids of its owners."""
    return (each["uid"] for each in item["metadata"].get("ownerReferences") or ())


def is_true(item: Mapping[str, Any], condition: str, otherwise: bool) -> bool:
    """Does the object's status say that the condition is True? *otherwise* where it says nothing about it."""
    found = (item.get("status") or {}).get("conditions") or ()
    return next((each["status"] == "True" for each in found if each["type"] == condition), otherwise)


def node_is_ready(node: Mapping[str, Any]) -> bool:
    return is_true(node, "Ready", True)


def pod_is_ready(pod: Mapping[str, Any]) -> bool:
    """Is the pod Ready? A snapshot's pod without conditions is, when it runs."""
    running = (pod.get("status") or {}).get("phase", "Running") == "Running"
    return is_true(pod, "Ready", running) and running


def node_address(node: Mapping[str, Any]) -> str:
    """A Node's address inside the VPC; empty where it has none."""
    addresses = (node.get("status") or {}).get("addresses") or ()
    return next((each["address"] for each in addresses if each["type"] == "InternalIP"), "")


def cloud_part(document: Document, name: str, empty: Any) -> Any:
    """What the local cloud remembers under *name* beside the snapshot: the document's own extra part."""
    return document.setdefault("cloud", {}).setdefault(name, empty)
