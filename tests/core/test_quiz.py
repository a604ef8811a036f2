"""Self-checks are graded from facts: the engine knows which answer is right, and nobody wrote it down."""

import copy
import tomllib
from pathlib import Path

import pytest

import drilllib.lesson.quizzes
from drilllib.core.quiz.questions import FACTS, QuizQuestion, read_quiz
from drilllib.errors import InvalidInputError, UnknownNameError
from drilllib.lesson.quizzes import load_quiz, quiz_names

FOLDER = Path(drilllib.lesson.quizzes.__file__).parent
QUESTIONS = [(name, place) for name in quiz_names() for place in range(len(load_quiz(name)))]

DOCUMENT = tomllib.loads("""
[[question]]
fact = "symptom"
fault = "group-1"
text.zh = "?"
text.en = "?"
[[question.option]]
value = "connect_timeout"
text.zh = "a"
text.en = "a"
feedback.zh = "a"
feedback.en = "a"
[[question.option]]
value = "504"
text.zh = "b"
text.en = "b"
feedback.zh = "b"
feedback.en = "b"
""")


def changed(**fields: object) -> QuizQuestion:
    document = copy.deepcopy(DOCUMENT)
    document["question"][0].update(fields)
    return read_quiz(document)[0]


@pytest.mark.parametrize(("name", "place"), QUESTIONS)
def test_every_question_has_exactly_one_right_answer(name: str, place: int) -> None:
    """A question without one, or with two, teaches that the course guesses."""
    question = load_quiz(name)[place]

    assert 0 <= question.right() < len(question.options)
    assert len({option.value for option in question.options}) == len(question.options)


@pytest.mark.parametrize(("name", "place"), QUESTIONS)
def test_every_answer_is_answered_in_both_languages(name: str, place: int) -> None:
    """Right or wrong alone teaches next to nothing; the reason does."""
    for option in load_quiz(name)[place].options:
        for texts in (option.text, option.feedback):
            assert texts.keys() == {"zh", "en"}
        assert len(option.feedback["en"]) > 25
        assert len(option.feedback["zh"]) > 10


def test_every_lesson_has_a_quiz_of_its_own() -> None:
    sources = Path(__file__).parents[2] / "notebooks" / "source"

    scenarios = {path.stem for path in sources.glob("2*.md")}  # short; what they ask is predicted and repaired
    lessons = (
        {path.stem for path in sources.glob("*.md")}
        - scenarios
        - {
            "09-tickets",
            "10-own-service",
            "11-production",
            "12-study",
        }
    )  # practice is graded itself
    assert quiz_names() == sorted(lessons)
    for name in quiz_names():
        assert f'quiz("{name}")' in (sources / f"{name}.md").read_text(encoding="utf-8")


def test_the_right_answer_is_not_always_in_the_same_place() -> None:
    """Learners find such patterns before they find the fault."""
    places = [load_quiz(name)[place].right() for name, place in QUESTIONS]

    assert all(places.count(place) >= len(places) // 6 for place in range(3))


def test_no_file_says_which_answer_is_right() -> None:
    """What is computed cannot go stale, and cannot be looked up."""
    for name in quiz_names():
        keys = {key for item in tomllib.loads((FOLDER / f"{name}.toml").read_text())["question"] for key in item}
        assert keys <= {"text", "fact", "fault", "listener", "variants", "rules", "bound", "option"}


def test_the_answer_follows_the_facts() -> None:
    """Change the lab, and another option becomes right."""
    opened = {"sg-clb00001": ["ACCEPT TCP 203.0.113.0/24 80"], "sg-node0001": []}

    assert changed().right() == 0
    assert changed(rules=opened).right() == 1


def test_a_variant_and_a_binding_change_the_lab() -> None:
    closed = {"sg-node0001": []}
    opened = {"sg-x": ["ACCEPT TCP 203.0.113.0/24 30713"], **closed}
    base = {"fault": "healthy", "option": [*DOCUMENT["question"][0]["option"], _option("200")]}

    assert changed(**base, rules=closed).right() == 1
    assert changed(**base, rules=closed, variants=["pass_to_target"]).right() == 2
    assert changed(**base, rules=opened, bound={"ins-nodea001": ["sg-x"]}).right() == 2


def _option(value: str) -> dict:
    return {**DOCUMENT["question"][0]["option"][0], "value": value}


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"fault": "group-9"}, UnknownNameError, "group-9"),
        ({"variants": ["over_ipx"]}, UnknownNameError, "over_ipx"),
        ({"text": {"en": "?"}}, InvalidInputError, "zh"),
        ({"option": []}, InvalidInputError, "0 options"),
        ({"option": [_option("connect_timeout")] * 2}, InvalidInputError, "2 options"),
        ({"fact": "colour"}, UnknownNameError, "colour"),
    ],
)
def test_a_quiz_that_cannot_be_graded_says_why(fields: dict, error: type, named: str) -> None:
    """Course authors read this message, in CI."""
    with pytest.raises(error, match=named):
        changed(**fields).right()


def test_every_fact_is_asked_for_somewhere() -> None:
    asked = {question.fact for name in quiz_names() for question in load_quiz(name)}

    assert asked == set(FACTS)


def test_an_unknown_quiz_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="01-clb"):
        load_quiz("99-end")
