"""The widget of a prediction: choose, record, run the next cell, compare."""

from drilllib.errors import LabStateError
from drilllib.views.panel.question_state import Look, OptionState, QuestionsState, QuestionState, Told
from drilllib.views.panel.questions import Questions
from drilllib.views.phrases.catalog import say
from drilllib.views.text.prediction import PredictionText
from drilllib.views.text.quiz import LETTERS


class PredictionCard(Questions):
    """A `PredictionText` to click in. Whoever settles the text calls `redraw`."""

    def __init__(self, text: PredictionText) -> None:
        self._text = text
        super().__init__(text.language, say(text.language, "predict.title"))

    def record(self, letter: str) -> None:
        """Predict without a mouse; see `PredictionText.record`."""
        self._text.record(letter)
        self.redraw()

    def told(self, message: Told) -> None:
        """Record what was chosen; a late or second message changes nothing."""
        if message["do"] == "record":
            try:
                self._text.record(LETTERS[message["option"]])
            except LabStateError:
                return

    def drawn(self) -> QuestionsState:
        """The question with its options; what happened only once it is settled."""
        return {
            "title": say(self._text.language, "predict.title"),
            "questions": [self._card()],
            "score": "",
            "marks": [],
        }

    def _card(self) -> QuestionState:
        text, closed = self._text, self._text.settled or self._text.chosen is not None
        look: Look = "right" if text.is_right else "missed" if text.chosen is None else "wrong"
        return {
            "text": text.question,
            "options": [_option(text, place) for place in range(len(text.options))],
            "chosen": -1 if text.chosen is None else text.chosen,
            "locked": closed,
            "record": "" if closed else say(text.language, "predict.record"),
            "more": "",
            "status": text.status(),
            "look": look if text.settled else "",
            "rows": text.rows() if text.settled else [],
            "why": text.why(),
        }

    def __repr__(self) -> str:
        return repr(self._text)


def _option(text: PredictionText, place: int) -> OptionState:
    """The option; whether it was right is marked once it is settled."""
    happened = text.settled and place == text.prediction.right
    missed = text.settled and place == text.chosen
    return {"text": text.options[place], "mark": "right" if happened else "wrong" if missed else "", "feedback": ""}
