"""Text in columns of a terminal, where East Asian wide characters take two."""

import unicodedata
from collections.abc import Iterator, Sequence

from drilllib.errors import printable

Entry = str | tuple[str, ...]  # what stands in a row's column: a text, or a list of texts


def columns(text: str) -> int:
    """The width of *text* in terminal columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, width: int) -> str:
    """*text*, padded with spaces to *width* columns."""
    return text + " " * max(0, width - columns(text))


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table as kubectl prints one, the first row its heads."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(columns(row[column]) for row in shown) for column in range(len(rows[0]))]
    for row in shown:
        yield "   ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def listed(entry: Entry) -> str:
    """A list with commas between its items; a text as it is."""
    return entry if isinstance(entry, str) else ", ".join(entry)
