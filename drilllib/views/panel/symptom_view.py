"""The widget of the symptom: what the client prints, who can reach the Service, and what can cause the symptom."""

from typing import Any, cast

import anywidget
import traitlets

from drilllib.views.panel.assets import script, widget_style
from drilllib.views.panel.guess import ALL
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.messages import SymptomState
from drilllib.views.panel.past_state import past_of
from drilllib.views.panel.reach_state import reach_of, reach_words
from drilllib.views.panel.symptom_state import symptom_of, symptom_words
from drilllib.views.phrases.catalog import say

WORDS = ("symptom", "transcript", "suspects", "ruled_out", "reach", "past", "just_now", "unchanged", "lang")
SCRIPTS = ("dom.js", "reach_view.js", "symptom_view.js")


class SymptomView(anywidget.AnyWidget):
    """
    The transcript of a `LabReport`'s probe, its duration, and the causes that this symptom allows and excludes; beside
    it who can reach the Service, and what has changed since the report shown before.
    """

    _esm = script(*SCRIPTS)
    _css = widget_style("panel.css", "symptom.css")
    state = cast("traitlets.TraitType[SymptomState, SymptomState]", traitlets.Dict().tag(sync=True))
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, report: LabReport, language: str) -> None:
        self._language = language
        self._before: LabReport | None = None
        words = {name: say(language, f"ui_{name}") for name in WORDS}
        super().__init__(words=words)
        self.show(report)

    def show(self, report: LabReport) -> None:
        """Replace the answer shown."""
        before = None if report.said else self._before  # an answer of the learner's changes nothing
        reached = reach_of(report, before, self._language)
        if self._before and report.level == ALL:
            reached["past"] = self.state["reach"]["past"]  # until `show_past`
        self.state = {**symptom_of(report, self._language), "reach": reached}
        self._before = report

    def show_past(self, report: LabReport) -> None:
        """Replace who gets past the CLB."""
        if (past := past_of(report, self._language)) != self.state["reach"]["past"]:
            self.state = {**self.state, "reach": {**self.state["reach"], "past": past}}

    def __repr__(self) -> str:
        words = symptom_words(self.state, self._language), reach_words(self.state["reach"], self._language)
        return "\n\n".join(words)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and the text."""
        bundle, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**bundle, "text/plain": repr(self)}, metadata
