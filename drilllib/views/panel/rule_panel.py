"""The widget of the head and the rule lists: the question, its answer, and rules to switch, add, delete and move."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import anywidget
import traitlets

from drilllib.core.rules.addresses import parse_client
from drilllib.errors import DrillError
from drilllib.views.panel.assets import script, widget_style
from drilllib.views.panel.commands import Add, Ask, Check, read_command
from drilllib.views.panel.head_state import head_of, steps_of
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.messages import Checked, FieldName, HeadState, Refused, RuleState
from drilllib.views.panel.rule_form import errors_of, hint_of, rule_of
from drilllib.views.panel.rule_state import lists_of, lists_text, orders_of
from drilllib.views.phrases.catalog import error_text, say

WORDS = (
    *(
        "up",
        "down",
        "remove",
        "drag",
        "add_it",
        "add_rule",
        "action",
        "protocol",
        "peer_ingress",
        "peer_egress",
        "port",
    ),
    *("place", "top", "bottom", "undo", "redo", "reset", "groups", "keys", "from_top", "decides_here", "never_read"),
    *("too_wide", "is_it", "play_it", "locked", "working", "slow", "gone", "empty", "lang"),
)
SCRIPTS = ("dom.js", "rule_form.js", "rule_row.js", "rule_list.js", "tabs.js", "head.js", "steps.js", "rule_panel.js")
EMPTY: RuleState = {
    "ticket": 0,
    "alert": "",
    "head": None,
    "steps": {"undo": "", "redo": "", "changed": False},
    "lists": [],
    "orders": [],
}


class RulePanel(anywidget.AnyWidget):
    """
    Shows a `LabReport`'s question and lists, and passes the learner's commands to *on_command*.

    Each command carries a `ticket`. *show* is given the last one it answers, and the page ignores older answers.
    """

    _esm = script(*SCRIPTS)
    _css = widget_style("panel.css", "rules.css")
    state = cast("traitlets.TraitType[RuleState, RuleState]", traitlets.Dict(dict(EMPTY)).tag(sync=True))
    words = traitlets.Dict().tag(sync=True)
    has_static_output = traitlets.Bool(False).tag(sync=True)  # the page hides it while the panel is live

    def __init__(self, language: str, on_command: Callable[[Mapping[str, object]], None]) -> None:
        self._language, self._on_command = language, on_command
        words = {name: say(language, f"ui_{name}") for name in WORDS}
        super().__init__(words=words)
        self.on_msg(self._heard)

    def show(self, report: LabReport, *, ticket: int = 0, problem: str = "") -> None:
        """Show the question and the lists as they are now, and what went wrong on the way."""
        self.show_lists(report, ticket=ticket, problem=problem, head=head_of(report, self._language))

    def show_lists(
        self, report: LabReport, *, ticket: int = 0, problem: str = "", head: HeadState | None = None
    ) -> None:
        """The same, with another head than the report's own; None leaves it out."""
        language = self._language
        self.state = {
            "ticket": max(ticket, self.state["ticket"]),
            "alert": problem and say(language, "ui_failed", problem=problem),
            "head": head,
            "steps": steps_of(report, language),
            "lists": lists_of(report, language),
            "orders": orders_of(report, language),
        }

    def alert(self, problem: str, *, ticket: int = 0) -> None:
        """Say what went wrong; the lists stay as they were."""
        alert = say(self._language, "ui_failed", problem=problem)
        self.state = {**self.state, "ticket": max(ticket, self.state["ticket"]), "alert": alert}

    def __repr__(self) -> str:
        return lists_text(self.state["lists"])

    def _heard(self, _: Any, message: Mapping[str, object], __: Any) -> None:
        """Answer what is typed at once; pass on everything else, and what was typed once it is right."""
        command = read_command(message)
        if command is not None and command["do"] == "ask":
            self._asked(command)
        elif command is None or not (command["do"] == "check" or command["do"] == "add"):
            self._on_command(message)
        else:
            answer = self._checked(command)
            self.send(answer)
            if answer["added"]:
                self._on_command(message)

    def _asked(self, command: Ask) -> None:
        """A client that no packet can come from is refused beside its field."""
        error = ""
        try:
            if command["name"] == "client":
                parse_client(command["value"].strip())
        except DrillError as problem:
            error = error_text(problem, self._language)
        ticket = command.get("ticket")
        answer: Refused = {"kind": "refused", "name": command["name"], "error": error, "ticket": ticket}
        self.send(answer)
        if not error:
            self._on_command(command)

    def _checked(self, command: Add | Check) -> Checked:
        errors = errors_of(command["fields"], self._language) or self._duplicate(command)
        return {
            "kind": "checked",
            "errors": errors,
            "hint": hint_of(command["fields"], self._language),
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
