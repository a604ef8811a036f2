"""Signatures are verified for real: a client that signs wrongly here would fail in the cloud, too."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from drilllib.cloud.tencent import tc3
from tests.cloud.helpers import SECRET_ID, SECRET_KEY, new_api, refusal_of, signed

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def code(**changed: object) -> str:
    """The code that a request gets at NOW when it is changed so; "" where it is answered."""
    moment = changed.pop("moment", NOW)
    return refusal_of(new_api(now=lambda: NOW), "vpc", "DescribeSecurityGroups", moment=moment, **changed)


def test_the_vendors_own_example_gives_the_vendors_signature() -> None:
    """From the vendor's page on signature method v3 (215/36792), whose made-up key this is."""
    body = r'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    lines = "content-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\n"
    canonical = f"POST\n/\n\n{lines}\ncontent-type;host\n{sha256(body.encode()).hexdigest()}"

    found = tc3.signature("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", datetime.fromtimestamp(1551113065, UTC), canonical)

    assert found == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


def test_a_signed_request_is_answered() -> None:
    """The rest of this file would pass on a cloud that refuses everybody."""
    assert code() == ""


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_clock_that_is_off_by_more_than_five_minutes_is_refused(seconds: int) -> None:
    """The usual cause of a signature that worked yesterday."""
    assert code(moment=NOW + timedelta(seconds=seconds)) == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_still_in_time(seconds: int) -> None:
    """The window includes its ends."""
    assert code(moment=NOW + timedelta(seconds=seconds)) == ""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"keys": ("AKIDsomebody", SECRET_KEY)}, "AuthFailure.SecretIdNotFound"),
        ({"keys": (SECRET_ID, "another key")}, "AuthFailure.SignatureFailure"),
        ({"authorization": None}, "AuthFailure.InvalidAuthorization"),
        ({"authorization": "SKIP"}, "AuthFailure.InvalidAuthorization"),
        ({"x_tc_timestamp": None}, "MissingParameter"),
        ({"x_tc_timestamp": "soon"}, "InvalidParameterValue"),
        ({"x_tc_timestamp": str(int(NOW.timestamp()) + 1)}, "AuthFailure.SignatureFailure"),
        ({"x_tc_token": "t"}, "AuthFailure.TokenFailure"),
        ({"content_type": "text/plain"}, "AuthFailure.SignatureFailure"),
        ({"x_tc_action": None}, "MissingParameter"),
        ({"x_tc_version": None}, "MissingParameter"),
        ({"x_tc_region": None}, "MissingParameter"),
        ({"x_tc_region": "ap-nowhere"}, "UnsupportedRegion"),
        ({"x_tc_version": "2016-01-01"}, "NoSuchVersion"),
        ({"x_tc_action": "Nothing"}, "InvalidAction"),
    ],
    ids=lambda value: str(value),
)
def test_each_thing_that_can_be_wrong_has_its_code(changed: dict[str, str | None], expected: str) -> None:
    """A client handles codes, so each has to be the vendor's."""
    assert code(**changed) == expected


def test_a_changed_body_breaks_the_signature() -> None:
    """The body is signed, so that nobody on the way can add a rule."""
    api = new_api()
    request = signed("vpc", "DeleteSecurityGroup", {"SecurityGroupId": "sg-node0001"})
    forged = type(request)(request.method, request.target, request.headers, request.body.replace(b"node", b"clb0"))

    assert b"AuthFailure.SignatureFailure" in api.handle(forged).body


def test_the_service_is_the_one_in_the_signature() -> None:
    """The Host header is whatever the client was pointed at, and names no service."""
    assert refusal_of(new_api(), "vpc", "DescribeInstances") == "InvalidAction"


def code_of_host(signed_host: str, sent: str) -> str:
    """The code that a request gets whose Host header is not what was signed."""
    request = signed("vpc", "DescribeSecurityGroups", {}, host=signed_host, moment=NOW)
    answer = new_api(now=lambda: NOW).handle(replace(request, headers={**request.headers, "host": sent}))
    return json.loads(answer.body)["Response"].get("Error", {}).get("Code", "")


HOSTS = [("127.0.0.1", "127.0.0.1:8080"), ("vpc.cloud.invalid", "VPC.cloud.invalid:80"), ("[::1]", "[::1]:8080")]


@pytest.mark.parametrize(("name", "sent"), HOSTS)
def test_the_host_may_be_signed_with_its_port_or_without(name: str, sent: str) -> None:
    """The header has the port; the SDKs of some languages sign the name alone. Another name or port is still wrong."""
    assert [code_of_host(each, sent) for each in (name, sent, sent.lower())] == [""] * 3
    assert {code_of_host(each, sent) for each in ("elsewhere", f"{name}:81", f"{name}:", "")} == {
        "AuthFailure.SignatureFailure"
    }
