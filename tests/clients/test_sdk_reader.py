"""The reader by the SDK, over the wire: answers untouched, tried again where it helps, every failure a refusal."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")

from drilllib.clients import sdk
from drilllib.clients.failures import of_exception
from drilllib.core.capture.asks import Answer, CloudCall, RefusalKind
from tests.clients.stubs import KEYS, PLANTED, Stub, reader, served

SUBNETS = CloudCall.of("vpc", "2017-03-12", "DescribeSubnets", Limit="100")
UIN = "100012345678"
DENIED = (
    "you are not authorized to perform operation (cvm:DescribeSecurityGroupPolicys) "
    f"resource (qcs::cvm:gz:uin/{UIN}:sg/sg-node0001) has no permission"
)


def error(code: str, message: str = "", **more: str) -> bytes:
    return json.dumps({"Response": {"Error": {"Code": code, "Message": message}, **more}}).encode()


def met(answer: Callable[[str, Any], tuple[int, str, bytes]], **options: Any) -> tuple[Answer, int]:
    """What the reader makes of a server that answers so, and how often it asked."""
    with Stub(answer, **options) as stub:
        return reader(stub.address)(SUBNETS), len(stub.heard)


def test_an_answer_comes_as_it_is_and_every_call_is_counted() -> None:
    """No field is dropped or made null, as typed clients do."""
    with served() as (_, address):
        read = reader(address)
        answer = read(SUBNETS)

    assert answer.refusal is None
    assert answer.whole
    assert answer.pages[0]["SubnetSet"][0]["SubnetId"].startswith("subnet-")
    assert (read.calls, answer.ask) == (1, SUBNETS)


def pages_of(total: int, *, moving: bool = False) -> Callable[[str, Any], tuple[int, str, bytes]]:
    """A server with *total* interfaces, each time more of them where they are *moving*."""
    times = iter(range(1000))

    def answer(_: str, asked: Any) -> tuple[int, str, bytes]:
        there = total + (next(times) if moving else 0)
        start, end = asked.get("Offset", 0), asked.get("Offset", 0) + asked["Limit"]
        rows = [{"NetworkInterfaceId": f"eni-{each}"} for each in range(there)][start:end]
        found = {"TotalCount": there, "NetworkInterfaceSet": rows}
        return 200, "application/json", json.dumps({"Response": found}).encode()

    return answer


INTERFACES = CloudCall.of("vpc", "2017-03-12", "DescribeNetworkInterfaces", Limit=2)


def test_pages_are_asked_for_until_all_rows_came() -> None:
    with Stub(pages_of(5)) as stub:
        answer = reader(stub.address)(INTERFACES)

    assert [len(page["NetworkInterfaceSet"]) for page in answer.pages] == [2, 2, 1]
    assert (answer.whole, len(stub.heard)) == (True, 3)


def test_pages_that_do_not_agree_are_read_again_once_and_are_not_whole_then() -> None:
    """A row that came between two pages may have pushed another out of sight."""
    with Stub(pages_of(3, moving=True)) as stub:
        answer = reader(stub.address)(INTERFACES)

    assert answer.refusal is None
    assert not answer.whole
    assert len(stub.heard) > len(answer.pages)


def test_pages_before_a_failure_are_kept_and_the_answer_is_not_whole() -> None:
    whole = pages_of(5)

    def answer(action: str, asked: Any) -> tuple[int, str, bytes]:
        return (
            whole(action, asked)
            if not asked.get("Offset")
            else (200, "application/json", error("UnauthorizedOperation"))
        )

    with Stub(answer) as stub:
        found = reader(stub.address)(INTERFACES)

    assert (len(found.pages), found.whole) == (1, False)
    assert found.refusal is not None
    assert found.refusal.kind is RefusalKind.FORBIDDEN


@pytest.mark.parametrize("kind", ["throttled", "server_error", "dropped"])
def test_what_passes_by_is_tried_again(kind: str) -> None:
    with served() as (api, address):
        api.faults.set(kind, "DescribeSubnets", times=2)
        read = reader(address)
        answer = read(SUBNETS)

    assert answer.whole
    assert read.calls == 3


@pytest.mark.parametrize("kind", ["throttled", "server_error", "dropped"])
def test_what_stays_becomes_a_refusal_after_five_tries(kind: str) -> None:
    with served() as (api, address):
        api.faults.set(kind, "DescribeSubnets", times=None)
        read = reader(address)
        answer = read(SUBNETS)

    assert answer.refusal is not None
    assert (answer.refusal.kind, read.calls) == (RefusalKind.FAILED, 5)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UnauthorizedOperation", RefusalKind.FORBIDDEN),
        ("AuthFailure.UnauthorizedOperation", RefusalKind.FORBIDDEN),
        ("FailedOperation.RBACForbidden", RefusalKind.FORBIDDEN),
        ("InternalError.CamNoAuth", RefusalKind.FORBIDDEN),
        ("InvalidParameter.LBIdNotFound", RefusalKind.ABSENT),
        ("ResourceNotFound.ClusterNotFound", RefusalKind.ABSENT),
        ("InvalidParameterValue", RefusalKind.FAILED),
        ("UnsupportedRegion", RefusalKind.FAILED),
    ],
)
def test_a_refusal_is_not_asked_again(code: str, kind: RefusalKind) -> None:
    """Trying again what is not allowed only makes noise in the owner's audit."""
    answer, asked = met(lambda *_: (200, "application/json", error(code, RequestId="r-1")))

    assert answer.refusal is not None
    assert (answer.refusal.kind, answer.refusal.code, answer.refusal.request_id, asked) == (kind, code, "r-1", 1)


