"""Progress as a table: text for a terminal, and accessible HTML for a notebook."""

import html
from collections.abc import Sequence
from typing import Any

from drilllib.core.practice.schedule import Practised
from drilllib.core.quiz.progress import SCHEMA, LessonProgress, upcoming
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import columns, padded
from drilllib.views.text.mastery import mastery_html, mastery_text

RIGHT, WRONG, OPEN = "●", "○", "·"  # told apart by shape, and counted in words beside it
_STYLE = """\
<style>
.drill-progress table { border-collapse: collapse; font-variant-numeric: tabular-nums; text-align: left; }
.drill-progress caption { text-align: left; font-weight: 600; padding-bottom: 4px; color: inherit; }
.drill-progress table :is(th, td) { text-align: left; padding: 4px 16px 4px 8px; }
.drill-progress tr { border-bottom: 1px solid rgba(128, 128, 128, 0.3); }
.drill-progress tbody th { font-weight: 400; border-left: 3px solid transparent; }
.drill-progress [aria-current] th { font-weight: 600; border-left-color: var(--jp-brand-color1, #1976d2); }
.drill-progress .drill-bar { display: inline-block; width: 96px; height: 6px; margin-right: 8px; border-radius: 3px;
  background: rgba(128, 128, 128, 0.3); overflow: hidden; }
.drill-progress .drill-bar i { display: block; height: 100%; background: var(--jp-success-color1, #2e7d32); }
.drill-progress .drill-dots { letter-spacing: 2px; margin-right: 6px; }
</style>"""


class ProgressTable:
    """The lessons' progress to show: as text, as HTML in a notebook, as data by `to_dict`."""

    def __init__(self, lessons: Sequence[LessonProgress], language: str, practised: Practised | None = None) -> None:
        self.lessons, self._language, self.practised = tuple(lessons), language, practised or Practised()
        self._next = upcoming(self.lessons)

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/progress/1` document."""
        listed = [each.to_dict() for each in self.lessons]
        return {"schema": SCHEMA, "next": self._next, "lessons": listed, "practice": self.practised.to_dict()}

    def __repr__(self) -> str:
        practised = mastery_text(self.practised, self._language)
        if not self.lessons:
            return practised
        rows = [self._head(), *(self._row(each) for each in self.lessons)]
        widths = [max(columns(row[place]) for row in rows) for place in range(len(rows[0]))]
        marks = ["  ", *("> " if each.lesson == self._next else "  " for each in self.lessons)]
        lines = [
            (mark + "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True))).rstrip()
            for mark, row in zip(marks, rows, strict=True)
        ]
        return "\n".join([*lines, "", self._legend(), *self._notes(), "", practised])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}

    def html(self) -> str:
        """The table with a caption and named rows and columns; dots are read as numbers."""
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in self._head())
        body = "".join(self._html_row(each) for each in self.lessons)
        below = "".join(f"<p>{html.escape(each)}</p>" for each in (self._legend(), *self._notes()))
        caption = html.escape(say(self._language, "progress.title"))
        table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        lessons = table + below if self.lessons else ""
        practised = mastery_html(self.practised, self._language)
        return f'<div class="drill-progress">{_STYLE}{lessons}{practised}</div>'

    def _head(self) -> list[str]:
        return [
            say(self._language, "progress.lesson"),
            say(self._language, "progress.predicted"),
            say(self._language, "progress.verified"),
            say(self._language, "progress.quiz"),
        ]

    def _row(self, lesson: LessonProgress) -> list[str]:
        predicted, quiz = self._answers(lesson)
        return [lesson.lesson, " ".join(predicted).strip(), self._verified(lesson), " ".join(quiz).strip()]

    def _answers(self, lesson: LessonProgress) -> tuple[tuple[str, str], tuple[str, str]]:
        """The dots and the numbers, of predictions and of the quiz."""
        more = say(self._language, "progress.more", right=sum(lesson.drawn), count=len(lesson.drawn))
        quiz = _score(lesson.quiz, lesson.questions)
        return (
            (_dots(lesson.predictions, lesson.asked), _score(lesson.predictions, lesson.asked)),
            (_dots(lesson.quiz, lesson.questions), f"{quiz} {more}" if lesson.drawn else quiz),
        )

    def _verified(self, lesson: LessonProgress) -> str:
        if lesson.verified is None:
            return "-"
        return say(self._language, "progress.passed" if lesson.verified else "progress.failed")

    def _html_row(self, lesson: LessonProgress) -> str:
        current = ' aria-current="step"' if lesson.lesson == self._next else ""
        predicted, quiz = (
            f'<td><span class="drill-dots" aria-hidden="true">{dots}</span>{html.escape(score)}</td>'
            for dots, score in self._answers(lesson)
        )
        verified = f"<td>{html.escape(self._verified(lesson))}</td>"
        return f'<tr{current}><th scope="row">{html.escape(lesson.lesson)}</th>{predicted}{verified}{quiz}</tr>'

    def _legend(self) -> str:
        return say(self._language, "progress.legend", right=RIGHT, wrong=WRONG, open=OPEN)

    def _notes(self) -> list[str]:
        """What is next, and which copies are older than the course."""
        told = [say(self._language, "progress.next", lesson=self._next)] if self._next else []
        older = [f"{language}/{each.lesson}" for each in self.lessons for language in each.older]
        return told + ([say(self._language, "progress.older", names=", ".join(older))] if older else [])


def _dots(answers: Sequence[bool], total: int) -> str:
    return "".join(RIGHT if right else WRONG for right in answers) + OPEN * max(0, total - len(answers))


def _score(answers: Sequence[bool], total: int) -> str:
    """How many were right, of how many there are; nothing where there are none."""
    count = max(total, len(answers))
    return f"{sum(answers)}/{count}" if count else ""
