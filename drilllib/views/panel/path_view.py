"""The widget of the packet path: cards that can be pressed to read what was checked there, and a packet to play."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import anywidget
import traitlets

from drilllib.core.trace.answer import Trace
from drilllib.views.panel.assets import script, widget_style
from drilllib.views.panel.path_state import SCRIPTS, PathState, path_state, path_words
from drilllib.views.picture.reveal import Level
from drilllib.views.shown import shown_path
from drilllib.views.text.trace import trace_text


class PathView(anywidget.AnyWidget):
    """
    The paths of *trace*, as `path_state` has them.

    *reveal* is how much is shown (`picture.reveal`); at level 1 the learner says where the packet stops by pressing a
    card, whose key *on_where* is given.
    """

    _esm = script(*SCRIPTS)
    _css = widget_style("path.css")
    state = cast("traitlets.TraitType[PathState, PathState]", traitlets.Dict().tag(sync=True))
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, trace: Trace, language: str, *, reveal: Level = 3, on_where: Callable[[str], None] | None = None
    ) -> None:
        self._language, self._on_where = language, on_where
        super().__init__(words=path_words(language))
        self.on_msg(self._heard)
        self.show(trace, reveal)

    def show(self, trace: Trace, reveal: Level = 3) -> None:
        """Replace the trace shown; the page gets what the level reveals, and no more."""
        self._trace = trace
        self.state = path_state(trace, self._language, reveal)

    def _heard(self, _: Any, message: Mapping[str, object], __: Any) -> None:
        """The learner says where it stops."""
        where = message.get("where")
        if isinstance(where, str) and self._on_where:
            self._on_where(where)

    def __repr__(self) -> str:
        return trace_text(self._trace, self._language)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and a picture and a text for readers without a kernel."""
        bundle, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**bundle, **shown_path(self._trace, self._language)._repr_mimebundle_()}, metadata
