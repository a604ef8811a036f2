"""
The lines of cards and arrows as labels of Graphviz, with the colours of the panel's tokens in the light.

The colour is the key by which `STYLE` swaps it in the dark, so each role has its own. Bold has colours of its own, too:
Graphviz's own bold would shift lines in a renderer without font metrics.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from drilllib.errors import printable
from drilllib.quoting import markup
from drilllib.views.picture.parts import Arrow, Asked, Card, Look, Word
from drilllib.views.picture.widths import ems, wrapped

FONT_SIZE, LINE, CARD = 9, 14, 110  # points; a card is no wider for what stands beside a line
WIDEST, NARROW, NARROWEST = 22.0, 12.0, 8.0  # ems; longer lines are wrapped
PAPER, GROUND, FRAME, EDGE = "#ffffff", "#fefefe", "#dfe2e6", "#868d96"  # of cards, of words on arrows
INK, TITLE, QUIET, ACCENT = "#1f2328", "#1f2329", "#57606a", "#1565c0"
BLUE, AMBER = "#1565c1", "#775401"  # the accent and the unknown, not bold
INKS: dict[Look, str] = {"": INK, "ok": "#1a6b3c", "no": "#b3261e", "unknown": "#775400"}
FILL, ON_FILL = "#c5352b", "#fffffe"
SIGNS: dict[Look, str] = {"": "", "ok": "✓ ", "no": "✗ ", "unknown": "? "}
HEALTH_SIGNS: dict[Look, str] = {"": "", "ok": "● ", "no": "○ ", "unknown": "◌ "}
BOLD = (TITLE, INKS["ok"], INKS["no"], INKS["unknown"], ACCENT, ON_FILL)
_DARK = {
    INK: "#e8eaed",
    TITLE: "#e8eaed",
    QUIET: "#b0b6bd",
    ACCENT: "#7ab8f5",
    BLUE: "#7ab8f5",
    AMBER: "#f0c35c",
    INKS["ok"]: "#86d3a2",
    INKS["no"]: "#ff9d94",
    INKS["unknown"]: "#f0c35c",
}
_DARK_SHAPES = {
    PAPER: "fill:#212121",
    GROUND: "fill:#111111",
    FRAME: "stroke:#3a3d41",
    EDGE: "stroke:#858b93",
    FILL: "stroke:#ee6a5f",
    "#a87400": "stroke:#c99a33",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its first words and their colour, what stands beside them and its colour."""

    text: str
    ink: str
    beside: str = ""
    beside_ink: str = QUIET
    fill: str = ""

    @property
    def widths(self) -> tuple[float, float]:
        """Points for both parts."""
        first, second = (_points(self.text, self.ink), _points(self.beside, self.beside_ink))
        return first + (5 if self.fill else 0), second + 10 if self.beside else 0.0


def style(prefix: str) -> str:
    """The style sheet inside a picture: bold, the page's fonts, and the dark; *prefix* is the class of the picture."""
    bold = ",".join(f'.{prefix} text[fill="{ink}"]' for ink in BOLD)
    texts = "".join(f'.{prefix} text[fill="{light}"]{{fill:{dark}}}' for light, dark in _DARK.items())
    shapes = "".join(
        f'.{prefix} [{dark.split(":")[0]}="{light}"]:not(text){{{dark}}}' for light, dark in _DARK_SHAPES.items()
    )
    font = 'system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif'
    return (
        f"<style>.{prefix} text{{font-family:{font}}}{bold}{{font-weight:600}}"
        f"@media (prefers-color-scheme:dark){{{texts}{shapes}}}</style>"
    )


def card_rows(card: Card, heading: str, *, narrow: bool) -> list[Row]:
    """A card's lines; *heading* is the title of its lane, where it is the first; *narrow* for cards side by side."""
    rows = [part for row in _card_rows(card, heading) for part in _narrowed(row, NARROW if narrow else WIDEST)]
    return [Row(row.text, QUIET, row.beside) for row in rows] if card.state == "unreached" else rows


