"""The rule lists of a Sight as a page shows them, and the same as text."""

from collections.abc import Iterator, Mapping, Sequence

from drilllib.core.rules.rules import Action
from drilllib.core.trace.path import Check
from drilllib.views.panel.desk import ListName, Sight, list_id
from drilllib.views.panel.messages import GroupOrder, Mark, RuleListState, RuleRow
from drilllib.views.panel.rule_list import Entry, RuleList
from drilllib.views.phrases.catalog import say

Decided = Mapping[int | None, Action]  # policy index, None for the implicit deny
_MARKS: Mapping[Action, Mark] = {Action.ACCEPT: "accept", Action.DROP: "drop"}


def lists_of(sight: Sight, language: str) -> list[RuleListState]:
    """Each list with its rules from the top: what they say, whether they are in the group, and what came of them."""
    return [_list(sight, name, rules, language) for name, rules in sight.lists.items()]


def orders_of(sight: Sight, language: str) -> list[GroupOrder]:
    """The groups of each resource that has more than one, in their order."""
    return [_order(sight, name, groups, language) for name, groups in sight.orders.items()]


def lists_text(lists: Sequence[RuleListState]) -> str:
    """The lists in words; egress lists without rules are left out."""
    lines = []
    for each in lists:
        if each["rules"] or each["direction"] == "ingress":
            lines.append(each["caption"])
            lines += [f"  [{'x' if rule['on'] else ' '}] {_line(rule)}" for rule in each["rules"]]
    return "\n".join(lines)


def _list(sight: Sight, name: ListName, rules: RuleList, language: str) -> RuleListState:
    group, direction = name
    decided = _deciding(sight, name)
    ending = f" ({_decides(decided[None], language)})" if None in decided else ""
    return {
        "id": list_id(name),
        "group": group,
        "direction": direction,
        "caption": say(language, "ui_rules", group=group, direction=say(language, direction)),
        "rules": list(_rows(sight, name, rules, decided, language)),
        "title": _title(sight, group, language),
        "implicit": f"[-] {say(language, 'ui_implicit')}{ending}",
    }


def _rows(sight: Sight, name: ListName, rules: RuleList, decided: Decided, language: str) -> Iterator[RuleRow]:
    index = 0
    for entry in rules.entries:
        yield _row(sight, name, entry, index, decided, language)
        index += entry.on


def _row(sight: Sight, name: ListName, entry: Entry, index: int, decided: Decided, language: str) -> RuleRow:
    place = f"[{index}]" if entry.on else ""
    base = RuleRow(key=entry.key, text=entry.rule.text, on=entry.on, index=place, mark="", void=False, note="")
    if not entry.on:
        return {**base, "note": say(language, "ui_aside")}
    if above := sight.cancelled.get((*name, index)):
        return {**base, "void": True, "note": say(language, "ui_void", spot=f"{above[0]}[{above[1]}]")}
    if index not in decided:
        return base
    return {**base, "mark": _MARKS[decided[index]], "note": _decides(decided[index], language)}


def _decides(action: Action, language: str) -> str:
    return say(language, "ui_decides", action=action)


def _title(sight: Sight, group: str, language: str) -> str:
    """Which of the three groups on the way it is, and its id."""
    hops = (hop for path in sight.trace.paths for hop in path.hops)
    met = dict.fromkeys(hop.hop for hop in hops if any(group in check.groups for check in hop.checks))
    return " · ".join([*(say(language, f"group_of_{hop}") for hop in met), group])


def _order(sight: Sight, resource: str, groups: Sequence[str], language: str) -> GroupOrder:
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


def _line(rule: RuleRow) -> str:
    text = f"{rule['index']} {rule['text']}" if rule["index"] else rule["text"]
    return f"{text}  ({rule['note']})" if rule["note"] else text
