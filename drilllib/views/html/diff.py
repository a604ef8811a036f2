"""What differs between two snapshots, as tables."""

from drilllib.core.diff import Difference
from drilllib.views.html.elements import Block, Page, State, Table
from drilllib.views.html.words import columns
from drilllib.views.phrases.catalog import say
from drilllib.views.shown import Shown
from drilllib.views.text import diff as text

_MARKS = {"gained": "ok", "lost": "no", "other": "un"}


def shown_diff(difference: Difference, language: str) -> Shown:
    """A table for each Service and for the interfaces that changed; each change by its sign and a word."""
    blocks: list[Block] = [*text.names_lines(difference, language)]
    for part in text.diff_parts(difference, "", language):
        rows = [(State(_word(row.kind, language), _MARKS[row.kind]), row.what) for row in part.rows]
        head = columns(language, "change", "clients" if part.of_clients else "traffic")
        blocks += [Table(part.title, head, rows), *part.more, *part.gaps]
    blocks += text.closing_lines(difference, language)
    return Shown(text.diff_text(difference, "", language), page=Page(language, blocks))


def _word(kind: str, language: str) -> str:
    return f"{text.SIGNS[kind]} {say(language, f'diff_is_{kind}')}"
