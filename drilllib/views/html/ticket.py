"""
A diagnosis as one page for a ticket: nothing is loaded from elsewhere, no script runs, light or dark as the reader is.

Everything is open, so that it can be printed and searched; the page says what the text says, in the same order.
"""

from collections.abc import Iterator

from drilllib.core.diagnosis.answer import Client, Diagnosis
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.quoting import markup
from drilllib.views.html.document import document_html, page_sheet
from drilllib.views.html.elements import Block, Folded, Items, Page, Script, State, Table, page_body
from drilllib.views.html.fix import repair_blocks
from drilllib.views.html.words import OF_VERDICT
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.pieces import Code
from drilllib.views.shown import path_svg
from drilllib.views.text import diagnose as text
from drilllib.views.text.trace import trace_text


def ticket_html(snapshot: Snapshot, found: Diagnosis, language: str, made: str = "") -> str:
    """The whole page, from the doctype on. *made* says when and of what it was made, at its end."""
    title = text.title(found, language)
    body = "".join(_sections(snapshot, found, language)) + (f"<p>{markup(made)}</p>" if made else "")
    inside = f'<main class="drill drill-ticket"><h1>{markup(title)}</h1>{body}</main>'
    return document_html(language, title, page_sheet("tables.css", "ticket.css"), inside)


def _sections(snapshot: Snapshot, found: Diagnosis, language: str) -> Iterator[str]:
    yield _body(language, [_screen(snapshot, found, language)])
    yield path_svg(found.worst.answer, language)
    for client in found.followed():
        yield _heading(2, say(language, "diagnose.details", client=client.address))
        yield _body(language, [_details(client, language)])
    if found.repair and (found.repair.proposals or not found.repair.works):
        yield _heading(2, say(language, "diagnose.repair"))
        yield from _open(language, repair_blocks(snapshot, found.repair, language))
    if found.unknown or found.unread or found.open_after:
        yield _heading(2, say(language, "diagnose.not_known"))
        yield _body(language, [Items("", [*text.unknown_lines(snapshot, found, language)])])


def _screen(snapshot: Snapshot, found: Diagnosis, language: str) -> Table:
    """What the first screen says, the verdict with its mark."""
    verdict = State(say(language, found.verdict), OF_VERDICT[found.verdict])
    rows: list[tuple[str, str | State]] = [(say(language, "col_result"), verdict)]
    for row in text.screen(snapshot, found, language):
        rows.append((row.label, Code(row.text) if row.is_code else row.text))
    return Table("", (), rows)


def _details(client: Client, language: str) -> Script:
    return Script(trace_text(client.answer, language).split("\n"))


def _open(language: str, blocks: Iterator[Block]) -> Iterator[str]:
    """Blocks with what is folded elsewhere open, under a heading."""
    for block in blocks:
        if isinstance(block, Folded):
            yield _heading(3, block.title)
            yield from _open(language, iter(block.inside))
        else:
            yield _body(language, [block])


def _heading(level: int, words: str) -> str:
    return f"<h{level}>{markup(words.removeprefix('--- '))}</h{level}>"


def _body(language: str, blocks: list[Block]) -> str:
    return page_body(Page(language, blocks))
