"""A request and its answer, without a socket; and what a path of the Kubernetes API asks for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from drilllib.cloud.kube import bodies, negotiation
from drilllib.cloud.kube.errors import bad_request, no_such_path
from drilllib.cloud.kube.kinds import NAMESPACE, Kind, kind_at

LARGEST_BODY = 3 << 20  # bytes, as Kubernetes' own API server has it
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

    @property
    def form(self) -> negotiation.Form:
        """The form of the answer. Raises KubeError, 406, where none is served that the client takes."""
        return negotiation.form_of(self.headers.get("accept", ""))

    def json(self) -> Any:
        """The body, as JSON has it. Raises KubeError where it is of another type or cannot be read."""
        return bodies.read(self.body, self.content_type)


@dataclass(frozen=True, slots=True)
class Response:
    """
    An answer: a whole body, or *stream*, whose pieces are sent as they come. It is held back for *wait_s* seconds;
    where it *is_dropped*, the connection is cut instead.
    """

    code: int
    body: bytes = b""
    content_type: str = "application/json"
    stream: Iterator[bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What a path asks for: a kind, all of it or one namespace's (None: every), or one object, or a part of that."""

    kind: Kind
    namespace: str | None
    name: str | None
    subresource: str | None


def json_response(code: int, value: Any, content_type: str = negotiation.JSON) -> Response:
    """An answer in JSON, whatever the client would rather have: refusals, and what only JSON is served of."""
    return Response(code, negotiation.written(value, negotiation.Form()), content_type)


def target_of(path: str) -> Target:
    """Raises KubeError where no kind that is served lives at that path."""
    found = _PATH.fullmatch(path.rstrip("/"))
    part = {name: text and unquote(text) for name, text in found.groupdict().items()} if found else {}
    if part.get("namespace") and part["plural"] in ("status", "finalize"):
        return Target(NAMESPACE, None, part["namespace"], part["plural"])
    kind = kind_at(part.get("group") or "", part.get("version") or "", part.get("plural") or "")
    if kind is None or (part["namespace"] and not kind.namespaced):
        raise no_such_path()
    if part["name"] and kind.namespaced and not part["namespace"]:
        raise no_such_path()
    return Target(kind, part["namespace"], part["name"], part["subresource"])
