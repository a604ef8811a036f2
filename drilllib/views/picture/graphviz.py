"""
The packet path as Graphviz source and as SVG.

The renderer is the wheel `graphviz-pure` if it is installed, otherwise the system's `dot`; without either there is no
picture, only text. The wheel has no font metrics, so boxes get their width from here.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path as File
from typing import Any

from drilllib.core.trace.answer import Trace
from drilllib.errors import MissingToolError, printable, quoted
from drilllib.quoting import markup
from drilllib.views.picture.scene import Scene, scene
from drilllib.views.picture.widths import ems, fitted

FONT_SIZE = 9
_WHEEL = "graphviz-pure"
_SIZE = re.compile(r'<svg width="(\d+)pt" height="(\d+)pt"')
_STYLES = {
    "client": {"color": "#37474f", "fillcolor": "#eceff1"},
    "passed": {"color": "#2e7d32", "fillcolor": "#edf7ed"},
    "stopped": {"color": "#b71c1c", "fillcolor": "#fdecea", "penwidth": "2.4"},
    "unreached": {"color": "#757575", "fillcolor": "#f5f5f5", "style": "filled,dashed", "fontcolor": "#616161"},
    "unknown": {"color": "#8a6d00", "fillcolor": "#fff8e1", "style": "filled,dashed"},
}


def picture_source(trace: Trace, language: str) -> str:
    """Graphviz source: a box for each place with its decisions, address rewrites on the arrows."""
    drawn = scene(trace, language)
    graph = _graph(_roomy(drawn))
    names = {
        box.key: f"{box.key.split('-')[0]}{place - 1}" if place else box.key for place, box in enumerate(drawn.boxes)
    }
    for box in drawn.boxes:
        graph.node(names[box.key], dot_text(box.label), width=_width(box.label), **_STYLES[box.state])
    for arrow in drawn.arrows:
        looks = {"style": "dashed", "color": "#9e9e9e"} if arrow.hypothetical else {"color": "#37474f"}
        raised = [*arrow.lines, ""] if arrow.lines else []  # the renderer puts the last line onto the arrow
        label = dot_text("\n".join(f"  {line}  " for line in raised))
        graph.edge(names[arrow.before], names[arrow.after], label, **looks)
    return str(graph.source)


def _graph(title: str) -> Any:
    """An empty `graphviz.Digraph` with our fonts and distances."""
    import graphviz

    graph = graphviz.Digraph("path")
    graph.attr(rankdir="LR", nodesep="0.25", ranksep="0.2", bgcolor="white", label=title)
    graph.attr(labelloc="t", fontsize=str(FONT_SIZE + 1), fontname="sans-serif")
    graph.attr("node", shape="box", style="filled", fontsize=str(FONT_SIZE), fontname="sans-serif", margin="0.06,0.05")
    graph.attr("edge", fontsize=str(FONT_SIZE), fontname="sans-serif")
    return graph


def _roomy(drawn: Scene) -> str:
    """The title, with room of its own where it is wider than the boxes; the renderer would cut it off."""
    points = ems(drawn.title) * (FONT_SIZE + 1)
    if points <= sum(float(_width(box.label)) * 72 for box in drawn.boxes):
        return dot_text(drawn.title)
    cell = f'<TD ALIGN="LEFT" WIDTH="{points + 10:.0f}">{markup(drawn.title)}</TD>'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR>{cell}</TR></TABLE>>'


def dot_text(text: str) -> str:
    """Lines as a label of Graphviz, which else would follow backslashes, read entities, and take <...> for HTML."""
    import graphviz

    escaped: str = graphviz.escape("\n".join(map(printable, text.split("\n"))).replace("&", "&amp;"))
    return escaped


def _width(label: str) -> str:
    """Inches for the longest line."""
    return f"{max(map(ems, label.splitlines())) * FONT_SIZE / 72 + 0.15:.2f}"


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
    try:
        source = picture_source(trace, language)
    except ImportError:
        raise MissingToolError(
            "The graphviz package is not installed, so there is no picture",
            remedy="pip install 'drilllib[course]', or use the text",
        ) from None
    return _rendered(program[1], source)


def _rendered(program: File, source: str) -> str:
    result = subprocess.run([program, "-Tsvg"], input=source.encode(), capture_output=True, check=False)
    if result.returncode:
        raise MissingToolError(
            "{program} cannot draw this picture",
            remedy="Leave --svg out, and use the text",
            program=quoted(str(program)),
        )
    drawn = result.stdout.decode()
    drawn = drawn[drawn.index("<svg") :].strip()
    return _SIZE.sub(_fitted, drawn, count=1)


def _fitted(match: re.Match[str]) -> str:
    """The size in pixels instead of points, small enough for a notebook, shrinking on narrower pages."""
    width, height = fitted(*(int(points) * 4 / 3 for points in match.groups()))
    return f'<svg style="max-width:100%;height:auto" role="img" width="{width}" height="{height}"'
