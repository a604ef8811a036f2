"""The subresource scale of Deployments and ReplicaSets: a `Scale` of autoscaling/v1, in and out."""

import copy
from typing import Any

from drilllib.cloud.kube.cells import pairs
from drilllib.cloud.kube.errors import bad_request, conflict, invalid
from drilllib.cloud.kube.objects import Document, Object, name_of
from drilllib.cloud.kube.patches import MERGE, STRATEGIC, merged, patched
from drilllib.cloud.kube.requests import Request, Target
from drilllib.cloud.kube.writes import existing, update

_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(item: Object) -> Object:
    """How many pods it wants and has, and the selector of them as text."""
    metadata = {name: item["metadata"][name] for name in _KEPT if name in item["metadata"]}
    spec, status = item.get("spec") or {}, item.get("status") or {}
    selector = pairs((spec.get("selector") or {}).get("matchLabels"))
    counts = {"replicas": status.get("replicas", 0), "selector": selector}
    names = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata}
    return {**names, "spec": {"replicas": spec.get("replicas", 1)}, "status": counts}


def scale(document: Document, request: Request, target: Target) -> Object:
    """
    Change how many pods it wants.

    Raises:
        KubeError: It is not there, changed meanwhile, or the body is no Scale or patch of one.
    """
    before = existing(document, target)
    wanted = _wanted(request, target, scale_of(before))
    version = (wanted.get("metadata") or {}).get("resourceVersion")
    if version and version != before["metadata"].get("resourceVersion"):
        why = "the object has been modified; please apply your changes to the latest version and try again"
        raise conflict(target.kind, name_of(before), why)
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if isinstance(replicas, bool) or not isinstance(replicas, int) or abs(replicas) >= 1 << 31:
        raise bad_request("json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32")
    if replicas < 0:
        text = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise invalid(target.kind, name_of(before), [("spec.replicas", text)])
    item = copy.deepcopy(before)
    item.setdefault("spec", {})["replicas"] = replicas
    return update(document, target, item)


def _wanted(request: Request, target: Target, now: Object) -> dict[str, Any]:
    body = request.json()
    if request.method == "PATCH":
        plain = request.content_type in (MERGE, STRATEGIC) and isinstance(body, dict)
        body = merged(now, body) if plain else patched(target.kind, now, body, request.content_type)
    found: dict[str, Any] = body if isinstance(body, dict) else {}
    parts = [found.get(name) for name in ("metadata", "spec")]
    if not found or any(not isinstance(part, dict | None) for part in parts):
        raise bad_request("the body of the request is no Scale")
    return found
