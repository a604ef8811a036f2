"""The positions of boxes and arrows in a drawing: from left to right, or from top to bottom for narrow pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from drilllib.views.picture.live_scene import Arrow, Box, Scene
from drilllib.views.picture.widths import ems

FONT_SIZE, LINE, PAD, GAP, MARGIN = 12, 16, 9, 22, 8
BOLD_ROLES = ("title", "accept", "drop", "unknown", "stop")
_BOLD = 1.1  # how much wider bold letters are


@dataclass(frozen=True, slots=True)
class Place:
    """A box's position and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> float:
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Route:
    """An arrow: line and tip as SVG paths, and the position of its text; *anchor* as in SVG."""

    line: str
    tip: str
    x: float
    y: float
    anchor: str


Places = dict[str, Place]


def across(scene: Scene, top: float) -> Places:
    """A column for each hop, a row for each path."""
    rows = _lanes(scene, lambda box: box_height(box) + LINE * len(box.ends), top)
    places, x = {}, float(MARGIN)
    for boxes in _columns(scene):
        x += _room(scene, boxes, lambda arrow: max([0.0, *(text_width(line) + 8 for line in arrow.lines)]) + GAP)
        width = max(map(box_width, boxes))
        for box in boxes:
            middle, height = _middle(rows, box) - LINE * len(box.ends) / 2, box_height(box)
            places[box.key] = Place(x, middle - height / 2, width, height)
        x += width
    return places


def down(scene: Scene, top: float) -> Places:
    """A row for each hop, a column for each path."""
    columns = _lanes(scene, box_width, MARGIN)
    places, y = {}, top
    for boxes in _columns(scene):
        y += _room(scene, boxes, lambda arrow: LINE * len(arrow.lines) + GAP)
        for box in boxes:
            width = box_width(box)
            places[box.key] = Place(_middle(columns, box) - width / 2, y, width, box_height(box))
        y += max(box_height(box) + LINE * len(box.ends) for box in boxes)
    return places


def route_across(arrow: Arrow, places: Places) -> Route:
    """From the right side of a box to the left side of the next, with the text above the line."""
    start, end = places[arrow.before], places[arrow.after]
    left, right = start.x + start.width, end.x
    bend = left + GAP / 2
    line = f"M{left:.1f} {start.middle:.1f}H{bend:.1f}V{end.middle:.1f}H{right - 6:.1f}"
    y = end.middle - 6 - LINE * (len(arrow.lines) - 1)
    return Route(line, f"M{right:.1f} {end.middle:.1f}l-8 -4v8z", (bend + right) / 2, y, "middle")


def route_down(arrow: Arrow, places: Places) -> Route:
    """From the lower side of a box to the upper side of the next, with the text to the right of the line."""
    start, end = places[arrow.before], places[arrow.after]
    upper, lower = start.y + start.height, end.y
    bend = upper + GAP / 2
    line = f"M{start.center:.1f} {upper:.1f}V{bend:.1f}H{end.center:.1f}V{lower - 6:.1f}"
    y = lower - 8 - LINE * (len(arrow.lines) - 1)
    return Route(line, f"M{end.center:.1f} {lower:.1f}l-4 -8h8z", end.center + 8, y, "start")


def box_width(box: Box) -> float:
    """Room for the longest line, and for the outcomes below."""
    lines = [text_width(line.text, bold=line.role in BOLD_ROLES) for line in box.lines]
    return max([*lines, *(text_width(end, bold=True) - 2 * PAD for end in box.ends)]) + 2 * PAD


def box_height(box: Box) -> float:
    """Room for all lines."""
    return LINE * len(box.lines) + 2 * PAD - (LINE - FONT_SIZE)


def text_width(text: str, *, bold: bool = False) -> float:
    """The approximate width of a line."""
    return ems(text) * FONT_SIZE * (_BOLD if bold else 1)


def _columns(scene: Scene) -> Iterable[list[Box]]:
    """The boxes at the same distance from the client, nearest first."""
    for column in sorted({box.column for box in scene.boxes}):
        yield [box for box in scene.boxes if box.column == column]


def _lanes(scene: Scene, size: Callable[[Box], float], start: float) -> list[tuple[float, float]]:
    """The start and end of each path's lane; one lane for an answer without paths."""
    sizes = [0.0] * max(1, scene.lanes)
    for box in scene.boxes:
        for lane in box.lanes or [0]:
            sizes[lane] = max(sizes[lane], size(box) / max(1, len(box.lanes)))
    lanes = []
    for each in sizes:
        lanes.append((start, start + each))
        start += each + GAP
    return lanes


def _middle(lanes: list[tuple[float, float]], box: Box) -> float:
    """The middle of a box's lanes."""
    return (lanes[min(box.lanes, default=0)][0] + lanes[max(box.lanes, default=0)][1]) / 2


def _room(scene: Scene, boxes: list[Box], size: Callable[[Arrow], float]) -> float:
    """Room in front of boxes for the text on their arrows."""
    keys = {box.key for box in boxes}
    arrows = [arrow for arrow in scene.arrows if arrow.after in keys]
    return max([2.0 * GAP, *map(size, arrows)]) if arrows else 0.0
