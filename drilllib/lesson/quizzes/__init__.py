"""The self-check of each lesson, one TOML file a lesson."""

import tomllib
from pathlib import Path

from drilllib.core.quiz import QuizQuestion, read_quiz
from drilllib.errors import UnknownNameError, quoted


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
            remedy="Use one of {quiz_names}",
            name=quoted(name),
            quiz_names=", ".join(quiz_names()),
        )
    text = (Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")
    return read_quiz(tomllib.loads(text))
