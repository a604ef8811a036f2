"""
An engine broken on purpose is caught by the walker.

Each mistake is made by showing the engine a changed snapshot or question, as if it had misread the one that the walker
sees, or by changing its answer.
"""

from collections.abc import Callable
from copy import deepcopy

import pytest
from walker_cases import cases_with
from walker_comparison import FEATURES, difference, engine
from walker_misreadings import MISREADINGS
from walker_misreadings_new import NEW_MISREADINGS
from walker_misreadings_places import PLACES
from walker_mistakes import Change
from worlds import World

from drilllib.errors import DrillError
from tests.thorough import thorough

pytestmark = thorough

EVERY_MISREADING = {**MISREADINGS, **NEW_MISREADINGS, **PLACES}


def catching(asked: Callable[[dict, dict], dict], feature: str | None = None) -> int | None:
    """The first case in which the walker disagrees with a broken engine, and with the sound one does not."""
    for case in cases_with(frozenset({feature} if feature else ())):
        if not difference(case.document, case.question) and is_caught(case, asked):
            return case.seed
    return None


def is_caught(case: World, asked: Callable[[dict, dict], dict]) -> bool:
    """Whether the walker disagrees with a broken engine; one that cannot read its snapshot any more proves nothing."""
    try:
        return difference(case.document, case.question, asked) is not None
    except DrillError:
        return False


def misreading(change: Change) -> Callable[[dict, dict], dict]:
    """The engine, shown a snapshot or a question with one change."""

    def asked(document: dict, question: dict) -> dict:
        document, question = deepcopy(document), dict(question)
        change(document, question)
        return engine(document, question)

    return asked


def misanswering(change: Callable[[dict], object]) -> Callable[[dict, dict], dict]:
    """The engine with one change in its answer."""

    def asked(document: dict, question: dict) -> dict:
        answer = engine(document, question)
        change(answer)
        return answer

    return asked


@pytest.mark.parametrize(
    ("feature", "change"),
    [pytest.param(*pair, id=name) for name, pair in EVERY_MISREADING.items() if pair[0] in {None, *FEATURES}],
)
def test_an_engine_that_misreads_its_snapshot_is_caught(feature: str | None, change: Change) -> None:
    """A comparison that never fails proves nothing, so each likely mistake is made once."""
    assert catching(misreading(change), feature) is not None


MISANSWERS: dict[str, Callable[[dict], object]] = {
    "nothing is hypothetical": lambda answer: [item.update(hypothetical=False) for item in answer["blockers"]],
    "everything is hypothetical": lambda answer: [item.update(hypothetical=True) for item in answer["blockers"]],
    "the last blocker is lost": lambda answer: answer.update(blockers=answer["blockers"][:-1]),
    "the best symptom is lost": lambda answer: answer.update(symptoms=answer["symptoms"][:1]),
    "the index starts at one": lambda answer: [
        item.update(policy_index=item["policy_index"] + 1)
        for item in answer["blockers"]
        if item["policy_index"] is not None
    ],
    "intermittent is unreachable": lambda answer: answer.update(
        verdict="unreachable" if answer["verdict"] == "intermittent" else answer["verdict"]
    ),
    "undetermined is intermittent": lambda answer: answer.update(
        verdict="intermittent" if answer["verdict"] == "undetermined" else answer["verdict"]
    ),
    "Unknown is predicted Dead": lambda answer: [
        item.update(predicted="Dead") for item in answer["health"] if item["predicted"] == "Unknown"
    ],
}


@pytest.mark.parametrize("change", MISANSWERS.values(), ids=MISANSWERS)
def test_an_engine_that_gives_a_wrong_answer_is_caught(change: Callable[[dict], object]) -> None:
    """Every part of the answer that is compared can make the comparison fail."""
    assert catching(misanswering(change)) is not None
