"""The panel without a page: its commands change lab, rules, path and symptom together, and it leaves a picture."""

import threading
import time

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from drilllib import Lesson
from drilllib.core.drills import faults
from drilllib.core.overview import Overview, overview
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.course.normalise import LIVE_VIEW
from drilllib.errors import InvalidRuleError
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.panel.desk import Desk
from drilllib.views.panel.panel import DrillPanel
from tests.waits import PATIENCE_S

NODE = "sg-node0001"
INGRESS = f"{NODE} ingress"


def texts(lesson: Lesson) -> list[str]:
    return [rule.text for rule in lesson.lab.rules(NODE, Direction.INGRESS)]


def shown(panel: DrillPanel) -> list[dict]:
    return next(each["rules"] for each in panel.rules.state["lists"] if each["id"] == INGRESS)


def key_of(panel: DrillPanel, text: str) -> int:
    return next(rule["key"] for rule in shown(panel) if text in rule["text"])


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_LANG", "en")


def test_unticking_the_drop_lets_the_rule_below_decide() -> None:
    """One click, and lab, picture and transcript agree."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    assert "504" in panel.symptom.state["transcript"]

    panel.do(do="switch", on=False, list=INGRESS, key=key_of(panel, "DROP ALL"))

    assert lesson.trace().verdict == "reachable"
    assert "200 OK" in panel.symptom.state["transcript"]
    assert {card["state"] for card in panel.path.state["scene"]["cards"]} == {"plain", "passed"}
    assert [rule["note"] for rule in shown(panel)][2:] == ["not in the group", "decides here: ACCEPT"]


def test_a_rule_ticked_again_returns_to_its_place() -> None:
    """Order decides, so it must survive a change of mind."""
    lesson = Lesson("group-2")
    panel, before = lesson.panel(NODE, reveal=3), texts(lesson)
    switch = {"do": "switch", "list": INGRESS, "key": key_of(panel, "192.0.2.10")}

    panel.do(**switch, on=False)
    assert texts(lesson) != before
    panel.do(**switch, on=True)

    assert texts(lesson) == before


def test_an_offered_rule_stands_on_top() -> None:
    """Appended below the DROP ALL of the original drill it would do nothing."""
    lesson = Lesson("original-drill")
    panel = lesson.panel(NODE, reveal=3)

    panel.do(do="switch", on=True, list=INGRESS, key=shown(panel)[0]["key"])

    assert texts(lesson) == ["ACCEPT TCP 203.0.113.0/24 30713", "DROP ALL 0.0.0.0/0 ALL"]


def test_a_rule_is_added_on_top_and_a_bad_one_changes_nothing() -> None:
    lesson = Lesson("original-drill")
    panel, before = lesson.panel(NODE, reveal=3), texts(lesson)
    fields = {"action": "ACCEPT", "protocol": "TCP", "peer": "203.0.113.9", "port": "30713"}

    panel.do(do="add", list=INGRESS, fields={**fields, "port": "0"})
    assert texts(lesson) == before
    assert "30713" not in str(panel.rules.state["alert"])
    assert panel.rules.state["alert"].startswith("That did not work.")
    panel.do(do="add", list=INGRESS, fields=fields)

    assert texts(lesson) == ["ACCEPT TCP 203.0.113.9 30713", *before]
    assert panel.rules.state["alert"] == ""


@pytest.mark.parametrize(
    "command",
    [
        {"do": "switch", "list": INGRESS, "key": 99, "on": False},
        {"do": "delete", "list": "sg-gone ingress", "key": 0},
        {"do": "move", "list": INGRESS, "key": None, "by": "x"},
        {"do": "order", "resource": "ins-gone", "group": NODE, "by": 1},
        {"do": "dance"},
        {},
    ],
)
def test_a_command_from_a_stale_page_changes_nothing(command: dict) -> None:
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    before = lesson.lab.snapshot().to_dict()

    panel.do(**command)

    assert lesson.lab.snapshot().to_dict() == before
    assert panel.rules.state["alert"] == ""


def test_what_a_cell_changed_meanwhile_is_kept() -> None:
    """Learners use both: the panel, and code."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    drop = key_of(panel, "DROP ALL")
    panel.do(do="switch", list=INGRESS, key=drop, on=False)
    lesson.insert(NODE, "DROP TCP 198.51.100.0/24 30713")

    panel.do(do="switch", list=INGRESS, key=drop, on=True)

    assert texts(lesson)[0] == "DROP TCP 198.51.100.0/24 30713"
    assert texts(lesson)[3] == "DROP ALL 0.0.0.0/0 ALL"


