"""Lessons between two workloads: what their cells show, change and ask."""

from dataclasses import replace

import pytest

from drilllib import InvalidInputError, LabStateError, ScenarioLesson, UnknownNameError
from drilllib.core.check.connections import connection_of
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.core.quiz.predictions import predict
from drilllib.lesson import record


@pytest.fixture(autouse=True)
def learner(monkeypatch: pytest.MonkeyPatch) -> None:
    """English, and somebody who writes the rules."""
    monkeypatch.setenv("DRILL_LANG", "en")
    for name in ("DRILL_SOLVE", "DRILL_HEADLESS", "DRILL_LAB"):
        monkeypatch.delenv(name, raising=False)


def test_a_connection_is_typed_where_its_source_is() -> None:
    lesson = ScenarioLesson("pod-to-pod")

    assert lesson.connect(tool="mysql").text.splitlines() == [
        "$ kubectl exec -n shop web-1 -- mysql -h 10.0.36.12 -P 3306",
        "ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.36.12:3306' (110)",
    ]
    assert lesson.connect("node/node-a").text.startswith("$ ssh node-a nc -vz -w 5 10.0.36.12 3306\nConnection to")
    assert lesson.connect("10.1.0.5", "node/node-a", 30306).text.startswith("$ nc -vz")


def test_a_client_that_has_connected_says_nothing_made_up() -> None:
    """What mysql prints then depends on users and databases."""
    assert "(connected; what mysql" in ScenarioLesson("pod-to-pod").connect("node/node-a", tool="mysql").text


def test_what_nobody_can_tell_is_one_line_and_explained() -> None:
    lesson = ScenarioLesson("pod-to-pod")

    with pytest.raises(LabStateError, match="cannot answer"):
        lesson.connect(door="198.51.100.7", port=443)
    assert "undetermined" in lesson.explain(door="198.51.100.7", port=443).text


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_repaired_by_its_reference_where_rules_are_left_blank(name: str) -> None:
    """As the stored notebooks are made; a step after the other in the same list, too."""
    lesson = ScenarioLesson(name, solve=True)
    for step in lesson.scenario.reference:
        assert step.rule in lesson.insert(step.group, "ACCEPT ...", direction=step.direction).text

    assert lesson.verify().passed
    assert "already" in lesson.insert(lesson.scenario.reference[0].group, "ACCEPT ...").text
    with pytest.raises(LabStateError, match="Nothing blocks"):
        lesson.blocker()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_rule_left_blank_changes_nothing_for_a_learner(name: str) -> None:
    lesson = ScenarioLesson(name)
    step, before = lesson.scenario.reference[0], lesson.snapshot()

    assert "still to be written" in lesson.insert(step.group, "ACCEPT ...", direction=step.direction).text
    assert lesson.snapshot() is before
    assert not lesson.verify().passed


def test_rules_of_either_direction_are_put_moved_deleted_and_replaced() -> None:
    lesson, group = ScenarioLesson("pod-egress"), "sg-web00001"
    ingress = lesson.rule_texts(group)

    lesson.insert(group, "ACCEPT TCP 10.0.36.12 3306", at=3, direction="egress")
    lesson.move(group, 3, to=0, direction="egress")
    lesson.delete(group, 2, direction="egress")

    assert lesson.rule_texts(group, "egress") == [
        "ACCEPT TCP 10.0.36.12 3306",
        "ACCEPT TCP 0.0.0.0/0 443",
        "DROP ALL 0.0.0.0/0 ALL",
    ]
    assert lesson.verify().passed
    lesson.replace(group, "DROP ALL 0.0.0.0/0 ALL", direction="egress")
    assert lesson.rule_texts(group, "egress") == ["DROP ALL 0.0.0.0/0 ALL"]
    assert lesson.rule_texts(group) == ingress
    assert "443 is dropped now" in lesson.verify().text


def test_the_list_that_blocks_can_be_named_by_the_blocker() -> None:
    lesson = ScenarioLesson("pod-egress")
    lesson.insert(lesson.blocker(), "ACCEPT TCP 10.0.36.12 3306")
    assert lesson.verify().passed


