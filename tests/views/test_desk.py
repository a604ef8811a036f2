"""What a learner does in a panel can be taken back, and what is to be found is told only after an answer."""

from pathlib import Path

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from drilllib import Lesson
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.intents import INTENTS
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.panel.desk import Desk
from drilllib.views.panel.guess import judged_place, judged_rule, stops
from drilllib.views.panel.panel import DrillPanel

NODE, LIST = "sg-node0001", "sg-node0001 ingress"
FIELDS = {"action": "ACCEPT", "protocol": "TCP", "peer": "0.0.0.0/0", "port": "30713"}
WHERE = {"do": "where", "hop": "node-node-a"}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_LANG", "en")


def head(panel: DrillPanel) -> dict:
    return panel.rules.state["head"]


def key_of(panel: DrillPanel, text: str) -> int:
    rules = next(each["rules"] for each in panel.rules.state["lists"] if each["id"] == LIST)
    return next(rule["key"] for rule in rules if text in rule["text"])


def sent(panel: DrillPanel) -> str:
    """All that the page has been told, but for its own scripts and styles."""
    path = {name: value for name, value in panel.path.get_state().items() if not name.startswith("_")}
    return str([panel.rules.state, panel.symptom.state, path])


STEPS = (
    {"do": "add", "list": LIST, "fields": FIELDS},
    {"do": "add", "list": LIST, "fields": {**FIELDS, "peer": "10.0.0.0/8"}, "place": "bottom"},
    {"do": "switch", "list": LIST, "key": 2, "on": False},
    {"do": "delete", "list": LIST, "key": 0},
    {"do": "move", "list": LIST, "key": 3, "by": -1},
    {"do": "drop", "list": LIST, "key": 3, "to": 0},
    {"do": "order", "resource": "ins-nodea001", "group": NODE, "by": -1},
    {"do": "ask", "name": "client", "value": "198.51.100.7"},
    {"do": "ask", "name": "listener", "value": "TCP"},
    {"do": "ask", "name": "policy", "value": "Local"},
)


@pytest.mark.parametrize("fault", ["group-2", "two-groups"])
def test_every_step_can_be_undone_and_done_again(fault: str) -> None:
    """Rules, their order, the groups' order, and how the question is asked: all the way back, and forth again."""
    lesson = Lesson(fault)
    panel = lesson.panel(reveal=3)
    seen = []
    for step in STEPS:
        before = lesson.snapshot().to_dict(), head(panel)["settings"]
        panel.do(**step)
        if panel.rules.state["steps"]["undo"] not in [name for name, _ in seen[-1:]]:  # else it had no effect here
            seen.append((panel.rules.state["steps"]["undo"], before))
    last = lesson.snapshot().to_dict()

    assert len(seen) >= 8  # two have no effect where a list has one rule
    for _, (before, settings) in reversed(seen):
        panel.do(do="undo")
        assert without_versions(lesson, before) == before
        assert head(panel)["settings"] == settings
    assert panel.rules.state["steps"]["undo"] == ""
    while panel.rules.state["steps"]["redo"]:
        panel.do(do="redo")

    assert without_versions(lesson, last) == last


def without_versions(lesson: Lesson, like: dict) -> dict:
    """The lab as it is; the Version of a group counts every change, also one that takes another back."""
    now = lesson.snapshot().to_dict()
    for name, group in now["security_groups"].items():
        group["SecurityGroupPolicySet"]["Version"] = like["security_groups"][name]["SecurityGroupPolicySet"]["Version"]
    return now


def test_undo_names_its_step_and_reset_can_be_undone() -> None:
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    assert panel.rules.state["steps"] == {"undo": "", "redo": "", "changed": False}
    panel.do(do="add", list=LIST, fields=FIELDS)
    assert panel.rules.state["steps"]["undo"] == "+ ACCEPT TCP 0.0.0.0/0 30713"

    panel.do(do="reset")
    assert len(lesson.rule_texts(NODE)) == 4
    assert panel.rules.state["steps"] == {"undo": "Reset", "redo": "", "changed": False}
    panel.do(do="undo")

    assert lesson.rule_texts(NODE)[0] == "ACCEPT TCP 0.0.0.0/0 30713"
    assert panel.rules.state["steps"]["redo"] == "Reset"


