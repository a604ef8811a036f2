"""A prediction in words: the question and its options, and after the run what was predicted beside what happened."""

from collections.abc import Iterator

from drilllib.core.connection.question import Connection
from drilllib.core.quiz import predictions as codes
from drilllib.core.quiz.predictions import BETWEEN, Prediction, Topic
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.curl import status_text
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import LabStateError
from drilllib.views.phrases.catalog import say
from drilllib.views.text.hops import answer_text
from drilllib.views.text.quiz import LETTERS, option_place
from drilllib.views.text.trace import reason_text, request_text, symptoms_text

KINDS = {
    "refused": "refused_symptom",
    **{each: each for each in ("connected", "connect_timeout", "answered", "no_answer", "port_unreachable")},
}
HEALTH = ("Alive", "Dead", "Unknown", "Close")
SAID = ("Alive", "Dead")
MEANT = ("connected", "200", "504", "502", "connect_timeout", "refused", "answered", "no_answer", "port_unreachable")


class PredictionText:
    """
    A prediction on its way: asked, recorded by the learner, settled by the run.

    What happened is part of it only once it is settled.
    """

    def __init__(self, prediction: Prediction, language: str) -> None:
        self.prediction, self.language = prediction, language
        self.chosen: int | None = None
        self.settled = self.changed = False
        self.question = question_text(prediction, language)
        self.options = [option_text(prediction, each, language) for each in prediction.options]

    @property
    def is_right(self) -> bool:
        """Was it predicted, and right?"""
        return self.chosen == self.prediction.right

    def record(self, letter: str) -> None:
        """
        Predict the option with this letter. The first prediction counts.

        Raises:
            InvalidInputError: There is no such option.
            LabStateError: It is recorded already, or what happened is known.
        """
        place = option_place(letter, len(self.options))
        if self.settled or self.chosen is not None:
            raise LabStateError("This prediction is closed", remedy="Run the cell again to be asked anew")
        self.chosen = place

    def settle(self, *, changed: bool = False) -> None:
        """The run has shown what happens; *changed*: in another state of the lab than the one asked about."""
        self.settled, self.changed = True, changed

    def happened(self) -> str:
        """The right option. Only for whoever may know it."""
        return self.options[self.prediction.right]

    def rows(self) -> list[tuple[str, str]]:
        """The learner's own answer, and beside it what happened once that is known."""
        own = [] if self.chosen is None else [(say(self.language, "predict.yours"), self.options[self.chosen])]
        shown = [(say(self.language, "predict.happened"), self.happened())] if self.settled else []
        return own + shown

    def status(self) -> str:
        """How it stands, in one line; nothing before the learner has done anything."""
        if self.settled and self.chosen is None:
            return say(self.language, "predict.missed")
        if self.settled:
            return say(self.language, "predict.hit" if self.is_right else "predict.miss")
        return "" if self.chosen is None else say(self.language, "predict.recorded")

    def why(self) -> list[str]:
        """Why it happened, and what the learner's answer would have meant; nothing before it is settled."""
        return list(self._why()) if self.settled else []

    def _why(self) -> Iterator[str]:
        if self.chosen is not None and not self.is_right:
            yield from meaning(self.prediction, self.prediction.options[self.chosen], self.language)
        yield from reasons(self.prediction, self.language)
        if self.changed:
            yield say(self.language, "predict.changed")

    def __repr__(self) -> str:
        lines = [say(self.language, "predict.title"), self.question]
        lines += [f"   {letter}) {text}" for letter, text in zip(LETTERS, self.options, strict=False)]
        lines += [say(self.language, "predict.row", label=label, text=text) for label, text in self.rows()]
        lines += [*([self.status()] if self.status() else []), *self.why()]
        return "\n".join(lines)


def question_text(prediction: Prediction, language: str) -> str:
    """The question in words."""
    asked = prediction.answer.question
    if isinstance(asked, Connection):
        facts = {"client": asked.client, "to": at(asked.door, asked.port), "request": asked.label}
        if prediction.check is not None and prediction.check.direction is Direction.EGRESS:
            return say(language, "predict.rule_out", group=prediction.group, **facts)
        return say(language, f"predict.about_{prediction.topic}", group=prediction.group, **facts)
    facts = {"client": asked.client, "to": at(asked.vip or asked.service or "?", asked.port)}
    return say(
        language, f"predict.about_{prediction.topic}", request=request_text(asked), group=prediction.group, **facts
    )


def option_text(prediction: Prediction, option: str, language: str) -> str:
    """One option in words."""
    if option in prediction.rules:
        return f"`{option} {prediction.rules[option]}`"
    if prediction.topic is Topic.OUTCOME and option.isdecimal():
        return status_text(int(option))
    if option in KINDS:
        return say(language, KINDS[option])
    if prediction.topic is Topic.HEALTH and option in HEALTH:
        return say(language, option)
    return say(language, f"predict.is_{_NAMES.get(option, option)}")


_NAMES = {codes.NO_RULE: "no_rule"}


def meaning(prediction: Prediction, option: str, language: str) -> Iterator[str]:
    """What an outcome or a state of health says in general, and what it does not."""
    if (prediction.topic, option) == (Topic.OUTCOME, "connect_timeout") and _is_between(prediction):
        yield say(language, "predict.dropped_between")
    elif prediction.topic is Topic.OUTCOME and option in MEANT:
        yield say(language, f"predict.says_{option}")
    if prediction.topic is Topic.HEALTH and option in SAID:
        yield say(language, f"predict.health_{option}")


def _is_between(prediction: Prediction) -> bool:
    return isinstance(prediction.answer.question, Connection)


def reasons(prediction: Prediction, language: str) -> Iterator[str]:
    """Why the right option is right, and no more than was asked: where it stops is still to be found after curl."""
    if prediction.check is not None:
        yield f"{prediction.group}: {answer_text(prediction.check, language)}"
    elif prediction.topic is Topic.HOP and _is_between(prediction) and prediction.options[prediction.right] in BETWEEN:
        yield say(language, prediction.options[prediction.right])
    elif prediction.topic is Topic.HOP and prediction.answer.verdict is not Verdict.REACHABLE:
        yield reason_text(prediction.answer, language)
    elif prediction.answer.verdict is Verdict.REACHABLE and prediction.topic is not Topic.HEALTH:
        yield say(language, "predict.through")
    elif prediction.topic is Topic.REACH:
        yield say(language, "predict.met", symptom=symptoms_text(prediction.answer, language))
    else:
        yield from meaning(prediction, prediction.options[prediction.right], language)
