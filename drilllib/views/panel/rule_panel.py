"""The widget of the rule lists, to switch, add, delete and move rules."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import anywidget
import traitlets

from drilllib.views.panel.assets import script, style
from drilllib.views.panel.desk import LabReport
from drilllib.views.panel.messages import Add, Check, Checked, FieldName, RuleState, read_command
from drilllib.views.panel.rule_form import errors_of, rule_of
from drilllib.views.panel.rule_state import lists_of, lists_text, orders_of
from drilllib.views.phrases.catalog import say

WORDS = (
    *("up", "down", "remove", "add", "add_rule", "action", "protocol", "peer_ingress", "peer_egress", "port"),
    *("busy", "slow", "gone"),
)
SCRIPTS = ("dom.js", "rule_form.js", "rule_list.js", "rule_panel.js")
EMPTY: RuleState = {"ticket": 0, "alert": "", "lists": [], "orders": []}


class RulePanel(anywidget.AnyWidget):
    """
    Shows a `LabReport`'s lists, and passes the learner's commands to *on_command*.

    Each command carries a `ticket`. *show* is given the last one it answers, and the page ignores older answers.
    """

    _esm = script(*SCRIPTS)
    _css = style("panel.css")
    state = cast("traitlets.TraitType[RuleState, RuleState]", traitlets.Dict(dict(EMPTY)).tag(sync=True))
    words = traitlets.Dict().tag(sync=True)
    has_static_output = traitlets.Bool(False).tag(sync=True)  # the page hides it while the panel is live

    def __init__(self, language: str, on_command: Callable[[Mapping[str, object]], None]) -> None:
        self._language, self._on_command = language, on_command
        words = {name: say(language, f"ui_{name}") for name in WORDS}
        super().__init__(words={**words, "help": say(language, "panel_help")})
        self.on_msg(self._heard)

    def show(self, report: LabReport, *, ticket: int = 0, problem: str = "") -> None:
        """Show the lists as they are now, and what went wrong on the way."""
        alert = problem and say(self._language, "ui_failed", problem=problem)
        lists, orders = lists_of(report, self._language), orders_of(report, self._language)
        self.state = {"ticket": max(ticket, self.state["ticket"]), "alert": alert, "lists": lists, "orders": orders}

    def alert(self, problem: str, *, ticket: int = 0) -> None:
        """Say what went wrong; the lists stay as they were."""
        alert = say(self._language, "ui_failed", problem=problem)
        self.state = {**self.state, "ticket": max(ticket, self.state["ticket"]), "alert": alert}

    def __repr__(self) -> str:
        return lists_text(self.state["lists"])

    def _heard(self, _: Any, message: Mapping[str, object], __: Any) -> None:
        """Answer a typed rule at once; pass on everything else, and the rule once it is right."""
        command = read_command(message)
        if command is None or not (command["do"] == "check" or command["do"] == "add"):
            self._on_command(message)
            return
        answer = self._checked(command)
        self.send(answer)
        if answer["added"]:
            self._on_command(message)

    def _checked(self, command: Add | Check) -> Checked:
        errors = errors_of(command["fields"], self._language) or self._duplicate(command)
        return {
            "kind": "checked",
            "errors": errors,
            "added": command["do"] == "add" and not errors,
            "do": command["do"],
            "list": command["list"],
            "n": command.get("n"),
            "ticket": command.get("ticket") if command["do"] == "add" else None,
        }

    def _duplicate(self, command: Add | Check) -> dict[FieldName, str]:
        """The error of a rule that the group has already: UnsupportedOperation.DuplicatePolicy, VPC 2017-03-12."""
        text = rule_of(command["fields"]).text
        rules = next((each["rules"] for each in self.state["lists"] if each["id"] == command["list"]), ())
        present = any(rule["on"] and rule["text"] == text for rule in rules)
        return {"peer": say(self._language, "rule_twice")} if present else {}
