"""A node's machine started or stopped, with what the kubelet and controllers then make of node, pods and endpoints."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.snapshot.snapshot import Snapshot

RUNNING, STOPPED = "RUNNING", "STOPPED"
_Item = dict[str, Any]


def with_state(snapshot: Snapshot, instance: str, state: str) -> Snapshot:
    """
    The snapshot with the instance in that state. A node that is started is Ready again, and so are its pods; of one
    that is stopped nothing is heard, and no pod is. What the snapshot does not say of them stays unsaid.
    """
    document = snapshot.to_dict()
    for each in document["instances"]:
        if each.get("InstanceId") == instance:
            each["InstanceState"] = state
    name = next((node.name for node in snapshot.nodes if node.instance_id == instance), None)
    changed: dict[str, Any] = {"instances": document["instances"], "target_health": None}
    if name and state in (RUNNING, STOPPED) and document.get("kubernetes"):
        _tell(document["kubernetes"], name, is_up=state == RUNNING)
        changed["kubernetes"] = document["kubernetes"]
    return snapshot.with_parts(**changed)


def _tell(items: list[_Item], node: str, *, is_up: bool) -> None:
    for item in items:
        if item["kind"] == "Node" and item["metadata"].get("name") == node:
            _say_ready(item, "True" if is_up else "Unknown")
        if item["kind"] == "Pod" and (item.get("spec") or {}).get("nodeName") == node:
            _say_ready(item, str(is_up))
        for conditions in _of_endpoints(item, node):
            conditions |= {name: is_up for name in ("ready", "serving") if name in conditions}


def _say_ready(item: _Item, status: str) -> None:
    for each in (item.get("status") or {}).get("conditions") or ():
        if each.get("type") == "Ready":
            each["status"] = status


def _of_endpoints(item: Mapping[str, Any], node: str) -> Iterator[_Item]:
    """The conditions of a slice's endpoints on that node."""
    if item["kind"] == "EndpointSlice":
        for each in item.get("endpoints") or ():
            if each.get("nodeName") == node and each.get("conditions"):
                yield each["conditions"]
