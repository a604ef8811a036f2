"""
Which fields our kinds have, and of which type. Unknown ones are refused, as Kubernetes does under Strict validation: a
misspelt field that is silently dropped teaches nothing.

The types are those of `types`; NodeENIConfig is a custom resource, whose spec and status are not looked into.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.cloud.kube import types
from drilllib.cloud.kube.kinds import BY_NAME
from drilllib.cloud.kube.types import Schema

_ANYTHING: Schema = {}
_CUSTOM: Schema = {
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "spec": _ANYTHING,
        "status": _ANYTHING,
        "metadata": {"$ref": f"{types.META}.ObjectMeta"},
    }
}
_JSON_KINDS = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
_GO_KINDS = {bool: "bool", int: "int64", float: "float64", str: "string", list: "slice", dict: "map"}
_LARGEST = {"int32": 1 << 31, "int64": 1 << 63}


@dataclass(frozen=True, slots=True)
class Problem:
    """
    A field that is not known (*wanted* is None), or whose value is not of the Go type *wanted*; *inside* is the type
    that has the field.
    """

    path: str
    wanted: str | None
    found: Any
    inside: str

    def decoding(self) -> str:
        """What Go's JSON decoder says of the value."""
        place = f"{self.inside}.{_without_indices(self.path)}"
        found = _JSON_KINDS[type(self.found)]
        return f"json: cannot unmarshal {found} into Go struct field {place} of type {self.wanted}"

    def converting(self) -> str:
        """What Kubernetes' converter says of it, by which patches are applied."""
        wanted = self.wanted or ""
        if wanted.startswith("[]"):
            return f"cannot restore slice from {_GO_KINDS[type(self.found)]}"
        if wanted.startswith("map["):
            return f"cannot restore map from {_GO_KINDS[type(self.found)]}"
        if wanted.startswith(("v1.", "v2.")):
            return f"cannot restore struct from: {_GO_KINDS[type(self.found)]}"
        return f"unrecognized type: {wanted}"


def unknown_fields(item: Mapping[str, Any]) -> list[str]:
    """The fields that the object's kind does not have: ``spec.externalTraficPolicy``."""
    return [each.path for each in problems(item) if each.wanted is None]


def problems(item: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the object's fields, in their order."""
    return _in_object(item, _schema_of(item["kind"]), "", item["kind"])


def with_zeros(item: dict[str, Any]) -> dict[str, Any]:
    """The object without nulls: a field is as if it were not there, an item of a list as Go reads it, empty."""
    found: dict[str, Any] = _with_zeros(item, _schema_of(item["kind"]))
    return found


def _schema_of(kind: str) -> Schema:
    name = types.type_of(BY_NAME[kind])
    return types.definitions()[name] if name else _CUSTOM


def _with_zeros(value: Any, pointing: Schema) -> Any:
    schema = _resolved(pointing)
    if isinstance(value, dict):
        inner = schema.get("properties") or {}
        rest: Schema = schema.get("additionalProperties") or _ANYTHING
        return {name: _with_zeros(each, inner.get(name, rest)) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        items: Schema = _resolved(schema.get("items") or _ANYTHING)
        return [_zero(items) if each is None else _with_zeros(each, items) for each in value]
    return value


def _zero(schema: Schema) -> Any:
    return {"string": "", "integer": 0, "boolean": False, "array": []}.get(schema.get("type", ""), {})


def _resolved(schema: Schema) -> Schema:
    return types.definitions()[schema["$ref"]] if "$ref" in schema else schema


def _problems(value: Any, schema: Schema, path: str, inside: str) -> Iterator[Problem]:
    name = schema.get("$ref", "")
    inner = _resolved(schema)
    if name in (types.QUANTITY, types.INT_OR_STRING):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            yield Problem(path, name.rpartition(".")[2], value, inside)
    elif "properties" in inner:
        if isinstance(value, dict):
            yield from _in_object(value, inner, path, name.rpartition(".")[2] or inside)
        else:
            yield Problem(path, _go_type(schema), value, inside)
    elif inner.get("type") == "array":
        yield from _in_list(value, schema, inner, path, inside)
    elif "additionalProperties" in inner:
        yield from _in_map(value, schema, inner["additionalProperties"], path, inside)
    elif not _fits(value, inner):
        yield Problem(path, _go_type(schema), value, inside)


def _in_object(value: Mapping[str, Any], schema: Schema, path: str, inside: str) -> Iterator[Problem]:
    known = schema.get("properties") or {}
    for name, each in value.items():
        place = f"{path}.{name}" if path else name
        if name not in known:
            yield Problem(place, None, each, inside)
        else:
            yield from _problems(each, known[name], place, inside)


def _in_list(value: Any, schema: Schema, inner: Schema, path: str, inside: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, _go_type(schema), value, inside)
        return
    for place, each in enumerate(value):
        yield from _problems(each, inner["items"], f"{path}[{place}]", inside)


def _in_map(value: Any, schema: Schema, each_schema: Schema, path: str, inside: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, _go_type(schema), value, inside)
        return
    for name, each in value.items():
        yield from _problems(each, each_schema, f"{path}.{name}", inside)


def _fits(value: Any, schema: Schema) -> bool:
    kind = schema.get("type")
    if kind == "string":
        return isinstance(value, str) and (schema.get("format") != "byte" or _is_base64(value))
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        largest = _LARGEST.get(schema.get("format", ""), 1 << 63)
        return isinstance(value, int) and not isinstance(value, bool) and -largest <= value < largest
    return kind is None or isinstance(value, dict)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.encode("utf-8", "replace"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _go_type(schema: Schema) -> str:
    """The type as Go calls it: int32, []v1.ServicePort, map[string]string."""
    if "$ref" in schema:
        version, _, name = schema["$ref"].rpartition(".")
        plain = _resolved(schema)
        return f"{version.rpartition('.')[2]}.{name}" if "properties" in plain else str(plain.get("type", "string"))
    if schema.get("type") == "array":
        return f"[]{_go_type(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map[string]{_go_type(schema['additionalProperties'])}"
    names: dict[str, str] = {"integer": schema.get("format", "int64"), "boolean": "bool"}
    return names.get(schema.get("type", ""), "string")


def _without_indices(path: str) -> str:
    return ".".join(part.partition("[")[0] for part in path.split("."))
