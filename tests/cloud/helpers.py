"""A cloud for one test, and three ways to ask it: as a function, by raw signed HTTP, and by the vendor's own SDK."""

import http.client
import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent import tc3
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.requests import Request
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import default_lab
from tests.waits import PATIENCE_S

SECRET_ID, SECRET_KEY, REGION = "AKIDlearner", "a-key-for-tests", "ap-guangzhou"
KEYS = {SECRET_ID: SECRET_KEY}
VERSIONS = {"vpc": "2017-03-12", "tag": "2018-08-13", "cvm": "2017-03-12", "clb": "2018-03-17", "tke": "2022-05-01"}
VERSIONS |= {"drill": "2026-01-01"}


class RefusedError(Exception):
    """The cloud answered with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def new_api(document: Mapping[str, Any] | None = None, **options: Any) -> TencentApi:
    """The API over the default lab, or over *document*."""
    kept = {name: options.pop(name) for name in ("file", "seed", "now") if name in options}
    return TencentApi(CloudState(document or default_lab(), **kept), KEYS, **options)


def signed(
    service: str,
    action: str,
    params: Any,
    *,
    version: str | None = None,
    host: str = "cloud.test",
    moment: datetime | None = None,
    target: str = "/",
    keys: tuple[str, str] = (SECRET_ID, SECRET_KEY),
    **changed: str | None,
) -> Request:
    """A signed request. *changed* sets or, with None, removes headers after it was signed: ``x_tc_region=None``."""
    body = params if isinstance(params, bytes) else json.dumps(params).encode()
    headers = tc3.signed_headers(*keys, host, service, moment or datetime.now(UTC), body)
    headers |= {"X-TC-Action": action, "X-TC-Version": version or VERSIONS[service], "X-TC-Region": REGION}
    found = {name.lower(): value for name, value in headers.items()}
    found |= {name.replace("_", "-"): value for name, value in changed.items()}
    return Request("POST", target, {name: value for name, value in found.items() if value is not None}, body)


def ask(api: TencentApi, service: str, action: str, params: Any = None, **details: Any) -> dict[str, Any]:
    """Ask without a socket. Raises RefusedError."""
    return opened(api.handle(signed(service, action, params or {}, **details)).body)


def refusal_of(api: TencentApi, service: str, action: str, params: Any = None, **details: Any) -> str:
    """The code of the error that a request gets; "" where it gets none."""
    try:
        ask(api, service, action, params, **details)
    except RefusedError as error:
        return error.code
    return ""


def opened(body: bytes) -> dict[str, Any]:
    """The fields of an answer. Raises RefusedError."""
    fields = json.loads(body)["Response"]
    assert fields["RequestId"]
    if "Error" in fields:
        raise RefusedError(fields["Error"]["Code"], fields["Error"]["Message"])
    return fields


def post(port: int, request: Request) -> http.client.HTTPResponse:
    """Send a request over a socket of its own; the body has been read into ``.data``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        response = connection.getresponse()
        response.data = response.read()
        return response
    finally:
        connection.close()


@contextmanager
def served(api: TencentApi) -> Iterator[CloudServer]:
    """The API on a port."""
    with CloudServer(api.handle) as server:
        yield server


def sdk(service: str, address: str, *, version: str | None = None, keys: tuple[str, str] = (SECRET_ID, SECRET_KEY)):
    """The vendor's client for a service, pointed at *address*, and its models."""
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile

    folder = f"tencentcloud.{service}.v{(version or VERSIONS[service]).replace('-', '')}"
    module = importlib.import_module(f"{folder}.{service}_client")
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=address, reqTimeout=PATIENCE_S))
    client = getattr(module, f"{service.capitalize()}Client")(Credential(*keys), REGION, profile)
    return client, importlib.import_module(f"{folder}.models")
