"""
The packet path as SVG, drawn with no other program: the same cards, arrows and colours as Graphviz's picture.

Cards stand in columns by their distance from the client, or one below the other where that would be too wide; a lane
has a row of its own, and cards that lanes share stand in the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drilllib.core.trace.answer import Trace
from drilllib.errors import printable
from drilllib.quoting import markup
from drilllib.views.phrases.catalog import say
from drilllib.views.picture import labels
from drilllib.views.picture.graphviz import NOTEBOOK_PX, WIDEST_PX
from drilllib.views.picture.parts import Arrow, Card, Scene, State
from drilllib.views.picture.scene import PATHS_DRAWN, scene

Rows = Sequence[labels.Row]
_PAD, _MARGIN, _TIP = 5.0, 4.0, 6.0  # points: inside a card, around the picture, of an arrow's head
_APART = 18.0  # between cards that stand side by side and have nothing to do with each other
_FRAMES: dict[State, tuple[str, str]] = {  # colour, and width or dashes
    "plain": (labels.FRAME, 'stroke-width="1"'),
    "passed": (labels.FRAME, 'stroke-width="1"'),
    "stopped": (labels.FILL, 'stroke-width="2"'),
    "unreached": (labels.EDGE, 'stroke-dasharray="5,2"'),
    "unknown": ("#a87400", 'stroke-width="1.6" stroke-dasharray="1.6,3"'),
}


@dataclass(frozen=True, slots=True)
class _Box:
    """A card in its place, in points."""

    card: Card
    rows: Rows
    x: float
    y: float

    @property
    def wide(self) -> float:
        return labels.width(self.rows) + 2 * _PAD

    @property
    def high(self) -> float:
        return len(self.rows) * labels.LINE + 2 * _PAD


def svg(trace: Trace, language: str) -> str:
    """The picture, for the same window as Graphviz's."""
    drawn = scene(trace, language, most=PATHS_DRAWN)
    across = _Drawing(drawn, across=True)
    fitting = across if across.wide * 4 / 3 <= WIDEST_PX else _Drawing(drawn, across=False)
    more = say(language, "left_out", count=drawn.left_out) if drawn.left_out else ""
    return fitting.text(more)


