"""The panel of practice without a page: it tells what was looked at and no more, and what is done is logged."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from drilllib.core.drills.worlds.make import candidates, make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.rules.rules import Direction
from drilllib.practice.library import door_names, drill, names
from drilllib.practice.session import Session
from drilllib.views.panel.practice import PracticePanel
from drilllib.views.phrases.catalog import say
from tests.thorough import how_many

SEED = 7
Open = Callable[..., PracticePanel]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """A panel on a new attempt at a world."""
    sessions: list[Session] = []

    def open_panel(world: World | None = None, language: str = "en", **options: Any) -> PracticePanel:
        path = tmp_path / f"{len(sessions)}.jsonl"
        sessions.append(Session.begin(world or make_world(drill("node-source"), SEED, 1), path))
        return PracticePanel(sessions[-1], language, **options)

    yield open_panel
    for each in sessions:
        each.close()


def session_of(panel: PracticePanel) -> Session:
    found = panel._desk.session
    assert isinstance(found, Session)
    return found


def stated(world: World) -> list[dict[str, Any]]:
    fields = ("kind", "resource", "group", "direction", "rule")
    causes: list[dict[str, Any]] = json.loads(json.dumps([each.to_dict() for each in world.causes]))
    return [{name: cause[name] for name in fields} for cause in causes]


def told(panel: PracticePanel) -> str:
    """All that the page has."""
    return json.dumps([panel.view.state, panel.path.state, panel.rules.state["lists"]])


def actions(panel: PracticePanel, tmp_path: Path) -> list[str]:
    lines = (tmp_path / "0.jsonl").read_text().splitlines()
    return [json.loads(line)["action"] for line in lines[1:]]


@pytest.mark.parametrize("name", [*names()[: how_many(6, thorough=100)], *door_names()[:: how_many(4, thorough=1)]])
def test_before_a_look_the_page_is_the_same_whatever_is_wrong(name: str, opened: Open) -> None:
    """Else the browser's tools would tell. What a place is called and where it is stays the same in every fault."""
    worlds = candidates(drill(name), SEED, 1)
    pages = {told(opened(each)) for each in worlds}

    assert len(worlds) > 3
    assert len(pages) == 1


def test_a_card_shows_what_its_own_looks_showed(opened: Open) -> None:
    panel = opened()
    world = session_of(panel).world

    panel.do(do="look", kind="curl", place="client")
    panel.do(do="look", kind="health", place="")
    panel.do(do="look", kind="groups", place=world.causes[0].resource)

    cards = {card["kind"]: card for card in panel.path.state["scene"]["cards"]}
    assert cards["client"]["answer"]["text"] == "504"
    assert [each["text"] for each in cards["node"]["seen"]] == ["health: Alive", f"groups: {world.causes[0].group}"]
    assert cards["clb"]["seen"] == cards["pod"]["seen"] == ()
    assert {card["state"] for card in cards.values()} == {"plain"}
    assert [each["cost"] for each in panel.view.state["log"]] == ["cost 1", "cost 1", "cost 1"]
    assert panel.view.state["spent"] == "3 spent"


def test_rules_can_be_named_only_of_groups_that_were_looked_at(opened: Open) -> None:
    panel = opened()
    group = session_of(panel).world.causes[0].group
    assert panel.view.state["statement"]["rules"] == {}

    panel.do(do="look", kind="rules", place=group)

    listed = panel.view.state["statement"]["rules"]
    assert set(listed) == {f"{group} ingress", f"{group} egress"}
    assert listed[f"{group} ingress"][0]["text"].startswith("[0] ACCEPT TCP")


def test_a_press_on_the_path_chooses_the_place(opened: Open) -> None:
    panel = opened()
    panel._worker.do(("path", {"where": next(card["key"] for card in panel.path.state["scene"]["cards"][2:3])}))

    assert panel.view.state["statement"]["chosen"].startswith("ins-")
    assert panel.path.state["chosen"].startswith("node-")