def test_a_desk_shows_the_answers_that_it_is_given() -> None:
    """The panel's logic can be tested, and taught, without the engine behind it."""
    lesson, asked = Lesson("group-2"), []
    answers = overview(faults.open_fault("healthy"), lesson.question)

    def ask(*question: object) -> Overview:
        asked.append(question[1:])
        return answers

    report = Desk(lesson.lab, lesson.question, [NODE], ask=ask).report()

    assert report.trace is answers.trace
    assert asked == [(lesson.question, {NODE})]


def test_groups_of_an_interface_change_places() -> None:
    lesson = Lesson("two-groups")
    panel = lesson.panel(reveal=3)
    assert [order["title"] for order in panel.rules.state["orders"]] == [
        "Groups of node-a (ins-nodea001), read in this order",
        "Groups of node-b (ins-nodeb001), read in this order",
    ]

    panel.do(do="order", resource="ins-nodea001", group=NODE, by=-1)

    assert lesson.trace().verdict == "reachable"
    assert panel.rules.state["orders"][0]["groups"] == [NODE, "sg-old00001"]


def test_a_click_after_the_lab_was_closed_says_so() -> None:
    """A dead panel that looks alive would teach nonsense."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    before = shown(panel)
    lesson.close()

    panel.do(do="switch", list=INGRESS, key=0, on=False, ticket=7)

    assert (
        panel.rules.state["alert"]
        == "That did not work. This lab is closed. Open a new one: in a notebook, run the cell with lesson = ... again."
    )
    assert panel.rules.state["ticket"] == 7
    assert shown(panel) == before


def test_a_lab_that_breaks_is_said_and_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread nobody else would hear of it."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    monkeypatch.setattr(lesson.lab, "probe", lambda question: 1 / 0)

    panel.do(do="switch", list=INGRESS, key=0, on=False)

    assert "ZeroDivisionError: division by zero" in panel.rules.state["alert"]


def test_commands_of_a_page_are_done_in_order_and_what_they_overtook_is_not_shown() -> None:
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    go, asked, seen = threading.Event(), [], []
    probe = lesson.lab.probe
    lesson.lab.probe = lambda question: (asked.append(1), go.wait(PATIENCE_S), probe(question))[-1]
    panel.rules.observe(lambda change: seen.append(change["new"]["ticket"]), names="state")

    for ticket, rule in enumerate(shown(panel), start=1):
        panel.rules._heard(
            None, {"do": "switch", "list": INGRESS, "key": rule["key"], "on": False, "ticket": ticket}, None
        )
        while ticket == 1 and not asked:
            time.sleep(0.001)
    go.set()
    while not seen or seen[-1] != 4:
        time.sleep(0.001)

    assert seen == [4]
    assert len(asked) == 2
    assert texts(lesson) == []


def test_a_rule_being_typed_is_answered_beside_its_field() -> None:
    panel = Lesson("group-2").panel(NODE, reveal=3)
    answers: list[dict] = []
    panel.rules.send = answers.append
    fields = {"action": "ACCEPT", "protocol": "TCP", "peer": "10.0.0.0/33", "port": "80"}

    panel.rules._heard(None, {"do": "check", "list": INGRESS, "fields": fields, "n": "drill-3"}, None)

    assert answers[0]["n"] == "drill-3"
    assert list(answers[0]["errors"]) == ["peer"]
    assert "'10.0.0.0/33' is no address" in answers[0]["errors"]["peer"]


def test_displayed_it_leaves_a_picture_and_a_text_that_follow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reopened and exported notebooks show the stored form."""
    shell = InteractiveShell.instance()
    published = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "display_pub", published)
    panel = Lesson("group-2").panel(NODE, reveal=3)

    panel._ipython_display_()
    live, picture, text = (each["data"] for each in published.outputs)
    assert set(live) == {LIVE_VIEW}
    assert "504 Gateway Time-out" in picture["image/svg+xml"]
    assert "data-hop" not in picture["image/svg+xml"]
    assert "[x] [2] DROP ALL 0.0.0.0/0 ALL" in text["text/plain"]
    panel.do(do="switch", on=False, list=INGRESS, key=key_of(panel, "DROP ALL"))

    updates = published.outputs[3:]
    assert all(each["update"] for each in updates)
    assert "200 OK" in updates[0]["data"]["image/svg+xml"]
    assert "[ ] DROP ALL 0.0.0.0/0 ALL" in updates[1]["data"]["text/plain"]


