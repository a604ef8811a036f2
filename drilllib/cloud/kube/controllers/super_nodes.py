"""
Pods on super nodes: each has an address of its node's subnet, and an interface of its own, whose groups are those of
the pod's annotation, else the node pool's [SUPER]. The project's default group, where there are neither, is left out.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.kube.objects import Document, Object, annotations_of
from drilllib.core.snapshot.interfaces import SUPER_NODE

GROUPS = "eks.tke.cloud.tencent.com/security-group-id"


def is_super(name: str) -> bool:
    """Is that the name of a super node?"""
    return name.startswith(SUPER_NODE)


def subnet_of(document: Document, name: str) -> dict[str, Any] | None:
    """The subnet of a super node of a pool; None of one that is in no pool."""
    wanted = _place(document, name)[1].get("SubnetId")
    return next((each for each in document.get("subnets") or () if wanted and each.get("SubnetId") == wanted), None)


def groups_of(document: Document, pod: Object) -> list[str]:
    """The groups for the interface of a pod on a super node, in order."""
    said = annotations_of(pod).get(GROUPS)
    if isinstance(said, str) and said.strip():
        return [each.strip() for each in said.split(",") if each.strip()]
    return list(_place(document, pod["spec"]["nodeName"])[0].get("SecurityGroupIds") or ())


def _place(document: Document, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The pool of a node, and the node as the pool lists it; empty where it is in none."""
    for pool in document.get("virtual_node_pools") or ():
        for node in pool["VirtualNodes"]:
            if node["Name"] == name:
                return pool, node
    return {}, {}
