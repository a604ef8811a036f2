"""The answer of `drill fix` as a page: who fares how, what stops them, what to do, and, folded, by which commands."""

from collections.abc import Iterator

from drilllib.core.fix.answer import Fix
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.views.html.elements import Block, Folded, Items, Page, Script, State, Table
from drilllib.views.html.words import OF_VERDICT, columns, folded_assumptions
from drilllib.views.shown import Shown
from drilllib.views.text import fix as text


def shown_fix(snapshot: Snapshot, answer: Fix, language: str) -> Shown:
    """The whole answer; what a reader may copy, the other proposals and the assumptions open on demand."""
    head = columns(language, "when", "clients", "result", "reason")
    rows = [
        (row.when, row.clients, State(row.words, OF_VERDICT[row.verdict]), row.reason)
        for row in text.fare_rows(answer, language)
    ]
    blocks: list[Block] = [Table(text.fix_headline(answer), head, rows)]
    blocks += repair_blocks(snapshot, answer, language)
    if answer.proposals:
        blocks += folded_assumptions(answer.assumptions, language)
    return Shown(text.fix_text(snapshot, answer, language), page=Page(language, blocks))


def repair_blocks(snapshot: Snapshot, answer: Fix, language: str) -> Iterator[Block]:
    """What stops the clients, what to do and by which commands, without how they fare."""
    return (block for section in text.sections(snapshot, answer, language) for block in _section(section))


def _section(section: text.Section) -> Iterator[Block]:
    inside: list[Block] = [Items("", section.lines), *([Script(section.commands)] if section.commands else ())]
    if section.is_other:
        yield Folded(section.title, inside)
    elif section.title or section.lines:
        yield Items(section.title, section.lines)
    yield from (Folded(title, (Script(lines),)) for title, lines in section.scripts.items())