def test_a_wrong_repair_is_told_with_a_packet_and_the_rule_that_lets_it_through() -> None:
    lesson = ScenarioLesson("pod-egress")
    lesson.insert("sg-web00001", "ACCEPT ALL 0.0.0.0/0 ALL", direction="egress")
    said = lesson.verify().text

    assert "TCP web-1 10.0.36.11 → 198.51.100.7:22 gets out" in said
    assert "sg-web00001 egress[0] ACCEPT ALL 0.0.0.0/0 ALL" in said


def test_predictions_are_about_connections_and_settled_by_what_shows_them() -> None:
    lesson = ScenarioLesson("pod-egress")
    outcome, hop = lesson.predict("outcome"), lesson.predict("hop")
    rule = lesson.predict("rule", group="sg-web00001")
    texts = [getattr(each, "text", each) for each in (outcome, hop, rule)]
    for text, letter in zip(texts, "bab", strict=True):
        text.record(letter)

    lesson.connect()
    assert "✓ As you predicted." in repr(texts[0])
    assert "What happened" not in repr(texts[1])
    lesson.explain()
    assert "✓ As you predicted." in repr(texts[1])
    assert "DROP ALL" in repr(texts[2])


def test_the_options_of_an_outcome_do_not_depend_on_what_is_right() -> None:
    lesson = ScenarioLesson("pod-to-pod")
    asked = connection_of(lesson.scenario.ends)
    first, other = (
        predict(lesson.snapshot(), each, "outcome") for each in (asked, replace(asked, client="node/node-a"))
    )

    assert first.options == other.options == ("connected", "connect_timeout", "refused")
    assert (first.right, other.right) == (1, 0)


def test_another_lab_is_told_to_be_the_simulated_one(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """A cluster plays no connection between workloads, and real packets know no ClusterIP, nor a VIP inside."""
    for lab, name in (("live", "pod-to-pod"), ("netns", "pod-egress"), ("netns", "private-clb")):
        monkeypatch.setenv("DRILL_LAB", lab)
        assert "timed out" in ScenarioLesson(name).connect().text
        assert capsys.readouterr().err == "this connection is not played there, so the simulated lab is used\n"


def test_a_rehearsal_in_the_other_mode_of_kube_proxy_changes_nothing_here() -> None:
    """In ipvs the packet goes by the CLB, and now and then comes back to the client's node, whatever the rules."""
    lesson = ScenarioLesson("private-clb", solve=True)
    for _ in lesson.scenario.reference:
        lesson.insert("sg-mysql001", "ACCEPT ...")
    copy = lesson.rehearsal(kube_proxy="ipvs")

    assert "CLB loopback" in copy.explain().text
    assert [copy.connect().text.endswith("succeeded!") for _ in range(4)] == [False, True, False, True]
    assert lesson.connect().text.endswith("succeeded!")
    assert lesson.rehearsal().verify().passed
    with pytest.raises(InvalidInputError, match="The mode of kube-proxy is 'bpf'"):
        lesson.rehearsal(kube_proxy="bpf")


def test_behind_an_http_listener_nc_meets_the_clb_and_curl_what_is_behind_it() -> None:
    lesson = ScenarioLesson("global-router-clb")
    assert lesson.connect().text.endswith("Connection to 192.0.2.10 80 port [tcp/http] succeeded!")
    assert "HTTP/1.1 504" in lesson.connect(tool="curl").text
    assert "timed out" in ScenarioLesson("global-router-direct").connect(tool="curl").text


def test_a_prediction_about_a_vip_is_settled_by_what_shows_it() -> None:
    """The engine answers such a question by the client's address, the learner asks by its name."""
    lesson = ScenarioLesson("private-clb")
    reach, hop = lesson.predict("reach"), lesson.predict("hop")
    texts = [getattr(each, "text", each) for each in (reach, hop)]
    for text, letter in zip(texts, "bc", strict=True):
        text.record(letter)

    lesson.connect()
    assert ["What happened" in repr(text) for text in texts] == [True, False]
    lesson.explain()
    assert all("✓ As you predicted." in repr(text) for text in texts)


def test_a_closed_lesson_and_an_unknown_scenario_say_so() -> None:
    lesson = ScenarioLesson("pod-to-pod")
    lesson.close()
    with pytest.raises(LabStateError, match="closed"):
        lesson.connect()
    with pytest.raises(UnknownNameError, match="There is no scenario"):
        ScenarioLesson("pod-to-moon")


def test_every_lesson_on_record_opens_a_scenario() -> None:
    assert set(record.SCENARIOS) <= set(SCENARIOS)
