"""A change of one list of rules, or of the groups of one resource: what was there, and what shall be."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.fix.calls import policy_of
from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import Direction, Rule

Key = tuple[object, ...]
Policies = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """
    One direction of *group*: its list *before*, from the top, and *after*.

    *region* is empty where it is that of whoever writes.
    """

    group: str
    direction: Direction
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]
    region: str = ""

    @property
    def place(self) -> tuple[str, Direction]:
        """The list that is changed."""
        return self.group, self.direction


@dataclass(frozen=True, slots=True)
class Binding:
    """The groups of a *resource* (lb-, ins-, eni-) in their order, *before* and *after*; *region* as for rules."""

    resource: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    region: str = ""


def same_key(rule: Rule) -> Key:
    """What makes two rules the same one for the API, which refuses the second: all but the description."""
    if rule.unknown:
        return (json.dumps(policy_of(rule), sort_keys=True, default=str),)
    return rule.action, rule.protocol, rule.peer, rule.ports, rule.service


def key_of(rule: Rule) -> Key:
    """The same with the description: what has to be equal for nothing to be left to do."""
    return *same_key(rule), str(rule.policy.get("PolicyDescription") or "")


def keys_of(rules: Iterable[Rule]) -> tuple[Key, ...]:
    """Each rule's `key_of`, in order."""
    return tuple(map(key_of, rules))


def policies_of(rules: Iterable[Rule]) -> Policies:
    """The rules as the API takes them, and as a journal keeps them."""
    return [policy_of(each) for each in rules]


def rules_from(policies: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """
    The rules that `policies_of` wrote.

    Raises:
        InvalidRuleError: One cannot be read.
    """
    return tuple(map(rule_from_policy, policies))
