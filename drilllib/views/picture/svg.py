"""
The packet path as SVG, written without a drawing program: a chain of boxes, a lane for each path.

In the panel its boxes are buttons; without those it is the static picture. Colours are attributes, so that the file
looks right on its own; the panel's style sheet overrides them by class.
"""

from collections.abc import Iterator

from drilllib.quoting import markup
from drilllib.views.phrases.catalog import say
from drilllib.views.picture import layout
from drilllib.views.picture.layout import FONT_SIZE, LINE, MARGIN, PAD, Place, Route
from drilllib.views.picture.live_scene import Arrow, Box, Line, Scene
from drilllib.views.picture.widths import fitted

_COLOURS = {  # state: stroke, fill, stroke width, dashes
    "client": ("#37474f", "#eceff1", 1, ""),
    "passed": ("#2e7d32", "#edf7ed", 1.2, ""),
    "stopped": ("#b71c1c", "#fdecea", 2.6, ""),
    "unreached": ("#757575", "#f5f5f5", 1, "5 3"),
    "unknown": ("#8a6d00", "#fff8e1", 1.2, "2 2"),
}
_INKS = {"accept": "#1b5e20", "drop": "#b71c1c", "unknown": "#6d5600", "note": "#555555", "rule": "#444444"}
_INKS["stop"] = _INKS["drop"]


def drawing(scene: Scene, language: str) -> str:
    """The scene as a picture of its own, with its title on top."""
    places = layout.across(scene, 2.0 * MARGIN + LINE)
    routes = [layout.route_across(arrow, places) for arrow in scene.arrows]
    return _svg(scene, language, places, routes, live=False)


def live_drawings(scene: Scene, language: str) -> str:
    """Two SVGs, of which the page shows the one that fits. Boxes are buttons; their `data-hop` is the box's key."""
    across, down = layout.across(scene, MARGIN), layout.down(scene, MARGIN)
    beside = _svg(scene, language, across, [layout.route_across(arrow, across) for arrow in scene.arrows], live=True)
    below = _svg(scene, language, down, [layout.route_down(arrow, down) for arrow in scene.arrows], live=True)
    return f'<div class="drill-across">{beside}</div><div class="drill-down">{below}</div>'


def _svg(scene: Scene, language: str, places: layout.Places, routes: list[Route], *, live: bool) -> str:
    """The scene in one layout. A live picture has no title, because the page shows it beside the picture."""
    title = [] if live else [_text(Line(scene.title, "title"), MARGIN, MARGIN + FONT_SIZE)]
    note = say(language, "left_out", count=scene.left_out) if scene.left_out else ""
    width, height = _width(scene, places, routes, live), _bottom(scene, places) + MARGIN + (LINE if note else 0)
    parts = [
        _opening(scene, width, height, live),
        f'<rect class="drill-paper" width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        *title,
        *(part for arrow, route in _pairs(scene, routes) for part in _arrow(arrow, route)),
        *(part for box in scene.boxes for part in _drawn_box(box, places[box.key], live)),
        *([_text(Line(note, "note"), MARGIN, height - MARGIN)] if note else ()),
        "</svg>",
    ]
    return "\n".join(parts)


def _width(scene: Scene, places: layout.Places, routes: list[Route], live: bool) -> float:
    """Room for all boxes, the text on arrows, and the title."""
    ends = [place.x + place.width for place in places.values()]
    ends += [route.x + layout.text_width(line) for arrow, route in _pairs(scene, routes) for line in arrow.lines]
    ends += [] if live else [MARGIN + layout.text_width(scene.title, bold=True)]
    return max(ends) + MARGIN


def _bottom(scene: Scene, places: layout.Places) -> float:
    """The lower end of the boxes, with the outcomes below them."""
    return max(places[box.key].y + places[box.key].height + LINE * len(box.ends) for box in scene.boxes)


def _opening(scene: Scene, width: float, height: float, live: bool) -> str:
    shown = (round(width), round(height)) if live else fitted(width, height)
    size = f'width="{shown[0]}" height="{shown[1]}" viewBox="0 0 {width:.0f} {height:.0f}"'
    name = f'role="{"group" if live else "img"}" aria-label="{markup(scene.title)}"'
    looks = f'font-family="system-ui, sans-serif" font-size="{FONT_SIZE}" style="max-width:100%;height:auto"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="drill-path" {size} {name} {looks}>'


