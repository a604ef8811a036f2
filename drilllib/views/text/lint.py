"""Lint findings as text, three lines each: the rule, the reason, the remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.lint.findings import LintFinding, NamedRule, Severity, Statement
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.pieces import Code, Phrase, phrase
from drilllib.views.text.columns import columns, padded

SHOWN = 3  # items of a list; more are counted


def lint_text(found: Sequence[LintFinding], language: str, *, of_snapshot: bool = False) -> str:
    """All findings and the totals. For a snapshot without findings it says what lint does not check."""
    if not found:
        return say(language, "lint.none_in_snapshot" if of_snapshot else "lint.none")
    width = max(columns(say(language, f"lint.{each}")) for each in Severity)
    lines = [line for each in found for line in _lines(lint_row(each, language), width)]
    return terminal_text([*lines, count_text(found, language)])


@dataclass(frozen=True, slots=True)
class LintRow:
    """A finding in words: how bad, which, where, why, and what to do."""

    severity: str
    code: str
    place: tuple[Code, ...]
    evidence: str
    remedy: str


def lint_row(finding: LintFinding, language: str) -> LintRow:
    """The finding in the reader's language."""
    told_of = (evidence_text(finding, language), remedy_text(finding, language))
    return LintRow(say(language, f"lint.{finding.severity}"), finding.code, _place(finding), *told_of)


def evidence_text(finding: LintFinding, language: str) -> str:
    """The reason, in one sentence."""
    return _sentence(finding, finding.evidence, language, in_full=True)


def remedy_text(finding: LintFinding, language: str) -> str:
    """The remedy, in one or two sentences."""
    return _sentence(finding, finding.remedy, language, in_full=False)


def _lines(row: LintRow, width: int) -> Sequence[str]:
    margin = " " * width
    return (
        f"{padded(row.severity, width)}  {row.code}  {' '.join(row.place)}",
        f"{margin}  {row.evidence}",
        f"{margin}  -> {row.remedy}",
    )


def _place(finding: LintFinding) -> tuple[Code, ...]:
    """Which list or rule it is about, and the rule."""
    if finding.policy_index is None:
        return (Code(f"{finding.group} {finding.direction}" if finding.direction else finding.group),)
    return Code(f"{finding.group} {finding.direction}[{finding.policy_index}]"), Code(finding.rule)


def count_text(found: Sequence[LintFinding], language: str) -> str:
    """How many findings of which severity."""
    errors, warnings, infos = (sum(each.severity is severity for each in found) for severity in Severity)
    return say(language, "lint.count", total=len(found), errors=errors, warnings=warnings, infos=infos)


def _sentence(finding: LintFinding, statement: Statement, language: str, *, in_full: bool) -> Phrase:
    facts = {name: _fact(finding, value, language, in_full=in_full) for name, value in statement.facts.items()}
    return phrase(language, statement.key, **facts).printable()


def _fact(finding: LintFinding, value: Any, language: str, *, in_full: bool) -> Any:
    if not isinstance(value, tuple):
        return Code(value) if isinstance(value, str) else value
    shown = Phrase.joined(say(language, "lint.and"), (_named(finding, each, in_full=in_full) for each in value[:SHOWN]))
    return phrase(language, "lint.more", shown=shown, count=len(value) - SHOWN) if len(value) > SHOWN else shown


def _named(finding: LintFinding, item: NamedRule | str, *, in_full: bool) -> Code:
    """A rule by its place, without the group if it is the finding's own; *in_full* with its text."""
    if not isinstance(item, NamedRule):
        return Code(item)
    place = f"{item.direction}[{item.policy_index}]{f' {item.text}' if in_full else ''}"
    return Code(place if item.group == finding.group else f"{item.group} {place}")
