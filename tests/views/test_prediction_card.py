"""A prediction in a notebook: recorded before the run, compared after it, and never told before."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from drilllib import InvalidInputError, Investigation, LabStateError, Lesson
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.quiz.predictions import Topic, predict
from drilllib.core.trace.answer import Question
from drilllib.lesson import record
from drilllib.views.panel.prediction import PredictionCard
from drilllib.views.text.prediction import PredictionText

QUESTION = Question(client="203.0.113.10", service="shop/web", port=80)


@pytest.fixture(autouse=True)
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder that `drill course` has filled."""
    (tmp_path / "en").mkdir()
    (tmp_path / record.COPIES).write_text("{}")
    monkeypatch.chdir(tmp_path / "en")
    monkeypatch.setattr(record, "_current", [])
    monkeypatch.setattr(record, "_said", set())
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


def card(fault: str, what: str = "outcome", language: str = "en", group: str | None = None) -> PredictionCard:
    return PredictionCard(PredictionText(predict(open_fault(fault), QUESTION, what, group=group), language))


def click(shown: PredictionCard, place: int, do: str = "record") -> None:
    shown._heard(None, {"do": do, "question": 0, "option": place}, [])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("what", [*Topic])
def test_before_the_run_the_page_and_the_text_are_the_same_whatever_is_right(what: str, language: str) -> None:
    """Else the browser's tools, or the stored notebook, would tell."""
    group = "sg-node0001" if what == "rule" else None
    prediction = predict(open_fault("group-2"), QUESTION, what, group=group)
    seen = set()
    for right in range(len(prediction.options)):
        shown = PredictionCard(PredictionText(replace(prediction, right=right), language))
        asked = json.dumps(shown.state), repr(shown), shown._repr_mimebundle_()[0]["text/plain"]
        click(shown, 1)
        seen.add((*asked, json.dumps(shown.state), repr(shown)))

    assert len(seen) == 1


def test_a_prediction_is_recorded_once_and_locked() -> None:
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")

    click(shown, 0)
    click(shown, 1)

    question = shown.state["questions"][0]
    assert (question["chosen"], question["locked"], question["record"]) == (0, True, "")
    with pytest.raises(LabStateError, match="closed"):
        shown.record("b")


@pytest.mark.parametrize(
    ("run", "settles"),
    [
        (lambda lesson: lesson.curl(), True),
        (lambda lesson: lesson.picture(), True),
        (lambda lesson: lesson.trace(), True),
        (lambda lesson: lesson.trace("198.51.100.77"), False),
        (lambda lesson: lesson.rules("sg-node0001"), False),
        (lambda lesson: lesson.health(), False),
        (lambda lesson: lesson.snapshot(), False),
    ],
)
def test_the_run_of_what_was_predicted_settles_it_and_nothing_else_does(run, settles: bool) -> None:
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")
    click(shown, 1)
    run(lesson)

    question = shown.state["questions"][0]
    assert bool(question["rows"]) is settles
    assert question["look"] == ("right" if settles else "")


def test_own_answer_and_what_happened_stand_side_by_side_with_the_reason() -> None:
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")
    click(shown, 3)
    lesson.curl()

    question = shown.state["questions"][0]
    assert [*question["rows"]] == [
        ("You predicted", "connect timeout"),
        ("What happened", "504 Gateway Time-out"),
    ]
    assert [each["mark"] for each in question["options"]] == ["", "right", "", "wrong", ""]
    assert [each.partition(" means:")[0] for each in question["why"]] == ["A connect timeout", "504"]


@pytest.mark.parametrize("what", ["outcome", "hop", "health", "reach"])
def test_the_reason_tells_no_more_than_was_asked(what: str) -> None:
    """After curl it is still to be found where the packet stops, and after that by which rule."""
    for fault in ("group-1", "group-2", "group-3", "two-groups"):
        text = PredictionText(predict(open_fault(fault), QUESTION, what), "en")
        text.record("a")
        text.settle()
        assert not re.search(r"sg-|ingress|DROP", " ".join(text.why()))
        assert what == "hop" or not re.search("node|Pod's|CLB's security", " ".join(text.why()))


