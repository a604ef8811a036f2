"""
Changes of a snapshot's document as data: RFC 6902 operations from one document to another, and their application.

Of that standard's operations a log needs three: add, remove and replace. Places are RFC 6901 pointers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.snapshot.reuse import DEEPEST, copied
from drilllib.errors import InvalidInputError, quoted

Operation = dict[str, Any]
_OPERATIONS = ("add", "remove", "replace")


def difference(before: Any, after: Any) -> list[Operation]:
    """The operations, in their order, that make *before* into *after*; none where they are equal as JSON."""
    return list(_between(before, after, ""))


def _between(before: Any, after: Any, place: str) -> Iterator[Operation]:
    if before is after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _between_objects(before, after, place)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _between_lists(before, after, place)
    elif before.__class__ is not after.__class__ or before != after:  # true is not 1, and 1 is not 1.0
        yield {"op": "replace", "path": place, "value": copied(after)}


def _between_objects(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[Operation]:
    for name, value in before.items():
        inner = f"{place}/{_escaped(name)}"
        if name in after:
            yield from _between(value, after[name], inner)
        else:
            yield {"op": "remove", "path": inner}
    for name, value in after.items():
        if name not in before:
            yield {"op": "add", "path": f"{place}/{_escaped(name)}", "value": copied(value)}


def _between_lists(before: Sequence[Any], after: Sequence[Any], place: str) -> Iterator[Operation]:
    """What both begin and end with is left; in between item by item, and what is over is taken out or put in."""
    shorter = min(len(before), len(after))
    start = next((index for index in range(shorter) if difference(before[index], after[index])), shorter)
    rest = range(1, shorter - start + 1)
    end = next((index - 1 for index in rest if difference(before[-index], after[-index])), shorter - start)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for index, (one, other) in enumerate(zip(old, new, strict=False), start):
        yield from _between(one, other, f"{place}/{index}")
    both = start + min(len(old), len(new))
    for index in reversed(range(both, start + len(old))):
        yield {"op": "remove", "path": f"{place}/{index}"}
    for index in range(both, start + len(new)):
        yield {"op": "add", "path": f"{place}/{index}", "value": copied(after[index])}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def part_of(path: str) -> str:
    """The part of a document that a pointer leads into; empty for the whole document."""
    return _names(path)[0] if path.startswith("/") else path


def _names(path: str) -> list[str]:
    return [name.replace("~1", "/").replace("~0", "~") for name in path.split("/")[1:]]


def applied(document: Any, patch: Sequence[Mapping[str, Any]]) -> Any:
    """
    The document after *patch*. What no operation touches is shared with *document*, which stays as it is.

    Raises:
        InvalidInputError: An operation is none of the three, its place is not there, or it nests too deeply.
    """
    for operation in patch:
        document = _after(document, operation)
    return document


def _after(document: Any, operation: Mapping[str, Any]) -> Any:
    kind, path = operation.get("op"), operation.get("path")
    if kind not in _OPERATIONS:
        raise InvalidInputError(
            "The operation is {found}", remedy="Use add, remove or replace (RFC 6902)", found=quoted(kind)
        )
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise _no_place(path)
    names = _names(path)
    if len(names) >= DEEPEST or (kind != "remove" and "value" not in operation):
        raise _no_place(path)
    value = copied(operation.get("value"), DEEPEST - len(names))
    if not names:
        return None if kind == "remove" else value
    return _changed(document, names, kind, value, path)


def _changed(inside: Any, names: Sequence[str], kind: str, value: Any, path: str) -> Any:
    """A copy of *inside* with one thing otherwise; only what lies on the way is copied."""
    name, *rest = names
    key = _key(inside, name, path, adds=kind == "add" and not rest)
    if rest:
        if isinstance(inside, dict):
            return {**inside, key: _changed(inside[key], rest, kind, value, path)}
        return [*inside[:key], _changed(inside[key], rest, kind, value, path), *inside[key + 1 :]]
    if isinstance(inside, dict):
        others = {each: found for each, found in inside.items() if each != key}
        return others if kind == "remove" else {**inside, key: value}
    behind = key if kind == "add" else key + 1
    return [*inside[:key], *([] if kind == "remove" else [value]), *inside[behind:]]


def _key(inside: Any, name: str, path: str, *, adds: bool) -> Any:
    """The name, or the place in a list, that has to be there already unless something *adds* it."""
    if isinstance(inside, dict) and (adds or name in inside):
        return name
    if isinstance(inside, list):
        if adds and name == "-":
            return len(inside)
        is_number = name.isascii() and name.isdecimal() and len(name) < 10 and str(int(name)) == name
        if is_number and int(name) < len(inside) + adds:
            return int(name)
    raise _no_place(path)


def _no_place(path: object) -> InvalidInputError:
    return InvalidInputError(
        "The snapshot has no place {path} for that operation",
        remedy="Use a pointer to what is there (RFC 6901)",
        path=quoted(path),
    )
