"""The self-check of each lesson, one TOML file a lesson; others like its questions are drawn by core/quiz/drawn.py."""

import tomllib
from pathlib import Path
from typing import Any

from drilllib.core.quiz.questions import QuizQuestion, read_quiz
from drilllib.errors import UnknownNameError, quoted
from drilllib.lesson import record
from drilllib.views.panel.static import headless
from drilllib.views.phrases.language import language
from drilllib.views.text.quiz import QuizText


def quiz_names() -> list[str]:
    """The lessons that have one, such as 00-start."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


def load_quiz(name: str) -> tuple[QuizQuestion, ...]:
    """
    The questions of the lesson of that name.

    Raises:
        UnknownNameError: No lesson has that name.
    """
    if name not in quiz_names():
        raise UnknownNameError(
            "No quiz is called {name}",
            remedy="Use one of {choices}",
            name=quoted(name),
            choices=", ".join(quiz_names()),
        )
    text = (Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")
    return read_quiz(tomllib.loads(text))


def quiz(name: str) -> Any:
    """
    The self-check of a lesson, such as 00-start, to be shown as a cell's last value.

    It is a widget in JupyterLab and plain text where a notebook runs without a page. The engine grades the answers.

    Raises:
        UnknownNameError: No lesson has that name.
    """

    def first(key: str, right: bool) -> None:
        record.note("quiz", key, right=right, lesson=name)

    text = QuizText(load_quiz(name), language(), name, first)
    if headless():
        return text
    from drilllib.views.panel.quiz import Quiz

    return Quiz(text, language())
