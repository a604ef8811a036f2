"""
TC3-HMAC-SHA256, the vendor's signature (API 3.0, signature method v3): computed, and verified for real.

The service comes from the credential scope, because the Host header is whatever a client was pointed at: a name, an
address, even a whole URL. Content type and host are signed as they were received, the host also without its port: the
vendor's SDKs sign the endpoint they were given, and in some languages only its name.
"""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from drilllib.cloud.tencent.errors import ApiError, missing
from drilllib.cloud.tencent.requests import Request

ALGORITHM = "TC3-HMAC-SHA256"
WINDOW_S = 300  # how far a timestamp may be off, in seconds, both ways
_PORT = re.compile(r":\d{1,5}\Z", re.ASCII)
SIGNED = ("content-type", "host")  # what has to be signed at least
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=([^/,\s]+)/(\d{{4}}-\d\d-\d\d)/([a-z0-9]+)/tc3_request,"
    r"\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})",
    re.ASCII,
)


def verified_service(request: Request, keys: Mapping[str, str], now: datetime) -> str:
    """
    The service that a request is meant for, once it is certain who sent it. *keys*: each secret id with its key.

    Raises:
        ApiError: AuthFailure.* or MissingParameter.
    """
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
    if found is None:
        raise ApiError("AuthFailure.InvalidAuthorization", f"The header `Authorization` is no {ALGORITHM} signature.")
    secret_id, date, service, signed, signature = found.groups()
    moment = _moment(request, now)
    if secret_id not in keys:
        raise ApiError("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that it is correct.")
    if "x-tc-token" in request.headers:
        raise ApiError("AuthFailure.TokenFailure", "The token is not valid: temporary keys are not issued here.")
    headers = signed.split(";")
    honest = moment.strftime("%Y-%m-%d") == date and set(SIGNED) <= set(headers)
    scope = (keys[secret_id], service, moment)
    wanted = (_of_request(request, *scope, values) for values in _signed_values(request, headers))
    if not honest or not any(hmac.compare_digest(each, signature) for each in wanted):
        raise ApiError("AuthFailure.SignatureFailure", "The signature does not fit the request and the key.")
    return service


def _moment(request: Request, now: datetime) -> datetime:
    """When the request was signed. Raises ApiError where that is not said, or too long ago or ahead."""
    text = request.headers.get("x-tc-timestamp", "").strip()
    if not text:
        raise missing("X-TC-Timestamp")
    if not re.fullmatch(r"\d{1,11}", text, re.ASCII):
        raise ApiError("InvalidParameterValue", "The header `X-TC-Timestamp` is no number of seconds.")
    if abs(now.timestamp() - int(text)) > WINDOW_S:
        raise ApiError("AuthFailure.SignatureExpire", "The signature has expired: check this machine's clock.")
    return datetime.fromtimestamp(int(text), UTC)


def _signed_values(request: Request, headers: Sequence[str]) -> Iterator[dict[str, str]]:
    """What a client may have signed of the headers: as sent or in small letters, the host with its port or without."""
    sent = {name: request.headers.get(name, "").strip() for name in headers}
    for host in dict.fromkeys((sent.get("host", ""), _PORT.sub("", sent.get("host", "")))):
        values = {**sent, "host": host} if "host" in sent else sent
        yield values
        yield {name: value.lower() for name, value in values.items()}


def _of_request(request: Request, key: str, service: str, moment: datetime, values: Mapping[str, str]) -> str:
    """The signature that the request should have, with these values of the signed headers."""
    lines = [f"{name}:{value}\n" for name, value in values.items()]
    unsigned = request.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD"
    digest = sha256(b"UNSIGNED-PAYLOAD" if unsigned else request.body).hexdigest()
    canonical = "\n".join((request.method, "/", "", "".join(lines), ";".join(values), digest))
    return signature(key, service, moment, canonical)


def signature(key: str, service: str, moment: datetime, canonical: str) -> str:
    """Sign a canonical request with a secret key."""
    date = moment.strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    text = "\n".join((ALGORITHM, str(int(moment.timestamp())), scope, sha256(canonical.encode()).hexdigest()))
    derived = f"TC3{key}".encode()
    for part in (date, service, "tc3_request"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    return hmac.digest(derived, text.encode(), "sha256").hex()


def signed_headers(secret_id: str, key: str, host: str, service: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers that sign a POST of *body* to *host*, for clients without the vendor's SDK."""
    content_type = "application/json"
    lines = f"content-type:{content_type}\nhost:{host}\n"
    canonical = "\n".join(("POST", "/", "", lines, ";".join(SIGNED), sha256(body).hexdigest()))
    scope = f"{secret_id}/{moment:%Y-%m-%d}/{service}/tc3_request"
    mark = signature(key, service, moment, canonical)
    return {
        "Content-Type": content_type,
        "Host": host,
        "X-TC-Timestamp": str(int(moment.timestamp())),
        "Authorization": f"{ALGORITHM} Credential={scope}, SignedHeaders={';'.join(SIGNED)}, Signature={mark}",
    }
