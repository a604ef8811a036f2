"""
The OpenAPI of the served kinds: `kubectl explain` reads their fields in it, and clients see by the parameter
fieldValidation that the server checks fields itself.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from drilllib.cloud.kube import types
from drilllib.cloud.kube.kinds import KINDS, RBAC, VERBS, Kind

Body = dict[str, Any]
_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation")
_CUSTOM = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def version_2() -> Body:
    """The whole document of Swagger 2."""
    schemas: Body = {}
    for kind in KINDS:
        schemas |= _schemas(kind)
    return {
        "swagger": "2.0",
        "info": {"title": "drilllib", "version": "1"},
        "paths": {},
        "definitions": {name: _pointing(each, "#/definitions/", whole=False) for name, each in schemas.items()},
    }


@cache
def _version_3(place: str, kinds: tuple[Kind, ...]) -> Body:
    schemas: Body = {}
    for kind in kinds:
        schemas |= _schemas(kind)
    return {
        "openapi": "3.0.0",
        "info": {"title": "drilllib", "version": "1"},
        "paths": {path: operation for kind in kinds for path, operation in _paths(place, kind)},
        "components": {
            "schemas": {name: _pointing(each, "#/components/schemas/", whole=True) for name, each in schemas.items()}
        },
    }


def version_3(place: str, kinds: list[Kind]) -> Body:
    """The document of one group and version, which is at *place*."""
    return _version_3(place, tuple(kinds))


def _paths(place: str, kind: Kind) -> Iterable[tuple[str, Body]]:
    """Each path of a kind's objects with what may be done there; it is how clients find the kind's schema."""
    gvk = {"group": kind.group, "version": kind.version, "kind": kind.name}
    names = [{"name": each, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for each in _PARAMETERS]
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{_name(kind)}"}}}
    operation: Body = {"responses": {"200": {"description": "OK", "content": content}}}
    operation |= {"x-kubernetes-group-version-kind": gvk}
    root = f"/{place}/{'namespaces/{namespace}/' if kind.namespaced else ''}{kind.plural}"
    writing = {"parameters": names, **operation}
    verbs = VERBS if kind in RBAC else kind.verbs  # kubectl looks for its PATCH before it sends anything
    if "create" in verbs:
        yield root, {"post": {**writing, "x-kubernetes-action": "post"}}
    if "get" in verbs:
        found: Body = {"get": {**operation, "x-kubernetes-action": "get"}}
        if "patch" in verbs:
            found |= {"put": {**writing, "x-kubernetes-action": "put"}}
            found |= {"patch": {**writing, "x-kubernetes-action": "patch"}}
        yield f"{root}/{{name}}", found


def _name(kind: Kind) -> str:
    reverse = ".".join(reversed(kind.group.split(".")))
    return types.type_of(kind) or f"{reverse}.{kind.version}.{kind.name}"


def _schemas(kind: Kind) -> dict[str, Body]:
    """The kind's type and all that it is made of."""
    name, known = _name(kind), types.definitions()
    if name not in known:
        metadata = {"$ref": f"{types.META}.ObjectMeta"}
        fields: Body = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": metadata}
        gvk = {"group": kind.group, "version": kind.version, "kind": kind.name}
        own: Body = {"type": "object", "properties": {**fields, "spec": _CUSTOM, "status": _CUSTOM}}
        own |= {"x-kubernetes-group-version-kind": [gvk]}
        return {name: own, **_closure(f"{types.META}.ObjectMeta")}
    return _closure(name)


@cache
def _closure(name: str) -> dict[str, Body]:
    known, wanted = types.definitions(), [name]
    found: dict[str, Body] = {}
    while wanted:
        each = wanted.pop()
        if each not in found:
            found[each] = known[each]
            wanted += references(known[each])
    return found


def references(value: Any) -> list[str]:
    """The names of the types that a type refers to, as often as it does."""
    if isinstance(value, list):
        return [name for each in value for name in references(each)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [name for each in value.values() for name in references(each)]


def _pointing(value: Any, where: str, *, whole: bool) -> Any:
    """References as the document has them; *whole*: what stands beside one is kept, which OpenAPI 3 wants in allOf."""
    if isinstance(value, list):
        return [_pointing(each, where, whole=whole) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _pointing(each, where, whole=whole) for name, each in value.items() if name != "$ref"}
    if not isinstance(value.get("$ref"), str):
        return found if "$ref" not in value else {**found, "$ref": _pointing(value["$ref"], where, whole=whole)}
    reference = {"$ref": where + value["$ref"]}
    return {"allOf": [reference], **found} if whole and found else {**found, **reference}
