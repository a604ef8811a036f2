"""What is wrong with rules, as a table."""

from collections.abc import Sequence

from drilllib.core.lint.findings import LintFinding, Severity
from drilllib.views.html.elements import Cell, Page, Stack, State, Table
from drilllib.views.html.words import columns
from drilllib.views.phrases.pieces import Code, Phrase
from drilllib.views.shown import Shown
from drilllib.views.text.lint import count_text, lint_row, lint_text

_MARKS = {Severity.ERROR: "no", Severity.WARNING: "un", Severity.INFO: "ok"}


def shown_lint(found: Sequence[LintFinding], language: str) -> Shown:
    """A row for each finding of a snapshot's rules, the worst first; the totals are the caption."""
    text = lint_text(found, language, of_snapshot=True)
    if not found:
        return Shown(text, page=Page(language, (text,)))
    head = columns(language, "rule", "finding")
    table = Table(count_text(found, language), head, [_row(each, language) for each in found])
    return Shown(text, page=Page(language, (table,)))


def _row(finding: LintFinding, language: str) -> Sequence[Cell]:
    row = lint_row(finding, language)
    title = State(Phrase.joined(" ", [row.severity, Code(row.code)]), _MARKS[finding.severity])
    return Stack((title, *row.place)), Stack((row.evidence, row.remedy))
