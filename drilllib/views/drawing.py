"""
The packet path as SVG by our own writer: a chain of boxes from left to right, a row for each path.

The panel shows it with boxes to press; without them it is the picture left behind where no kernel runs. Colours are
attributes, so that the bytes look the same alone; in a page the panel's style sheet overrides them by class.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from drilllib.views.phrases import say
from drilllib.views.scene import Arrow, Box, Line, Scene
from drilllib.views.widths import ems

FONT_SIZE, LINE, PAD, GAP, MARGIN = 12, 16, 9, 22, 8
_BOLD = 1.1  # how much wider bold letters are
_BOLD_ROLES = ("title", "accept", "drop", "unknown")
_COLOURS = {  # state: stroke, fill, stroke width, dashes
    "client": ("#37474f", "#eceff1", 1, ""),
    "passed": ("#2e7d32", "#edf7ed", 1.2, ""),
    "stopped": ("#b71c1c", "#fdecea", 2.6, ""),
    "unreached": ("#757575", "#f5f5f5", 1, "5 3"),
    "unknown": ("#8a6d00", "#fff8e1", 1.2, "2 2"),
}
_INKS = {"accept": "#1b5e20", "drop": "#b71c1c", "unknown": "#6d5600", "note": "#555555", "rule": "#444444"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a box stands."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def drawing(scene: Scene, language: str, *, live: bool = False) -> str:
    """The scene as SVG. *live*: boxes can be pressed, and their `data-hop` is the box's key."""
    places = _places(scene)
    note = say(language, "left_out", count=scene.left_out) if scene.left_out else ""
    width = max([MARGIN + _width(scene.title, bold=True), *(each.x + each.width for each in places.values())]) + MARGIN
    bottom = max(place.y + place.height + LINE * len(_box(scene, key).ends) for key, place in places.items())
    height = bottom + MARGIN + (LINE if note else 0)
    parts = [
        f'<rect class="drill-paper" width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        _text(Line(scene.title, "title"), MARGIN, MARGIN + FONT_SIZE),
        *(part for arrow in scene.arrows for part in _arrow(arrow, places)),
        *(part for box in scene.boxes for part in _drawn_box(box, places[box.key], live)),
    ]
    if note:
        parts.append(_text(Line(note, "note"), MARGIN, height - MARGIN))
    said = f'role="{"group" if live else "img"}" aria-label="{escape(scene.title)}"'
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    font = f'font-family="system-ui, sans-serif" font-size="{FONT_SIZE}" style="max-width:100%;height:auto"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" class="drill-path" {size} {said} {font}>'
    return "\n".join([opening, *parts, "</svg>"])


def _box(scene: Scene, key: str) -> Box:
    return next(box for box in scene.boxes if box.key == key)


def _places(scene: Scene) -> dict[str, _Place]:
    """A column for each hop, a row for each path; a box that several paths share stands in their middle."""
    tops, bottoms = _rows(scene)
    columns: dict[int, float] = {}
    for box in scene.boxes:
        columns[box.column] = max(columns.get(box.column, 0), _box_width(box))
    places, x = {}, float(MARGIN)
    for column in sorted(columns):
        x += _gap(scene, column)
        for box in (each for each in scene.boxes if each.column == column):
            middle = (tops[min(box.lanes, default=0)] + bottoms[max(box.lanes, default=0)]) / 2
            height = _box_height(box)
            places[box.key] = _Place(x, middle - height / 2, columns[column], height)
        x += columns[column]
    return places


def _rows(scene: Scene) -> tuple[list[float], list[float]]:
    """The upper and lower end of each row; at least one, for an answer without paths."""
    heights = [0.0] * max(1, scene.lanes)
    for box in scene.boxes:
        own = (_box_height(box)) / max(1, len(box.lanes))
        for lane in box.lanes or [0]:
            heights[lane] = max(heights[lane], own)
    tops, bottoms, y = [], [], 2.0 * MARGIN + LINE
    for lane, height in enumerate(heights):
        ends = max((len(box.ends) for box in scene.boxes if lane in box.lanes), default=0)
        tops.append(y)
        bottoms.append(y + height)
        y += height + LINE * ends + GAP
    return tops, bottoms


