"""Label selectors and field selectors, as text in a query and as objects in a spec."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.kube.errors import bad_request

Labels = Mapping[str, str]
Test = Callable[[Mapping[str, Any]], bool]
FIELDS = re.compile(
    r"metadata\.(name|namespace)|spec\.(restartPolicy|schedulerName)|spec\.(nodeName|unschedulable|type|clusterIP)|status\.(phase|podIP)"
    r"|involvedObject\.\w+|reason|type|source|reportingComponent"
)
_SET = re.compile(r"(?P<key>[\w./-]+)\s+(?P<word>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUAL = re.compile(r"(?P<key>[\w./-]+)\s*(?P<word>==|=|!=)\s*(?P<value>[\w.-]*)")
_EXISTS = re.compile(r"(?P<word>!?)\s*(?P<key>[\w./-]+)")


def label_test(text: str) -> Test:
    """A test of an object's labels. Raises KubeError where the selector cannot be read."""
    tests = [_label_requirement(part.strip()) for part in _split(text)] if text.strip() else []
    return lambda item: all(test(item["metadata"].get("labels") or {}) for test in tests)


def field_test(text: str) -> Test:
    """A test of an object's fields, such as ``spec.nodeName=node-a``. Raises KubeError for a field without support."""
    tests = [_field_requirement(part.strip()) for part in text.split(",") if part.strip()]
    return lambda item: all(test(item) for test in tests)


def selects(selector: Mapping[str, Any] | None, labels: Labels) -> bool:
    """Does a LabelSelector object select these labels? An absent one selects nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    rest = selector.get("matchExpressions") or ()
    return wanted.items() <= labels.items() and all(_fits(each, labels) for each in rest)


def _fits(expression: Mapping[str, Any], labels: Labels) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or ()
    present = expression["key"] in labels
    tests = {"In": present and value in values, "NotIn": not present or value not in values}
    return bool(tests.get(expression["operator"], present == (expression["operator"] == "Exists")))


def _split(text: str) -> list[str]:
    """The requirements between the commas that stand outside parentheses."""
    return re.split(r",(?![^(]*\))", text)


def _label_requirement(text: str) -> Callable[[Labels], bool]:
    if found := _SET.fullmatch(text):
        values = {value.strip() for value in found["values"].split(",")}
        key, inside = found["key"], found["word"] == "in"
        return lambda labels: (labels.get(key) in values) == inside
    if found := _EQUAL.fullmatch(text):
        key, value, equal = found["key"], found["value"], found["word"] != "!="
        return lambda labels: (labels.get(key) == value) == equal
    if found := _EXISTS.fullmatch(text):
        key, wanted = found["key"], not found["word"]
        return lambda labels: (key in labels) == wanted
    raise bad_request(_unreadable(text))


def _unreadable(text: str) -> str:
    """As Kubernetes' parser stops: at the first word that cannot stand there."""
    found = re.match(r"[=!]=?|[<>(),]", text)
    if found and found[0] != "!":
        return f"found '{found[0]}', expected: !, identifier, or 'end of string'"
    words = re.sub(r"[^ -~]", "?", text)[:60]
    return f"unable to parse requirement: found '{words}', expected: in, notin, =, ==, !=, gt, lt"


def _field_requirement(text: str) -> Test:
    found = re.fullmatch(r"([\w.]+)(==|=|!=)(.*)", text, re.DOTALL)
    if not found or not FIELDS.fullmatch(found[1]):
        label = re.split("[=!]", text)[0][:60]
        raise bad_request(f"field label not supported: {label}" if found else f"invalid selector: '{text[:60]}'")
    path, equal, value = found[1].split("."), found[2] != "!=", found[3]
    return lambda item: (_field(item, path) == value) == equal


def _field(item: Any, path: list[str]) -> str:
    for name in path:
        item = item.get(name) if isinstance(item, Mapping) else None
    return "" if item is None else str(item).lower() if isinstance(item, bool) else str(item)
