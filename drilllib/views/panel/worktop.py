"""What a panel changes: the lists of a lab's groups, their order on interfaces, and how the question is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drilllib.core.drills.lab import AlterableLab, Lab
from drilllib.core.drills.settings import CHANGES
from drilllib.core.rules.addresses import parse_client
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.trace.answer import Question
from drilllib.views.panel.commands import Ask, ListCommand, Order
from drilllib.views.panel.rule_form import rule_of
from drilllib.views.panel.rule_list import RuleList

ListName = tuple[str, Direction]
ALTERED = ("listeners", "kubernetes", "instances", "load_balancers")  # the parts of a snapshot that settings change
_SIGNS = {"delete": "\N{MINUS SIGN}", "drop": "↕"}


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a panel can change, as it stands at one moment; *parts* are empty where a lab cannot be altered."""

    lists: Mapping[ListName, RuleList]
    bound: Mapping[str, tuple[str, ...]]
    client: str
    parts: Mapping[str, Any]


class Worktop:
    """The lab under a learner's hands. *lists* are the lists shown, *question* is the question as it is asked now."""

    def __init__(self, lab: Lab, question: Question, groups: Sequence[str], offered: Mapping[str, Sequence[Rule]]):
        self.lab, self.question = lab, question
        self.lists: dict[ListName, RuleList] = {
            (group, direction): RuleList.of(
                lab.rules(group, direction), offered.get(group, ()) if direction is Direction.INGRESS else ()
            )
            for group in groups
            for direction in Direction
        }

    @property
    def groups(self) -> set[str]:
        """The groups whose lists are shown."""
        return {group for group, _ in self.lists}

    def sync(self) -> bool:
        """Take up what has changed in the lab meanwhile. Has anything?"""
        synced = {name: rules.synced(self.lab.rules(*name)) for name, rules in self.lists.items()}
        changed = synced != self.lists
        self.lists = synced
        return changed

    def standing(self) -> Standing:
        """How everything stands."""
        snapshot = self.lab.snapshot()
        parts = {name: snapshot.part(name) for name in ALTERED} if isinstance(self.lab, AlterableLab) else {}
        bound = {name: tuple(groups) for name, groups in snapshot.bound_groups().items() if groups is not None}
        return Standing(dict(self.lists), bound, self.question.client, parts)

    def restore(self, wanted: Standing) -> None:
        """Make everything stand so again."""
        now = self.standing()
        if wanted.parts != now.parts and isinstance(self.lab, AlterableLab):
            self.lab.alter(self.lab.snapshot().with_parts(**wanted.parts, target_health=None))
        for name, groups in wanted.bound.items():
            if now.bound.get(name, groups) != groups:
                self.lab.bind_groups(name, groups)
        for place, rules in wanted.lists.items():
            if now.lists[place].rules != rules.rules:
                self.lab.replace_rules(*place, rules.rules)
        self.lists = dict(wanted.lists)
        self.question = replace(self.question, client=wanted.client)

    def edit(self, command: ListCommand) -> str:
        """Change a list, and name the step; empty if the list, or the rule, is gone."""
        name = next((name for name in self.lists if list_id(name) == command["list"]), None)
        if name is None:
            return ""
        before = self.lists[name]
        after = _changed(before, command)
        if after.rules != before.rules:
            self.lab.replace_rules(*name, after.rules)
        self.lists[name] = after
        return _step(command, before, after) if after != before else ""

    def reorder(self, command: Order) -> str:
        """Move a group among those of a resource, and name the step."""
        groups = list(self.lab.snapshot().bound_groups().get(command["resource"]) or ())
        if command["group"] not in groups:
            return ""
        place = groups.index(command["group"])
        wanted = groups[:place] + groups[place + 1 :]
        wanted.insert(max(place + command["by"], 0), command["group"])
        if wanted == groups:
            return ""
        self.lab.bind_groups(command["resource"], wanted)
        return f"{_arrow(command['by'])} {command['group']}"

    def ask(self, command: Ask) -> str:
        """
        Ask in another way, and name the step.

        Raises:
            InvalidInputError: No packet can come from that client.
        """
        name, value = command["name"], command["value"].strip()
        if name == "client":
            self.question = replace(self.question, client=str(parse_client(value)))
        elif isinstance(self.lab, AlterableLab):
            self.lab.alter(CHANGES[name](self.lab.snapshot(), self.question, value))
        return value


def list_id(name: ListName) -> str:
    """The id of a list in messages."""
    return f"{name[0]} {name[1]}"


def _changed(rules: RuleList, command: ListCommand) -> RuleList:
    if command["do"] == "switch":
        return rules.switch(command["key"], command["on"])
    if command["do"] == "delete":
        return rules.delete(command["key"])
    if command["do"] == "move":
        return rules.move(command["key"], command["by"])
    if command["do"] == "drop":
        place = rules.place_of(command["key"])
        return rules if place is None else rules.move(command["key"], command["to"] - place)
    return rules.add(rule_of(command["fields"]), last=command.get("place") == "bottom")


def _step(command: ListCommand, before: RuleList, after: RuleList) -> str:
    """``+ ACCEPT TCP 203.0.113.0/24 80``: what was done, and to which rule."""
    if command["do"] == "add":
        return f"+ {rule_of(command['fields']).text}"
    place = before.place_of(command["key"])
    text = "" if place is None else before.entries[place].rule.text
    if command["do"] == "switch":
        return f"{'+' if command['on'] else _SIGNS['delete']} {text}"
    return f"{_arrow(command['by']) if command['do'] == 'move' else _SIGNS[command['do']]} {text}"


def _arrow(by: int) -> str:
    return "↑" if by < 0 else "↓"
