"""
Which kinds of objects a cluster has in its namespaces, custom resources among them: what its API's discovery says.

Source: Kubernetes, "API concepts", resource discovery: /api, /apis and a list of resources for each group and version.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.clients.failures import Failure
from drilllib.clients.kubernetes_api import KubernetesReader
from drilllib.core.capture.asks import KubernetesRead

CORE = "/api/v1"


def namespaced_kinds(reader: KubernetesReader) -> tuple[list[KubernetesRead], list[str]]:
    """
    The kinds that can be listed in a namespace, each once: in its group's first version that has it.

    With them the paths of discovery that had no answer: kinds of those groups are not known.
    """
    kinds: dict[tuple[str, str], KubernetesRead] = {}
    groups = reader.document("/apis")
    unread = ["/apis"] if isinstance(groups, Failure) else []
    for group, version, path in [("", "v1", CORE), *_versions({} if isinstance(groups, Failure) else groups)]:
        found = reader.document(path)
        if isinstance(found, Failure):
            unread.append(path)
            continue
        for each in _kinds(found, group, version):
            kinds.setdefault((group, each.resource), each)
    return list(kinds.values()), unread


def _versions(groups: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each group and version, with the path of its list of resources; the preferred version of a group first."""
    for group in groups.get("groups") or ():
        preferred = (group.get("preferredVersion") or {}).get("version")
        versions = [str(each["version"]) for each in group.get("versions") or ()]
        for version in sorted(versions, key=lambda each: each != preferred):
            yield str(group["name"]), version, f"/apis/{group['name']}/{version}"


def _kinds(found: Mapping[str, Any], group: str, version: str) -> Iterator[KubernetesRead]:
    for each in found.get("resources") or ():
        if each.get("namespaced") and "list" in (each.get("verbs") or ()) and "/" not in each["name"]:
            yield KubernetesRead(group, version, str(each["name"]), str(each.get("kind") or each["name"]))
