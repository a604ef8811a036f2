"""
The packet path as Graphviz source and as SVG.

Graphviz draws; the renderer is the wheel `graphviz-pure` where it is installed, else the system's `dot`, else there is
no picture and the text stands alone. The wheel knows no font metrics, so boxes get their width from here.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import unicodedata
from pathlib import Path as File

from drilllib.core.addresses import at
from drilllib.core.answers import Trace
from drilllib.core.evidence import Check, Hop, Outcome, Path
from drilllib.core.rules import Action, Direction
from drilllib.core.semantics import Reason
from drilllib.errors import MissingToolError
from drilllib.views.hops import is_proxied, shown_peer
from drilllib.views.phrases import say
from drilllib.views.text import headline, health_of

FONT_SIZE = 9
_WHEEL = "graphviz-pure"
_ROOM = 'style="max-width:100%;height:auto" role="img"'  # shrinks where a page is narrow
_STYLES = {
    "passed": {"color": "#2e7d32", "fillcolor": "#edf7ed"},
    "stopped": {"color": "#b71c1c", "fillcolor": "#fdecea", "penwidth": "2.4"},
    "unreached": {"color": "#757575", "fillcolor": "#f5f5f5", "style": "filled,dashed", "fontcolor": "#616161"},
    "unknown": {"color": "#8a6d00", "fillcolor": "#fff8e1", "style": "filled,dashed"},
}


def picture_source(trace: Trace, language: str) -> str:
    """Graphviz source: a box for each place, what it decided in words, address rewrites on the arrows."""
    import graphviz

    graph = graphviz.Digraph("path")
    graph.attr(rankdir="LR", nodesep="0.25", ranksep="0.2", bgcolor="white", label=headline(trace, language))
    graph.attr(labelloc="t", fontsize=str(FONT_SIZE + 1), fontname="sans-serif")
    graph.attr("node", shape="box", style="filled", fontsize=str(FONT_SIZE), fontname="sans-serif", margin="0.06,0.05")
    graph.attr("edge", fontsize=str(FONT_SIZE), fontname="sans-serif")
    client = f"{say(language, 'client')}\n{trace.question.client}"
    graph.node("client", client, width=_width(client), color="#37474f", fillcolor="#eceff1")
    boxes: dict[tuple[str, str], str] = {}
    arrows: set[tuple[str, str]] = set()
    for path in trace.paths:
        _draw_path(graph, boxes, arrows, trace, path, language)
    return graph.source


def _draw_path(
    graph, boxes: dict[tuple[str, str], str], arrows: set[tuple[str, str]], trace: Trace, path: Path, language: str
) -> None:
    """Places where several paths meet the very same are drawn once."""
    before, previous = "client", None
    for hop in path.hops:
        label = _label(trace, path, hop, language)
        key = ("" if hop.hop == "clb" else path.target or "", label)
        if key not in boxes:
            boxes[key] = f"{hop.hop}{len(boxes)}"
            graph.node(boxes[key], label, width=_width(label), **_STYLES[_state(hop)])
        if (before, boxes[key]) not in arrows:
            arrows.add((before, boxes[key]))
            _draw_arrow(graph, before, boxes[key], hop, _arrow_lines(trace, previous, language))
        before, previous = boxes[key], hop


def _draw_arrow(graph, before: str, name: str, hop: Hop, lines: list[str]) -> None:
    looks = {"style": "dashed", "color": "#9e9e9e"} if hop.hypothetical else {"color": "#37474f"}
    raised = [*lines, ""] if lines else []  # the renderer puts the last line onto the arrow
    graph.edge(before, name, "\n".join(f"  {line}  " for line in raised), **looks)


def _arrow_lines(trace: Trace, hop: Hop | None, language: str) -> list[str]:
    """A new destination is the address in the next box; a new source would not be seen anywhere else."""
    rewrites = hop.rewrites if hop else ()
    sources = [shown_peer(each.after, language) for each in rewrites if each.kind == "SNAT"]
    if hop and rewrites and is_proxied(trace, hop):
        return [*say(language, "proxied").split(), *sources]
    return [*(each.kind for each in rewrites), *sources]


def _state(hop: Hop) -> str:
    if hop.hypothetical:
        return "unreached"
    end = hop.end(unknown_passes=None)
    if end is None:
        return "passed"
    return "unknown" if end[0] is Outcome.UNDETERMINED else "stopped"


def _label(trace: Trace, path: Path, hop: Hop, language: str) -> str:
    protocol = f" {trace.listener.protocol}" if hop.hop == "clb" and trace.listener else ""
    lines = [f"{say(language, hop.hop)} {hop.name}", f"{at(hop.address, hop.port)}{protocol}"]
    if hop in path.hops[1:2]:  # the CLB's target, a node or a pod
        lines.append(say(language, "target", state=health_of(trace, path, language)))
    lines.append(f"— {say(language, f'group_of_{hop.hop}')} —")
    lines += [line for check in hop.checks for line in _check_lines(check, language)] or [say(language, "not_asked")]
    if hop.problem:
        lines += ["✗ " + hop.problem]
    if hop.hypothetical:
        lines.append(say(language, "not_reached_short"))
    elif _state(hop) == "stopped":
        lines.append(say(language, "stopped").replace("<- ", "■ "))
    return "\n".join(lines)


def _check_lines(check: Check, language: str) -> list[str]:
    mark = {Action.ACCEPT: "✓", Action.DROP: "✗", Action.UNDETERMINED: "?"}[check.action]
    inward = check.direction is Direction.INGRESS
    peer = shown_peer(check.peer, language)
    asked = f"{say(language, check.direction)} {f'{peer} → :{check.port}' if inward else f'→ {at(peer, check.port)}'}"
    if check.rule is None:
        why = say(language, "no_rule") if check.reason is Reason.NO_RULE_MATCHED else check.reason
        return [asked, f"{mark} {check.action}", why]
    action, rest = check.rule.split(" ", 1)
    place = f"{check.group}{'' if inward else ' egress'}[{check.policy_index}]"
    return [asked, f"{mark} {action} {place}", rest]


def _width(label: str) -> str:
    """Inches for the longest line."""
    longest = max(sum(map(_ems, line)) for line in label.splitlines())
    return f"{longest * FONT_SIZE / 72 + 0.15:.2f}"


def _ems(character: str) -> float:
    """A wide (East Asian) character is one em, a capital about two thirds, any other a little over half."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.66 if character.isupper() else 0.54


