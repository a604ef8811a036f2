"""A group's rules as text, and what they say of one packet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drilllib.core.rules.rules import Action, Decision, Rule
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.phrases.pieces import Code


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as listed: its *place*, such as [0], itself, and the description that somebody gave it."""

    place: str
    rule: str
    note: str = ""
    action: Action = Action.DROP


def rules_text(group_id: str, direction: str, rules: Sequence[Rule], language: str) -> str:
    """A group's rules, numbered from the top, and the implicit deny at the end."""
    rows = (f"  {row.place} {row.rule}{f'  # {row.note}' if row.note else ''}" for row in rule_rows(rules, language))
    return terminal_text([f"{group_id} {say(language, direction)}", *rows])


def rule_rows(rules: Sequence[Rule], language: str) -> Iterator[RuleRow]:
    """The rules from the top, and what becomes of everything else."""
    for index, rule in enumerate(rules):
        yield RuleRow(f"[{index}]", Code(rule.text), _note(rule), rule.action)
    yield RuleRow("[-]", say(language, "implicit"))


def _note(rule: Rule) -> str:
    """The rule's description."""
    note = rule.policy.get("PolicyDescription")
    return printable(note) if isinstance(note, str) else ""


def decision_text(decision: Decision, language: str) -> str:
    """One line for `drill decide`."""
    by = decided_by(decision, language)
    if decision.rule is None or decision.action is Action.UNDETERMINED:
        return printable(say(language, "decided", action=decision.action, by=by))
    return printable(f"{decision.action}: {by}")


def decided_by(decision: Decision, language: str) -> str:
    """The rule with its place; or that none matched, or what it depends on."""
    if decision.action is Action.UNDETERMINED:
        return say(language, "decided_open", facts=facts_text(decision.unresolved, language))
    if decision.rule is None:
        return say(language, "decided_by_none")
    return Code(f"{decision.group} {decision.direction}[{decision.policy_index}] {decision.rule.text}")
