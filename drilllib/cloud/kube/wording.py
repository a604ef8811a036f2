"""The words in which Kubernetes refuses a value. Source: apimachinery, util/validation, and field.Error."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

Problems = Iterator[tuple[str, str]]  # pairs of a field and what is wrong with it
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*", re.ASCII)
_KEY = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_VALUE = re.compile(rf"({_KEY.pattern})?", re.ASCII)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with"
    " an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
    r" '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_KEY_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
    " character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
    " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
    " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
REQUIRED = "Required value"
IMMUTABLE = "field is immutable"
LONGEST = 400  # characters of a value in a message


def shown(value: Any) -> str:
    """A value as field errors have it: JSON, keys sorted."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def wrong(value: Any, why: str) -> str:
    return f"Invalid value: {shown(value)}: {why}"


def duplicate(value: Any) -> str:
    return f"Duplicate value: {shown(value)}"


def unsupported(value: Any, supported: Iterable[str]) -> str:
    return f"Unsupported value: {shown(value)}: supported values: {', '.join(map(shown, sorted(supported)))}"


def port_problem(value: Any) -> str | None:
    """What is wrong with the number of a port; None where nothing is."""
    return None if 1 <= value <= 65535 else wrong(value, "must be between 1 and 65535, inclusive")


def label_problems(text: str, field: str) -> Problems:
    """What is wrong with a name of one part."""
    if len(text) > 63:
        yield field, wrong(text, "must be no more than 63 bytes")
    if not _LABEL.fullmatch(text):
        yield field, wrong(text, _LABEL_TEXT)


def subdomain_problems(text: str, field: str) -> Problems:
    """What is wrong with a name of parts with dots between them."""
    if len(text) > 253:
        yield field, wrong(text, "must be no more than 253 bytes")
    if not _SUBDOMAIN.fullmatch(text):
        yield field, wrong(text, _SUBDOMAIN_TEXT)


def labels_problems(labels: dict[str, str], field: str) -> Problems:
    """What is wrong with the keys and values of labels."""
    for key, value in labels.items():
        prefix, slash, name = key.rpartition("/")
        if slash and not _SUBDOMAIN.fullmatch(prefix):
            yield field, wrong(key, f"prefix part {_SUBDOMAIN_TEXT}")
        if not _KEY.fullmatch(name) or len(name) > 63:
            yield field, wrong(key, _KEY_TEXT if len(name) <= 63 else "name part must be no more than 63 bytes")
        if not _VALUE.fullmatch(value) or len(value) > 63:
            yield field, wrong(value, _VALUE_TEXT if len(value) <= 63 else "must be no more than 63 bytes")


def annotations_problems(annotations: dict[str, str], field: str) -> Problems:
    """What is wrong with the keys of annotations, whose values are free, and with their size."""
    for key in annotations:
        prefix, slash, name = key.lower().rpartition("/")
        if not _KEY.fullmatch(name) or len(name) > 63 or (slash and not _SUBDOMAIN.fullmatch(prefix)):
            yield field, wrong(key, _KEY_TEXT)
    if sum(len(key) + len(value) for key, value in annotations.items()) > 1 << 18:
        yield field, f"Too long: may not be more than {1 << 18} bytes"
