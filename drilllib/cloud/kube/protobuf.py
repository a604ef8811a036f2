"""
Reading protobuf, which typed clients send (`kubectl create deployment`, `kubectl auth can-i`): the object as JSON has
it. Answers are always JSON, which those clients take.

Format: k8s.io/apimachinery, runtime/serializer/protobuf: four bytes, then a runtime.Unknown with the object in it.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from drilllib.cloud.kube import types
from drilllib.cloud.kube.errors import bad_request

MAGIC = b"k8s\x00"
CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
DEEPEST = 60  # messages inside one another
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Go sends every field that is no pointer, "" and 0 too, where JSON leaves them out. In these, a zero was meant.
_ZEROS = """
    replicas minReplicas revisionHistoryLimit progressDeadlineSeconds terminationGracePeriodSeconds gracePeriodSeconds
    tolerationSeconds runAsUser runAsGroup fsGroup optional immutable orphanDependents controller blockOwnerDeletion
    allocateLoadBalancerNodePorts automountServiceAccountToken enableServiceLinks shareProcessNamespace runAsNonRoot
    privileged allowPrivilegeEscalation readOnlyRootFilesystem
"""
_MAY_BE_ZERO = frozenset(_ZEROS.split())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_object(body: bytes) -> dict[str, Any]:
    """
    The object in a body.

    Raises:
        KubeError: It is no such message, is of a type that is not served, or has a field that is not known.
    """
    if not body.startswith(MAGIC):
        raise _unreadable()
    api_version, kind, raw = "", "", b""
    for number, value in _fields(body[len(MAGIC) :]):
        if number == 1:
            names = {place: _text(each) for place, each in _fields(_bytes(value))}
            api_version, kind = names.get(1, ""), names.get(2, "")
        raw = _bytes(value) if number == 2 else raw
    group, _, version = api_version.rpartition("/")
    name = f"{types.META}.{kind}" if kind == "DeleteOptions" else types.name_of_type(group, version, kind)
    if name is None or name not in types.numbers():
        raise bad_request(f'no kind "{kind[:60]}" is registered for version "{api_version[:60]}" here')
    return {"apiVersion": api_version, "kind": kind, **_message(raw, name, DEEPEST)}


def _message(data: bytes, name: str, depth: int, outer: str = "") -> dict[str, Any]:
    """The fields of one message; *outer* is the type that has them in JSON, where that is another one."""
    if not depth:
        raise _unreadable()
    fields, known = types.definitions()[outer or name].get("properties", {}), types.numbers().get(name, {})
    found: dict[str, Any] = {}
    for number, value in _fields(data):
        field = known.get(str(number))
        if isinstance(field, list):
            found |= _message(_bytes(value), field[0], depth - 1, outer or name)
        elif (field is None or field not in fields) and name.endswith("Status"):
            continue  # it is for the server to say
        elif field is None or field not in fields:
            raise bad_request(f"field {number} of {name.rpartition('.')[2]} is not read as protobuf here; send JSON")
        else:
            _put(found, field, value, fields[field], depth - 1)
    return found


def _put(found: dict[str, Any], field: str, value: Any, schema: types.Schema, depth: int) -> None:
    if schema.get("type") == "array":
        found.setdefault(field, []).append(_value(value, schema["items"], depth))
    elif schema.get("type") == "object" and "additionalProperties" in schema:
        entry = dict(_fields(_bytes(value)))
        held = _value(entry.get(2, b""), schema["additionalProperties"], depth)
        found.setdefault(field, {})[_text(entry.get(1, b""))] = held
    else:
        held = _value(value, schema, depth)
        if held or isinstance(held, dict) or (field in _MAY_BE_ZERO and held is not None):
            found[field] = held


def _value(value: Any, schema: types.Schema, depth: int) -> Any:
    name = schema.get("$ref")
    if name in types.TIMES:
        return _time(dict(_fields(_bytes(value))))
    if name == types.QUANTITY:
        return _text(dict(_fields(_bytes(value))).get(1, b""))
    if name == types.INT_OR_STRING:
        parts = dict(_fields(_bytes(value)))
        return _text(parts.get(3, b"")) if parts.get(1) else _signed(parts.get(2, 0))
    if name is not None:
        return _message(_bytes(value), name, depth)
    if schema.get("type") == "integer":
        return _signed(value)
    if schema.get("type") == "boolean":
        return bool(value)
    return base64.b64encode(_bytes(value)).decode() if schema.get("format") == "byte" else _text(value)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Pairs of a field's number and its value: a number, or bytes."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        if tag & 7 == _VARINT:
            value, place = _varint(data, place)
            yield tag >> 3, value
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(tag & 7, -1)
        if tag & 7 == _BYTES:
            size, place = _varint(data, place)
        if size < 0 or place + size > len(data):
            raise _unreadable()
        yield tag >> 3, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number, and where the next field begins."""
    value = 0
    for step, byte in enumerate(data[place : place + 10]):
        value |= (byte & 127) << (7 * step)
        if byte < 128:
            return value & (1 << 64) - 1, place + step + 1
    raise _unreadable()


def _signed(value: Any) -> int:
    if not isinstance(value, int):
        raise _unreadable()
    return value - (1 << 64) if value >> 63 else value


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise _unreadable()
    return value


def _text(value: Any) -> str:
    try:
        return _bytes(value).decode()
    except UnicodeDecodeError:
        raise _unreadable() from None


def _time(parts: dict[int, Any]) -> str | None:
    """Kubernetes sends no seconds at all for "not set"."""
    if not parts:
        return None
    try:
        return (_EPOCH + timedelta(seconds=_signed(parts.get(1, 0)))).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        raise _unreadable() from None


def _unreadable() -> Exception:
    return bad_request("the body of the request is no protobuf of Kubernetes")
