"""The self-check in a notebook: choosing shows why, and the stored form never tells."""

import pytest

pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")

from drilllib.errors import InvalidInputError
from drilllib.lesson.quizzes import load_quiz, quiz_names
from drilllib.views.panel.quiz import Quiz, _html
from drilllib.views.text.quiz import LETTERS


@pytest.fixture
def quiz() -> Quiz:
    return Quiz(load_quiz("01-clb"), "en")


def buttons(quiz: Quiz, number: int):
    return quiz.children[number].children[1]


def test_choosing_shows_the_feedback_of_that_option(quiz: Quiz) -> None:
    right = load_quiz("01-clb")[0].right()
    wrong = (right + 1) % 3

    buttons(quiz, 1).index = wrong
    assert "Not yet" in quiz._feedback[0].value
    assert load_quiz("01-clb")[0].options[wrong].feedback["en"][:20] in quiz._feedback[0].value
    buttons(quiz, 1).index = right
    assert "Right" in quiz._feedback[0].value
    assert "Not yet" not in quiz._feedback[0].value
    assert quiz._feedback[1].value == ""


def test_feedback_is_announced(quiz: Quiz) -> None:
    """A screen reader has to learn that something appeared."""
    buttons(quiz, 2).index = 0

    assert 'role="status"' in quiz._feedback[1].value


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", quiz_names())
def test_the_stored_form_asks_and_does_not_tell(name: str, language: str) -> None:
    """A reopened or exported notebook must not give the answers away."""
    questions = load_quiz(name)
    shown = repr(Quiz(questions, language))

    for question in questions:
        assert question.text[language] in shown
        assert all(option.feedback[language] not in shown for option in question.options)
    assert Quiz(questions, language)._repr_mimebundle_()["text/plain"] == shown


def test_the_same_answer_can_be_asked_for_without_a_mouse(quiz: Quiz) -> None:
    question = load_quiz("01-clb")[1]
    right = question.right()

    assert quiz.answer(2, LETTERS[right]).endswith(question.options[right].feedback["en"])
    assert quiz.answer("2", LETTERS[right].upper()) == quiz.answer(2, LETTERS[right])


@pytest.mark.parametrize(
    ("number", "letter"), [(0, "a"), (4, "a"), ("one", "a"), (1, "d"), (1, ""), (1, "ab"), (1, None)]
)
def test_an_answer_that_is_none_is_one_clear_error(quiz: Quiz, number: object, letter: object) -> None:
    with pytest.raises(InvalidInputError, match="Use"):
        quiz.answer(number, letter)


def test_what_stands_between_backticks_is_code_and_all_else_is_text() -> None:
    quiz = Quiz(load_quiz("08-cloud"), "en")

    assert "Under <code>Cluster</code>, which" in quiz.children[2].children[0].value
    assert _html("`a<b`, <i>") == "<code>a&lt;b</code>, &lt;i&gt;"
