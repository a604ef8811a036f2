"""What a second question costs does not grow with nodes and pods that are alike. Calls are counted, no time."""

import sys
from collections.abc import Callable

import pytest

from bench.crowds import QUESTION, crowd
from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.reach.clients import reach
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace

ASKED: dict[str, Callable[[Snapshot], object]] = {
    "trace": lambda snapshot: trace(snapshot, QUESTION),
    "another client": lambda snapshot: trace(snapshot, Question(client="198.51.100.7", service=SERVICE)),
    "reach": lambda snapshot: reach(snapshot, Question(service=SERVICE)),
}


def calls_for(count: int, causes: int, ask: Callable[[Snapshot], object]) -> int:
    """How many functions of Python are called by the second question about so many nodes and pods."""
    snapshot, calls = Snapshot(crowd(count, count, causes)), 0
    ask(snapshot)

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_call)
    try:
        ask(snapshot)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("causes", [1, 10])
@pytest.mark.parametrize("name", ASKED)
def test_four_times_the_nodes_and_pods_take_hardly_more(name: str, causes: int) -> None:
    assert calls_for(200, causes, ASKED[name]) < 1.25 * calls_for(50, causes, ASKED[name])
