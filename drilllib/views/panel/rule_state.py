"""The rule lists of a `LabReport`, as state for the page and as text."""

from collections.abc import Iterator, Mapping, Sequence

from drilllib.core.rules.rules import Action
from drilllib.core.trace.path import Check
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.panel.guess import ALL
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.messages import GroupOrder, Mark, RuleListState, RuleRow
from drilllib.views.panel.rule_list import Entry, RuleList
from drilllib.views.panel.rule_width import covers
from drilllib.views.panel.tabs import tab_of
from drilllib.views.panel.worktop import ListName, list_id
from drilllib.views.phrases.catalog import say

Decided = Mapping[int | None, Action]  # policy index, None for the implicit deny
_MARKS: Mapping[Action, Mark] = {Action.ACCEPT: "accept", Action.DROP: "drop"}
EVERYONE = ("0.0.0.0/0", "::/0")


def lists_of(report: LabReport, language: str) -> list[RuleListState]:
    """
    Each list with its rules from the top: their text, whether they are in the group and, where everything is shown,
    what they decided, which are never read, and which let in more than is meant.
    """
    return [_list(report, name, rules, language) for name, rules in report.lists.items()]


def orders_of(report: LabReport, language: str) -> list[GroupOrder]:
    """The groups of each resource that has several, in order."""
    return [_order(report, name, groups, language) for name, groups in report.orders.items()]


def lists_text(lists: Sequence[RuleListState]) -> str:
    """The lists as text; empty egress lists are left out."""
    lines = []
    for each in lists:
        if each["rules"] or each["direction"] == "ingress":
            lines.append(each["caption"])
            lines += [f"  [{'x' if rule['on'] else ' '}] {_line(rule)}" for rule in each["rules"]]
    return terminal_text(lines)


def _list(report: LabReport, name: ListName, rules: RuleList, language: str) -> RuleListState:
    group, direction = name
    decided = _decisions(report, name)
    ending = decided.get(None)
    return {
        "id": list_id(name),
        "group": group,
        "direction": direction,
        "caption": printable(say(language, "ui_rules", group=group, direction=say(language, direction))),
        "rules": list(_rows(report, name, rules, decided, language)),
        **tab_of(report, group, language),
        "implicit": say(language, "ui_no_other"),
        "ending": _MARKS[ending] if ending else "",
        "folded": _folded(rules, language),
    }


def _rows(report: LabReport, name: ListName, rules: RuleList, decided: Decided, language: str) -> Iterator[RuleRow]:
    index = 0
    for entry in rules.entries:
        yield _row(report, name, entry, index, decided, language)
        index += entry.on


def _row(report: LabReport, name: ListName, entry: Entry, index: int, decided: Decided, language: str) -> RuleRow:
    base = _plain_row(entry, index)
    if report.level < ALL:
        return base if entry.on else {**base, "note": say(language, "ui_aside")}
    base["wide"] = entry.rule.action is Action.ACCEPT and any(
        covers(entry.rule, each) for each in report.meant.get(name[0], ()) if name[1] == "ingress"
    )
    if not entry.on:
        return {**base, "note": say(language, "ui_aside")}
    if above := report.void[name[1]].get((name[0], index)):
        return {**base, "void": True, "note": printable(say(language, "ui_void", spot=f"{above[0]}[{above[1]}]"))}
    if index in decided:
        return {**base, "mark": _MARKS[decided[index]], "note": _decides(decided[index], language)}
    return base


def _plain_row(entry: Entry, index: int) -> RuleRow:
    """The rule itself, without what it does."""
    return {
        "key": entry.key,
        "text": printable(entry.rule.text),
        "on": entry.on,
        "index": f"[{index}]" if entry.on else "",
        "mark": "",
        "void": False,
        "wide": False,
        "note": "",
    }


def _folded(rules: RuleList, language: str) -> str:
    """What stands on a folded list: how many rules it has, and whether the first passes everything."""
    listed = rules.rules
    passes = bool(listed) and listed[0].text in {f"ACCEPT ALL {peer} ALL" for peer in EVERYONE}
    return say(language, "ui_egress_open" if passes else "ui_egress_rules", count=len(listed))


def _decides(action: Action, language: str) -> str:
    return say(language, "ui_decides", action=action)


def _order(report: LabReport, resource: str, groups: Sequence[str], language: str) -> GroupOrder:
    name = f"{report.names[resource]} ({resource})" if resource in report.names else resource
    title = printable(say(language, "ui_order", resource=name))
    return {"resource": resource, "title": title, "groups": list(groups)}


def _decisions(report: LabReport, name: ListName) -> dict[int | None, Action]:
    """The rules of a list that decided on this packet, and their decisions, as far as they are shown."""
    group, direction = name
    decisions: dict[int | None, Action] = {}
    if report.level < ALL:
        return decisions
    for check in (check for path in report.trace.paths for hop in path.hops for check in hop.checks):
        if check.direction is direction and check.action is not Action.UNDETERMINED and _is_from(check, group):
            decisions[check.policy_index] = check.action
    return decisions


def _is_from(check: Check, group: str) -> bool:
    """Did a rule of the group decide, or the implicit deny at its end?"""
    by_default = check.group is None and check.action is Action.DROP and check.groups[-1:] == (group,)
    return check.group == group or by_default


def _line(rule: RuleRow) -> str:
    text = f"{rule['index']} {rule['text']}" if rule["index"] else rule["text"]
    return f"{text}  ({rule['note']})" if rule["note"] else text