def test_nothing_can_be_repaired_before_a_cause_is_stated(opened: Open, tmp_path: Path) -> None:
    panel = opened()
    world = session_of(panel).world
    panel.do(do="look", kind="rules", place=world.causes[0].group)
    before = session_of(panel).snapshot().to_dict()

    panel.do(do="probe")
    assert "No cause is stated yet" in panel.view.state["alert"]
    panel.do(do="change", key=f"state {world.causes[0].resource}", value="STOPPED")
    panel._worker.do(("rules", {"do": "delete", "list": f"{world.causes[0].group} ingress", "key": 0}))

    assert session_of(panel).snapshot().to_dict() == before
    assert actions(panel, tmp_path) == ["look"]
    assert panel.rules.state["lists"] == []


def test_the_rules_are_changed_undone_and_logged(opened: Open, tmp_path: Path) -> None:
    panel = opened()
    session = session_of(panel)
    group = session.world.causes[0].group
    panel.do(do="look", kind="rules", place=group)
    panel.do(do="state", causes=stated(session.world))
    assert [each["group"] for each in panel.rules.state["lists"]] == [group, group]
    assert {rule["mark"] for each in panel.rules.state["lists"] for rule in each["rules"]} == {""}

    fields = {"action": "ACCEPT", "protocol": "TCP", "peer": session.world.served[0], "port": "32644"}
    panel._worker.do(("rules", {"do": "add", "list": f"{group} ingress", "fields": fields}))
    panel.do(do="probe")

    assert "200 OK" in panel.view.state["repair"]["tried"]
    assert panel.rules.state["steps"]["undo"].startswith("+ ACCEPT TCP")
    panel._worker.do(("rules", {"do": "undo"}))
    assert len(session.snapshot().group(group).rules(Direction.INGRESS) or ()) == 1
    assert actions(panel, tmp_path) == ["look", "state", "change", "probe", "change"]


def test_settings_and_bound_groups_are_changed_and_undone(opened: Open) -> None:
    panel = opened()
    session = session_of(panel)
    group, node = session.world.causes[0].group, session.world.causes[0].resource
    panel.do(do="look", kind="rules", place=group)
    panel.do(do="state", causes=[])
    before = session.snapshot()
    assert panel.view.state["repair"]["changes"] == [], "what is set would tell, while something else can be stated"
    panel.do(do="settings")
    panel.do(do="state", causes=stated(session.world))
    assert session.statement == (), "nothing else can be stated once it is seen"
    values = {each["key"]: each["value"] for each in panel.view.state["repair"]["changes"]}
    assert values[f"groups {node}"] == group

    panel.do(do="change", key=f"state {node}", value="STOPPED")
    panel.do(do="change", key=f"groups {node}", value="")
    assert session.snapshot().bound_groups()[node] == ()
    for _ in range(2):
        panel._worker.do(("rules", {"do": "undo"}))

    assert session.snapshot().bound_groups() == before.bound_groups()
    assert session.snapshot().nodes == before.nodes


def test_a_setting_that_cannot_be_is_told_and_changes_nothing(opened: Open) -> None:
    panel = opened()
    panel.do(do="state", causes=[])
    panel.do(do="settings")
    key = next(each["key"] for each in panel.view.state["repair"]["changes"] if each["key"].startswith("weight"))

    panel.do(do="change", key=key, value="lots")

    assert "0 - 100" in panel.view.state["alert"]
    panel.do(do="change", key=key, value="10")
    assert panel.view.state["alert"] == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_grade_has_four_parts_and_then_nothing_is_open(opened: Open, language: str) -> None:
    panel = opened(language=language)
    world = session_of(panel).world
    assert world.drill not in told(panel), "the drill's name tells much"
    panel.do(do="state", causes=stated(world))
    session_of(panel).edit(world.reference)
    panel.refresh()

    panel.do(do="finish")

    grade = panel.view.state["grade"]
    assert grade is not None
    assert grade["passed"]
    assert [part["look"] for part in grade["parts"]] == ["ok", "ok", "ok", "plain"]
    assert world.drill in panel.view.state["about"]
    assert say(language, "practice_panel.passed") in repr(panel)
    panel.do(do="look", kind="curl", place="client")
    assert panel.view.state["alert"]


