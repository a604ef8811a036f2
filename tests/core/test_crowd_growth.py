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
    snapshot = Snapshot(document)
    trace(snapshot, QUESTION)
    ask(snapshot)
    return calls_of(lambda: ask(snapshot))


def calls_of(work: Callable[[], object]) -> int:
    calls = 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("causes", [1, 10])
def test_a_first_answer_grows_no_faster_than_the_document_that_is_read_for_it(causes: int) -> None:
    """Every object is looked at once: none with every other."""
    few, many = (crowd(count, count, causes) for count in (50, 200))
    first = [calls_of(lambda each=document: trace(Snapshot(each), QUESTION)) for document in (few, many)]
    assert first[1] < 4.2 * first[0]


def test_a_first_answer_takes_at_most_some_fifty_calls_for_each_object() -> None:
    """Of instances, Nodes, targets, pods, interfaces and endpoints; most are looked at together, field by field."""
    document, count = crowd(1000, 1000, 1), 6 * 1000
    first = calls_of(lambda: trace(Snapshot(document), QUESTION))
    assert first < 55 * count


@pytest.mark.parametrize("causes", [1, 10])
@pytest.mark.parametrize("name", ASKED)
def test_four_times_the_nodes_and_pods_take_hardly_more(name: str, causes: int) -> None:
    few, many = (crowd(count, count, causes) for count in (50, 200))
    assert calls_for(many, ASKED[name]) < 1.25 * calls_for(few, ASKED[name])


@pytest.mark.parametrize("name", [*ASKED, "redraw"])
def test_ten_causes_among_a_thousand_nodes_and_pods_take_at_most_twenty_times_the_work_of_one(name: str) -> None:
    ask = ASKED.get(name, redraw)
    assert calls_for(crowd(1000, 1000, 10), ask) < 20 * calls_for(shut_lab(), ask)
