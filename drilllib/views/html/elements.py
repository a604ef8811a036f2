"""
The few things a page in a notebook is made of, and how each is written in HTML.

All text passes `markup`; attributes have values of our own only. A table has a caption, and a header for each column
and each row. What is code may be copied and is never broken; what is folded opens without a script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from drilllib.quoting import markup
from drilllib.views.html.sheet import sheet
from drilllib.views.phrases.pieces import Code, Phrase

LANG = {"zh": "zh-CN"}


@dataclass(frozen=True, slots=True)
class State:
    """A word with a mark: ok (an outlined square), no (a filled one) or un, not known (a dotted one)."""

    word: str
    kind: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Several things in one cell, each on a line of its own; a tuple is side by side on one."""

    parts: "Sequence[str | State | tuple[str | State | Link, ...]]"


@dataclass(frozen=True, slots=True)
class Share:
    """A word with a bar: *part* of it is full, 0 to 1."""

    word: str
    part: float


@dataclass(frozen=True, slots=True)
class Link:
    """A word that leads to *target*, an address of our own."""

    word: str
    target: str


Cell: TypeAlias = (
    str | State | Share | Link | Stack | tuple[str | State, ...]
)  # a list stands between commas, and breaks there only


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under *columns*; the first cell of a row says what the row is about."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Items:
    """Some lines below a line that says what they are; without *title*, only they."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Script:
    """Lines to be copied: commands, Terraform. They are not folded, and scroll where they are long, by keys too."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Folded:
    """What is there on demand, below a line that says what it is."""

    title: str
    inside: "Sequence[Block]"


Block: TypeAlias = str | Table | Items | Script | Folded


@dataclass(frozen=True, slots=True)
class Page:
    """What an output shows, from top to bottom, in one language."""

    language: str
    blocks: Sequence[Block]


def page_html(page: Page) -> str:
    """The page with its style sheet, as an output of a notebook has it."""
    return f"<style>{sheet('tables.css')}</style>{page_body(page)}"


def page_body(page: Page) -> str:
    """The page alone, for where the sheet is already."""
    lang, inside = LANG.get(page.language, page.language), "".join(map(_block, page.blocks))
    return f"<div class='drill drill-out' lang={lang}>{inside}</div>"


def _block(block: Block) -> str:
    if isinstance(block, str):
        return f"<p>{_text(block)}</p>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Items):
        title = f"<p>{_text(block.title)}</p>" if block.title else ""
        return f"{title}<ul>{''.join(f'<li>{_text(each)}</li>' for each in block.lines)}</ul>"
    if isinstance(block, Script):
        lines = "\n".join(map(markup, block.lines))
        return f"<pre tabindex=0>{lines}</pre>"
    return f"<details><summary>{_text(block.title)}</summary>{''.join(map(_block, block.inside))}</details>"


def _table(table: Table) -> str:
    heads = "".join(f"<th scope=col>{markup(each)}</th>" for each in table.columns)
    rows = "".join(f"<tr>{_row(each)}</tr>" for each in table.rows)
    caption = f"<caption>{_text(table.caption)}</caption>" if table.caption else ""
    head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
    return f"<table>{caption}{head}<tbody>{rows}</tbody></table>"


def _row(cells: Sequence[Cell]) -> str:
    first, *others = map(_cell, cells)
    return f"<th scope=row>{first}</th>{''.join(f'<td>{each}</td>' for each in others)}"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Stack):
        return "<br>".join(" ".join(map(_one, each)) if isinstance(each, tuple) else _one(each) for each in cell.parts)
    return ", ".join(map(_one, cell)) if isinstance(cell, tuple) else _one(cell)


def _one(item: str | State | Share | Link) -> str:
    if isinstance(item, Share):
        return f"{_bar(item.part)}{_text(item.word)}"
    if isinstance(item, Link):
        return f'<a href="{markup(item.target)}">{_text(item.word)}</a>'
    return f"<b class=drill-{item.kind}>{_text(item.word)}</b>" if isinstance(item, State) else _text(item)


def _bar(part: float) -> str:
    """Not read out: the word beside it says the same."""
    full = round(100 * min(max(part, 0.0), 1.0))
    whole = "<rect class=drill-all width=100 height=8 />"
    return f'<svg class=drill-share viewBox="0 0 100 8" aria-hidden=true>{whole}<rect width={full} height=8 /></svg>'


def _text(text: str) -> str:
    pieces = text.pieces if isinstance(text, Phrase) else (text,)
    return "".join(f"<code>{markup(each)}</code>" if isinstance(each, Code) else markup(each) for each in pieces)
