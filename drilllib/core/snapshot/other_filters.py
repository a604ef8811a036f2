"""Objects besides NetworkPolicies that may let nobody in to pods, and which the engine does not evaluate."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger.kubernetes import OTHER_FILTERS
from drilllib.core.snapshot.resources import object_name

ISTIO = "istio-system"  # where policies hold for the whole mesh
Filter = tuple[str | None, str]  # the namespace of the pods, None for all, and what the object is called


def filters_of(kubernetes: KubernetesObjects) -> Sequence[Filter]:
    """Objects that may let nobody in to pods of their namespace, None for all, each with its name."""
    found: list[Filter] = []
    for item in kubernetes.of_kind("PeerAuthentication"):  # Istio's, of a namespace or of the whole mesh
        namespace = item["metadata"].get("namespace") or "default"
        if "STRICT" in _words(item.get("spec")):
            found.append((None if namespace == ISTIO else namespace, f"PeerAuthentication {object_name(item)}"))
    for kind in (*OTHER_FILTERS, *kubernetes.kinds_like("NetworkPolicy")):
        for item in kubernetes.of_kind(kind):
            namespace = item["metadata"].get("namespace")
            of_mesh = kind == "AuthorizationPolicy" and namespace == ISTIO  # Istio's root namespace
            shown = f"{kind} {object_name(item) if namespace else item['metadata']['name']}"
            found.append((None if of_mesh else namespace, shown))
    return found


def _words(value: Any) -> Iterator[str]:
    """Every text in an object or a list."""
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _words(each)
