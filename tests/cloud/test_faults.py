"""Faults on purpose: what a client meets, and whether the work was done."""

import http.client
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.faults import Faults, Kind
from drilllib.cloud.tencent.requests import Fate
from drilllib.cloud.tencent.server import CloudServer
from tests.cloud.helpers import ask, new_api, opened, post, refusal_of, served, signed
from tests.waits import PATIENCE_S

CREATE = ("vpc", "CreateSecurityGroup", {"GroupName": "new", "GroupDescription": ""})
READ = ("vpc", "DescribeSecurityGroups", {})


def count(api: TencentApi) -> int:
    """How many groups there really are."""
    return len(api.snapshot().groups)


@pytest.fixture
def api() -> TencentApi:
    """Three groups."""
    return new_api()


@pytest.mark.parametrize(("kind", "code"), [("throttled", "RequestLimitExceeded"), ("denied", "UnauthorizedOperation")])
def test_a_refusal_strikes_its_action_so_many_times(api: TencentApi, kind: str, code: str) -> None:
    """Then the same request succeeds, and nothing was done before."""
    api.faults.set(kind, "CreateSecurityGroup", times=2)

    assert [refusal_of(api, *CREATE) for _ in range(3)] == [code, code, ""]
    assert count(api) == 4
    assert refusal_of(api, *READ) == ""


def test_a_fault_without_a_count_stays_until_it_is_cleared(api: TencentApi) -> None:
    """A permission that was taken away comes back only when somebody gives it."""
    api.faults.set(Kind.DENIED, times=None)
    assert {refusal_of(api, *READ) for _ in range(5)} == {"UnauthorizedOperation"}

    api.faults.clear()
    assert refusal_of(api, *READ) == ""


def test_chance_repeats_itself_with_a_seed(api: TencentApi) -> None:
    """A lesson looks the same on every run."""

    def codes() -> list[str]:
        cloud = new_api(faults=Faults(seed=3))
        cloud.faults.set(Kind.THROTTLED, times=None, probability=0.5)
        return [refusal_of(cloud, *READ) for _ in range(20)]

    assert codes() == codes()
    assert 0 < codes().count("") < 20


def test_a_broken_front_answers_with_a_status(api: TencentApi) -> None:
    """Clients see a broken network, and may try again: nothing was done."""
    api.faults.set(Kind.SERVER_ERROR, "CreateSecurityGroup", status=502)
    with served(api) as server:
        assert post(server.port, signed(*CREATE)).status == 502

    assert count(api) == 3


@pytest.mark.parametrize(("kind", "groups"), [(Kind.DROPPED, 3), (Kind.ANSWER_LOST, 4)])
def test_a_cut_connection_tells_nothing_of_what_was_done(api: TencentApi, kind: Kind, groups: int) -> None:
    """The client sees the same, and the cloud is not the same."""
    api.faults.set(kind, "CreateSecurityGroup")
    with served(api) as server:
        with pytest.raises((http.client.HTTPException, OSError)):
            post(server.port, signed(*CREATE))
        assert "SecurityGroupSet" in opened(post(server.port, signed(*READ)).data)

    assert count(api) == groups


@pytest.mark.parametrize(("kind", "groups"), [(Kind.CRASH_BEFORE, 3), (Kind.CRASH_AFTER, 4)])
def test_a_crash_takes_the_whole_cloud_down(api: TencentApi, kind: Kind, groups: int) -> None:
    """Before the write or after it; a new server goes on from the state."""
    api.faults.set(kind, "CreateSecurityGroup")
    with served(api) as server:
        with pytest.raises((http.client.HTTPException, OSError)):
            post(server.port, signed(*CREATE))
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    assert count(api) == groups


def test_what_a_crash_means_can_be_chosen(api: TencentApi) -> None:
    """A process of its own ends itself."""
    crashed: list[bool] = []
    api.faults.set(Kind.CRASH_BEFORE)
    with CloudServer(api.handle, on_crash=lambda: crashed.append(True)) as server:
        with pytest.raises((http.client.HTTPException, OSError)):
            post(server.port, signed(*READ))
        assert "SecurityGroupSet" in opened(post(server.port, signed(*READ)).data)

    assert crashed == [True]


def test_a_slow_answer_comes_in_the_end(api: TencentApi) -> None:
    """The work is done at once; the client waits."""
    api.faults.set(Kind.SLOW, seconds=0.3)
    assert api.handle(signed(*CREATE)).wait_s == 0.3

    api.faults.set(Kind.SLOW, seconds=0.3)
    with served(api) as server:
        before = time.monotonic()
        opened(post(server.port, signed(*READ)).data)
    assert time.monotonic() - before >= 0.3


def test_a_late_change_is_read_later() -> None:
    """Acknowledged, and not to be seen yet: why a script that reads back at once may be wrong."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    api = new_api(now=lambda: now[0])
    api.faults.set(Kind.LATE, "CreateSecurityGroup", seconds=10)

    def total() -> int:
        return ask(api, *READ, moment=now[0])["TotalCount"]

    ask(api, *CREATE, moment=now[0])
    assert total() == 3
    now[0] += timedelta(seconds=10)
    assert total() == 4


def test_faults_are_set_through_the_door_too(api: TencentApi) -> None:
    """By a signed request of a service of our own, so that a command can do it from another process."""
    fault = {"Kind": "throttled", "Action": "DescribeSecurityGroups", "Times": 1, "Percent": 100, "Milliseconds": 250}
    ask(api, "drill", "SetFault", fault)
    (found,) = ask(api, "drill", "DescribeFaults")["Faults"]

    assert (found["kind"], found["times"], found["probability"], found["seconds"]) == ("throttled", 1, 1.0, 0.25)
    assert refusal_of(api, *READ) == "RequestLimitExceeded"
    ask(api, "drill", "SetFault", {"Kind": "denied", "Times": 0})
    assert refusal_of(api, *READ) == refusal_of(api, *READ) == "UnauthorizedOperation"
    ask(api, "drill", "ClearFaults")
    assert refusal_of(api, *READ) == ""


def test_a_fault_that_does_not_exist_is_refused(api: TencentApi) -> None:
    """And one without a signature, too."""
    assert refusal_of(api, "drill", "SetFault", {"Kind": "plague"}) == "InvalidParameterValue"
    assert refusal_of(api, "drill", "SetFault", {"Kind": "slow"}, keys=("AKIDlearner", "wrong")) == (
        "AuthFailure.SignatureFailure"
    )
    assert api.faults.listed() == []


def test_a_crash_is_only_told_by_its_fate(api: TencentApi) -> None:
    """The pure function ends no process; whoever serves it does."""
    api.faults.set(Kind.CRASH_AFTER)
    response = api.handle(signed(*CREATE))

    assert (response.fate, response.body) == (Fate.CRASHED, b"")


@pytest.mark.parametrize("wrong", [{"Percent": 101}, {"Milliseconds": -1}, {"Status": 200}, {"Action": "Typo"}])
def test_a_fault_that_cannot_be_is_refused(api: TencentApi, wrong: dict) -> None:
    """A misspelt action would strike nothing, and nobody would notice."""
    asked = ("drill", "SetFault", {"Kind": "slow", **wrong})

    assert refusal_of(api, *asked).startswith("InvalidParameterValue")
    assert api.faults.listed() == []