def _gap(scene: Scene, column: int) -> float:
    """Room before a column for what is written on its arrows."""
    keys = {box.key for box in scene.boxes if box.column == column}
    said = [line for arrow in scene.arrows if arrow.after in keys for line in arrow.lines]
    return max([2.0 * GAP, *(_width(line) + GAP + 8 for line in said)]) if column else 0


def _box_width(box: Box) -> float:
    lines = [_width(line.text, bold=line.role in _BOLD_ROLES) for line in box.lines]
    return max([*lines, *(_width(end, bold=True) - 2 * PAD for end in box.ends)]) + 2 * PAD


def _box_height(box: Box) -> float:
    return LINE * len(box.lines) + 2 * PAD - (LINE - FONT_SIZE)


def _width(text: str, *, bold: bool = False) -> float:
    return ems(text) * FONT_SIZE * (_BOLD if bold else 1)


def _drawn_box(box: Box, place: _Place, live: bool) -> Iterator[str]:
    stroke, fill, thick, dashes = _COLOURS[box.state]
    name = "; ".join(line.text for line in box.lines)
    role = f' data-hop="{escape(box.key)}" role="button" tabindex="0" aria-pressed="false" aria-label="{escape(name)}"'
    yield f'<g class="drill-hop drill-{box.state}"{role if live and box.details else ""}>'
    looks = f'fill="{fill}" stroke="{stroke}" stroke-width="{thick}"' + (f' stroke-dasharray="{dashes}"' * bool(dashes))
    size = f'x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{place.height:.1f}" rx="4"'
    yield f'<rect class="drill-box" {size} {looks}/>'
    y = place.y + PAD + FONT_SIZE - 2
    for line in box.lines:
        yield _text(line, place.x + place.width / 2, y, middle=True)
        y += LINE
    yield "</g>"
    y = place.y + place.height + FONT_SIZE + 2
    for end in box.ends:
        role = {"✓": "accept", "?": "unknown"}.get(end[0], "drop")
        yield _text(Line(end, role), place.x + place.width / 2, y, middle=True, bold=True)
        y += LINE


def _arrow(arrow: Arrow, places: dict[str, _Place]) -> Iterator[str]:
    start, end = places[arrow.before], places[arrow.after]
    left, right = start.x + start.width, end.x
    bend = left + GAP / 2
    route = f"M{left:.1f} {start.middle:.1f}H{bend:.1f}V{end.middle:.1f}H{right - 6:.1f}"
    name = "drill-arrow drill-unreached" if arrow.hypothetical else "drill-arrow"
    colour, dashes = ("#9e9e9e", ' stroke-dasharray="4 3"') if arrow.hypothetical else ("#37474f", "")
    yield f'<path class="{name}" d="{route}" fill="none" stroke="{colour}" stroke-width="1.2"{dashes}/>'
    tip = f"M{right:.1f} {end.middle:.1f}l-8 -4v8z"
    yield f'<path class="{name} drill-tip" d="{tip}" fill="{colour}"/>'
    y = end.middle - 6 - LINE * (len(arrow.lines) - 1)
    for line in arrow.lines:
        yield _text(Line(line, "asked"), (bend + right) / 2, y, middle=True)
        y += LINE


def _text(line: Line, x: float, y: float, *, middle: bool = False, bold: bool = False) -> str:
    looks = f'fill="{_INKS.get(line.role, "#212121")}"'
    looks += ' font-weight="600"' if bold or line.role in _BOLD_ROLES else ""
    looks += ' text-anchor="middle"' if middle else ""
    return f'<text class="drill-{line.role}" x="{x:.1f}" y="{y:.1f}" {looks}>{escape(line.text)}</text>'