class _Drawing:
    """The places of all cards; *across* from left to right, else from top to bottom."""

    def __init__(self, drawn: Scene, *, across: bool) -> None:
        self.scene, self.across = drawn, across
        self.arrows = [(each, labels.arrow_rows(each, narrow=across)) for each in drawn.arrows]
        self.boxes = self._placed({card.key: _Box(card, self._rows(card), 0, 0) for card in drawn.cards})
        self.wide = max(box.x + box.wide for box in self.boxes.values()) + _MARGIN
        self.high = max(box.y + box.high for box in self.boxes.values()) + _MARGIN

    def _rows(self, card: Card) -> Rows:
        lanes = [lane for lane in self.scene.lanes if card.key in lane.cards and lane.outcome]
        first = next((key for key in lanes[0].cards if self._lanes(key) == 1), "") if len(lanes) == 1 else ""
        outcome = lanes[0].outcome if first == card.key else None
        heading = f"{lanes[0].title} · {outcome.text}" if outcome else ""
        return labels.card_rows(card, heading, narrow=self.across)

    def _lanes(self, key: str) -> int:
        """How many lanes a card is in."""
        return sum(key in lane.cards for lane in self.scene.lanes)

    def _placed(self, boxes: dict[str, _Box]) -> dict[str, _Box]:
        """The cards at their places: along the way by column, beside it lane by lane."""
        starts, beside, placed = self._starts(boxes), dict[int, float](), dict[str, _Box]()
        for lane in self.scene.lanes:
            new = [boxes[key] for key in lane.cards if key not in placed]
            start = max((beside.get(box.card.column, _MARGIN) for box in new), default=_MARGIN)
            for box in new:
                column = box.card.column
                x, y = (starts[column], start) if self.across else (start, starts[column])
                placed[box.card.key] = _Box(box.card, box.rows, x, y)
                beside[column] = start + (box.high if self.across else box.wide) + _APART
        return placed

    def _starts(self, boxes: dict[str, _Box]) -> dict[int, float]:
        """Where each column begins, behind the widest card of the one before and the words of the arrows to it."""
        starts, place = dict[int, float](), _MARGIN
        for column in sorted({box.card.column for box in boxes.values()}):
            starts[column] = place = place + (self._gap(boxes, column) if starts else 0)
            there = [box for box in boxes.values() if box.card.column == column]
            place += max(box.wide if self.across else box.high for box in there)
        return starts

    def _gap(self, boxes: dict[str, _Box], column: int) -> float:
        """What the words of the arrows to a column need."""
        rows = [rows for arrow, rows in self.arrows if boxes[arrow.after].card.column == column]
        if self.across:
            return max([26.0, *(labels.width(each) + 12 for each in rows)])
        return max([26.0, *(len(each) * labels.LINE + 12 for each in rows)])

    def text(self, more: str) -> str:
        """The drawing; *more* stands below it."""
        below = labels.LINE if more else 0
        wide, high = self.wide, self.high + below
        shrunk = min(4 / 3, NOTEBOOK_PX / wide)
        parts = [*self._edges(), *(part for box in self.boxes.values() for part in _card(box))]
        parts += _lines([labels.Row(more, labels.QUIET)], _MARGIN, self.high - _MARGIN) if more else []
        size = f'width="{wide * shrunk:.0f}" height="{high * shrunk:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}"'
        head = (
            f'<svg class="drill-gv" style="max-width:100%;height:auto" role="img" {size}'
            f' aria-label="{_text(self.scene.title)}" font-family="Helvetica,sans-Serif"'
            f' font-size="{labels.FONT_SIZE:.2f}" xmlns="http://www.w3.org/2000/svg">'
        )
        return "\n".join([head, labels.style("drill-gv"), *parts, "</svg>"])

    def _edges(self) -> Iterator[str]:
        for arrow, rows in self.arrows:
            yield from self._edge(arrow, rows, self.boxes[arrow.before], self.boxes[arrow.after])

    def _edge(self, arrow: Arrow, rows: Rows, before: _Box, after: _Box) -> Iterator[str]:
        """A line from card to card with its head, and what changed on the way above or beside it."""
        if self.across:
            x, y = after.x, after.y + labels.LINE
            way = f"M{before.x + before.wide:.0f} {before.y + labels.LINE:.0f}H{x - 10:.0f}V{y:.0f}H{x - _TIP:.0f}"
            words = _lines(rows, x - labels.width(rows) - 4, y + 4)
            head = (x - _TIP, y - 3, x, y, x - _TIP, y + 3)
        else:
            x, y = after.x + 3 * _PAD, after.y
            way = f"M{before.x + 3 * _PAD:.0f} {before.y + before.high:.0f}V{y - 10:.0f}H{x:.0f}V{y - _TIP:.0f}"
            words = _lines(rows, x + 8, y - len(rows) * labels.LINE - 5)
            head = (x - 3, y - _TIP, x, y, x + 3, y - _TIP)
        dashes = ' stroke-dasharray="5,2"' if arrow.hypothetical else ""
        yield f'<path class="drill-arrow" fill="none" stroke="{labels.EDGE}" stroke-width="1.5"{dashes} d="{way}"/>'
        points = " ".join(f"{value:.0f}" for value in head)
        yield f'<polygon fill="{labels.EDGE}" stroke="{labels.EDGE}" points="{points}"/>'
        yield from words


def _card(box: _Box) -> Iterator[str]:
    colour, line = _FRAMES[box.card.state]
    yield (
        f'<g class="drill-hop drill-{box.card.state}"><rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.wide:.0f}"'
        f' height="{box.high:.0f}" rx="6" fill="{labels.PAPER}" stroke="{colour}" {line}/>'
    )
    yield from _lines(box.rows, box.x + _PAD, box.y + _PAD, box.wide - 2 * _PAD)
    yield "</g>"


def _lines(rows: Rows, x: float, y: float, wide: float = 0.0) -> Iterator[str]:
    """Lines of words from *y* down, 14 points each; a filled one is *wide*."""
    for place, row in enumerate(rows):
        top = y + place * labels.LINE
        if row.fill:
            yield f'<rect x="{x:.0f}" y="{top:.0f}" width="{wide:.0f}" height="{labels.LINE}" fill="{row.fill}"/>'
        yield _words(row.text, row.ink, x + (3 if row.fill else 0), top)
        if row.beside:
            yield _words(row.beside, row.beside_ink, x + row.widths[0] + 8, top)


def _words(text: str, ink: str, x: float, top: float) -> str:
    return f'<text x="{x:.1f}" y="{top + 10:.1f}" fill="{ink}">{_text(text)}</text>'


def _text(text: str) -> str:
    return markup(printable(text))
