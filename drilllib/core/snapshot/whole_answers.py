"""The whole answer of a call in the place of what it lists, as `tccli` and `kubectl get -o json` print it."""

from collections.abc import Iterator, Mapping
from typing import Any

_LISTS = {
    "load_balancers": "LoadBalancerSet",
    "instances": "InstanceSet",
    "network_interfaces": "NetworkInterfaceSet",
    "subnets": "SubnetSet",
    "target_health": "LoadBalancers",
}


def unwrapped(document: Mapping[str, Any]) -> dict[str, Any]:
    """
    The document, where a part is an answer with what that lists in its place; anything else is left as it is.

    An answer of `kubectl get` that lists nothing tells only of the kinds it was asked for, so that no object at all
    leaves the part unread.
    """
    found = {name: _listed(value, _LISTS[name]) if name in _LISTS else value for name, value in document.items()}
    for part, field in (("listeners", "Listeners"), ("security_groups", "")):
        if isinstance(found.get(part), Mapping):
            found[part] = {name: _listed(value, field) for name, value in found[part].items()}
    clusters = _listed(found.get("cluster"), "Clusters")
    if isinstance(clusters, list) and len(clusters) == 1:
        found["cluster"] = clusters[0]
    objects = found.get("kubernetes")
    if _is_list(objects) or (isinstance(objects, list) and any(map(_is_list, objects))):
        found["kubernetes"] = list(_objects(objects)) or None
    return found


def _listed(value: Any, field: str) -> Any:
    """What stands under *field* of an answer, or of its Response."""
    inner = value.get("Response") if isinstance(value, Mapping) and "Response" in value else value
    listed = inner.get(field) if isinstance(inner, Mapping) else None
    return listed if isinstance(listed, list) else inner


def _is_list(value: Any) -> bool:
    """Is it an object of kind List, which has nothing but items?"""
    return isinstance(value, Mapping) and value.get("kind") == "List" and isinstance(value.get("items"), list)


def _objects(value: Any) -> Iterator[Any]:
    """The objects in it, those of each List in its place; a List in a List is one more."""
    for each in value["items"] if _is_list(value) else value:
        if _is_list(each):
            yield from _objects(each)
        else:
            yield each
