"""How far a learner is, lesson by lesson, from the events on record: the first answer to each question counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.plain import plain

SCHEMA = "drilllib/progress/1"
PREDICTION, QUIZ, VERIFIED, RESET = "prediction", "quiz", "verified", "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonProgress:
    """
    One lesson. *predictions* and *quiz* say of each question answered whether its first answer was right.

    *asked* and *questions* are how many the lesson has of each. *drawn* are answers to other questions like those.
    *verified*: every repair that was checked has passed at least once; None where none was. *older*: the languages in
    which the copy is older than the course.
    """

    lesson: str
    predictions: tuple[bool, ...] = ()
    asked: int = 0
    verified: bool | None = None
    quiz: tuple[bool, ...] = ()
    questions: int = 0
    drawn: tuple[bool, ...] = ()
    older: tuple[str, ...] = ()

    @property
    def begun(self) -> bool:
        """Is anything on record?"""
        return bool(self.predictions or self.quiz or self.drawn) or self.verified is not None

    @property
    def done(self) -> bool:
        """Is the repair verified and every question of the quiz answered?"""
        return bool(self.verified) and len(self.quiz) >= self.questions

    def to_dict(self) -> dict[str, Any]:
        """All of it, and whether the lesson is begun and done."""
        return {**plain(self), "begun": self.begun, "done": self.done}


def progress(
    events: Iterable[Mapping[str, Any]], *, asked: Mapping[str, int], questions: Mapping[str, int]
) -> tuple[LessonProgress, ...]:
    """
    The lessons of *asked*, in that order, by the events on record, the oldest first.

    An event has a lesson, what it was, a key and whether it was right. A reset forgets all that was before it.
    """
    kept: dict[str, dict[tuple[str, str], bool]] = {name: {} for name in asked}
    for event in events:
        found = kept.setdefault(event["lesson"], {})
        if event["what"] == RESET:
            found.clear()
        elif event["what"] == VERIFIED:
            key = (VERIFIED, event["key"])
            found[key] = found.get(key, False) or event["right"]
        else:
            found.setdefault((event["what"], event["key"]), event["right"])
    return tuple(_lesson(name, kept[name], asked[name], questions.get(name, 0)) for name in asked)


def _lesson(name: str, found: Mapping[tuple[str, str], bool], asked: int, questions: int) -> LessonProgress:
    repairs = [right for (what, _), right in found.items() if what == VERIFIED]
    quiz = {key: right for (what, key), right in found.items() if what == QUIZ}
    return LessonProgress(
        lesson=name,
        predictions=tuple(right for (what, _), right in found.items() if what == PREDICTION),
        asked=asked,
        verified=all(repairs) if repairs else None,
        quiz=tuple(right for key, right in quiz.items() if key.endswith(".0")),
        questions=questions,
        drawn=tuple(right for key, right in quiz.items() if not key.endswith(".0")),
    )


def upcoming(lessons: Iterable[LessonProgress]) -> str | None:
    """The first lesson that is not done."""
    return next((each.lesson for each in lessons if not each.done), None)
