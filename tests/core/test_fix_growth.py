"""The work of a fix grows with the number of blocks of clients, not with its square. Calls are counted, no time."""

import sys
from ipaddress import ip_network

import pytest

from drilllib.core.drills import faults
from drilllib.core.fix.proposals import fix
from drilllib.core.trace.answer import Question
from tests.thorough import how_many


def calls_for(name: str, count: int) -> int:
    """How many functions of Python are called to fix a fault for *count* blocks of clients that do not touch."""
    clients = [ip_network(f"203.{number // 64}.{number % 64 * 4}.0/24") for number in range(count)]
    snapshot, calls = faults.open_fault(name), 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_call)
    try:
        answer = fix(snapshot, Question(service="shop/web"), clients)
    finally:
        sys.setprofile(None)
    assert answer.works
    assert len(answer.changes) >= count
    return calls


@pytest.mark.parametrize("name", ["original-drill", "group-2", "two-groups", "direct-group-3"])
def test_four_times_the_clients_take_no_more_than_five_times_the_work(name: str) -> None:
    many = how_many(80, thorough=160)
    assert calls_for(name, many) < 5 * calls_for(name, many // 4)
