"""What the client prints and how long it waited, and what can cause that, judged from the outside alone."""

from typing import Any

import anywidget
import traitlets

from drilllib.views.desk import Sight
from drilllib.views.path_view import PAGE
from drilllib.views.phrases import say
from drilllib.views.symptom_state import symptom_of, symptom_words


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
        self.state = symptom_of(sight, self._language)

    def __repr__(self) -> str:
        return symptom_words(self.state, self._language)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Besides the live view, the text."""
        bundle, metadata = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": repr(self)}, metadata
