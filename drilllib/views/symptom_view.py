"""What the client prints and how long it waited, and what can cause that, judged from the outside alone."""

from typing import Any

import anywidget
import traitlets

from drilllib.core.drills import Observation
from drilllib.core.suspects import CAUSES, suspects
from drilllib.views.desk import Sight
from drilllib.views.path_view import PAGE
from drilllib.views.phrases import say
from drilllib.views.text import request_text, symptom_text


class SymptomView(anywidget.AnyWidget):
    """The transcript of a Sight's probe, its duration, and what this symptom rules in and out."""

    _esm = PAGE / "symptom_view.js"
    _css = PAGE / "panel.css"
    state = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, sight: Sight, language: str) -> None:
        self._language = language
        words = {name: say(language, f"ui_{name}") for name in ("transcript", "suspects", "ruled_out")}
        super().__init__(words=words)
        self.show(sight)

    def show(self, sight: Sight) -> None:
        """Another answer in the place of this one."""
        asked = f"$ {request_text(sight.trace.question)}"
        if sight.observed is None:
            outcome = say(self._language, "ui_unknown", problem=sight.problem)
            self.state = {"outcome": outcome, "look": "unknown", "transcript": asked, "suspects": [], "ruled_out": []}
            return
        symptom = sight.observed.symptom
        self.state = {
            "outcome": self._outcome(sight.observed),
            "look": "passed" if symptom.works else "stopped",
            "transcript": f"{asked}\n{sight.observed.transcript}",
            **self._causes(sight),
        }

    def __repr__(self) -> str:
        lines = [self.state["transcript"], self.state["outcome"]]
        for name in ("suspects", "ruled_out"):
            lines += [f"{self.words[name]}:", *(f"  - {each}" for each in self.state[name])] * bool(self.state[name])
        return "\n".join(lines)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Besides the live view, the text."""
        bundle, metadata = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": repr(self)}, metadata

    def _outcome(self, observed: Observation) -> str:
        """The symptom with its time, where it does not say one itself."""
        symptom = symptom_text(observed.symptom, self._language)
        if observed.symptom.seconds:
            return symptom
        key = "ui_waits" if observed.seconds else "ui_at_once"
        return say(self._language, key, symptom=symptom, seconds=observed.seconds)

    def _causes(self, sight: Sight) -> dict[str, list[str]]:
        listener = sight.trace.listener
        found = suspects(sight.observed.symptom, listener.layer if listener else None)
        others = [each for each in CAUSES if found and each not in found]
        return {
            "suspects": [say(self._language, each) for each in found],
            "ruled_out": [say(self._language, each) for each in others],
        }
