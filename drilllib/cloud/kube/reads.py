"""Getting and listing objects: one, or those that selectors leave, a page at a time, as a Table or as they are."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Any

from drilllib.cloud.kube import negotiation
from drilllib.cloud.kube.endpoints import endpoints_of
from drilllib.cloud.kube.errors import bad_request, not_found
from drilllib.cloud.kube.kinds import ENDPOINTS
from drilllib.cloud.kube.objects import Document, Object, key_of, of_kind
from drilllib.cloud.kube.requests import Request, Target
from drilllib.cloud.kube.scaling import scale_of
from drilllib.cloud.kube.selectors import field_test, label_test
from drilllib.cloud.kube.tables import table

Body = dict[str, Any]


def items_of(document: Document, target: Target) -> list[Object]:
    """The objects of the target's kind, all namespaces'."""
    return endpoints_of(document) if target.kind is ENDPOINTS else of_kind(document, target.kind)


def get(document: Document, request: Request, target: Target, now: datetime) -> Body:
    """One object. Raises KubeError where it is not there."""
    wanted = target.kind.name, (target.namespace or "") if target.kind.namespaced else "", target.name or ""
    item = next((each for each in items_of(document, target) if key_of(each) == wanted), None)
    if item is None:
        raise not_found(target.kind, target.name or "")
    if target.subresource == "scale":
        item = scale_of(item)
    return shown(request, target, [item], now, {"resourceVersion": item["metadata"].get("resourceVersion", "")}, item)


def list_objects(document: Document, request: Request, target: Target, now: datetime, revision: int) -> Body:
    """The objects that the query's selectors leave, sorted by namespace and name, at most its limit at a time."""
    chosen = chooser(request, target)
    items = sorted((item for item in items_of(document, target) if chosen(item)), key=key_of)
    start = _after(request.query.get("continue", ""))
    items = [item for item in items if list(key_of(item)) > start]
    limit = number(request, "limit", 0) or len(items)
    metadata: Body = {"resourceVersion": str(revision)}
    if len(items) > limit:
        metadata |= {"continue": _token(items[limit - 1]), "remainingItemCount": len(items) - limit}
    page = items[:limit]
    whole = {"kind": f"{target.kind.name}List", "apiVersion": target.kind.api_version, "metadata": metadata}
    return shown(request, target, page, now, metadata, whole | {"items": page})


def chooser(request: Request, target: Target) -> Callable[[Object], bool]:
    """A test for the objects that a list or a watch is about."""
    labels = label_test(request.query.get("labelSelector", ""))
    fields = field_test(request.query.get("fieldSelector", ""))

    def chosen(item: Object) -> bool:
        inside = target.namespace is None or key_of(item)[1] == target.namespace
        named = target.name is None or item["metadata"]["name"] == target.name
        return inside and named and labels(item) and fields(item)

    return chosen


def shown(
    request: Request, target: Target, items: list[Object], now: datetime, metadata: Body, otherwise: Body
) -> Body:
    """A Table of *items*, or their metadata, where the client prefers that, else *otherwise*."""
    form = request.form
    if form.of == negotiation.TABLE:
        return table(target.kind, items, now, request.query.get("includeObject", "Metadata"), metadata)
    if form.of == negotiation.PLAIN:
        return otherwise
    partial = [
        {"kind": negotiation.METADATA, "apiVersion": "meta.k8s.io/v1", "metadata": each["metadata"]} for each in items
    ]
    if "items" in otherwise:
        names = {"kind": negotiation.METADATA_LIST, "apiVersion": "meta.k8s.io/v1"}
        return {**names, "metadata": metadata, "items": partial}
    return partial[0]


def number(request: Request, name: str, otherwise: int) -> int:
    """A whole number of the query, never negative. Raises KubeError for anything else."""
    text = request.query.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise bad_request(f"{name}: Invalid value: {text[:40]!r}: must be a whole number from 0")
    return int(text)


def _token(item: Object) -> str:
    return base64.urlsafe_b64encode("\n".join(key_of(item)).encode()).decode()


def _after(token: str) -> list[str]:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode().split("\n")
    except (binascii.Error, ValueError):
        raise bad_request("continue key is not valid") from None