def _card_rows(card: Card, heading: str) -> Iterator[Row]:
    yield from _lines(heading, QUIET)
    health = f"{HEALTH_SIGNS[card.health.look]}{card.health.text}" if card.health else ""
    yield Row(card.name, TITLE, health, INKS[card.health.look] if card.health and card.health.look else QUIET)
    for line in filter(None, (card.address, card.like)):
        yield Row(line, QUIET)
    if card.answer:
        yield from _word(card.answer, NARROW)
        yield from _lines(card.answer.more, QUIET, NARROW)
    for each in card.asked:
        yield from _asked_rows(each)
    if card.cause:
        yield from _word(card.cause)
        yield from _lines(card.cause.more, INK)
    for fact in card.missing:
        yield from _lines(fact, AMBER)
    if card.band:
        stopped = card.state == "stopped"
        yield Row(
            f"■ {card.band}" if stopped else card.band,
            ON_FILL if stopped else QUIET,
            fill=FILL * stopped,
        )


def _narrowed(row: Row, most: float) -> Iterator[Row]:
    """Lines of at most *most* ems; what stands beside one, on its own where both would make the card wide."""
    if row.beside and sum(row.widths) <= CARD:
        yield row
        return
    yield from (replace(row, text=line, beside="") for line in wrapped(row.text, most))
    if row.beside:
        yield Row(row.beside, row.beside_ink)


def _asked_rows(asked: Asked) -> Iterator[Row]:
    yield Row(asked.title, QUIET)
    yield Row(asked.packet, INK)
    yield Row(f"{SIGNS[asked.verdict.look]}{asked.verdict.text}", INKS[asked.verdict.look], asked.place, INK)
    yield from _lines(asked.rule, QUIET)
    yield from _lines(asked.why, QUIET)


def _word(word: Word, most: float = WIDEST) -> Iterator[Row]:
    return _lines(f"{SIGNS[word.look]}{word.text}", INKS[word.look] if word.look else QUIET, most)


def _lines(text: str, ink: str, most: float = WIDEST) -> Iterator[Row]:
    return (Row(line, ink) for line in wrapped(text, most) if line)


def arrow_rows(arrow: Arrow, *, narrow: bool) -> list[Row]:
    """What changed on the way: by whom, and the new addresses; *narrow* for a place between two cards."""
    rows = list(_lines(arrow.tag, BLUE, NARROWEST if narrow else WIDEST))
    rows += [Row(arrow.source, ACCENT)] if "source" in arrow.new else []
    if "destination" in arrow.new:
        host, _, port = arrow.destination.rpartition(":")
        lines = (f"→ {host}", f":{port}") if narrow else (f"→ {arrow.destination}",)
        rows += [Row(line, ACCENT) for line in lines]
    return [Row(row.text, QUIET) for row in rows] if arrow.hypothetical else rows


def width(rows: Iterable[Row]) -> float:
    """Points for the widest line; 0 without lines."""
    return max((sum(row.widths) + 4 for row in rows), default=0.0)


def table(rows: Sequence[Row]) -> str:
    """Lines as a label; an empty one without lines."""
    if not rows:
        return ""
    wide = width(rows)
    return f"<{_TABLE}>{''.join(_row(row, wide) for row in rows)}</TABLE>>"


def arrow_table(rows: Sequence[Row], *, raised: bool) -> str:
    """Lines as a label of an arrow, on a ground of their own; *raised*: the renderer puts the last line on it."""
    blank = f'<TR><TD HEIGHT="{LINE}"></TD></TR>' if raised else ""
    indented = [replace(row, fill=GROUND) for row in rows]
    return table(indented).replace("</TABLE>>", f"{blank}</TABLE>>")


_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"'


def _row(row: Row, width: float) -> str:
    """A line of a fixed size, because the renderer may know no font."""
    fill = f' BGCOLOR="{row.fill}"' if row.fill else ""
    if not row.beside:
        return f"<TR>{_cell(row.text, row.ink, width, fill)}</TR>"
    first = row.widths[0] + 6
    cells = _cell(row.text, row.ink, first, "") + _cell(row.beside, row.beside_ink, width - first, "")
    return f"<TR><TD>{_TABLE}><TR>{cells}</TR></TABLE></TD></TR>"


def _cell(text: str, ink: str, width: float, fill: str) -> str:
    size = f'ALIGN="LEFT" FIXEDSIZE="TRUE" WIDTH="{width:.0f}" HEIGHT="{LINE}"'
    indent = "&#160;" if fill else ""
    return f'<TD {size}{fill}><FONT COLOR="{ink}">{indent}{dot_text(text)}</FONT></TD>'


def dot_text(text: str) -> str:
    """Text for a label in angle brackets, where Graphviz reads tags and entities, and follows backslashes."""
    return markup(printable(text)).replace("\\", "\\\\")


def _points(text: str, ink: str) -> float:
    return ems(text) * FONT_SIZE * (1.16 if ink in BOLD else 1.0)