def test_a_wrong_statement_and_nothing_repaired_fail_in_their_parts(opened: Open) -> None:
    panel = opened()
    panel.do(do="state", causes=[])
    panel.do(do="finish")

    grade = panel.view.state["grade"]
    assert grade is not None
    assert [part["look"] for part in grade["parts"]] == ["no", "no", "ok", "plain"]
    assert all(part["lines"] for part in grade["parts"])


def test_a_hint_has_its_price_before_and_its_words_after(opened: Open) -> None:
    panel = opened()
    assert panel.view.state["hint"]["cost"] == "cost 2"

    for price in (3, 5, 0):
        panel.do(do="hint")
        assert panel.view.state["hint"]["cost"] == (f"cost {price}" if price else "")

    assert [each["plain"] for each in panel.view.state["log"]] == [True, True, True]
    assert panel.view.state["spent"] == "10 spent"


@pytest.mark.parametrize(
    "message",
    [
        {"do": "look"},
        {"do": "look", "kind": 1, "place": ""},
        {"do": "state", "causes": [{"kind": "magic", "resource": "", "group": "", "direction": None, "rule": None}]},
        {"do": "state", "causes": [{"kind": "group"}]},
        {"do": "fly"},
        {"do": "change", "key": "x"},
        {},
    ],
)
def test_a_message_that_makes_no_sense_does_nothing(message: dict[str, Any], opened: Open) -> None:
    panel = opened()
    before = told(panel)

    panel.do(**message)

    assert told(panel) == before


def test_a_place_that_is_not_there_is_told_and_costs_nothing(opened: Open) -> None:
    panel = opened()
    for kind, place in (("rules", "sg-nobody"), ("teleport", "x"), ("curl", "nowhere")):
        panel.do(do="look", kind=kind, place=place)
        assert panel.view.state["alert"], kind

    assert panel.view.state["spent"] == "0 spent"
    assert panel.view.state["log"] == []


def test_another_attempt_takes_the_place_of_one_that_is_over(opened: Open, tmp_path: Path) -> None:
    other = Session.begin(make_world(drill("pod-source"), SEED, 1), tmp_path / "other.jsonl")
    panel = opened(again=lambda: other)
    panel.do(do="state", causes=[])
    panel.do(do="finish")

    panel.do(do="again")

    assert panel.view.state["stage"] == "look"
    assert panel.view.state["grade"] is None
    assert panel.view.state["heading"] == other.ticket("en")["title"]
    assert panel.path.state["scene"]["cards"][0]["address"] == other.world.question.client
    other.close()


def test_a_place_that_is_drawn_twice_can_be_pressed_and_shows_its_own_health(opened: Open) -> None:
    """Nodes with a pod of their own and nodes without fork; another listener's health is not the ticket's."""
    panel = opened(make_world(drill("uneven-health"), 5, 2))
    cards = panel.path.state["scene"]["cards"]
    nodes = [card for card in cards if card["kind"] == "node"]
    assert [card["name"] for card in nodes] == [nodes[0]["name"]] * 2
    panel.do(do="look", kind="health", place="")

    for card in nodes:
        panel._worker.do(("path", {"where": card["key"]}))
        assert panel.view.state["statement"]["chosen"].startswith("ins-")

    seen = [card["seen"] for card in panel.path.state["scene"]["cards"] if card["kind"] == "node"]
    assert [len(each) for each in seen] == [1, 1]


def test_the_path_does_not_tell_at_which_port_the_repaired_pods_are_asked(opened: Open) -> None:
    """That may be what is wrong; the places come from the repaired world."""
    panel = opened(make_world(drill("target-port"), SEED, 1))
    pods = [card for card in panel.path.state["scene"]["cards"] if card["kind"] == "pod"]

    assert pods
    assert all(":" not in card["address"] for card in pods)
