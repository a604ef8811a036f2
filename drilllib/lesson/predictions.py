"""What a learner predicts before a run, and the comparison after it."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from drilllib.core.drills.lab import Lab
from drilllib.core.quiz.predictions import Topic, predict
from drilllib.core.trace.answer import Question
from drilllib.lesson import record
from drilllib.views.panel.static import headless
from drilllib.views.text.prediction import PredictionText
from drilllib.views.text.quiz import LETTERS

SEEN_IN_A_TRACE = (Topic.OUTCOME, Topic.HOP, Topic.RULE, Topic.HEALTH, Topic.REACH)


class Predictions:
    """The predictions of one lesson that wait for their run."""

    def __init__(self, lab: Lab, language: str) -> None:
        self._lab, self._language = lab, language
        self._waiting: list[tuple[PredictionText, Any, Any, str]] = []

    def ask(self, question: Question, what: str, group: str | None) -> Any:
        """
        Ask about the lab as it is: a widget, or the same text where nobody is looking.

        See `core.quiz.predictions.predict` for the errors.
        """
        snapshot = self._lab.snapshot()
        text = PredictionText(predict(snapshot, question, what, group=group), self._language)
        shown = text if headless() else _widget(text)
        self._waiting.append((text, shown, snapshot, record.cell()))
        return shown

    def settle(self, *topics: Topic, client: str | None = None, group: str | None = None) -> None:
        """A run has shown these topics, of one client or one group where these are named: compare what waits for it."""
        for waiting in [*self._waiting]:
            prediction = waiting[0].prediction
            meant = client in (None, prediction.answer.question.client) and group in (None, prediction.group)
            if prediction.topic in topics and meant:
                self._waiting.remove(waiting)
                self._compare(*waiting)

    def _compare(self, text: PredictionText, shown: Any, asked: Any, cell: str) -> None:
        """Where nobody is looking, the first option is taken for predicted."""
        now = self._lab.snapshot()
        if headless() and text.chosen is None:
            text.record(LETTERS[0])
        text.settle(changed=now is not asked and now.to_dict() != asked.to_dict())
        if shown is not text:
            shown.redraw()
        if text.chosen is not None:
            record.note("prediction", _key(text, cell), right=text.is_right)


def _key(text: PredictionText, cell: str) -> str:
    """
    The same for the same question about the same state of the lab in the same cell, so that running a cell again does
    not count twice, and another cell counts even where nothing has changed since.
    """
    prediction = text.prediction
    told = f"{prediction.topic}/{prediction.group}/{prediction.answer.to_dict()}/{cell}"
    return f"{prediction.topic} {sha256(told.encode()).hexdigest()[:12]}"


def _widget(text: PredictionText) -> Any:
    """To click in where anywidget is installed; else the text, which `record` answers."""
    try:
        from drilllib.views.panel.prediction import PredictionCard
    except ImportError:
        return text
    return PredictionCard(text)


class _Lesson(Protocol):
    predictions: Predictions
    question: Question


class Asks:
    """What asks a lesson's learner."""

    def predict(self: _Lesson, what: str, *, client: str | None = None, group: str | None = None) -> Any:
        """
        A question about the lab as it is, to be answered before the cell that shows it; compared once that has run.

        *what*: `outcome` (what the client meets), `hop` (where its packet stops), `rule` (which rule decides where
        *group* is bound), `health` (of the CLB's targets) or `reach` (does *client* get through?). *client* is the
        lesson's own unless named.

        Raises:
            UnknownNameError: Nothing of that name can be predicted.
            InvalidInputError: The client is no address, or no group is named for `rule`.
            LabStateError: The packet does not come to that group.
        """
        return self.predictions.ask(about(self.question, client), what, group)


def about(question: Question, client: str | None) -> Question:
    """The same request, from another client where one is named."""
    return question if client is None else replace(question, client=client)


_L = TypeVar("_L", bound=_Lesson)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def shows(*topics: Topic) -> Callable[[Callable[Concatenate[_L, _P], _R]], Callable[Concatenate[_L, _P], _R]]:
    """A method of a lesson that shows these topics about the lesson's own client, once it has run."""

    def decorate(method: Callable[Concatenate[_L, _P], _R]) -> Callable[Concatenate[_L, _P], _R]:
        @wraps(method)
        def run(self: _L, /, *args: _P.args, **named: _P.kwargs) -> _R:
            result = method(self, *args, **named)
            self.predictions.settle(*topics, client=self.question.client)
            return result

        return run

    return decorate