def renderer() -> tuple[str, File] | None:
    """The program that draws, with the name to show: the wheel's, else the system's `dot`; None where neither is."""
    suffix = ".exe" if os.name == "nt" else ""
    for folder in (sysconfig.get_path("scripts"), os.path.dirname(sys.executable)):
        wheel = File(folder) / f"{_WHEEL}{suffix}"
        if wheel.is_file():
            return _WHEEL, wheel
    for name in (_WHEEL, "dot"):
        found = shutil.which(name)
        if found:
            return name, File(found)
    return None


def svg(trace: Trace, language: str) -> str:
    """
    The picture as SVG.

    Raises:
        MissingToolError: The graphviz package or a renderer is not installed.
    """
    found = renderer()
    if found is None:
        problem = "Neither the graphviz-pure wheel nor Graphviz's dot is installed, so there is no picture"
        raise MissingToolError(problem, remedy="pip install 'drilllib[course]', or use the text")
    try:
        source = picture_source(trace, language)
    except ImportError:
        problem = "The graphviz package is not installed, so there is no picture"
        raise MissingToolError(problem, remedy="pip install 'drilllib[course]', or use the text") from None
    result = subprocess.run([found[1], "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    drawn = result.stdout.decode()
    drawn = drawn[drawn.index("<svg") :].strip()
    return drawn.replace("<svg ", f"<svg {_ROOM} ", 1)
