"""Lint findings as text, three lines each: the rule, the reason, the remedy."""

from collections.abc import Sequence
from typing import Any

from drilllib.core.lint.findings import LintFinding, NamedRule, Severity, Statement
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import columns, padded

SHOWN = 3  # items of a list; more are counted


def lint_text(found: Sequence[LintFinding], language: str, *, of_snapshot: bool = False) -> str:
    """All findings and the totals. For a snapshot without findings it says what lint does not check."""
    if not found:
        return say(language, "lint.none_in_snapshot" if of_snapshot else "lint.none")
    width = max(columns(say(language, f"lint.{each}")) for each in Severity)
    lines = [line for each in found for line in _lines(each, language, width)]
    return terminal_text([*lines, _count(found, language)])


def evidence_text(finding: LintFinding, language: str) -> str:
    """The reason, in one sentence."""
    return _sentence(finding, finding.evidence, language, in_full=True)


def remedy_text(finding: LintFinding, language: str) -> str:
    """The remedy, in one or two sentences."""
    return _sentence(finding, finding.remedy, language, in_full=False)


def _lines(finding: LintFinding, language: str, width: int) -> Sequence[str]:
    severity, margin = padded(say(language, f"lint.{finding.severity}"), width), " " * width
    return (
        f"{severity}  {finding.code}  {_place(finding)}",
        f"{margin}  {evidence_text(finding, language)}",
        f"{margin}  -> {remedy_text(finding, language)}",
    )


def _place(finding: LintFinding) -> str:
    if finding.policy_index is None:
        return f"{finding.group} {finding.direction}" if finding.direction else finding.group
    return f"{finding.group} {finding.direction}[{finding.policy_index}] {finding.rule}"


def _count(found: Sequence[LintFinding], language: str) -> str:
    errors, warnings, infos = (sum(each.severity is severity for each in found) for severity in Severity)
    return say(language, "lint.count", total=len(found), errors=errors, warnings=warnings, infos=infos)


def _sentence(finding: LintFinding, statement: Statement, language: str, *, in_full: bool) -> str:
    facts = {name: _fact(finding, value, language, in_full=in_full) for name, value in statement.facts.items()}
    return printable(say(language, statement.key, **facts))


def _fact(finding: LintFinding, value: Any, language: str, *, in_full: bool) -> Any:
    if not isinstance(value, tuple):
        return value
    named = (_named(finding, each, in_full=in_full) for each in value[:SHOWN])
    shown = say(language, "lint.and").join(named)
    return say(language, "lint.more", shown=shown, count=len(value) - SHOWN) if len(value) > SHOWN else shown


def _named(finding: LintFinding, item: NamedRule | str, *, in_full: bool) -> str:
    """A rule by its place, without the group if it is the finding's own; *in_full* with its text."""
    if not isinstance(item, NamedRule):
        return item
    place = f"{item.direction}[{item.policy_index}]{f' {item.text}' if in_full else ''}"
    return place if item.group == finding.group else f"{item.group} {place}"
