"""What the client prints and how long it waited, who else can reach the Service, and what can cause the symptom."""

from typing import Any, cast

import anywidget
import traitlets

from drilllib.views.panel.desk import Sight
from drilllib.views.panel.messages import SymptomState
from drilllib.views.panel.path_view import PAGE
from drilllib.views.panel.reach_state import reach_of, reach_words
from drilllib.views.panel.symptom_state import symptom_of, symptom_words
from drilllib.views.phrases.catalog import say

WORDS = ("transcript", "suspects", "ruled_out", "reach", "just_now", "unchanged")


class SymptomView(anywidget.AnyWidget):
    """
    The transcript of a Sight's probe, its duration, and what this symptom rules in and out; beside it who can reach the
    Service, and what of that changed since the Sight shown before.
    """

    _esm = PAGE / "symptom_view.js"
    _css = PAGE / "panel.css"
    state = cast("traitlets.TraitType[SymptomState, SymptomState]", traitlets.Dict().tag(sync=True))
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, sight: Sight, language: str) -> None:
        self._language = language
        self._before: Sight | None = None
        words = {name: say(language, f"ui_{name}") for name in WORDS}
        super().__init__(words=words)
        self.show(sight)

    def show(self, sight: Sight) -> None:
        """Another answer in the place of this one."""
        reached = reach_of(sight, self._before, self._language)
        self.state = {**symptom_of(sight, self._language), "reach": reached}
        self._before = sight

    def __repr__(self) -> str:
        words = symptom_words(self.state, self._language), reach_words(self.state["reach"], self._language)
        return "\n\n".join(words)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Besides the live view, the text."""
        bundle, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**bundle, "text/plain": repr(self)}, metadata
