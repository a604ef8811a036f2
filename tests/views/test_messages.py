"""What travels between a panel's page and Python is what panel/messages.py says, on both sides."""

import json
import re
from typing import get_args, get_type_hints

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from drilllib.lesson.lesson import Lesson
from drilllib.views.panel import messages, symptom_view
from drilllib.views.panel.assets import script
from drilllib.views.panel.commands import Command, fits, read_command
from drilllib.views.panel.panel import DrillPanel
from drilllib.views.panel.path_state import PathState
from drilllib.views.panel.rule_panel import SCRIPTS

LIST = "sg-node0001 ingress"
FIELDS = {"action": "DROP", "protocol": "ALL", "peer": "0.0.0.0/0", "port": ""}
COMMANDS = (
    {"do": "switch", "list": LIST, "key": 1, "on": False},
    {"do": "move", "list": LIST, "key": 1, "by": -1},
    {"do": "delete", "list": LIST, "key": 1},
    {"do": "add", "list": LIST, "fields": FIELDS, "n": "drill-1"},
    {"do": "add", "list": LIST, "fields": {**FIELDS, "peer": "10.0.0.0/8"}, "place": "bottom", "n": "drill-2"},
    {"do": "drop", "list": LIST, "key": 0, "to": 1},
    {"do": "order", "resource": "ins-nodea001", "group": "sg-node0001", "by": -1},
    {"do": "ask", "name": "client", "value": "198.51.100.7"},
    {"do": "ask", "name": "listener", "value": "TCP"},
    {"do": "ask", "name": "policy", "value": "Local"},
    {"do": "undo"},
    {"do": "redo"},
    {"do": "reset"},
    {"do": "where", "hop": "node-node-a"},
    {"do": "which", "list": LIST, "key": None},
)
SENT = {
    SCRIPTS: (
        *(messages.RuleState, messages.RuleListState, messages.RuleRow, messages.GroupOrder),
        *(messages.HeadState, messages.Setting, messages.StepsState, messages.Checked, messages.Refused),
    ),
    symptom_view.SCRIPTS: (
        *(messages.SymptomState, messages.ReachState, messages.ReachLine, messages.ReachChange, messages.PastLine),
    ),
}


@pytest.fixture(params=["group-2", "two-groups", "original-drill", "healthy"])
def panel(request: pytest.FixtureRequest) -> DrillPanel:
    return Lesson(request.param).panel(reveal=1)


def assert_fits(panel: DrillPanel) -> None:
    assert fits(arrived(panel.rules.state), messages.RuleState), panel.rules.state
    assert fits(arrived(panel.symptom.state), messages.SymptomState), panel.symptom.state
    assert arrived(panel.path.state).keys() == get_type_hints(PathState).keys()


def arrived(message: object) -> object:
    """The message as the page gets it."""
    return json.loads(json.dumps(message))


def test_every_state_that_is_sent_has_its_declared_form(panel: DrillPanel) -> None:
    """The page reads it by these names; a state that differs shows as an empty place, not as an error."""
    assert_fits(panel)
    for ticket, command in enumerate(COMMANDS, start=1):
        panel.do(**command, ticket=ticket)
        assert_fits(panel)
    panel.rules.alert("closed", ticket=9)
    assert_fits(panel)


@pytest.mark.parametrize("do", ["check", "add"])
def test_the_answer_to_a_typed_rule_has_its_declared_form(do: str) -> None:
    """The form shows its errors by these names."""
    panel, sent = Lesson("group-2").panel(), []
    panel.rules.send = sent.append
    ticket = {"ticket": 1} if do == "add" else {}
    for peer in ("0.0.0.0/0", "10.0.0.0/33", "198.51.100.0/24"):
        command = {"do": do, "list": LIST, "fields": {**FIELDS, "peer": peer}, "n": "drill-1", **ticket}
        panel.rules._heard(None, command, None)

    assert [fits(arrived(answer), messages.Checked) for answer in sent] == [True] * 3
    assert [bool(answer["errors"]) for answer in sent] == [True, True, False]


def test_the_page_sends_exactly_the_declared_commands() -> None:
    """One that Python does not know would be a button that does nothing."""
    page = script(*SCRIPTS)
    declared = {name for each in get_args(Command) for name in get_args(get_type_hints(each)["do"])}

    assert {*re.findall(r'\bdo: "(\w+)"', page), "where"} == declared  # the path says where, in a form of its own


@pytest.mark.parametrize("names", SENT)
def test_the_page_reads_every_field_that_is_sent(names: tuple[str, ...]) -> None:
    """A renamed field would be undefined there, and a field that nobody reads is debris."""
    page = script(*names)
    fields = {field for kind in SENT[names] for field in get_type_hints(kind)}

    assert {field for field in fields if not re.search(rf"\b{field}\b", page)} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_read_as_it_is(command: dict) -> None:
    """With its ticket, which the page always sends, and without, as code may."""
    assert read_command(command) == command
    assert read_command({**command, "ticket": 7}) == {**command, "ticket": 7}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"do": "dance"},
        {"do": "switch", "list": LIST, "key": 1},
        {"do": "switch", "list": LIST, "key": 1, "on": 1},
        {"do": "switch", "list": LIST, "key": 1, "on": True, "color": "red"},
        {"do": "move", "list": LIST, "key": 1, "by": 2},
        {"do": "move", "list": LIST, "key": "1", "by": 1},
        {"do": "add", "list": LIST, "fields": {"peer": None}},
        {"do": "add", "list": LIST, "fields": []},
    ],
)
def test_what_is_no_command_is_not_taken_for_one(message: dict) -> None:
    """A page may be older than the kernel, and anything can be sent to a kernel."""
    assert read_command(message) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ([1], list[str]),
        ({"box": "text"}, dict[str, list[str]]),
        ({1: ["text"]}, dict[str, list[str]]),
        (0, bool),
        (True, int),
        ("", messages.ReachState | None),
        ({"lines": []}, messages.ReachState),
        ({"lines": [], "changes": [{}]}, messages.ReachState),
    ],
)
def test_another_form_does_not_fit(value: object, kind: object) -> None:
    """A check that accepts everything would hold nothing."""
    assert not fits(value, kind)
