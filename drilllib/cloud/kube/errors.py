"""What the API server refuses, as the `Status` object that clients print. API: meta/v1 Status."""

from collections.abc import Sequence
from typing import Any

from drilllib.cloud.kube.kinds import Kind
from drilllib.errors import printable

Status = dict[str, Any]


class KubeError(Exception):
    """A refusal: the HTTP status, Kubernetes' reason, and a message for people."""

    def __init__(self, code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    def status(self) -> Status:
        """The answer's body."""
        body: Status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        body |= {"reason": self.reason, "code": self.code}
        return body | ({"details": self.details} if self.details else {})


def about(kind: Kind, name: str, **more: Any) -> dict[str, Any]:
    """The details of a Status that is about one object."""
    group = {"group": kind.group} if kind.group else {}
    return {"name": name, **group, "kind": kind.plural, **more}


def not_found(kind: Kind, name: str) -> KubeError:
    """The object does not exist."""
    return KubeError(404, "NotFound", f'{kind.qualified} "{printable(name)}" not found', about(kind, name))


def no_such_path() -> KubeError:
    """Nothing is served at that path."""
    return KubeError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(kind: Kind, name: str) -> KubeError:
    """An object of that name exists already."""
    return KubeError(409, "AlreadyExists", f'{kind.qualified} "{name}" already exists', about(kind, name))


def conflict(kind: Kind, name: str, why: str) -> KubeError:
    """The object changed since the client read it, or is another one."""
    message = f'Operation cannot be fulfilled on {kind.qualified} "{name}": {why}'
    return KubeError(409, "Conflict", message, about(kind, name))


def bad_request(message: str) -> KubeError:
    """The request is malformed."""
    return KubeError(400, "BadRequest", message)


def invalid(kind: Kind, name: str, problems: Sequence[tuple[str, str]]) -> KubeError:
    """The object is invalid; *problems* are pairs of a field and what is wrong with it."""
    causes = [{"reason": _reason(why), "message": why, "field": field} for field, why in problems]
    texts = [f"{field}: {why}" for field, why in problems]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{kind.name}{"." + kind.group if kind.group else ""} "{name}" is invalid: {listed}'
    details = about(kind, name, causes=causes) | {"kind": kind.name}
    return KubeError(422, "Invalid", message, details)


def _reason(why: str) -> str:
    """Kubernetes' word for what is wrong with a field, by how the text begins."""
    words = {"Required": "Required", "Unsupported": "NotSupported", "Duplicate": "Duplicate", "Forbidden:": "Forbidden"}
    return f"FieldValue{words.get(why.partition(' ')[0], 'Invalid')}"


def not_allowed(message: str) -> KubeError:
    """The local cloud does not support that."""
    return KubeError(405, "MethodNotAllowed", f"{message}; the local cloud does not serve it")


def unsupported_type(message: str) -> KubeError:
    """The body is of a type that this server does not read."""
    return KubeError(415, "UnsupportedMediaType", message)


def throttled() -> KubeError:
    """Too many requests at once."""
    return KubeError(429, "TooManyRequests", "the server has received too many requests and has asked us to try again")


def unavailable(code: int) -> KubeError:
    """The server, or what it asks, is not there now; *code* is the HTTP status, from 500."""
    return KubeError(code, "ServiceUnavailable", "the server is currently unable to handle the request")


def unauthorized() -> KubeError:
    """No token, or a wrong one."""
    return KubeError(401, "Unauthorized", "Unauthorized")


def expired(asked: int, oldest: int) -> KubeError:
    """The changes since that resourceVersion are no longer known; the client lists again."""
    return KubeError(410, "Expired", f"too old resource version: {asked} ({oldest})")
