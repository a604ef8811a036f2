"""The self-check in a notebook: choosing shows why, the first answer counts, and the stored form never tells."""

import json
from pathlib import Path

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from drilllib.errors import InvalidInputError
from drilllib.lesson import quizzes, record
from drilllib.lesson.quizzes import load_quiz, quiz_names
from drilllib.views.panel.quiz import Quiz
from drilllib.views.text.quiz import LETTERS, QuizText, words


@pytest.fixture
def quiz() -> Quiz:
    return Quiz(QuizText(load_quiz("01-clb"), "en", "01-clb"), "en")


def click(shown: Quiz, question: int, option: int, do: str = "choose") -> None:
    shown._heard(None, {"do": do, "question": question, "option": option}, [])


def feedback(shown: Quiz, question: int) -> list[str]:
    return [each["feedback"] for each in shown.state["questions"][question]["options"]]


def test_choosing_shows_the_feedback_of_that_option_below_it(quiz: Quiz) -> None:
    question = load_quiz("01-clb")[0]
    right = question.right()
    wrong = (right + 1) % 3

    click(quiz, 0, wrong)
    assert feedback(quiz, 0)[wrong].startswith("✗ Not yet.")
    assert words(question.options[wrong].feedback, "en") in feedback(quiz, 0)[wrong]
    assert feedback(quiz, 0)[right] == ""
    click(quiz, 0, right)
    assert feedback(quiz, 0)[right].startswith("✓ Right.")
    assert feedback(quiz, 0)[wrong].startswith("✗ Not yet.")  # what was learnt from the mistake stays in view
    assert quiz.state["questions"][0]["locked"]
    assert feedback(quiz, 1) == ["", "", ""]


def test_only_the_first_answer_to_a_question_counts(quiz: Quiz) -> None:
    first, second = (question.right() for question in load_quiz("01-clb")[:2])
    click(quiz, 0, (first + 1) % 3)
    click(quiz, 0, first)
    click(quiz, 1, second)

    assert quiz.state["score"] == "Right at the first try: 1 of 2"
    assert quiz.state["marks"] == ["wrong", "right", ""]


def test_another_one_like_it_is_offered_once_the_answer_is_found(quiz: Quiz) -> None:
    right, before = load_quiz("01-clb")[0].right(), quiz.state["questions"][0]["text"]
    click(quiz, 0, 0, "another")
    assert quiz.state["questions"][0]["text"] == before
    click(quiz, 0, right)
    assert quiz.state["questions"][0]["more"] == "Another one like it"

    click(quiz, 0, 0, "another")

    after = quiz.state["questions"][0]
    assert after["text"] != before
    assert (after["chosen"], after["locked"], after["more"]) == (-1, False, "")
    assert not any(feedback(quiz, 0))
    assert len(quiz.state["marks"]) == 4


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", quiz_names())
def test_neither_the_page_nor_the_stored_form_is_told_what_is_right(name: str, language: str) -> None:
    """A reopened or exported notebook must not give the answers away, nor may the browser's tools."""
    questions = load_quiz(name)
    shown = Quiz(QuizText(questions, language, name), language)
    sent = json.dumps([shown.state, dict(shown.words)], ensure_ascii=False)

    for question in questions:
        assert question.text[language] in repr(shown)
        for option in question.options:
            assert option.feedback[language] not in repr(shown) + sent
    assert shown._repr_mimebundle_()[0]["text/plain"] == repr(shown)
    assert {option["mark"] for question in shown.state["questions"] for option in question["options"]} == {""}


def test_the_same_answer_can_be_asked_for_without_a_mouse(quiz: Quiz) -> None:
    question = load_quiz("01-clb")[1]
    right = question.right()

    assert quiz.answer(2, LETTERS[right]).endswith(question.options[right].feedback["en"])
    assert quiz.answer("2", LETTERS[right].upper()) == quiz.answer(2, LETTERS[right])
    assert quiz.state["questions"][1]["locked"]
    assert quiz.another(2).startswith("2. ")


@pytest.mark.parametrize(
    ("number", "letter"), [(0, "a"), (4, "a"), ("one", "a"), (1, "d"), (1, ""), (1, "ab"), (1, None)]
)
def test_an_answer_that_is_none_is_one_clear_error(quiz: Quiz, number: object, letter: object) -> None:
    with pytest.raises(InvalidInputError, match="Use"):
        quiz.answer(number, letter)


def test_a_first_answer_is_kept_for_the_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / record.COPIES).write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRILL_LANG", "en")
    shown, right = quizzes.quiz("01-clb"), load_quiz("01-clb")[0].right()
    click(shown, 0, right)
    click(shown, 0, 0, "another")
    click(shown, 0, 1)

    kept = [(each["lesson"], each["what"], each["key"]) for each in record.events(tmp_path)]
    assert kept == [("01-clb", "quiz", "1.0"), ("01-clb", "quiz", "1.1")]