def test_the_permission_is_what_the_message_says_and_the_account_is_not_shown() -> None:
    """CAM's names are not the API's."""
    answer, _ = met(lambda *_: (200, "application/json", error("UnauthorizedOperation", DENIED)))

    assert answer.refusal is not None
    assert answer.refusal.permission == "cvm:DescribeSecurityGroupPolicys"
    assert "sg-node0001" in answer.refusal.message
    assert UIN not in repr(answer)


def test_where_the_message_says_nothing_the_table_does() -> None:
    with Stub(lambda *_: (200, "application/json", error("UnauthorizedOperation", "no"))) as stub:
        answer = reader(stub.address, permission=lambda ask: f"{ask.service}:{ask.action}")(SUBNETS)

    assert answer.refusal is not None
    assert answer.refusal.permission == "vpc:DescribeSubnets"


@pytest.mark.parametrize(
    ("status", "kind", "body", "code", "asked"),
    [
        (200, "text/html", b"<html>Please log in</html>", "UnreadableAnswer", 1),
        (200, "application/json", b'{"Response": {"Vp', "UnreadableAnswer", 5),
        (200, "application/json", b'{"no": "envelope"}', "UnreadableAnswer", 5),
        (200, "application/json; charset=utf-8", error("InvalidParameter"), "InvalidParameter", 1),
        (200, "application/json", error("UnauthorizedOperation"), "UnauthorizedOperation", 1),  # no RequestId
        (
            429,
            "application/json",
            error("RequestLimitExceeded.IPLimitExceeded"),
            "RequestLimitExceeded.IPLimitExceeded",
            5,
        ),
        (502, "text/html", b"<html>bad gateway</html>", "HTTP 502", 5),
        (403, "text/html", b"<html>no</html>", "HTTP 403", 1),
        (302, "text/html", b"", "HTTP 302", 1),
    ],
)
def test_answers_that_the_sdk_does_not_expect(status: int, kind: str, body: bytes, code: str, asked: int) -> None:
    """Of each the SDK raises something else, or gives the true code as bytes in a message."""
    answer, times = met(lambda *_: (status, kind, body))

    assert answer.refusal is not None
    assert (answer.refusal.code, times) == (code, asked)


def test_a_signature_out_of_time_tells_how_far_the_clock_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer's own Date tells; nothing is corrected silently."""
    monkeypatch.setattr(sdk, "parsedate_to_datetime", lambda _: datetime.now(UTC) - timedelta(seconds=400))
    answer, _ = met(lambda *_: (200, "application/json", error("AuthFailure.SignatureExpire", "expired")))

    assert answer.refusal is not None
    assert answer.refusal.message == "this machine's clock is 400 s ahead"


def test_a_body_that_is_cut_is_tried_again_and_told() -> None:
    answer, asked = met(lambda *_: (200, "application/json", b'{"Response": {}}'), cut=10)

    assert answer.refusal is not None
    assert (answer.refusal.code, asked) == ("Unreachable", 5)


def test_an_address_where_nobody_is_is_not_asked_five_times() -> None:
    """Without the VPN one waits five seconds then, and not half a minute."""
    from urllib3.exceptions import ConnectTimeoutError, MaxRetryError

    late = MaxRetryError(None, "/", ConnectTimeoutError("timed out"))

    assert not of_exception(late).again
    assert of_exception(ConnectionResetError(104, "Connection reset by peer")).again


def test_a_redirection_is_not_followed_and_a_proxy_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signature and token would go along; and no proxy leads to this machine."""
    with Stub(lambda *_: (200, "application/json", b"{}")) as other:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{other.address}")
        answer, asked = met(lambda *_: (307, "text/html", f"http://{other.address}/".encode()))

    assert answer.refusal is not None
    assert other.heard == []
    assert asked >= 1


def test_nobody_there() -> None:
    answer = reader("127.0.0.1:9")(SUBNETS)

    assert answer.refusal is not None
    assert answer.refusal.message == "ConnectionRefusedError: Connection refused"


def test_a_planted_key_is_in_no_refusal_and_no_repr() -> None:
    """A server may say back what it was sent."""
    echo = f"signed by {PLANTED[0]} with token={PLANTED[2]} and {KEYS.secret_key} for uin {UIN}"
    answer, _ = met(lambda *_: (200, "application/json", error("AuthFailure.SignatureFailure", echo)))
    read = reader("127.0.0.1:9")

    assert not [each for each in (*PLANTED, UIN) if each in repr(answer) + repr(read) + repr(read.__dict__)]
