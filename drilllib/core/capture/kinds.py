"""Kinds of Kubernetes by their names in the API: the resource that is asked for, its group and version."""

from collections.abc import Mapping
from typing import Any

from drilllib.core.capture.asks import KubernetesRead
from drilllib.core.capture.sources import called
from drilllib.errors import InvalidInputError, quoted


def resource_of(item: Any, page: Mapping[str, Any], source: str) -> KubernetesRead:
    """
    What one asks for to get an object of this kind; the items of a PodList, which leave out theirs, are Pods.

    Raises:
        InvalidInputError: It is no object, or has no kind.
    """
    of_list = str(page.get("kind")).removesuffix("List")
    kind = item.get("kind") or of_list if isinstance(item, Mapping) else None
    version = (item.get("apiVersion") or page.get("apiVersion") or "v1") if isinstance(item, Mapping) else ""
    if not isinstance(kind, str) or not kind or not isinstance(version, str):
        raise InvalidInputError(
            "An object in {source} has no kind: {value}",
            remedy="Save what kubectl get -o json or -o yaml prints, unchanged",
            source=called(source),
            value=quoted(item),
        )
    group, _, number = version.rpartition("/")
    return KubernetesRead(group, number, plural(kind), kind)


def plural(kind: str) -> str:
    """The resource of a kind, as ``ingresses`` of Ingress and ``networkpolicies`` of NetworkPolicy."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith("y") and name[-2:-1] not in tuple("aeiou"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"
