"""Creating, replacing, patching and deleting objects of a draft of the document; a refusal has changed nothing."""

import copy
from typing import Any

from drilllib.cloud.kube import allocation, fields
from drilllib.cloud.kube.controllers.pods import qos_class
from drilllib.cloud.kube.defaults import admit, fill_defaults
from drilllib.cloud.kube.errors import (
    KubeError,
    already_exists,
    bad_request,
    conflict,
    invalid,
    not_found,
    unsupported_type,
)
from drilllib.cloud.kube.kinds import NAMESPACE, POD, Kind
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    fill_in,
    find,
    name_of,
    namespace_of,
    objects,
    of_kind,
    own,
    owners_of,
    remove,
    swap,
)
from drilllib.cloud.kube.patches import APPLY, patched
from drilllib.cloud.kube.patching import require_fields
from drilllib.cloud.kube.requests import Request, Target
from drilllib.cloud.kube.validation import require_known_fields, require_valid

MOST_OBJECTS = 2000  # of one kind
KEPT_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_GENERATED = ("uid", "creationTimestamp", "generation", "resourceVersion", "selfLink", "managedFields")
_STATUS_KINDS = ("Namespace", "Node", "Pod", "Service", "Deployment", "ReplicaSet", "HorizontalPodAutoscaler")


def create(document: Document, request: Request, target: Target, tools: Tools) -> Object:
    """
    Keep the body as a new object.

    Raises:
        KubeError: It is no such object, means nothing, is there already, or its namespace is not.
    """
    item = _read(request, target)
    metadata = item["metadata"]
    require_known_fields(target.kind, item, None)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + tools.new_id("", 5).removeprefix("-")
    for name in _GENERATED:
        metadata.pop(name, None)
    if target.kind.name in _STATUS_KINDS and target.kind.name != "Node":
        item.pop("status", None)
    _require_name(target.kind, item)
    _require_room(document, target)
    if find(document, target.kind, target.namespace or "", name_of(item)):
        raise already_exists(target.kind, name_of(item))
    fill_defaults(target.kind, item)
    admit(target.kind, item)
    allocation.allocate(document, target.kind, item, None)
    require_valid(target.kind, item, None)
    fill_in(item, target.kind, tools)
    if target.kind is POD:
        item["status"] = {"phase": "Pending", "qosClass": qos_class(item["spec"])}
    objects(document).append(item)
    return item


def replace(document: Document, request: Request, target: Target) -> Object:
    """Put the body in the object's place; see `create` for the errors, and 409 where it was read too long ago."""
    item = _read(request, target)
    require_known_fields(target.kind, item, existing(document, target))
    return update(document, target, item)


def patch(document: Document, request: Request, target: Target) -> Object:
    """Change the object as the body says; see `replace` for the errors."""
    before = existing(document, target)
    if request.content_type == APPLY:
        raise unsupported_type("server-side apply is not served by the local cloud; leave out --server-side")
    change = request.json()
    item = _shaped(patched(target.kind, before, change, request.content_type), target)
    require_fields(item, before, change, request.content_type)
    return update(document, target, item)


def delete(document: Document, request: Request, target: Target) -> dict[str, Any]:
    """
    Take the object away; what it owns goes with it, unless the request says to leave orphans.

    Raises:
        KubeError: It is not there, is another one than the request's preconditions say, or is a namespace to be kept.
    """
    item = existing(document, target)
    options = delete_options(request)
    wanted = options.get("preconditions") or {}
    for name in ("uid", "resourceVersion"):
        if isinstance(wanted, dict) and wanted.get(name) not in (None, item["metadata"].get(name)):
            raise conflict(target.kind, name_of(item), f"the {name} in the precondition is not the object's")
    if target.kind is NAMESPACE:
        _empty(document, name_of(item))
    if (request.query.get("propagationPolicy") or options.get("propagationPolicy")) == "Orphan":
        _let_go(document, item["metadata"]["uid"])
    remove(document, item)
    if target.kind.name in ("Pod", "Service"):
        return item
    details = {"name": name_of(item), "kind": target.kind.plural, "uid": item["metadata"]["uid"]}
    details |= {"group": target.kind.group} if target.kind.group else {}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def delete_options(request: Request) -> dict[str, Any]:
    """The body of a DELETE. Raises KubeError where that is no object, or names a dry run that there is not."""
    options = request.json() if request.body else {}
    if not isinstance(options, dict):
        raise bad_request("the body of the request is no DeleteOptions")
    if options.get("dryRun") not in (None, [], ["All"]):
        raise bad_request('DeleteOptions is invalid: dryRun: Unsupported value: supported values: "All"')
    return options


