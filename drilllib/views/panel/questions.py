"""The widget that asks: options to choose from, and what the kernel says of the choice."""

from collections import Counter
from typing import Any, cast

import anywidget
import traitlets

from drilllib.views.panel.assets import script, widget_style
from drilllib.views.panel.question_state import QuestionsState, Told, read_told
from drilllib.views.phrases.catalog import say

_SHOWN = Counter[str]()  # how many of each label this kernel has shown: no two on a page have one name
EMPTY: QuestionsState = {"title": "", "questions": [], "score": "", "marks": []}


class Questions(anywidget.AnyWidget):
    """
    Shows a `QuestionsState`; who derives from it makes that in *drawn* and answers the learner in *told*.

    The page gets options and, once they may be known, answers. What is right stays in the kernel until then.
    """

    _esm = script("dom.js", "question.js")
    _css = widget_style("question.css")
    state = cast("traitlets.TraitType[QuestionsState, QuestionsState]", traitlets.Dict(dict(EMPTY)).tag(sync=True))
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, language: str, label: str) -> None:
        lang = "zh-CN" if language == "zh" else language
        _SHOWN[label] += 1
        super().__init__(words={"lang": lang, "label": f"{label} {_SHOWN[label]}", "gone": say(language, "ui_gone")})
        self.state = self.drawn()
        self.on_msg(self._heard)

    def drawn(self) -> QuestionsState:
        """What the page shall show now."""
        raise NotImplementedError

    def told(self, message: Told) -> None:
        """Take what the learner did."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Show what has changed."""
        self.state = self.drawn()

    def _heard(self, _: Any, message: object, __: Any) -> None:
        told = read_told(message, self.state["questions"])
        if told is not None:
            self.told(told)
        self.redraw()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and the text, which stored notebooks keep."""
        bundle, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**bundle, "text/plain": repr(self)}, metadata
