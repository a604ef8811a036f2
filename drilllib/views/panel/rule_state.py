"""The rule lists of a Sight as a page shows them, and the same as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from drilllib.core.rules.rules import Action
from drilllib.core.trace.path import Check
from drilllib.views.panel.desk import ListName, Sight, list_id
from drilllib.views.panel.rule_list import Entry, RuleList
from drilllib.views.phrases.catalog import say

Decided = Mapping[int | None, Action]  # policy index, None for the implicit deny


def lists_of(sight: Sight, language: str) -> list[dict[str, Any]]:
    """Each list with its rules from the top: what they say, whether they are in the group, and what came of them."""
    return [_list(sight, name, rules, language) for name, rules in sight.lists.items()]


def orders_of(sight: Sight, language: str) -> list[dict[str, Any]]:
    """The groups of each resource that has more than one, in their order."""
    return [_order(sight, name, groups, language) for name, groups in sight.orders.items()]


def lists_text(lists: Sequence[Mapping[str, Any]]) -> str:
    """The lists in words; egress lists without rules are left out."""
    lines = []
    for each in lists:
        if each["rules"] or each["direction"] == "ingress":
            lines.append(each["caption"])
            lines += [f"  [{'x' if rule['on'] else ' '}] {_line(rule)}" for rule in each["rules"]]
    return "\n".join(lines)


def _list(sight: Sight, name: ListName, rules: RuleList, language: str) -> dict[str, Any]:
    group, direction = name
    decided = _deciding(sight, name)
    shown, index = [], 0
    for entry in rules.entries:
        shown.append(_rule(sight, name, entry, index, decided, language))
        index += entry.on
    ending = f" ({_decides(decided[None], language)})" if None in decided else ""
    return {
        "id": list_id(name),
        "group": group,
        "direction": direction,
        "caption": say(language, "ui_rules", group=group, direction=say(language, direction)),
        "rules": shown,
        "title": _title(sight, group, language),
        "implicit": f"[-] {say(language, 'ui_implicit')}{ending}",
    }


def _rule(sight: Sight, name: ListName, entry: Entry, index: int, decided: Decided, language: str) -> dict[str, Any]:
    base = {"key": entry.key, "text": entry.rule.text, "on": entry.on, "mark": "", "void": False, "note": ""}
    if not entry.on:
        return {**base, "index": "", "note": say(language, "ui_aside")}
    base["index"] = f"[{index}]"
    if above := sight.cancelled.get((*name, index)):
        return {**base, "void": True, "note": say(language, "ui_void", spot=f"{above[0]}[{above[1]}]")}
    if index not in decided:
        return base
    return {**base, "mark": str(decided[index]).lower(), "note": _decides(decided[index], language)}


def _decides(action: Action, language: str) -> str:
    return say(language, "ui_decides", action=action)


def _title(sight: Sight, group: str, language: str) -> str:
    """Which of the three groups on the way it is, and its id."""
    hops = (hop for path in sight.trace.paths for hop in path.hops)
    met = dict.fromkeys(hop.hop for hop in hops if any(group in check.groups for check in hop.checks))
    return " · ".join([*(say(language, f"group_of_{hop}") for hop in met), group])


def _order(sight: Sight, resource: str, groups: Sequence[str], language: str) -> dict[str, Any]:
    called = f"{sight.names[resource]} ({resource})" if resource in sight.names else resource
    return {"resource": resource, "title": say(language, "ui_order", resource=called), "groups": list(groups)}


def _deciding(sight: Sight, name: ListName) -> dict[int | None, Action]:
    """Which rules of a list decided on this packet, and how."""
    group, direction = name
    found: dict[int | None, Action] = {}
    for check in (check for path in sight.trace.paths for hop in path.hops for check in hop.checks):
        if check.direction is direction and check.action is not Action.UNDETERMINED and _is_by(check, group):
            found[check.policy_index] = check.action
    return found


def _is_by(check: Check, group: str) -> bool:
    """Did a rule of the group decide, or the implicit deny at its end?"""
    by_default = check.group is None and check.action is Action.DROP and check.groups[-1:] == (group,)
    return check.group == group or by_default


def _line(rule: Mapping[str, Any]) -> str:
    text = f"{rule['index']} {rule['text']}" if rule["index"] else rule["text"]
    return f"{text}  ({rule['note']})" if rule["note"] else text
