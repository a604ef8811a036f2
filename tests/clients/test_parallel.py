"""Many reads at once: a slow one keeps nobody waiting, the pace is kept; and what is taken out of an error."""

import time
from typing import Any

import pytest

from drilllib.clients.parallel import Pace, Parallel, Stopped, Until
from drilllib.clients.scrubbing import scrubbed
from drilllib.core.capture.asks import CloudCall
from tests.clients.stubs import Stub, reader
from tests.waits import PATIENCE_S

pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")

UIN = "100012345678"
SUBNETS = CloudCall.of("vpc", "2017-03-12", "DescribeSubnets", Limit="100")


def test_a_slow_answer_is_late_and_the_others_are_there() -> None:
    """One call that hangs must not cost the capture."""

    def answer(action: str, _: Any) -> tuple[int, str, bytes]:
        return 200, "application/json", b'{"Response": {"TotalCount": 0}}'

    slow = CloudCall.of("vpc", "2017-03-12", "DescribeVpcs")
    until = Until(1.0)
    with Stub(answer) as stub:
        read = reader(stub.address, until=until)

        def work(call: CloudCall) -> Any:
            return until.pause(PATIENCE_S) if call == slow else read(call)

        found = Parallel(work, until).each([slow, SUBNETS])

    assert found[0] is None
    assert found[1].whole


def test_an_error_in_the_work_is_raised_and_stops_the_rest() -> None:
    until = Until(PATIENCE_S)

    def work(number: int) -> int:
        if number == 0:
            raise ZeroDivisionError
        until.pause(PATIENCE_S / 2)
        return number

    with pytest.raises(ZeroDivisionError):
        Parallel(work, until).each([1, 2, 0])
    assert until.left_s == 0


def test_an_interrupt_ends_the_pauses() -> None:
    until = Until(PATIENCE_S)
    until.stop()

    with pytest.raises(Stopped):
        until.pause(0.1)


def test_one_action_starts_so_often_a_second_and_no_oftener() -> None:
    pace, start = Pace(Until(PATIENCE_S), most=3), time.monotonic()
    for _ in range(4):
        pace.wait("vpc.DescribeVpcs")
    pace.wait("another")

    assert time.monotonic() - start >= 1.0


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f'User "{UIN}-1700000000" cannot list resource "nodes"', 'User *** cannot list resource "nodes"'),
        ("account 1250000000, ins-1a2b3c4d", "account ***, ins-1a2b3c4d"),
        ("mail ops@example.com", "mail ***"),
        ("https://user:pw@proxy.example:8080/", "https://***@proxy.example:8080/"),
        ("Authorization: Bearer abcdef", "Authorization: ***"),
        ("two\nlines\x1b[31m", "two lines\\x1b[31m"),
        ("10.0.36.12:80 in vpc-12345678", "10.0.36.12:80 in vpc-12345678"),
    ],
)
def test_what_is_scrubbed_and_what_stays(text: str, left: str) -> None:
    assert scrubbed(text) == left
