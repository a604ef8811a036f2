"""A request and its answer, without a socket; and what a path of the Kubernetes API asks for."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.cloud.kube.errors import bad_request, no_such_path, unsupported_type
from drilllib.cloud.kube.kinds import NAMESPACE, Kind, kind_at

LARGEST_BODY = 3 << 20  # bytes, as Kubernetes' own API server has it
DEEPEST = 100  # objects and lists inside one another
_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<plural>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<subresource>.+))?)?"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. *headers* have lower-case names; *user* is None where no token, or a wrong one, was sent."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str | None = None

    def flag(self, name: str) -> bool:
        """Is the query's *name* true?"""
        return self.query.get(name, "").lower() in ("true", "1")

    @property
    def dry_run(self) -> bool:
        """Is the request only to be tried? Raises KubeError for a value other than All."""
        value = self.query.get("dryRun", "")
        if value not in ("", "All"):
            raise bad_request(f'dryRun: Unsupported value: {value[:40]!r}: supported values: "All"')
        return value == "All"

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """
        The body, read as JSON.

        Raises:
            KubeError: It is of another type, no JSON, or nests deeper than `DEEPEST`.
        """
        if self.content_type not in ("", "application/json") and not self.content_type.endswith("patch+json"):
            way = "write a manifest (--dry-run=client -o yaml) and use kubectl apply -f"
            raise unsupported_type(f"the body is {self.content_type[:60]!r}, and only JSON is read here; {way}")
        try:
            value = json.loads(self.body or b"null", parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise bad_request("the body of the request is no JSON") from None
        if _depth(value) > DEEPEST:
            raise bad_request(f"the body of the request nests deeper than {DEEPEST}")
        return value


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: a whole body, or *stream*, whose pieces are sent as they come."""

    code: int
    body: bytes = b""
    content_type: str = "application/json"
    stream: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a path asks for: a kind, all of it or one namespace's (None: every), or one object, or a part of that."""

    kind: Kind
    namespace: str | None
    name: str | None
    subresource: str | None


def json_response(code: int, value: Any, content_type: str = "application/json") -> Response:
    return Response(code, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), content_type)


def target_of(path: str) -> Target:
    """Raises KubeError where no kind that is served lives at that path."""
    found = _PATH.fullmatch(path.rstrip("/"))
    part = found.groupdict() if found else {}
    if part.get("namespace") and part["plural"] in ("status", "finalize"):
        return Target(NAMESPACE, None, part["namespace"], part["plural"])
    kind = kind_at(part.get("group") or "", part.get("version") or "", part.get("plural") or "")
    if kind is None or (part["namespace"] and not kind.namespaced):
        raise no_such_path()
    if part["name"] and kind.namespaced and not part["namespace"]:
        raise no_such_path()
    return Target(kind, part["namespace"], part["name"], part["subresource"])


def _depth(value: Any) -> int:
    """How deeply objects and lists are nested; never recursive, for a body may be nested on purpose."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")
