"""The vendor's API by the common client of its SDK: the answers untouched, every failure a refusal."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from drilllib.clients.credentials import Credentials
from drilllib.clients.endpoints import Endpoint
from drilllib.clients.failures import UNREADABLE, Backoff, Failure, of_cloud, of_exception, of_status
from drilllib.clients.pages import all_pages
from drilllib.clients.parallel import Pace, Until
from drilllib.clients.scrubbing import scrubbed
from drilllib.clients.writes import again
from drilllib.core.capture.asks import Answer, Ask, CloudCall, Refusal, RefusalKind
from drilllib.errors import MissingToolError

REQUEST_LIMITS_S = (5, 20)  # for a connection; between two pieces of an answer
NO_REGION, SIGNATURE_EXPIRE = "NoRegion", "AuthFailure.SignatureExpire"
LANGUAGE = "en-US"  # in which a refusal names what is to be granted

Page = dict[str, Any]


class SdkReader:
    """
    Answers calls of the vendor's API; several threads may use it at once.

    Args:
        credentials: the keys.
        endpoint: where the API is.
        region: for calls that name none.
        until: when to give up.
        permission: what to grant for an ask, where the refusal does not say.

    Raises:
        MissingToolError: The SDK is not installed.
    """

    def __init__(
        self,
        credentials: Credentials,
        endpoint: Endpoint,
        region: str,
        until: Until,
        *,
        permission: Callable[[Ask], str] = lambda ask: "",
    ) -> None:
        self.region, self.calls = region, 0
        self._credentials, self._endpoint = credentials, endpoint
        self._permission = permission
        self._backoff, self._pace = Backoff(until), Pace(until)
        self._client_class, self._clock = _client_class(), ""
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, call: CloudCall) -> Answer:
        """The answer, all its pages; what came before a failure is kept with the refusal."""
        return all_pages(call, self._page, partial(self.refusal, call))

    def write(self, call: CloudCall) -> Answer:
        """What became of a call that changes something; see `writes` for when it is sent again."""
        found = self._backoff.call(partial(self._write_once, call))
        if isinstance(found, Failure):
            return Answer(call, refusal=self.refusal(call, found))
        assert isinstance(found, dict)
        return Answer(call, (found,), whole=True)

    def _write_once(self, call: CloudCall) -> Page | Failure:
        found = self._attempt(call)
        return replace(found, again=again(found)) if isinstance(found, Failure) else found

    def refusal(self, call: Ask, failure: Failure) -> Refusal:
        """A failure as it may be shown."""
        permission = failure.permission
        if not permission and failure.kind is RefusalKind.FORBIDDEN:
            permission = self._permission(call)
        message = scrubbed(failure.message, self._credentials.secrets)
        return Refusal(failure.kind, failure.code, permission, message, failure.request_id)

    def _page(self, call: CloudCall) -> Page | Failure:
        """One page, tried again where that may help."""
        found = self._backoff.call(partial(self._attempt, call))
        assert isinstance(found, dict | Failure)
        return found

    def _attempt(self, call: CloudCall) -> Page | Failure:
        if not call.region and not self.region:
            return Failure(NO_REGION, "no region was said")
        self._pace.wait(f"{call.service}.{call.action}")
        with self._lock:
            self.calls += 1
        return self.call_once(call, call.region or self.region)

    def call_once(self, call: CloudCall, region: str, *, unsigned: bool = False) -> Page | Failure:
        """One request, and what came of it."""
        try:
            client = self._client(call.service, call.version, region)
            body = client.call(call.action, call.request, options={"SkipSign": True} if unsigned else None)
        except Exception as error:  # the SDK lets through whatever its transport raises
            return _of_error(call.service, error)
        found = _opened(call.service, body)
        is_late = isinstance(found, Failure) and found.code == SIGNATURE_EXPIRE
        return replace(found, message=self._clock) if is_late and isinstance(found, Failure) else found

    def _note_time(self, answer: Any, *_: Any, **__: Any) -> None:
        """How far this machine's clock is from the server's, as its answer tells."""
        with suppress(TypeError, ValueError):
            there = parsedate_to_datetime(answer.headers.get("Date"))
            off = round((datetime.now(UTC) - there).total_seconds())
            self._clock = f"this machine's clock is {abs(off)} s {'ahead' if off > 0 else 'behind'}"

    def _client(self, service: str, version: str, region: str) -> Any:
        """The client for a service in a version and a region; made once."""
        with self._lock:
            key = (service, version, region)
            if key not in self._clients:
                self._clients[key] = self._new_client(*key)
            return self._clients[key]

    def _new_client(self, service: str, version: str, region: str) -> Any:
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile

        keys = self._credentials
        http = HttpProfile(
            protocol=self._endpoint.scheme, endpoint=self._endpoint.host(service), reqTimeout=REQUEST_LIMITS_S
        )
        signer = Credential(keys.secret_id, keys.secret_key, keys.token or None) if keys.secret_id else None
        client = self._client_class(
            service, version, signer, region, ClientProfile(httpProfile=http, language=LANGUAGE)
        )
        connection = client.request.conn
        connection._session.trust_env = False  # of ~/.netrc; the SDK reads proxies by itself
        connection._session.hooks["response"].append(self._note_time)
        connection._session.max_redirects = 0  # a proxy's login page gets no token
        if self._endpoint.is_here:
            connection.proxy = None
        return client


class StatusError(Exception):
    """An HTTP status other than 200, with the body."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def _client_class() -> Any:
    """
    The SDK's common client, that leaves the reading of answers to us.

    Its own gives the body of a failed request as bytes in a message, and fails on an error without RequestId.
    """
    try:
        from tencentcloud.common.common_client import CommonClient
    except ImportError:
        raise MissingToolError(
            "The SDK of Tencent Cloud is not installed",
            remedy="pip install 'drilllib[cloud]', or use --via tools with your own tccli",
        ) from None

    class RawClient(CommonClient):
        def _check_status(self, response: Any) -> None:
            if response.status_code != 200:
                raise StatusError(response.status_code, response.content)

        def _check_error(self, response: Any) -> None:
            """_opened does so."""

    return RawClient


def _of_error(service: str, error: Exception) -> Failure:
    if isinstance(error, StatusError):
        return of_status(service, error.status, error.body)
    code = getattr(error, "code", None)
    if isinstance(code, str) and code != "ClientNetworkError":
        return of_cloud(service, code, str(getattr(error, "message", "")), str(getattr(error, "requestId", "") or ""))
    return of_exception(error)


def _opened(service: str, body: bytes) -> Page | Failure:
    """The answer without its envelope; a failure where it says so, or is none."""
    try:
        found = json.loads(body)["Response"]
        error = found.get("Error")
        if not isinstance(error, dict):
            return dict(found)
        return of_cloud(service, str(error["Code"]), str(error.get("Message", "")), str(found.get("RequestId", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        page = body[:300].lstrip().startswith(b"<")
        said = "a web page came instead of an answer: is there a proxy that wants a login?" if page else "no JSON came"
        return Failure(UNREADABLE, said, again=not page)
