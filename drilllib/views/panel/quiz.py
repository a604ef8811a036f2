"""The widget of a self-check: choose an answer and read why it is right, or what to look at next."""

import html
import re
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from drilllib.core.quiz.questions import QuizQuestion
from drilllib.views.phrases.catalog import say
from drilllib.views.text.quiz import QuizText


class Quiz(widgets.VBox):
    """The questions of one lesson, with the feedback on a choice below its question. Stored notebooks keep the text."""

    def __init__(self, questions: Sequence[QuizQuestion], language: str) -> None:
        self._text, self._language = QuizText(questions, language), language
        self._feedback = [widgets.HTML() for _ in questions]
        boxes = [self._box(place, each) for place, each in enumerate(questions)]
        super().__init__([widgets.HTML(html.escape(say(language, "quiz_help"))), *boxes])

    def answer(self, number: int, letter: str) -> str:
        """
        The feedback on the option called *letter* of question *number*, counted from 1.

        Raises:
            InvalidInputError: There is no such question or option.
        """
        return self._text.answer(number, letter)

    def __repr__(self) -> str:
        return repr(self._text)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The live view, and the text."""
        return {**(super()._repr_mimebundle_(**options) or {}), "text/plain": repr(self)}

    def _box(self, place: int, question: QuizQuestion) -> widgets.VBox:
        title = widgets.HTML(f"<b>{place + 1}. {_html(question.text[self._language])}</b>")
        labels = self._text.labels(question)
        buttons = widgets.RadioButtons(options=labels, index=None, layout=widgets.Layout(width="auto"))
        buttons.observe(lambda change: self._show(place, change["new"]), names="index")
        return widgets.VBox([title, buttons, self._feedback[place]], layout=widgets.Layout(margin="0 0 12px 0"))

    def _show(self, place: int, chosen: int | None) -> None:
        text = "" if chosen is None else _html(self._text.feedback(place, chosen))
        self._feedback[place].value = f'<div role="status" style="white-space:normal;line-height:1.5">{text}</div>'


def _html(text: str) -> str:
    """Escaped text, with backticks turned into code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))
