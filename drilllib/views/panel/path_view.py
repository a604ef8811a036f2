"""The widget of the packet path: a picture whose boxes can be pressed to read what was checked there."""

from typing import Any

import anywidget
import traitlets

from drilllib.core.trace.answer import Trace
from drilllib.views.panel.assets import script, style
from drilllib.views.phrases.catalog import say
from drilllib.views.picture.live_scene import PATHS_DRAWN, scene
from drilllib.views.picture.svg import live_drawings
from drilllib.views.shown import shown_path
from drilllib.views.text.trace import trace_text


class PathView(anywidget.AnyWidget):
    """The paths of *trace*; at most PATHS_DRAWN of them, failing ones first, because many targets make many paths."""

    _esm = script("path_view.js")
    _css = style("panel.css")
    svg = traitlets.Unicode().tag(sync=True)
    details = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, trace: Trace, language: str) -> None:
        self._language = language
        super().__init__(words={"press": say(language, "ui_press")})
        self.show(trace)

    def show(self, trace: Trace) -> None:
        """Replace the trace shown."""
        self._trace = trace
        drawn = scene(trace, self._language, most=PATHS_DRAWN)
        details = {box.key: [box.lines[0].text, *box.details] for box in drawn.boxes if box.details}
        details |= {f"{box.key} groups": [box.lines[0].text, *box.checks] for box in drawn.boxes if box.checks}
        with self.hold_sync():
            self.details = details
            self.svg = live_drawings(drawn, self._language)

    def __repr__(self) -> str:
        return trace_text(self._trace, self._language)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and a picture and a text for readers without a kernel."""
        bundle, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**bundle, **shown_path(self._trace, self._language)._repr_mimebundle_()}, metadata
