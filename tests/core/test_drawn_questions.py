"""Another question like one: over many seeds exactly one option is right, told by the engine, and the words fit it."""

import subprocess
import sys

import pytest

from drilllib.core.lint.findings import Statement
from drilllib.core.quiz.chosen import one, shuffled, some
from drilllib.core.quiz.drawn import KINDS, like
from drilllib.core.quiz.questions import QuizQuestion
from drilllib.lesson.quizzes import load_quiz, quiz_names
from drilllib.views.phrases.catalog import LANGUAGES
from drilllib.views.text.quiz import words
from tests.thorough import how_many

SEEDS = range(how_many(30, thorough=200, long=500))
RIGHT = (
    "quiz.stop_",
    "quiz.alive_right",
    "quiz.dead_right",
    "quiz.peer_right",
    "quiz.rule_right",
    "quiz.implicit_right",
)


def drawn(kind: str) -> list[QuizQuestion]:
    return [KINDS[kind](f"test/{seed}") for seed in SEEDS]


def says_right(text: object) -> bool:
    """Is this what is said to a right choice?"""
    assert isinstance(text, Statement)
    return text.key.startswith((*RIGHT, "quiz.opens_right"))


@pytest.mark.parametrize("kind", KINDS)
def test_exactly_one_option_is_right_and_its_words_say_so(kind: str) -> None:
    """`right` fails where none or two are; what is said to each choice was written without asking it."""
    for question in drawn(kind):
        right = question.right()
        assert [place for place, each in enumerate(question.options) if says_right(each.feedback)] == [right]
        assert len({each.value for each in question.options}) == len(question.options) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_give_different_questions_and_each_place_is_right_at_times(kind: str) -> None:
    questions = drawn(kind)
    places = [question.right() for question in questions]

    assert len({str((each.text, each.options)) for each in questions}) > len(questions) // 4
    assert all(places.count(place) > len(places) // 20 for place in range(len(questions[0].options)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_is_there_in_both_languages(kind: str) -> None:
    for question in drawn(kind):
        texts = [question.text, *(text for each in question.options for text in (each.text, each.feedback))]
        for language in LANGUAGES:
            told = [words(text, language) for text in texts]
            assert not any("quiz." in each or "predict." in each or "{" in each for each in told)
            assert all(len(each) > (10 if language == "zh" else 25) for each in told[2::2])


def test_every_question_of_every_lesson_has_others_like_it() -> None:
    for name in quiz_names():
        for place, question in enumerate(load_quiz(name)):
            first, second = (like(question, f"{name}/{place}/{number}") for number in (1, 2))
            assert first != second
            assert 0 <= first.right() < len(first.options)


def test_the_same_seed_gives_the_same_question_on_every_machine() -> None:
    """Python's own hash differs from run to run, and its generator may from version to version."""
    code = (
        "from drilllib.core.quiz.drawn import KINDS\n"
        "for name, kind in KINDS.items(): print(name, kind('seed').text, [o.value for o in kind('seed').options])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert [shuffled("a", range(5)), some("a", range(9), 3), one("a", range(9))] == [[1, 4, 3, 0, 2], [1, 4, 5], 7]


def test_the_witness_of_the_deciding_rule_is_the_list_read_by_hand() -> None:
    """A list as people read it: the first rule whose protocol, source and port all fit."""
    for question in drawn("rule"):
        fits = [each.value for each in question.options if fits_by_eye(words(each.text, "en"))]
        assert question.options[question.right()].value == (fits[0] if fits else "None")


def test_why_another_rule_does_not_decide_is_true() -> None:
    """The protocol, the source or the port does not fit, or it does and another above it fits first."""
    for question in drawn("rule"):
        right = question.right()
        for place, option in enumerate(question.options[:-1]):
            assert isinstance(option.feedback, Statement)
            _, _, protocol, peer, port = words(option.text, "en").strip("`").split(" ")
            true = {
                "quiz.rule_protocol": protocol == "UDP",
                "quiz.rule_source": peer in ("203.0.113.128/25", "192.0.2.10", "198.51.100.0/24"),
                "quiz.rule_port": port in ("80", "22"),
                "quiz.rule_later": fits_by_eye(words(option.text, "en")) and place > right,
                "quiz.rule_right": place == right,
            }
            assert true[option.feedback.key], words(option.text, "en")


def fits_by_eye(option: str) -> bool:
    parts = option.strip("`").split(" ")
    if len(parts) != 5:
        return False
    _, _, protocol, peer, port = parts
    sources = ("203.0.113.10", "203.0.113.0/28", "203.0.113.0/24", "0.0.0.0/0")
    return protocol in ("TCP", "ALL") and peer in sources and port in ("30713", "30000-32767", "ALL")
