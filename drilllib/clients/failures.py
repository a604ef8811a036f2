"""What became of one request that brought no answer: what it is called, whether to try again, what it means."""

import json
import random
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from drilllib.clients.parallel import Until
from drilllib.core.capture.asks import RefusalKind

ATTEMPTS = 5
FIRST_WAIT_S = 0.5  # then 1, 2, 4
UNREACHABLE, UNREADABLE = "Unreachable", "UnreadableAnswer"
LIMITED = "RequestLimitExceeded"
_NOT_ALLOWED = ("CamNoAuth", "RBACForbidden", "ACTION_NO_AUTH")
_REFUSING = ("UnauthorizedOperation", "AuthFailure", "OperationDenied")
_NOBODY = {"ConnectTimeoutError"}  # the system has asked three times in those seconds already [tcp(7)]
_OPERATION = re.compile(r"operation\s*\(([a-z]+:[A-Za-z]+)\)")


@dataclass(frozen=True, slots=True)
class Failure:
    """One request's end: its *code*, the *message* as it came, the *request_id*. *again* says that trying may help."""

    code: str
    message: str = ""
    request_id: str = ""
    again: bool = False

    @property
    def kind(self) -> RefusalKind:
        """What it means for who asked."""
        if self.code.startswith(_REFUSING) or any(each in self.code + self.message for each in _NOT_ALLOWED):
            return RefusalKind.FORBIDDEN
        if self.code.startswith("ResourceNotFound") or self.code.endswith("NotFound"):
            return RefusalKind.ABSENT
        return RefusalKind.FAILED

    @property
    def permission(self) -> str:
        """The action that the message names as CAM does, to be granted; "" where it names none."""
        named = _OPERATION.search(self.message)
        return named[1] if named and self.kind is RefusalKind.FORBIDDEN else ""


def of_cloud(service: str, code: str, message: str, request_id: str = "") -> Failure:
    """An error of the vendor's API; only documented codes are worth another try."""
    refused = Failure(code, message, request_id)
    again = code.startswith((LIMITED, "InternalError")) or (service == "tke" and code == "FailedOperation")
    return Failure(code, message, request_id, again and refused.kind is RefusalKind.FAILED)


def of_status(service: str, status: int, body: bytes) -> Failure:
    """An HTTP status other than 200: the true code may stand in the body."""
    try:
        error = json.loads(body)["Response"]
        found = of_cloud(
            service, error["Error"]["Code"], str(error["Error"].get("Message", "")), str(error.get("RequestId", ""))
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found = Failure(f"HTTP {status}", "", "", False)
    again = status == 429 or status >= 500 or found.again
    return Failure(found.code, found.message, found.request_id, again and found.kind is RefusalKind.FAILED)


def of_exception(error: BaseException) -> Failure:
    """A connection that was refused, cut, or too slow; the text of such an error is never shown as it is."""
    reasons = _chain(error)
    said = ": ".join(filter(None, (type(reasons[-1]).__name__, _short(reasons))))
    is_lasting = isinstance(reasons[-1], ssl.SSLCertVerificationError) or _NOBODY & {type(e).__name__ for e in reasons}
    return Failure(UNREACHABLE, said, again=not is_lasting)


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it wraps, outermost first."""
    found: list[BaseException] = []
    current: object = error
    while isinstance(current, BaseException) and current not in found:
        found.append(current)
        wrapped = getattr(current, "reason", None)
        args = [each for each in current.args if isinstance(each, BaseException)]
        current = (
            wrapped
            if isinstance(wrapped, BaseException)
            else next(iter(args), current.__cause__ or current.__context__)
        )
    return found


def _short(reasons: list[BaseException]) -> str:
    """The system's own words for it; "" where there are none that are known to be harmless."""
    return next((str(each.strerror) for each in reversed(reasons) if isinstance(each, OSError) and each.strerror), "")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Tries again what may help, with growing and random pauses that no two clients share."""

    until: Until
    attempts: int = ATTEMPTS
    first_wait_s: float = field(default_factory=lambda: FIRST_WAIT_S)
    draw: Callable[[], float] = random.random

    def call(self, attempt: "Callable[[], Failure | object]") -> object:
        """
        What *attempt* gives in the end, a Failure or something else.

        Raises:
            Stopped: The time is up.
        """
        found = attempt()
        for number in range(self.attempts - 1):
            if not isinstance(found, Failure) or not found.again:
                break
            self.until.pause(self.first_wait_s * 2**number * (0.5 + self.draw() / 2))
            found = attempt()
        return found
