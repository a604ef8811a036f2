"""The widget of the packet path: cards that can be pressed to read what was checked there, and a packet to play."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypedDict, cast

import anywidget
import traitlets

from drilllib.core.trace.answer import Trace
from drilllib.views.panel.assets import script, widget_style
from drilllib.views.phrases.catalog import say
from drilllib.views.picture.reveal import Level, revealed
from drilllib.views.picture.scene import PATHS_DRAWN, scene
from drilllib.views.shown import shown_path
from drilllib.views.text.trace import trace_text

WORDS = (
    *(
        "press",
        "path",
        "where",
        "stops_here",
        "gets",
        "waits_for",
        "no_answer_yet",
        "play",
        "pause",
        "next",
        "previous",
    ),
    *("first", "play_help", "steps", "step_of"),
)


class PathState(TypedDict):
    """
    What the page shows: *scene* is a `picture.parts.Scene` as plain data, less what *level* hides.

    *folded* and *left_out* say how many lanes are shown on request, and how many paths are not drawn; empty for none.
    """

    level: Level
    scene: dict[str, Any]
    folded: str
    left_out: str


class PathView(anywidget.AnyWidget):
    """
    The paths of *trace*; at most PATHS_DRAWN of them, failing ones first, because many targets make many paths.

    *reveal* is how much is shown (`picture.reveal`); at level 1 the learner says where the packet stops by pressing a
    card, whose key *on_where* is given.
    """

    _esm = script(
        "dom.js", "path_text.js", "path_card.js", "path_rail.js", "path_layout.js", "path_play.js", "path_view.js"
    )
    _css = widget_style("path.css")
    state = cast("traitlets.TraitType[PathState, PathState]", traitlets.Dict().tag(sync=True))
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, trace: Trace, language: str, *, reveal: Level = 3, on_where: Callable[[str], None] | None = None
    ) -> None:
        self._language, self._on_where = language, on_where
        words = {name: say(language, f"ui_{name}", at="{at}", count="{count}") for name in WORDS}  # the page counts
        super().__init__(words={**words, "lang": "zh-CN" if language == "zh" else language})
        self.on_msg(self._heard)
        self.show(trace, reveal)

    def show(self, trace: Trace, reveal: Level = 3) -> None:
        """Replace the trace shown; the page gets what the level reveals, and no more."""
        self._trace = trace
        drawn = revealed(scene(trace, self._language, most=PATHS_DRAWN), reveal)
        folded = sum(lane.folded for lane in drawn.lanes)
        self.state = {
            "level": reveal,
            "scene": asdict(drawn),
            "folded": say(self._language, "drawn_folded", count=folded) if folded else "",
            "left_out": say(self._language, "left_out", count=drawn.left_out) if drawn.left_out else "",
        }

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
