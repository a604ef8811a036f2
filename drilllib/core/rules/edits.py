"""Changes of a group's list, as plain data: what is put in, put in the place of something, or taken out, and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib.core.rules.members import port_text
from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup


class Edit(StrEnum):
    """What is done at a place of a list."""

    INSERT = "insert"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """
    One edit. *place* counts from 0 in the list as it is before any change: an inserted *rule* goes before what stands
    there, at the bottom where nothing does. *old* is the rule that is replaced or deleted.
    """

    group: str
    direction: Direction
    edit: Edit
    place: int
    rule: Rule | None = None
    old: Rule | None = None

    def to_dict(self) -> dict[str, Any]:
        """All fields, the rules as the vendor writes them."""
        return {
            "edit": self.edit,
            "group": self.group,
            "direction": self.direction,
            "policy_index": self.place,
            "rule": self.rule and dict(self.rule.policy),
            "replaces": self.old and dict(self.old.policy),
        }


def changed(group: SecurityGroup, changes: Iterable[Change]) -> SecurityGroup:
    """The group after those of *changes* that are about it, itself without any. A list that was not read stays so."""
    mine = [each for each in changes if each.group == group.group_id]
    if not mine:
        return group  # which is compiled already
    lists = {direction: _changed(group.rules(direction), direction, mine) for direction in Direction}
    return SecurityGroup(group.group_id, lists[Direction.INGRESS], lists[Direction.EGRESS], group.names)


def _changed(
    rules: tuple[Rule, ...] | None, direction: Direction, changes: Sequence[Change]
) -> tuple[Rule, ...] | None:
    here = [each for each in changes if each.direction is direction]
    if rules is None or not here:
        return rules
    found: list[Rule] = []
    for place in range(len(rules) + 1):
        inserts = [each for each in here if each.place == place and each.edit is Edit.INSERT]
        gone = [each for each in here if each.place == place and each.edit is not Edit.INSERT]
        found += (each.rule for each in (*inserts, *gone) if each.rule is not None)
        found += () if gone else rules[place : place + 1]
    return tuple(found)


def joined(changes: Iterable[Change]) -> tuple[Change, ...]:
    """
    As few changes that do the same: each once, and inserted rules that differ in their ports only as one rule.

    Such a rule goes where the topmost of them would.
    """
    inserted: dict[tuple[Any, ...], list[Change]] = {}
    for each in dict.fromkeys(changes):
        inserted.setdefault(_alike(each), []).append(each)
    found = [each[0] if len(each) == 1 else _with_ports_of(each) for each in inserted.values()]
    return in_order(found)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """
    The order to carry them out in: within a list from the bottom up, so that every place still means what it did
    before, and what goes before what is put in there, because the API refuses a rule that is still in the list.
    """
    return tuple(sorted(changes, key=lambda each: (each.group, each.direction, -each.place, each.edit is Edit.INSERT)))


def _alike(change: Change) -> tuple[Any, ...]:
    rule = change.rule
    if change.edit is not Edit.INSERT or rule is None or rule.references:
        return (change,)
    return change.group, change.direction, rule.action, rule.protocol, rule.peer, rule.ports is None


def _with_ports_of(changes: Sequence[Change]) -> Change:
    first = min(changes, key=lambda each: each.place)
    rules = [each.rule for each in changes if each.rule]
    ports = sorted({ends for rule in rules for ends in rule.ports or ()})
    rule = accept_rule(rules[0].protocol, str(rules[0].peer), ports)
    return Change(first.group, first.direction, Edit.INSERT, first.place, rule)


def accept_rule(protocol: str, block: str, ports: Sequence[tuple[int, int]]) -> Rule:
    """ACCEPT for one block, a single address without its length; *ports* are left out for protocols without any."""
    block = block.removesuffix("/128" if ":" in block else "/32")
    field = "Ipv6CidrBlock" if ":" in block else "CidrBlock"
    policy: Mapping[str, Any] = {
        "Protocol": protocol,
        "Port": port_text(ports or None),
        field: block,
        "Action": "ACCEPT",
    }
    return rule_from_policy(policy)
