"""A self-check in a notebook: choose an answer and read why it is right, or what to look at next."""

import html
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from drilllib.core.quiz import QuizQuestion
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases import say

LETTERS = "abcdef"


class Quiz(widgets.VBox):
    """
    The questions of one lesson.

    Choosing shows the feedback below the question. The stored form, for places where no kernel runs, has questions and
    options, never the answers.
    """

    def __init__(self, questions: Sequence[QuizQuestion], language: str) -> None:
        self._questions, self._language = questions, language
        self._feedback = [widgets.HTML() for _ in questions]
        boxes = [self._box(place, each) for place, each in enumerate(questions)]
        super().__init__([widgets.HTML(html.escape(say(language, "quiz_help"))), *boxes])

    def answer(self, number: int, letter: str) -> str:
        """
        The feedback on the option called *letter* of question *number*, counted from 1.

        Raises:
            InvalidInputError: There is no such question or option.
        """
        number = int(number) if str(number).isdecimal() else number
        letter = letter.lower() if isinstance(letter, str) else letter
        if number not in range(1, len(self._questions) + 1):
            problem = f"The question is {quoted(number)}"
            raise InvalidInputError(problem, remedy=f"Use a number from 1 to {len(self._questions)}")
        options = self._questions[number - 1].options
        letters = LETTERS[: len(options)]
        if not isinstance(letter, str) or len(letter) != 1 or letter not in letters:
            raise InvalidInputError(f"The answer is {quoted(letter)}", remedy=f"Use one of {', '.join(letters)}")
        return self._said(number - 1, letters.index(letter))

    def __repr__(self) -> str:
        blocks = [say(self._language, "quiz_help")]
        for number, question in enumerate(self._questions, start=1):
            lines = [f"{number}. {question.text[self._language]}"]
            lines += [f"   {label}" for label in self._labels(question)]
            blocks.append("\n".join(lines))
        blocks.append(say(self._language, "quiz_typed"))
        return "\n\n".join(blocks)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Besides the live view, the text."""
        return {**(super()._repr_mimebundle_(**options) or {}), "text/plain": repr(self)}

    def _labels(self, question: QuizQuestion) -> list[str]:
        pairs = zip(LETTERS, question.options, strict=False)
        return [f"{letter}) {option.text[self._language]}" for letter, option in pairs]

    def _box(self, place: int, question: QuizQuestion) -> widgets.VBox:
        title = widgets.HTML(f"<b>{place + 1}. {html.escape(question.text[self._language])}</b>")
        labels = self._labels(question)
        buttons = widgets.RadioButtons(options=labels, index=None, layout=widgets.Layout(width="auto"))
        buttons.observe(lambda change: self._show(place, change["new"]), names="index")
        return widgets.VBox([title, buttons, self._feedback[place]], layout=widgets.Layout(margin="0 0 12px 0"))

    def _show(self, place: int, chosen: int | None) -> None:
        text = "" if chosen is None else html.escape(self._said(place, chosen))
        self._feedback[place].value = f'<div role="status" style="white-space:normal;line-height:1.5">{text}</div>'

    def _said(self, place: int, chosen: int) -> str:
        question = self._questions[place]
        verdict = say(self._language, "quiz_right" if chosen == question.right() else "quiz_wrong")
        return f"{verdict} {question.options[chosen].feedback[self._language]}"
