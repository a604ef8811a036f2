"""The body of a request, read as JSON, as YAML or as protobuf."""

import json
import re
from collections import Counter
from typing import Any

from drilllib.cloud.kube import protobuf
from drilllib.cloud.kube.errors import bad_request, unsupported_type
from drilllib.documents import yaml_document
from drilllib.errors import InvalidInputError, MissingToolError

DEEPEST = 100  # objects and lists inside one another
JSON, YAML = ("", "application/json"), ("application/yaml", "application/apply-patch+yaml")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ALIAS = re.compile(rb"(?:^|[\s\[{,:-])\*\w")  # what an alias points to may be large beyond measure
_LARGEST_YAML = 1 << 18  # bytes: PyYAML takes a second for each


def read(body: bytes, content_type: str) -> Any:
    """
    The value in a body.

    Raises:
        KubeError: It is of another type, cannot be read, says a field twice, or nests deeper than `DEEPEST`.
    """
    if content_type == protobuf.CONTENT_TYPE:
        return protobuf.read_object(body)
    if content_type in YAML and body.lstrip()[:1] not in (b"{", b"["):
        value = _yaml(body)
    elif content_type in JSON + YAML or content_type.endswith("patch+json"):
        value = _json(body)
    else:
        known = "accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"
        raise unsupported_type(f"the body of the request was in an unknown format - {known}")
    if _depth(value) > DEEPEST:
        raise bad_request(f"the body of the request nests deeper than {DEEPEST}")
    return _without_surrogates(value) if b"\\u" in body else value


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"null", parse_constant=_no_number, parse_float=_number, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise bad_request("the body of the request is no JSON") from None


def _yaml(body: bytes) -> Any:
    """JSON is YAML too; what YAML has beyond JSON, such as dates, is refused."""
    try:
        if len(body) > _LARGEST_YAML or _ALIAS.search(body):
            raise bad_request(f"a body in YAML may have {_LARGEST_YAML} bytes here, and no aliases; send JSON")
        return _json(json.dumps(yaml_document(body.decode(), "the body")).encode())
    except (InvalidInputError, MissingToolError, ValueError, TypeError, RecursionError):
        raise bad_request("the body of the request cannot be read as YAML") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise bad_request(f'strict decoding error: duplicate field "{twice[:60]}"')
    return found


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _depth(value: Any) -> int:
    """How deeply objects and lists are nested; never recursive, for a body may be nested on purpose."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _without_surrogates(value: Any) -> Any:
    """A lone surrogate, which only an escape can produce, is read as U+FFFD, as Go does."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(each) for name, each in value.items()}
    return value
