"""What the page of the packet path is given: a trace's scene as plain data, and its words. Needs no widget library."""

from dataclasses import asdict
from typing import Any, TypedDict

from drilllib.core.trace.answer import Trace
from drilllib.views.html.elements import LANG
from drilllib.views.phrases.catalog import say
from drilllib.views.picture.reveal import Level, revealed
from drilllib.views.picture.scene import PATHS_DRAWN, scene

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
SCRIPTS = ("dom.js", "path_text.js", "path_card.js", "path_rail.js", "path_layout.js", "path_play.js", "path_view.js")


class PathState(TypedDict):
    """
    What the page shows: *scene* is a `picture.parts.Scene` as plain data, less what *level* hides.

    *folded* and *left_out* say how many lanes are shown on request, and how many paths are not drawn; empty for none.
    """

    level: Level
    scene: dict[str, Any]
    folded: str
    left_out: str


def path_state(trace: Trace, language: str, reveal: Level = 3) -> PathState:
    """The state for *trace*: at most PATHS_DRAWN of its paths, failing ones first, because many targets make many."""
    drawn = revealed(scene(trace, language, most=PATHS_DRAWN), reveal)
    folded = sum(lane.folded for lane in drawn.lanes)
    return {
        "level": reveal,
        "scene": asdict(drawn),
        "folded": say(language, "drawn_folded", count=folded) if folded else "",
        "left_out": say(language, "left_out", count=drawn.left_out) if drawn.left_out else "",
    }


def path_words(language: str) -> dict[str, str]:
    """The page's own words; blanks for counts are left to the page."""
    words = {name: say(language, f"ui_{name}", at="{at}", count="{count}") for name in WORDS}
    return {**words, "lang": LANG.get(language, language)}
