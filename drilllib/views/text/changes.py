"""Changes of rules and bindings as lines that begin with + or -, as `diff` writes them."""

from collections.abc import Iterator, Sequence

from drilllib.core.changes.alignment import aligned
from drilllib.core.changes.change import Binding, RuleChange
from drilllib.core.changes.plan import Plan


def plan_lines(plan: Plan) -> list[str]:
    """Every list and every binding that is changed, what stays left out."""
    found = [line for each in plan.bindings for line in binding_lines(each)]
    return found + [line for each in plan.rules for line in rule_lines(each)]


def rule_lines(change: RuleChange) -> Iterator[str]:
    """The list, and each rule that goes or comes with its place in the list that it stands in."""
    yield f"  {change.group} {change.direction}"
    old = new = 0
    for slot in aligned(change.before, change.after):
        if not slot.stays:
            sign, place = ("+", new) if slot.new else ("-", old)
            yield f"    {sign} [{place}] {slot.rule.text}{_described(slot.rule.policy.get('PolicyDescription'))}"
        old, new = old + slot.old, new + slot.new


def binding_lines(change: Binding) -> Iterator[str]:
    """The groups of a resource, from the top."""
    yield f"  {change.resource}"
    yield f"    - {_listed(change.before)}"
    yield f"    + {_listed(change.after)}"


def _described(text: object) -> str:
    return f"  # {text}" if text else ""


def _listed(groups: Sequence[str]) -> str:
    return ", ".join(groups) or "-"