def test_what_a_cell_changed_is_a_step_of_its_own() -> None:
    """Undoing one's own click must not undo a cell without a word."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE, reveal=3)
    panel.do(do="switch", list=LIST, key=key_of(panel, "DROP ALL"), on=False)
    lesson.insert(NODE, "DROP TCP 198.51.100.0/24 30713")

    assert panel.rules.state["steps"]["undo"] == "what a cell changed"
    panel.do(do="undo")

    assert "DROP TCP 198.51.100.0/24 30713" not in lesson.rule_texts(NODE)
    assert "DROP ALL 0.0.0.0/0 ALL" not in lesson.rule_texts(NODE)


def test_undo_with_nothing_to_undo_changes_nothing() -> None:
    lesson = Lesson("group-2")
    panel, before = lesson.panel(NODE), lesson.snapshot().to_dict()
    for way in ("undo", "redo", "reset"):
        panel.do(do=way)

    assert lesson.snapshot().to_dict() == before
    assert panel.rules.state["steps"]["undo"] == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_level_1_hides_is_not_sent(fault: str) -> None:
    """A page's source shows all that it was told. The rules themselves are open, what they do is not."""
    panel = Lesson(fault).panel(reveal=1)
    shows_all = trace(open_fault(fault), Lesson(fault).question).verdict == "reachable"

    assert head(panel)["level"] == (3 if shows_all else 1)
    if shows_all:
        return
    for words in ("decides here", "void:", "drill-stopped", "stops at", "not reached", "egress[", "✗", "DNAT"):
        assert words not in sent(panel), words
    rows = [rule for each in panel.rules.state["lists"] for rule in each["rules"]]
    assert not any(rule["mark"] or rule["void"] or rule["wide"] for rule in rows)
    assert not any(each["ending"] or each["look"] for each in panel.rules.state["lists"])
    assert panel.symptom.state["reach"]["past"] == []