def test_a_rule_panel_can_only_be_told_rules() -> None:
    with pytest.raises(InvalidRuleError):
        Lesson("group-2").panel(NODE, reveal=3)._desk.do({"do": "add", "list": INGRESS, "fields": {"action": "ALLOW"}})


def test_a_lab_that_cannot_answer_says_why_and_still_shows_the_path() -> None:
    """A snapshot of one's own often lacks something."""
    lesson = Lesson("healthy")
    document = lesson.lab.snapshot().to_dict()
    document["security_groups"]["sg-pod00001"]["SecurityGroupPolicySet"].pop("Ingress")
    lab = SimulatedLab(Snapshot(document))

    panel = DrillPanel(lab, lesson.question, "en", groups=[NODE])

    assert "The lab cannot say: The simulated lab cannot answer" in panel.symptom.state["outcome"]
    assert "unknown" in {card["state"] for card in panel.path.state["scene"]["cards"]}


def test_a_refused_command_does_not_hide_those_done_before_it() -> None:
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    drop = {"do": "switch", "on": False, "list": INGRESS, "key": key_of(panel, "DROP ALL"), "ticket": 1}

    panel._show(panel._work([drop, {"do": "add", "list": INGRESS, "fields": {}, "ticket": 2}]))

    assert shown(panel)[2]["on"] is False
    assert "200 OK" in panel.symptom.state["transcript"]
    assert panel.rules.state["alert"].startswith("That did not work.")
    assert panel.rules.state["ticket"] == 2


def test_code_that_works_a_panel_is_never_taken_for_an_older_click() -> None:
    """The page drops answers to clicks older than its last."""
    panel = Lesson("group-2").panel(NODE, reveal=3)
    panel.do(do="switch", on=False, list=INGRESS, key=0, ticket=9)

    panel.do(do="switch", on=True, list=INGRESS, key=0)

    assert panel.rules.state["ticket"] == 9


def test_a_rule_the_group_has_already_is_refused_beside_its_field() -> None:
    """As the API does."""
    panel = Lesson("group-2").panel(NODE, reveal=3)
    answers: list[dict] = []
    panel.rules.send = answers.append
    fields = {"action": "DROP", "protocol": "ALL", "peer": "0.0.0.0/0", "port": ""}

    panel.rules._heard(None, {"do": "add", "list": INGRESS, "fields": fields, "n": "drill-1", "ticket": 1}, None)

    assert "DuplicatePolicy" in answers[0]["errors"]["peer"]
    assert not answers[0]["added"]


def test_what_a_lesson_changes_is_seen_in_its_panels() -> None:
    """A red panel above a green answer would teach nonsense."""
    lesson = Lesson("original-drill")
    panel = lesson.panel(NODE, reveal=3)

    lesson.insert(NODE, "ACCEPT TCP 203.0.113.0/24 30713")

    assert [rule["on"] for rule in shown(panel)] == [True, True]
    lesson.close()
    panel.refresh()
    assert panel.rules.state["alert"] == ""


def test_a_click_tells_who_can_reach_the_service_now_and_what_it_changed() -> None:
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    drop = {"do": "switch", "list": INGRESS, "key": key_of(panel, "DROP ALL")}
    reached = panel.symptom.state["reach"]
    assert [each["look"] for each in reached["lines"]] == ["nobody"]
    assert reached["changes"] is None

    panel.do(**drop, on=False)

    reached = panel.symptom.state["reach"]
    assert [(each["look"], each["who"]) for each in reached["lines"]] == [("always", "203.0.113.0/24")]
    assert [(each["sign"], each["who"]) for each in reached["changes"]] == [("+", "203.0.113.0/24")]
    assert repr(panel).endswith("Who can reach the Service now:\n  always: 203.0.113.0/24")


def test_a_change_is_told_against_what_was_shown_last() -> None:
    """Answers that a newer click overtook were never seen."""
    panel = Lesson("group-2").panel(NODE, reveal=3)
    drop = {"do": "switch", "list": INGRESS, "key": key_of(panel, "DROP ALL")}

    panel._work([{**drop, "on": False}])
    panel._show(panel._work([{"do": "dance"}]))

    assert [each["sign"] for each in panel.symptom.state["reach"]["changes"]] == ["+"]