def existing(document: Document, target: Target) -> Object:
    """The object that the request is about. Raises KubeError where it is not there."""
    item = find(document, target.kind, target.namespace or "", target.name or "")
    if item is None:
        raise not_found(target.kind, target.name or "")
    return item


def update(document: Document, target: Target, item: Object) -> Object:
    """Put an object of the kind's fields into the place of the one of its name; see `replace` for the errors."""
    before = existing(document, target)
    sent, current = item["metadata"].get("resourceVersion"), before["metadata"].get("resourceVersion")
    if sent and sent != current:
        why = "the object has been modified; please apply your changes to the latest version and try again"
        raise conflict(target.kind, name_of(before), why)
    if item["metadata"].get("uid", before["metadata"]["uid"]) != before["metadata"]["uid"]:
        raise conflict(target.kind, name_of(before), "the uid is another one: the object was made anew")
    if name_of(item) != name_of(before):
        raise bad_request("the name of the object does not match the name on the URL")
    item = _server_side(target, item, before)
    fill_defaults(target.kind, item)
    allocation.allocate(document, target.kind, item, before)
    require_valid(target.kind, item, before)
    if item.get("spec") != before.get("spec") and "generation" in before["metadata"]:
        item["metadata"]["generation"] = before["metadata"]["generation"] + 1
    swap(document, before, item)
    return item


def _server_side(target: Target, item: Object, before: Object) -> Object:
    """The new object with what only the server may say; of a status request its status only, of others all but that."""
    if target.subresource == "status":
        return {**copy.deepcopy(before), **({"status": item["status"]} if "status" in item else {})}
    if target.kind.name in _STATUS_KINDS:
        item.pop("status", None)
        item |= {"status": copy.deepcopy(before["status"])} if "status" in before else {}
    for name in (*_GENERATED, "namespace"):
        item["metadata"].pop(name, None)
        if name in before["metadata"]:
            item["metadata"][name] = before["metadata"][name]
    return item


def _read(request: Request, target: Target) -> Object:
    return _shaped(request.json(), target)


def _shaped(item: Any, target: Target) -> Object:
    """The body as an object of the target's kind and namespace; nulls in it are as if they were not there."""
    kind = target.kind
    if not isinstance(item, dict):
        raise bad_request("the body of the request is no object")
    found: Object = fields.with_zeros({**item, "kind": kind.name})
    found["kind"] = item.get("kind") or kind.name
    for field, expected in (("kind", kind.name), ("apiVersion", kind.api_version)):
        if found.setdefault(field, expected) != expected:
            raise bad_request(
                f"the {field} in the data ({str(found[field])[:60]}) is not the expected one ({expected})"
            )
    if not isinstance(found.setdefault("metadata", {}), dict):
        raise bad_request("metadata is no object")
    if kind.namespaced and found["metadata"].setdefault("namespace", target.namespace) != target.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if target.name and not found["metadata"].get("name"):
        found["metadata"]["name"] = target.name
    return found


def _require_name(kind: Kind, item: Object) -> None:
    name = item["metadata"].get("name")
    if not isinstance(name, str) or not name:
        raise invalid(kind, "", [("metadata.name", "Required value: name or generateName is required")])


def _require_room(document: Document, target: Target) -> None:
    if target.kind.namespaced and not find(document, NAMESPACE, "", target.namespace or ""):
        raise not_found(NAMESPACE, target.namespace or "")
    if len(of_kind(document, target.kind)) >= MOST_OBJECTS:
        message = f"exceeded quota: the local cloud keeps at most {MOST_OBJECTS} {target.kind.plural}"
        raise KubeError(403, "Forbidden", message)


def _empty(document: Document, namespace: str) -> None:
    """Remove everything in a namespace that is about to go."""
    if namespace in KEPT_NAMESPACES:
        raise KubeError(403, "Forbidden", f'namespaces "{namespace}" is forbidden: this namespace may not be deleted')
    inside = [each for each in objects(document) if each["kind"] != "Namespace" and "namespace" in each["metadata"]]
    for item in inside:
        if namespace_of(item) == namespace:
            remove(document, item)


def _let_go(document: Document, uid: str) -> None:
    for item in objects(document):
        if uid in owners_of(item):
            kept = [each for each in item["metadata"]["ownerReferences"] if each["uid"] != uid]
            own(document, item)["metadata"]["ownerReferences"] = kept
