"""
What the engine answers otherwise than docs/model.md says, as far as it is known, taken out of random worlds.

Each function goes when the engine is right.
"""


def without_disputed(document: dict) -> None:
    """Undo in a world, in place, what engine and walker are known to differ about."""
    nameless_targets_beside_nameless_hosts(document)


def nameless_targets_beside_nameless_hosts(document: dict) -> None:
    """A Pod with hostNetwork that names no node, and a target that nobody calls a node: the engine takes it for one."""
    objects = document.get("kubernetes") or []
    hosts = [item for item in objects if item["kind"] == "Pod" and item["spec"].get("hostNetwork")]
    if all(item["spec"].get("nodeName") for item in hosts):
        return
    nodes = [item for item in objects if item["kind"] == "Node"]
    named = {entry["address"] for node in nodes for entry in node["status"]["addresses"]}
    own = {item["InstanceId"]: item["PrivateIpAddresses"] for item in document.get("instances") or []}
    for listener in (item for found in (document.get("listeners") or {}).values() for item in found):
        for holder in (listener, *(listener.get("Rules") or [])):
            holder["Targets"] = holder.get("Targets") and [
                item
                for item in holder["Targets"]
                if (item.get("Type") or "").upper() != "CVM"
                or {*(item.get("PrivateIpAddresses") or []), *own.get(item.get("InstanceId"), [])} & named
            ]
