"""Which kind a Kubernetes object is: its API group tells it from another's kind of the same name."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from drilllib.core.snapshot.ledger.kubernetes import KUBERNETES_KINDS

_APPS = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
_GROUPS = {
    **{kind.name.partition(" ")[0]: kind.source.rpartition("/")[0] for kind in KUBERNETES_KINDS},
    **dict.fromkeys(_APPS, "apps"),
}


def kind_of(item: Mapping[str, Any]) -> str:
    """
    Its kind; KIND.GROUP, as kubectl names it, where a kind that we read is another group's: ``Node.longhorn.io``.

    One without an apiVersion is the kind that we read. The group is what stands before the version [API concepts].
    """
    return _kind(item["kind"], item.get("apiVersion") or "")


@lru_cache(maxsize=1000)
def _kind(kind: str, version: str) -> str:
    group = version.rpartition("/")[0]
    is_ours = kind not in _GROUPS or not version or group == _GROUPS[kind]
    return kind if is_ours else f"{kind}.{group or 'core'}"


def is_proxied(item: Mapping[str, Any]) -> bool:
    """Is it anything but an EndpointSlice of names, which kube-proxy does not process [discovery.k8s.io/v1]?"""
    return item["kind"] != "EndpointSlice" or str(item.get("addressType") or "").upper() != "FQDN"
