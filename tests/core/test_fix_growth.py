"""
The work of a fix grows with the number of blocks of clients, not with its square, and with a thousand nodes and pods it
is some times that of one of each. Calls are counted, no time.
"""

import sys
from ipaddress import ip_network

import pytest

from bench.crowds import crowd, shut_lab
from bench.floor import edits
from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import CLIENT_BLOCK, SERVICE
from drilllib.core.fix.proposals import Fix, fix
from drilllib.core.rules.addresses import Block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from tests.thorough import how_many, one_in


def counted(snapshot: Snapshot, clients: list[Block]) -> tuple[Fix, int]:
    """The answer, and how many functions of Python are called for it."""
    calls = 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_call)
    try:
        answer = fix(snapshot, Question(service=SERVICE), clients)
    finally:
        sys.setprofile(None)
    return answer, calls


def calls_for(name: str, count: int) -> int:
    """Calls to fix a fault for *count* blocks of clients that do not touch."""
    clients: list[Block] = [ip_network(f"203.{number // 64}.{number % 64 * 4}.0/24") for number in range(count)]
    answer, calls = counted(faults.open_fault(name), clients)
    assert answer.works
    assert len(answer.changes) >= count
    return calls


@pytest.mark.parametrize("name", one_in(4, ["original-drill", "group-2", "two-groups", "direct-group-3"]))
def test_four_times_the_clients_take_no_more_than_five_times_the_work(name: str) -> None:
    many = how_many(48, thorough=160)
    assert calls_for(name, many) < 5 * calls_for(name, many // 4)


@pytest.mark.parametrize("causes", [1, 10])
def test_a_thousand_nodes_and_pods_take_at_most_twenty_times_the_work_of_one(causes: int) -> None:
    """Of a snapshot that was asked before, as the panel's are."""
    found = []
    for document in (shut_lab(), crowd(1000, 1000, causes)):
        snapshot = Snapshot(document)
        fix(snapshot, Question(service=SERVICE), [ip_network(CLIENT_BLOCK)])
        found.append(counted(snapshot, [ip_network(CLIENT_BLOCK)])[1])
    assert found[1] < 20 * found[0]


def test_where_all_lists_were_read_each_edit_told_takes_at_most_eight_times_the_work_of_the_labs_one() -> None:
    """Ten causes are four proposals of some seven edits, each proved; the default lab's answer is one edit."""
    found = []
    for document in (shut_lab(), crowd(1000, 1000, 10, all_read=True)):
        snapshot = Snapshot(document)
        fix(snapshot, Question(service=SERVICE), [ip_network(CLIENT_BLOCK)])
        answer, calls = counted(snapshot, [ip_network(CLIENT_BLOCK)])
        found.append((calls, edits(answer)))
    (small, one), (great, many) = found
    assert one == 1
    assert many > 20
    assert great / many < 8 * small
