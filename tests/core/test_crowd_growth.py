"""
What a second question costs does not grow with nodes and pods that are alike, and with a thousand of each it is some
times that of one of each. Calls are counted, no time.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from bench.crowds import QUESTION, crowd, redraw, shut_lab
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
Document = dict[str, Any]


def calls_for(document: Document, ask: Callable[[Snapshot], object]) -> int:
    """How many functions of Python are called by a question about a snapshot, when it is asked again."""
    snapshot, calls = Snapshot(document), 0
    trace(snapshot, QUESTION)
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
    few, many = (crowd(count, count, causes) for count in (50, 200))
    assert calls_for(many, ASKED[name]) < 1.25 * calls_for(few, ASKED[name])


@pytest.mark.parametrize("name", [*ASKED, "redraw"])
def test_ten_causes_among_a_thousand_nodes_and_pods_take_at_most_twenty_times_the_work_of_one(name: str) -> None:
    ask = ASKED.get(name, redraw)
    assert calls_for(crowd(1000, 1000, 10), ask) < 20 * calls_for(shut_lab(), ask)
