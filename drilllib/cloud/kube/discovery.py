"""What a client asks first: the server's version, its groups and resources, and where their OpenAPI is."""

import re
from typing import Any

from drilllib.cloud.kube import openapi
from drilllib.cloud.kube.kinds import KINDS, RBAC, REVIEWS, Kind

Body = dict[str, Any]
SERVED = (*KINDS, *REVIEWS, *RBAC)
GROUPS = tuple(dict.fromkeys((kind.group, kind.version) for kind in SERVED))
_LIST_KIND = "APIGroupDiscoveryList"


def version(number: str) -> Body:
    """The answer to /version."""
    major, minor = [*re.findall(r"\d+", number), "0", "0"][:2]
    build = {"buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "none", "platform": "linux/amd64"}
    return {"major": major, "minor": minor, "gitVersion": f"v{number}-drilllib", "gitCommit": "", **build}


def document_at(path: str, accept: str) -> tuple[Body, str] | None:
    """The document of discovery at a path, with its content type; None where *path* is no such place."""
    path = path.rstrip("/")
    asked = re.search(rf"g=apidiscovery\.k8s\.io;v=(v2|v2beta1);as={_LIST_KIND}", accept.replace(" ", ""))
    if asked and path in ("/api", "/apis"):
        content_type = f"application/json;g=apidiscovery.k8s.io;v={asked[1]};as={_LIST_KIND}"
        return _aggregated(path == "/api", asked[1]), content_type
    body = _plain(path)
    return None if body is None else (body, "application/json")


def _plain(path: str) -> Body | None:
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*each) for each in GROUPS if each[0]]}
    if path == "/openapi/v2":
        return openapi.version_2()
    if path == "/openapi/v3":
        places = {_place(*each): {"serverRelativeURL": f"/openapi/v3/{_place(*each)}?hash=1"} for each in GROUPS}
        return {"paths": places}
    for group, number in GROUPS:
        place = _place(group, number)
        if path == f"/{place}":
            return _resources(group, number)
        if path == f"/openapi/v3/{place}":
            return openapi.version_3(_place(group, number), _kinds(group, number))
        if group and path == f"/apis/{group}":
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, number)}
    return None


def _place(group: str, number: str) -> str:
    return f"apis/{group}/{number}" if group else f"api/{number}"


def _kinds(group: str, number: str) -> list[Kind]:
    return [kind for kind in SERVED if (kind.group, kind.version) == (group, number)]


def _group(group: str, number: str) -> Body:
    only = {"groupVersion": f"{group}/{number}", "version": number}
    return {"name": group, "versions": [only], "preferredVersion": only}


def _resources(group: str, number: str) -> Body:
    version_name = f"{group}/{number}" if group else number
    listed = [each for kind in _kinds(group, number) for each in _resource(kind)]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version_name, "resources": listed}


def _resource(kind: Kind) -> list[Body]:
    short = {"shortNames": list(kind.short)} if kind.short else {}
    categories = {"categories": list(kind.categories)} if kind.categories else {}
    common = {"namespaced": kind.namespaced, "kind": kind.name}
    names = {"name": kind.plural, "singularName": kind.singular, **common}
    whole = {**names, "verbs": list(kind.verbs), **short, **categories}
    parts = [{"name": f"{kind.plural}/{part}", "singularName": "", **common, **_part(kind, part)}
             for part in kind.subresources]  # fmt: skip
    return [whole, *parts]


def _part(kind: Kind, part: str) -> Body:
    """The verbs of a subresource, and what it answers where that is no object of the kind."""
    verbs = {"verbs": ["get"] if part == "log" else ["get", "patch", "update"]}
    return {"group": "autoscaling", "version": "v1", "kind": "Scale", **verbs} if part == "scale" else verbs


def _aggregated(core: bool, number: str) -> Body:
    groups = [each for each in GROUPS if (each[0] == "") == core]
    items = [{"metadata": {"name": group} if group else {}, "versions": [_aggregated_version(group, each)]}
             for group, each in groups]  # fmt: skip
    return {"kind": _LIST_KIND, "apiVersion": f"apidiscovery.k8s.io/{number}", "metadata": {}, "items": items}


def _aggregated_version(group: str, number: str) -> Body:
    resources = [_aggregated_resource(kind) for kind in _kinds(group, number)]
    return {"version": number, "resources": resources, "freshness": "Current"}


def _aggregated_resource(kind: Kind) -> Body:
    response = {"group": kind.group, "version": kind.version, "kind": kind.name}
    optional = {"shortNames": list(kind.short), "categories": list(kind.categories)}
    parts = [_aggregated_part(kind, part, response) for part in kind.subresources]
    return {
        "resource": kind.plural,
        "responseKind": response,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
        **{name: value for name, value in optional.items() if value},
        **({"subresources": parts} if parts else {}),
    }


def _aggregated_part(kind: Kind, part: str, response: Body) -> Body:
    found = _part(kind, part)
    other = {name: found[name] for name in ("group", "version", "kind") if name in found}
    return {"subresource": part, "responseKind": other or response, "verbs": found["verbs"]}
