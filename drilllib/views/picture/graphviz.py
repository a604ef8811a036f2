"""
The packet path as Graphviz source and as SVG.

The renderer is the wheel `graphviz-pure` if it is installed, otherwise the system's `dot`; without either there is no
picture, only text. Lines have their sizes from labels.py, because the renderer may know no font.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import Any

from drilllib.core.trace.answer import Trace
from drilllib.errors import MissingToolError, quoted
from drilllib.quoting import markup
from drilllib.views.phrases.catalog import say
from drilllib.views.picture import labels
from drilllib.views.picture.parts import Card, Scene, State
from drilllib.views.picture.scene import PATHS_DRAWN, scene

Rows = Sequence[labels.Row]
_WHEEL = "graphviz-pure"
_SIZE = re.compile(r'<svg width="(\d+)pt" height="(\d+)pt"')
_TYPE = ' font-family="Helvetica,sans-Serif" font-size="9.00"'  # of every text: said once, on the picture
_NAMES = re.compile(r"<title>.*?</title>\n|<!--.*?-->\n", re.DOTALL)  # of nodes, which a page would show as tooltips
NOTEBOOK_PX = 840  # what JupyterLab leaves an output in a window of 1280 px; it shrinks no SVG by itself
SMALLEST_PX = 11  # of type
WIDEST_PX = (
    NOTEBOOK_PX * labels.FONT_SIZE * 4 / 3 / SMALLEST_PX
)  # from left to right; a wider one goes from top to bottom
_FRAMES: dict[State, dict[str, str]] = {
    "plain": {"color": labels.FRAME},
    "passed": {"color": labels.FRAME},
    "stopped": {"color": labels.FILL, "penwidth": "2"},
    "unreached": {"color": labels.EDGE, "style": "rounded,filled,dashed"},
    "unknown": {"color": "#a87400", "style": "rounded,filled,dotted", "penwidth": "1.6"},
}


def picture_source(trace: Trace, language: str) -> str:
    """Graphviz source: a card for each place with its decisions, address rewrites on the arrows."""
    return _source(scene(trace, language, most=PATHS_DRAWN), language)


def _source(drawn: Scene, language: str) -> str:
    """From left to right if that is not too wide, else from top to bottom."""
    cards, arrows = _rows(drawn, narrow=True)
    direction = _direction(drawn, cards, arrows)
    if direction == "TB":
        cards, arrows = _rows(drawn, narrow=False)
    graph = _graph(direction)
    names = {key: f"{key.split('-')[0]}{place}" for place, key in enumerate(cards)}
    for card in drawn.cards:
        look = f"drill-hop drill-{card.state}"
        graph.node(names[card.key], labels.table(cards[card.key]), **{"class": look}, **_FRAMES[card.state])
    for arrow, rows in zip(drawn.arrows, arrows, strict=True):
        dashes = {"style": "dashed"} if arrow.hypothetical else {}
        graph.edge(
            names[arrow.before],
            names[arrow.after],
            labels.arrow_table(rows, raised=direction == "LR"),
            **{"class": "drill-arrow"},
            **dashes,
        )
    if drawn.left_out:
        more = labels.table([labels.Row(say(language, "left_out", count=drawn.left_out), labels.QUIET)])
        graph.attr(label=more, labelloc="b")
    return str(graph.source)


def _rows(drawn: Scene, *, narrow: bool) -> tuple[dict[str, Rows], list[Rows]]:
    """The lines of the cards by key, and of the arrows; *narrow* where they stand side by side."""
    cards: dict[str, Rows] = {
        card.key: labels.card_rows(card, _heading(drawn, card), narrow=narrow) for card in drawn.cards
    }
    return cards, [labels.arrow_rows(arrow, narrow=narrow) for arrow in drawn.arrows]


def _heading(drawn: Scene, card: Card) -> str:
    """The title of the lane that begins with *card*."""
    lanes = [lane for lane in drawn.lanes if card.key in lane.cards]
    if len(lanes) != 1 or not lanes[0].outcome:
        return ""
    own = next(key for key in lanes[0].cards if sum(key in lane.cards for lane in drawn.lanes) == 1)
    return f"{lanes[0].title} · {lanes[0].outcome.text}" if own == card.key else ""


def _direction(drawn: Scene, cards: Mapping[str, Rows], arrows: Sequence[Rows]) -> str:
    """LR or TB."""
    wide = 0.0
    for column in {card.column for card in drawn.cards}:
        keys = {card.key for card in drawn.cards if card.column == column}
        wide += max(labels.width(cards[key]) for key in keys) + 12
        before = (rows for arrow, rows in zip(drawn.arrows, arrows, strict=True) if arrow.after in keys)
        wide += max((labels.width(rows) for rows in before), default=0.0) + 11
    return "LR" if wide * 4 / 3 <= WIDEST_PX else "TB"


def _graph(direction: str) -> Any:
    """An empty `graphviz.Digraph` with our fonts and distances."""
    import graphviz

    graph = graphviz.Digraph("path")
    font = {"fontsize": str(labels.FONT_SIZE), "fontname": "Helvetica"}
    graph.attr(rankdir=direction, nodesep="0.25", ranksep="0.1", bgcolor="transparent", pad="0.05", **font)
    graph.attr("node", shape="box", style="rounded,filled", fillcolor=labels.PAPER, margin="0.06,0.06", **font)
    graph.attr("edge", color=labels.EDGE, penwidth="1.5", arrowsize="0.7", **font)
    return graph


def renderer() -> tuple[str, File] | None:
    """The renderer, with its name for display: the wheel's or else the system's `dot`; None without either."""
    suffix = ".exe" if os.name == "nt" else ""
    for folder in (sysconfig.get_path("scripts"), os.path.dirname(sys.executable)):
        wheel = File(folder) / f"{_WHEEL}{suffix}"
        if wheel.is_file():
            return _WHEEL, wheel
    for name in (_WHEEL, "dot"):
        program = shutil.which(name)
        if program:
            return name, File(program)
    return None


def svg(trace: Trace, language: str) -> str:
    """
    The picture as SVG.

    Raises:
        MissingToolError: The graphviz package or a renderer is not installed.
    """
    program = renderer()
    if program is None:
        raise MissingToolError(
            "Neither the graphviz-pure wheel nor Graphviz's dot is installed, so there is no picture",
            remedy="pip install 'drilllib[course]', or use the text",
        )
    drawn = scene(trace, language, most=PATHS_DRAWN)
    try:
        source = _source(drawn, language)
    except ImportError:
        raise MissingToolError(
            "The graphviz package is not installed, so there is no picture",
            remedy="pip install 'drilllib[course]', or use the text",
        ) from None
    return _finished(_rendered(program[1], source), drawn.title)


def _rendered(program: File, source: str) -> str:
    """What the renderer draws, from ``<svg`` on."""
    result = subprocess.run([program, "-Tsvg"], input=source.encode(), capture_output=True, check=False)
    if result.returncode:
        raise MissingToolError(
            "{program} cannot draw this picture",
            remedy="Leave --svg out, and use the text",
            program=quoted(str(program)),
        )
    drawn = result.stdout.decode()
    return drawn[drawn.index("<svg") :].strip()


def _finished(drawn: str, title: str) -> str:
    """Pixels instead of points, shrinking on narrower pages; its name in one sentence; light and dark."""
    opening = f'<svg class="drill-gv" style="max-width:100%;height:auto" role="img" aria-label="{markup(title)}"'

    def opened(size: re.Match[str]) -> str:
        width, height = (int(points) * 4 / 3 for points in size.groups())
        scale = min(1.0, NOTEBOOK_PX / width)
        return f'{opening}{_TYPE} width="{width * scale:.0f}" height="{height * scale:.0f}"'

    bare = _NAMES.sub("", drawn).replace(' text-anchor="start"', "").replace(_TYPE, "")
    drawn = _SIZE.sub(opened, bare, count=1)
    return drawn.replace("<g ", f"{labels.style('drill-gv')}\n<g ", 1)