def _pairs(scene: Scene, routes: list[Route]) -> Iterator[tuple[Arrow, Route]]:
    return zip(scene.arrows, routes, strict=True)


def _drawn_box(box: Box, place: Place, live: bool) -> Iterator[str]:
    """
    The box with its lines, and the outcomes below it.

    In a live picture the box and the lines about its groups are two buttons, next to each other in the document,
    because a button must not contain another.
    """
    heights = [place.y + PAD + FONT_SIZE - 2 + LINE * number for number in range(len(box.lines))]
    lines = list(zip(box.lines, heights, strict=True))
    own = [(line, y) for line, y in lines if not (line.of_groups and box.checks)]
    badge = [(line, y) for line, y in lines if line.of_groups and box.checks]
    yield f'<g class="drill-hop drill-{box.state}">'
    yield f"<g{_button(box.key, own) if live and box.details else ''}>"
    yield _frame(place, *_COLOURS[box.state])
    yield from (_text(line, place.center, y, anchor="middle") for line, y in own)
    yield "</g>"
    if badge:
        yield f"<g{_button(f'{box.key} groups', badge) if live else ''}>"
        yield _badge_frame(place, badge[0][1], badge[-1][1]) if live else ""
        yield from (_text(line, place.center, y, anchor="middle") for line, y in badge)
        yield "</g>"
    yield "</g>"
    yield from _outcomes(box, place)


def _outcomes(box: Box, place: Place) -> Iterator[str]:
    y = place.y + place.height + FONT_SIZE + 2
    for end in box.ends:
        ink = {"✓": "accept", "?": "unknown"}.get(end[0], "drop")
        yield _text(Line(end, ink), place.center, y, anchor="middle")
        y += LINE


def _button(key: str, lines: list[tuple[Line, float]]) -> str:
    """The attributes that make a part of the picture a button."""
    name = markup("; ".join(line.text for line, _ in lines))
    return f' data-hop="{markup(key)}" role="button" tabindex="0" aria-pressed="false" aria-label="{name}"'


def _frame(place: Place, stroke: str, fill: str, thick: float, dashes: str) -> str:
    looks = f'fill="{fill}" stroke="{stroke}" stroke-width="{thick}"' + (f' stroke-dasharray="{dashes}"' * bool(dashes))
    size = f'x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{place.height:.1f}" rx="4"'
    return f'<rect class="drill-box" {size} {looks}/>'


def _badge_frame(place: Place, first: float, last: float) -> str:
    """A frame around the lines between two baselines, to press and to show the focus; otherwise invisible."""
    top, height = first - FONT_SIZE, last - first + LINE
    size = f'x="{place.x + 3:.1f}" y="{top:.1f}" width="{place.width - 6:.1f}" height="{height:.1f}" rx="3"'
    return f'<rect class="drill-badge" {size} fill="transparent"/>'


def _arrow(arrow: Arrow, route: Route) -> Iterator[str]:
    name = "drill-arrow drill-unreached" if arrow.hypothetical else "drill-arrow"
    colour, dashes = ("#9e9e9e", ' stroke-dasharray="4 3"') if arrow.hypothetical else ("#37474f", "")
    yield f'<path class="{name}" d="{route.line}" fill="none" stroke="{colour}" stroke-width="1.2"{dashes}/>'
    yield f'<path class="{name} drill-tip" d="{route.tip}" fill="{colour}"/>'
    for number, line in enumerate(arrow.lines):
        yield _text(Line(line, "asked"), route.x, route.y + LINE * number, anchor=route.anchor)


def _text(line: Line, x: float, y: float, *, anchor: str = "start") -> str:
    looks = f'fill="{_INKS.get(line.role, "#212121")}"'
    looks += ' font-weight="600"' if line.role in layout.BOLD_ROLES else ""
    looks += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="drill-ink-{line.role}" x="{x:.1f}" y="{y:.1f}" {looks}>{markup(line.text)}</text>'
