"""The matrix of scenarios as a map: each row with its lists and lessons, and how far the learner is in each."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.drills.matrix import MATRIX
from drilllib.core.quiz.progress import LessonProgress
from drilllib.quoting import terminal_text
from drilllib.views.html.elements import Link, Page, Stack, State, Table, page_html
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import table

HEADS = ("row", "scenario", "lists", "lessons")
_NOTHING = LessonProgress(lesson="")


class ScenarioMap:
    """
    The map to show: as text, as a table in a notebook whose lessons are links to their notebooks.

    *progress* is the learner's, by lesson; what is not in it is not begun.
    """

    def __init__(self, language: str, progress: Mapping[str, LessonProgress] | None = None) -> None:
        self._language, self._progress = language, progress or {}

    def __repr__(self) -> str:
        return terminal_text([*table([self._head(), *self._lines()]), "", self._sum()])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}

    def html(self) -> str:
        """One table of eleven rows, each named by its number; every lesson is a link, its state a word."""
        rows = [
            (*self._about(row), Stack([(Link(name, f"{name}.ipynb"), *self._state(name)) for name in lessons]))
            for row, lessons in MATRIX.items()
        ]
        shown = Table(say(self._language, "map.title"), self._head(), rows)
        return page_html(Page(self._language, [shown, self._sum()]))

    def _head(self) -> tuple[str, ...]:
        return tuple(say(self._language, f"map.{each}") for each in HEADS)

    def _about(self, row: int) -> tuple[str, str, str]:
        return str(row), say(self._language, f"map.row_{row}"), say(self._language, f"map.lists_{row}")

    def _lines(self) -> Iterator[tuple[str, ...]]:
        """A line for each lesson, what is said of the row on the first."""
        for row, lessons in MATRIX.items():
            for place, name in enumerate(lessons):
                words = (each.word for each in self._state(name))
                yield (*(("", "", "") if place else self._about(row)), "  ".join((name, *words)))

    def _state(self, name: str) -> tuple[State, ...]:
        """Done, or begun, with what is on record; nothing where nothing is."""
        found = self._progress.get(name, _NOTHING)
        if not found.begun:
            return ()
        asked = max(found.asked, len(found.predictions))
        words = [say(self._language, "map.done" if found.done else "map.begun")]
        words.append(say(self._language, "map.predicted", right=sum(found.predictions), asked=asked))
        if found.verified is not None:
            words.append(say(self._language, "progress.passed" if found.verified else "progress.failed"))
        return (State(" · ".join(words), "ok" if found.done else "un"),)

    def _sum(self) -> str:
        """How many rows have all their lessons done."""
        done = sum(all(self._progress.get(name, _NOTHING).done for name in lessons) for lessons in MATRIX.values())
        return say(self._language, "map.sum", done=done, rows=len(MATRIX))
