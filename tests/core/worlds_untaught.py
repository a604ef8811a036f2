"""
What docs/model.md decides and the walker has not learned yet, taken out of random worlds again.

Whoever teaches the walker adds the feature's name to one of the sets of worlds.py, which switches it on.
"""

from collections.abc import Callable, Iterator


def without_untaught(document: dict, question: dict, features: frozenset[str]) -> None:
    """Undo in a world, in place, what is not among *features*."""
    for name, undo in UNTAUGHT.items():
        if name not in features:
            undo(document, question)


def pods_not_ready(document: dict, _: dict) -> None:
    """Pods whose Ready condition is not True lose it."""
    for pod in _objects(document, "Pod"):
        conditions = (pod.get("status") or {}).get("conditions") or []
        if any(each.get("type") == "Ready" and each.get("status") != "True" for each in conditions):
            pod["status"]["conditions"] = []


def targets_not_serving(document: dict, _: dict) -> None:
    """Pod targets whose endpoints do not serve, and endpoints that are ready and do not serve."""
    idle = set()
    for entry in (entry for item in _objects(document, "EndpointSlice") for entry in item.get("endpoints") or []):
        told = entry.get("conditions") or {}
        if told.get("ready") is not False and told.get("serving") is False:
            del told["serving"]
        serving = told.get("serving")
        if (told.get("ready") if serving is None else serving) is False:
            idle |= set(entry["addresses"])
    for targets in _target_lists(document):
        targets[:] = [
            each for each in targets if not (idle & set(each.get("PrivateIpAddresses") or [])) or _is_cvm(each)
        ]


def targets_no_nodes(document: dict, _: dict) -> None:
    """Where a target has the address of no Node object, no Node object was read."""
    named = {each["address"] for node in _objects(document, "Node") for each in node["status"]["addresses"]}
    own = {item["InstanceId"]: set(_addresses(item)) for item in document.get("instances") or []}
    targets = [each for found in _target_lists(document) for each in found if _is_cvm(each)]
    asked = [own.get(it.get("InstanceId")) or set(it.get("PrivateIpAddresses") or []) for it in targets]
    if all(found & named for found in asked):
        return
    claims = document.get("complete") or {}
    claims["kubernetes"] = [each for each in claims.get("kubernetes") or [] if each != "Node"]
    document["kubernetes"] = [it for it in document.get("kubernetes") or [] if it["kind"] != "Node"] or None


def _addresses(instance: dict) -> list[str]:
    return [*(instance.get("PrivateIpAddresses") or []), *(instance.get("IPv6Addresses") or [])]


def _is_cvm(target: dict) -> bool:
    return (target.get("Type") or "").upper() == "CVM"


def _objects(document: dict, kind: str) -> Iterator[dict]:
    return (item for item in document.get("kubernetes") or [] if item["kind"] == kind)


def _target_lists(document: dict) -> Iterator[list]:
    for listener in (each for found in (document.get("listeners") or {}).values() for each in found):
        for holder in (listener, *(listener.get("Rules") or [])):
            if holder.get("Targets"):
                yield holder["Targets"]


UNTAUGHT: dict[str, Callable[[dict, dict], None]] = {
    "pods not ready": pods_not_ready,
    "targets not serving": targets_not_serving,
    "targets no nodes": targets_no_nodes,
}
