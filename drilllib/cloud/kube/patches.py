"""The three patches that are understood: merge (RFC 7386), JSON patch (RFC 6902) and Kubernetes' strategic merge."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from drilllib.cloud.kube.errors import KubeError, bad_request, unsupported_type
from drilllib.cloud.kube.kinds import Kind

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
# By which field the items of a list are told apart (patchMergeKey of Kubernetes' API types). Other lists are replaced
# as a whole. "ports" of a container are told apart by another field than those of a Service.
KEYS = {
    **dict.fromkeys(("containers", "initContainers", "env", "volumes", "imagePullSecrets"), "name"),
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "conditions": "type",
    "ownerReferences": "uid",
    "topologySpreadConstraints": "topologyKey",
    "hostAliases": "ip",
    "taints": "key",
    "podIPs": "ip",
}
PRIMITIVES = ("finalizers",)  # lists of texts that are merged
_DIRECTIVES = ("$patch", "$retainKeys")


def patched(kind: Kind, item: Mapping[str, Any], patch: Any, content_type: str) -> Any:
    """
    The object with the patch in it; *item* stays as it was.

    Raises:
        KubeError: The type is not understood for that kind, or the patch is none.
    """
    if content_type == JSON_PATCH:
        return _json_patched(copy.deepcopy(dict(item)), patch)
    if not isinstance(patch, dict) and content_type in (MERGE, STRATEGIC):
        found = {str: "string", list: "array", bool: "bool"}.get(type(patch), "number")
        raise bad_request(f"json: cannot unmarshal {found} into Go value of type map[string]interface {{}}")
    if content_type == MERGE:
        return merged(copy.deepcopy(dict(item)), patch)
    if content_type == STRATEGIC and kind.merges:
        return _strategic(copy.deepcopy(dict(item)), patch, "Service" if kind.name == "Service" else "")
    known = [JSON_PATCH, MERGE, *([STRATEGIC] if kind.merges else [])]
    raise unsupported_type(f"the patch is of the type {content_type[:60]!r}; use one of {', '.join(known)}")


def merged(item: Any, patch: Any) -> Any:
    """RFC 7386: objects are merged, null takes a field away, and everything else is replaced."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(item) if isinstance(item, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _strategic(item: dict[str, Any], patch: dict[str, Any], inside: str) -> dict[str, Any]:
    """*inside* is the field that holds these objects; for the top of a Service its kind."""
    if patch.get("$patch") == "replace":
        return {name: value for name, value in patch.items() if not name.startswith("$")}
    if patch.get("$patch") == "delete":
        return {}
    retained = patch.get("$retainKeys")
    if isinstance(retained, list):
        item = {name: value for name, value in item.items() if name in retained}
    for name, value in patch.items():
        if name.startswith("$deleteFromPrimitiveList/"):
            field = name.partition("/")[2]
            item[field] = [each for each in item.get(field) or () if each not in _listed(value)]
        elif value is None:
            item.pop(name, None)
        elif not name.startswith("$"):
            item[name] = _strategic_value(item.get(name), value, name, inside)
    return _in_order(item, patch, inside)


def _strategic_value(old: Any, value: Any, name: str, inside: str) -> Any:
    if isinstance(value, dict):
        # What is named "spec" inside a Service is still the Service's.
        place = inside if name == "spec" and inside == "Service" else name
        return _strategic(old if isinstance(old, dict) else {}, value, place)
    if not isinstance(value, list):
        return value
    old = old if isinstance(old, list) else []
    if name in PRIMITIVES:
        return [*old, *(each for each in value if each not in old)]
    key = _key(name, inside)
    return _merged_list(old, value, key, name) if key else value


def _key(name: str, inside: str) -> str | None:
    if name == "ports":
        return {"containers": "containerPort", "initContainers": "containerPort", "Service": "port"}.get(inside)
    return KEYS.get(name)


def _merged_list(old: list[Any], patch: list[Any], key: str, name: str) -> list[Any]:
    if any(not isinstance(each, dict) for each in patch):
        raise bad_request(f"the patch of the list {name[:60]!r} has an item that is no object")
    if any(each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if each.get("$patch") != "replace"]
    result = [each for each in old if isinstance(each, dict)]
    for each in patch:
        if key not in each:
            raise bad_request(f"map: {str(each)[:60]} does not contain declared merge key: {key}")
        place = next((index for index, item in enumerate(result) if item.get(key) == each[key]), None)
        if each.get("$patch") == "delete":
            result = [item for item in result if item.get(key) != each[key]]
        elif place is None:
            result.append(_strategic({}, each, name))
        else:
            result[place] = _strategic(result[place], each, name)
    return result


def _in_order(item: dict[str, Any], patch: dict[str, Any], inside: str) -> dict[str, Any]:
    """Sort lists as $setElementOrder asks; what it does not name keeps its place behind."""
    for directive, wanted in patch.items():
        field = directive.removeprefix("$setElementOrder/")
        if field == directive or not isinstance(item.get(field), list):
            continue
        key = _key(field, inside)
        order = [each.get(key) if isinstance(each, dict) else each for each in _listed(wanted)]
        ranks = {str(value): rank for rank, value in enumerate(order)}
        item[field].sort(key=lambda each: ranks.get(str(each.get(key) if isinstance(each, dict) else each), len(ranks)))
    return {name: value for name, value in item.items() if name not in _DIRECTIVES}


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _json_patched(document: Any, patch: Any) -> Any:
    if not isinstance(patch, list) or len(patch) > 1000:
        raise bad_request("a JSON patch is a list of at most 1000 operations")
    for step in patch:
        try:
            document = _json_step(document, step)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            message = "the server rejected our request due to an error in our request"
            raise KubeError(422, "Invalid", message) from None
    return document


def _json_step(document: Any, step: Mapping[str, Any]) -> Any:
    operation, path = step["op"], [_unescaped(each) for each in step["path"].split("/")[1:]]
    if not path or operation not in ("add", "remove", "replace", "test"):
        raise ValueError(operation)
    parent = document
    for name in path[:-1]:
        parent = parent[int(name) if isinstance(parent, list) else name]
    last: Any = path[-1]
    if isinstance(parent, list):
        last = len(parent) if last == "-" else int(last)
    if operation == "test" and parent[last] != step["value"]:
        raise ValueError(path)
    if operation in ("remove", "replace"):
        parent[last]  # raises where there is nothing
    if operation == "remove":
        del parent[last]
    elif operation == "add" and isinstance(parent, list):
        parent.insert(last, step["value"])
    elif operation != "test":
        parent[last] = step["value"]
    return document


def _unescaped(text: str) -> str:
    return text.replace("~1", "/").replace("~0", "~")
