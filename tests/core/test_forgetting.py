"""
The law of forgetting: taking a fact out of a snapshot may leave an answer undetermined, never turn it into another.

What is not in a snapshot is not known; a tool that reads "no" in its place is wrong with certainty.
"""

from random import Random

import pytest
from builders import lab
from changes import second_target
from forgettings import EXCEPTIONS, Document, is_excepted, name_of, places, without
from test_inside import NODE_A, POD, ipvs, private
from worlds import world

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError
from tests.thorough import how_many, one_in, thorough

FORGETTINGS = how_many(100, thorough=2_000, long=20_000)
EXAMPLES = [(name, listener) for name in FAULTS for listener in ("HTTP", "TCP") if (name, listener) != ("udp", "TCP")]
FEW = [each if place % 16 == 0 else pytest.param(*each, marks=thorough) for place, each in enumerate(EXAMPLES)]


def verdict(document: Document, question: dict) -> str:
    """An error is no answer: it says what to add."""
    try:
        return trace(Snapshot(document), Question(**question)).verdict
    except DrillError:
        return "undetermined"


def broken_by(document: Document, question: dict, place: tuple, *, null: bool = False) -> str | None:
    """The name of the fact, where forgetting it makes another answer of a definite one."""
    name = name_of(document, place)
    before = verdict(document, question)
    if before == "undetermined" or is_excepted(name, null=null):
        return None
    after = verdict(without(document, place, null=null), question)
    return None if after in (before, "undetermined") else f"{name}: {before} -> {after}"


@pytest.mark.parametrize(("name", "listener"), FEW)
def test_no_fact_of_an_example_is_forgotten_into_another_answer(name: str, listener: str) -> None:
    document = open_fault(name, listener=listener).to_dict()
    question = {"client": CLIENT, "service": SERVICE}

    broken = {broken_by(document, question, place) for place in places(document)}
    assert broken - {None} == set()


INSIDE = [(client, changes) for client in (NODE_A, POD) for changes in ((), (private, ipvs, second_target))]


@pytest.mark.parametrize(("client", "changes"), one_in(8, INSIDE))
def test_no_fact_is_forgotten_into_another_answer_of_a_client_inside(client: str, changes: tuple) -> None:
    document = lab(*changes, listener="TCP").to_dict()
    question = {"client": client, "service": SERVICE}

    assert verdict(document, question) != "undetermined"
    assert {broken_by(document, question, place) for place in places(document)} - {None} == set()


def test_no_fact_of_a_random_world_is_forgotten_into_another_answer() -> None:
    broken = {}
    for seed in range(FORGETTINGS):
        case, random = world(seed), Random(seed)
        place = random.choice(list(places(case.document)))
        found = broken_by(case.document, case.question, place, null=random.random() < 0.3)
        if found:
            broken[seed] = found
    assert broken == {}


def test_every_exception_is_in_the_page_with_its_reason() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    listed = page.split("## What absence says")[1].split("\n## ")[0]
    assert [line.split("**")[1] for line in listed.splitlines() if line.startswith("- **")] == list(EXCEPTIONS)