def test_the_still_behind_a_panel_hides_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the page, and in the notebook that is saved. A run without a page has nobody to ask, and shows all."""
    published = CapturingDisplayPublisher()
    monkeypatch.setattr(InteractiveShell.instance(), "display_pub", published)
    panel = Lesson("group-2").panel(NODE, reveal=1)
    panel._ipython_display_()
    assert "svg" not in str(published.outputs)
    assert "decides here" not in str(published.outputs)

    panel.do(**WHERE)
    panel.do(do="which", list=LIST, key=None)

    assert "504 Gateway Time-out" in published.outputs[-2]["data"]["image/svg+xml"]
    assert "decides here" in published.outputs[-1]["data"]["text/plain"]
    monkeypatch.setenv("DRILL_HEADLESS", "1")
    assert "decides here" in repr(Lesson("group-2").panel(NODE, reveal=1))


def test_the_place_is_told_after_an_answer_and_the_rule_after_the_next() -> None:
    panel = Lesson("group-2").panel(reveal=1)

    panel.do(**WHERE)
    assert (head(panel)["level"], head(panel)["right"], head(panel)["spot"]) == (2, True, "")
    assert head(panel)["place"] == "stops at NodePort node-a"
    assert [each["look"] for each in panel.rules.state["lists"]][::2] == ["passed", "stopped", "unreached"]
    assert "decides here" not in sent(panel)
    panel.do(do="which", list=LIST, key=key_of(panel, "DROP ALL"))

    assert (head(panel)["level"], head(panel)["right"]) == (3, True)
    assert head(panel)["spot"] == "sg-node0001[2]"
    assert head(panel)["said"].startswith("Right: sg-node0001[2] is the first rule that matches")
    assert "decides here: DROP" in sent(panel)


def test_a_level_that_was_reached_stays() -> None:
    """Also through an edit, an undo, and a question asked in another way."""
    panel = Lesson("group-2").panel(reveal=1)
    panel.do(**WHERE)
    for step in (STEPS[1], {"do": "undo"}, STEPS[8]):
        panel.do(**step)
        assert head(panel)["level"] == 2
        assert head(panel)["said"] == ""
    panel.do(do="where", hop="clb-lb-lab00001")

    assert head(panel)["said"] == ""  # it is answered


@pytest.mark.parametrize(
    ("fault", "hop", "code"),
    [
        ("group-1", "clb-lb-lab00001", "place_right"),
        ("group-1", "pod-shop/web-1", "place_unreached"),
        ("group-2", "clb-lb-lab00001", "place_answered"),
        ("group-2", "node-node-a", "place_right"),
        ("group-2", "node-node-a 1", "place_right"),
        ("group-3", "node-node-a", "place_passed"),
        ("group-3", "client", "place_passed"),
        ("local-policy", "node-node-a", "place_right_other"),
    ],
)
def test_a_place_is_judged_by_where_the_packet_stops(fault: str, hop: str, code: str) -> None:
    found = trace(open_fault(fault), Lesson(fault).question)

    said = judged_place(found, hop)

    assert (said.code, said.right) == (code, "right" in code)
    assert said.hop in stops(found)


@pytest.mark.parametrize(
    ("fault", "group", "index", "on", "code"),
    [
        ("group-2", NODE, 2, True, "rule_right"),
        ("group-2", NODE, 3, True, "rule_below"),
        ("group-2", NODE, None, True, "rule_below"),
        ("group-2", NODE, 0, True, "rule_above"),
        ("group-2", NODE, 2, False, "rule_aside"),
        ("group-2", "sg-clb00001", 0, True, "rule_elsewhere"),
        ("group-1", "sg-clb00001", None, True, "rule_right_end"),
        ("group-1", "sg-clb00001", 0, True, "rule_nobody"),
    ],
)
def test_a_rule_is_judged_by_the_one_that_decides(
    fault: str, group: str, index: int | None, on: bool, code: str
) -> None:
    said = judged_rule(trace(open_fault(fault), Lesson(fault).question), group, Direction.INGRESS, index, on=on)

    assert (said.code, said.right) == (code, "right" in code)


def test_where_no_rule_decides_none_is_asked_for() -> None:
    panel = Lesson("local-policy").panel(reveal=1)

    panel.do(**WHERE)

    assert head(panel)["level"] == 3
    assert "no security group" in head(panel)["said"]


def test_an_answer_of_a_stale_page_changes_nothing() -> None:
    panel = Lesson("healthy").panel(reveal=1)
    before = panel.rules.state
    for name in (LIST, "sg-gone ingress"):
        panel.do(do="which", list=name, key=0)
    panel.do(**WHERE)

    assert panel.rules.state == before


def test_the_question_is_asked_in_another_way() -> None:
    """The same fault behind layer 4 is a timeout, and another client is another answer."""
    panel = Lesson("group-2").panel(reveal=3)
    assert "504" in head(panel)["outcome"]

    panel.do(do="ask", name="listener", value="TCP")
    assert "connect timeout" in head(panel)["outcome"]
    assert [each["value"] for each in head(panel)["settings"]] == ["203.0.113.10", "TCP", "Cluster"]
    panel.do(do="ask", name="client", value="192.0.2.10")

    assert head(panel)["spot"] == "sg-clb00001[-]"


@pytest.mark.parametrize("fault", ["healthy", "group-3"])
def test_a_listener_that_was_changed_is_as_one_that_was_made_so(fault: str) -> None:
    """The engine answers alike, both ways; the witness is the lab that is made with that listener."""
    for start, other in (("HTTP", "TCP"), ("TCP", "HTTP")):
        lesson = Lesson(fault, listener=start)
        lesson.panel(reveal=3).do(do="ask", name="listener", value=other)
        wanted = trace(open_fault(fault, listener=other), lesson.question).to_dict()
        assert lesson.trace().to_dict() == wanted


def test_a_client_that_no_packet_comes_from_is_refused_beside_its_field() -> None:
    lesson = Lesson("group-2")
    panel, answers = lesson.panel(), []
    panel.rules.send = answers.append

    panel.rules._heard(None, {"do": "ask", "name": "client", "value": "300.1.1.1", "ticket": 1}, None)

    assert "'300.1.1.1'" in answers[0]["error"]
    assert head(panel)["settings"][0]["value"] == "203.0.113.10"


def test_a_lab_that_cannot_be_altered_offers_no_settings() -> None:
    """Real packets are played for one client, listener and policy."""

    class Fixed:
        def __init__(self, snapshot: Snapshot) -> None:
            lab = SimulatedLab(snapshot)
            self.snapshot, self.rules, self.probe = lab.snapshot, lab.rules, lab.probe
            self.replace_rules, self.bind_groups, self.close = lab.replace_rules, lab.bind_groups, lab.close

    desk = Desk(Fixed(open_fault("group-2")), Lesson("group-2").question, [NODE])

    assert desk.report().settings == {}


def test_who_gets_past_the_clb_is_told_and_what_is_wider_than_meant_is_a_warning() -> None:
    """A rule for everyone on the node passes every check of the lesson but this."""
    panel = Lesson("group-2").panel(reveal=3)
    assert past(panel) == [("192.0.2.10", False), ("10.0.35.0/24", False)]  # the ticket's left-over; so says verify

    panel.do(do="add", list=LIST, fields=FIELDS)

    assert past(panel) == [("everyone", True), ("10.0.35.0/24", False)]
    assert "NodePort 30713 of node-a, node-b" in sent(panel)


@pytest.mark.parametrize("fault", ["group-1", "first-steps", "direct-group-3"])
def test_who_is_meant_to_get_past_the_clb_is_no_warning_where_the_clb_stops_them(fault: str) -> None:
    """The node's group is right there, and the healthy lab's own admits the same clients."""
    assert not any(wide for _, wide in past(Lesson(fault).panel(reveal=3)))


PLAYED = ("first-steps", "group-1", "group-2", "group-3", "original-drill", "inherited", "direct-group-3", "udp")


@pytest.mark.parametrize("semantics", ["documented", "original"])
@pytest.mark.parametrize("fault", PLAYED)
def test_what_verify_passes_no_panel_calls_wider_than_meant(fault: str, semantics: str) -> None:
    """Else a learner whose repair is right goes on to repair what nobody asked for."""
    lesson = Lesson(fault, semantics=semantics, solve=True)
    for group_id in dict.fromkeys(each.group for each in INTENTS[fault].reference):
        lesson.insert(group_id, "ACCEPT ...", at=...)

    assert lesson.verify().passed
    assert not any(wide for _, wide in past(lesson.panel(reveal=3)))


def past(panel: DrillPanel) -> list[tuple[str, bool]]:
    return [(each["who"], each["wide"]) for each in panel.symptom.state["reach"]["past"]]


@pytest.mark.parametrize(
    ("peer", "port", "wide"),
    [
        ("0.0.0.0/0", "30713", True),
        ("203.0.113.0/24", "30000-32767", True),
        ("203.0.113.0/24", "30713,22", True),
        ("203.0.113.10", "30713", False),
        ("0.0.0.0/0", "22", False),
        ("2001:db8::/32", "30713", False),
    ],
)
def test_a_rule_is_too_wide_where_it_has_all_that_is_meant_and_more(peer: str, port: str, wide: bool) -> None:
    panel = Lesson("group-2").panel(NODE, reveal=3)

    panel.do(do="add", list=LIST, fields={**FIELDS, "peer": peer, "port": port})

    rows = next(each["rules"] for each in panel.rules.state["lists"] if each["id"] == LIST)
    assert rows[0]["wide"] is wide
    assert not any(rule["wide"] for rule in rows[1:])


def test_reveal_is_1_2_or_3() -> None:
    with pytest.raises(InvalidInputError, match="Use 1, 2 or 3"):
        Lesson("group-2").panel(reveal=0)


def test_the_page_has_no_place_to_ask_for_what_was_not_sent() -> None:
    """Nothing of the page is fetched from anywhere."""
    for file in (Path(__file__).parents[2] / "drilllib" / "views" / "panel" / "page").iterdir():
        assert not {"fetch(", "XMLHttpRequest", "https://"} & {*file.read_text(encoding="utf-8").split()}
