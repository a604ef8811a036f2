"""The rule lists of some groups, to open, close, add, remove and move rules in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from drilllib.core.evidence import Check
from drilllib.core.rules import Action
from drilllib.views.desk import ListName, Sight, list_id
from drilllib.views.edits import Entry, RuleList
from drilllib.views.path_view import PAGE
from drilllib.views.phrases import say
from drilllib.views.rule_form import errors_of

WORDS = (
    *("up", "down", "remove", "add", "add_rule", "action", "protocol", "peer_ingress", "peer_egress", "port"),
    *("busy", "slow", "gone"),
)
Command = Mapping[str, Any]


class RulePanel(anywidget.AnyWidget):
    """
    Shows a Sight's lists, and hands every command of the learner to *on_command*.

    Each command has a `ticket`; *show* says up to which one it answers, and the page drops answers to older clicks.
    """

    _esm = PAGE / "rule_panel.js"
    _css = PAGE / "panel.css"
    state = traitlets.Dict({"ticket": 0, "alert": "", "lists": [], "orders": []}).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, language: str, on_command: Callable[[Command], None]) -> None:
        self._language, self._on_command = language, on_command
        words = {name: say(language, f"ui_{name}") for name in WORDS}
        super().__init__(words={**words, "help": say(language, "panel_help")})
        self.on_msg(self._heard)

    def show(self, sight: Sight, *, ticket: int = 0) -> None:
        """The lists as they are now."""
        lists = [self._list(sight, name, rules) for name, rules in sight.lists.items()]
        orders = [self._order(sight, name, groups) for name, groups in sight.orders.items()]
        self.state = {"ticket": ticket, "alert": "", "lists": lists, "orders": orders}

    def alert(self, problem: str, *, ticket: int = 0) -> None:
        """Say what went wrong; the lists stay as they were."""
        self.state = {**self.state, "ticket": ticket, "alert": say(self._language, "ui_failed", problem=problem)}

    def __repr__(self) -> str:
        lines = []
        for each in self.state["lists"]:
            if each["rules"] or each["direction"] == "ingress":
                lines.append(each["caption"])
                lines += [f"  [{'x' if rule['on'] else ' '}] {_line(rule)}" for rule in each["rules"]]
        return "\n".join(lines)

    def _heard(self, _: Any, message: Command, __: Any) -> None:
        """A rule being typed is answered at once; all else is a command."""
        if message.get("do") not in ("check", "add"):
            self._on_command(message)
            return
        errors = errors_of(message.get("fields", {}), self._language)
        added = message["do"] == "add" and not errors
        answer = {"kind": "checked", "errors": errors, "added": added}
        self.send({**answer, **{name: message.get(name) for name in ("list", "n", "ticket")}})
        if added:
            self._on_command(message)

    def _list(self, sight: Sight, name: ListName, rules: RuleList) -> dict[str, Any]:
        group, direction = name
        decided = _deciding(sight, name)
        shown, index = [], 0
        for entry in rules.entries:
            shown.append(self._rule(sight, name, entry, index, decided))
            index += entry.on
        caption = say(self._language, "ui_rules", group=group, direction=say(self._language, direction))
        return {
            "id": list_id(name),
            "group": group,
            "direction": direction,
            "caption": caption,
            "rules": shown,
            "title": self._title(sight, group),
            "implicit": f"[-] {say(self._language, 'ui_implicit')}" + self._ending(decided.get(None), None),
        }

    def _order(self, sight: Sight, resource: str, groups: Sequence[str]) -> dict[str, Any]:
        called = f"{sight.names[resource]} ({resource})" if resource in sight.names else resource
        return {"resource": resource, "title": say(self._language, "ui_order", resource=called), "groups": list(groups)}

    def _title(self, sight: Sight, group: str) -> str:
        """Which of the three groups on the way it is, and its id."""
        hops = (hop for path in sight.trace.paths for hop in path.hops)
        met = dict.fromkeys(hop.hop for hop in hops if any(group in check.groups for check in hop.checks))
        return " · ".join([*(say(self._language, f"group_of_{hop}") for hop in met), group])

    def _rule(
        self, sight: Sight, name: ListName, entry: Entry, index: int, decided: Mapping[int | None, Action]
    ) -> dict[str, Any]:
        base = {"key": entry.key, "text": entry.rule.text, "on": entry.on, "mark": "", "void": False}
        if not entry.on:
            return {**base, "index": "", "note": say(self._language, "ui_aside")}
        void = sight.cancelled.get((*name, index))
        action = decided.get(index)
        note = say(self._language, "ui_void", spot=f"{void[0]}[{void[1]}]") if void else self._ending(action, entry)
        looks = {"mark": str(action).lower() if action else "", "void": bool(void)}
        return {**base, **looks, "index": f"[{index}]", "note": note}

    def _ending(self, action: Action | None, entry: Entry | None) -> str:
        if action is None:
            return ""
        said = say(self._language, "ui_decides", action=action)
        return said if entry else f" ({said})"


def _deciding(sight: Sight, name: ListName) -> dict[int | None, Action]:
    """Which rules of a list decided on this packet, and how; None stands for the implicit deny that ends it."""
    group, direction = name
    found: dict[int | None, Action] = {}
    for check in (check for path in sight.trace.paths for hop in path.hops for check in hop.checks):
        if check.direction is direction and check.action is not Action.UNDETERMINED and _is_by(check, group):
            found[check.policy_index] = check.action
    return found


def _is_by(check: Check, group: str) -> bool:
    """Did a rule of the group decide, or the implicit deny at its end?"""
    return check.group == group or (
        check.group is None and check.action is Action.DROP and check.groups[-1:] == (group,)
    )


def _line(rule: Mapping[str, Any]) -> str:
    text = f"{rule['index']} {rule['text']}" if rule["index"] else rule["text"]
    return f"{text}  ({rule['note']})" if rule["note"] else text
