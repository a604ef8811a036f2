"""A request and its answer as plain values, so that the whole cloud can be asked without a socket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from drilllib.cloud.tencent.errors import ApiError

LARGEST_BODY = 10 << 20  # bytes; the vendor's limit for requests signed with TC3


class Fate(StrEnum):
    """What becomes of an answer: it is sent, or half of it, the connection is cut, or the whole cloud goes down."""

    SENT = "sent"
    HALVED = "halved"
    DROPPED = "dropped"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. *headers* have names in small letters. *target* may be absolute, as a proxy's client sends."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. *wait_s* is how long it is held back, in seconds."""

    status: int = 200
    body: bytes = b""
    wait_s: float = 0.0
    fate: Fate = Fate.SENT
    content_type: str = "application/json"  # exactly so: the SDK overlooks errors in any other


def require_root(request: Request) -> None:
    """Raises ApiError where it is no POST to ``/``; parameters in the address (GET) are left out."""
    try:
        parts = urlsplit(request.target)
    except ValueError:
        raise ApiError("InvalidRequest", "The request target cannot be read.") from None
    if request.method != "POST" or parts.path not in ("", "/") or parts.query:
        raise ApiError("InvalidRequest", "Only POST requests to / are answered.")


def parameters(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty body has none. Raises ApiError."""
    try:
        found = json.loads(body.decode("utf-8") or "{}")
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # half a character could not be saved
    except (ValueError, RecursionError):
        raise ApiError("InvalidParameter", "The request body is no JSON that can be read.") from None
    if not isinstance(found, dict):
        raise ApiError("InvalidParameter", "The request body is no JSON object.")
    return found


def answer(request_id: str, fields: Mapping[str, Any]) -> Response:
    """Success: the fields, and the id of the request."""
    return _enveloped({**fields, "RequestId": request_id})


def refusal(request_id: str, error: ApiError) -> Response:
    """An error, which is HTTP 200 too: clients take another status for a broken network."""
    return _enveloped({"Error": {"Code": error.code, "Message": error.message}, "RequestId": request_id})


def _enveloped(fields: Mapping[str, Any]) -> Response:
    return Response(body=json.dumps({"Response": fields}, ensure_ascii=False).encode())