def test_a_run_before_the_record_does_not_count(learner: Path) -> None:
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")
    lesson.curl()
    click(shown, 1)

    question = shown.state["questions"][0]
    assert question["look"] == "missed"
    assert question["rows"] == [("What happened", "504 Gateway Time-out")]
    assert [*record.events(learner)] == []


def test_what_an_investigation_withholds_settles_nothing() -> None:
    """Else the comparison would tell what the picture may not yet."""
    lesson = Investigation("group-2")
    shown = lesson.predict("hop")
    click(shown, 1)
    lesson.picture()
    lesson.explain()
    lesson.diagnose()

    assert shown.state["questions"][0]["look"] == ""


def test_health_is_shown_by_the_health_checks_and_a_client_by_its_own_request() -> None:
    lesson = Lesson("group-3")
    health, stranger = lesson.predict("health"), lesson.predict("reach", client="198.51.100.77")
    click(health, 1)
    click(stranger, 1)
    lesson.health()
    assert health.state["questions"][0]["look"] == "right"
    assert stranger.state["questions"][0]["look"] == ""

    lesson.trace("198.51.100.77")

    assert stranger.state["questions"][0]["look"] == "right"


def test_a_lab_that_changed_meanwhile_is_said_so() -> None:
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")
    click(shown, 1)
    lesson.delete("sg-node0001", 2)
    lesson.curl()

    assert shown.state["questions"][0]["look"] == "right"
    assert "has changed" in shown.state["questions"][0]["why"][-1]


def test_what_was_predicted_is_kept_for_its_lesson(learner: Path) -> None:
    lesson = Lesson("group-2")
    for place in (0, 1):
        shown = lesson.predict("outcome")
        click(shown, place)
        lesson.curl()

    kept = [*record.events(learner)]
    assert [(each["lesson"], each["what"], each["right"]) for each in kept] == [
        ("02-node", "prediction", False),
        ("02-node", "prediction", True),
    ]
    assert kept[0]["key"] == kept[1]["key"]  # the same question: the first answer counts


def test_where_nobody_looks_the_text_asks_and_nothing_is_kept(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`drill run`: the same bytes each time, and the notebook stays a question."""
    monkeypatch.setenv("DRILL_HEADLESS", "1")
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")
    before = repr(shown)
    lesson.curl()

    assert before == card("group-2")._repr_mimebundle_()[0]["text/plain"]  # as the stored notebook has it
    assert "a) 200 OK" in before
    assert "You predicted" not in before
    assert "You predicted: 200 OK" in repr(shown)
    assert not (learner / record.RECORD).exists()


def test_the_same_can_be_done_without_a_mouse() -> None:
    lesson = Lesson("group-2")
    shown = lesson.predict("outcome")
    with pytest.raises(InvalidInputError, match="a, b, c"):
        shown.record("z")
    shown.record("B")
    lesson.curl()

    assert "✓ As you predicted." in repr(shown)


@pytest.mark.parametrize(
    "message", [None, {}, {"do": "record"}, {"do": "record", "question": 9, "option": 0}, "record"]
)
def test_a_message_that_makes_no_sense_changes_nothing(message: object) -> None:
    """A page may be older than the kernel."""
    shown = card("group-2")
    before = json.dumps(shown.state)
    shown._heard(None, message, [])

    assert json.dumps(shown.state) == before


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_question_and_reason_has_its_words(fault: str, language: str) -> None:
    for topic in [*Topic]:
        if topic is not Topic.RULE:
            text = PredictionText(predict(open_fault(fault), QUESTION, topic), language)
            text.record("b")
            text.settle()
            assert "predict." not in repr(text)
            assert text.why()
