"""Practice by code, as the cells of lesson 09 call it: the same attempt as the panel's, kept where the learner is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drilllib import InvalidInputError, LabStateError, Practice, UnknownNameError
from drilllib.lesson import attempts, record
from drilllib.practice.session import Session
from drilllib.views.shown import Shown
from tests.views.html_reader import Reader

SEED = 7


@pytest.fixture(autouse=True)
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In a folder that `drill course` has filled; whatever is played is let go of in the end."""
    (tmp_path / "en").mkdir()
    (tmp_path / record.COPIES).write_text("{}")
    monkeypatch.chdir(tmp_path / "en")
    monkeypatch.setattr(record, "_current", [])
    monkeypatch.setenv("DRILL_LANG", "en")
    monkeypatch.delenv("DRILL_SOLVE", raising=False)
    monkeypatch.delenv("DRILL_HEADLESS", raising=False)
    yield tmp_path
    for each in list(attempts._held.values()):
        each.close()


def practice(**options: Any) -> Practice:
    return Practice("node-source", seed=SEED, level=1, **options)


def logs(learner: Path) -> list[Path]:
    return sorted((learner / "practice").glob("*.jsonl"))


def test_an_attempt_by_code_passes(learner: Path) -> None:
    """What a learner would write who reads the outputs."""
    made = practice()
    cause, world = made.session.world.causes[0], made.session.world
    assert world.ticket["en"]["title"] in made.ticket().text
    assert "504" in made.look("curl").text
    rules = made.look("rules", cause.group).text
    (port,) = {*re.findall(r"TCP +(\d+)", rules)}

    made.state(("group", cause.resource, cause.group, "-"))
    made.insert(cause.group, f"ACCEPT TCP {world.served[0]} {port}", at=0)

    assert "200 OK" in made.probe().text
    grade = made.finish()
    assert grade.text.startswith("passed\n")
    assert made.finish().text == grade.text
    assert [(each["lesson"], each["right"]) for each in record.events(learner)] == [("09-tickets", True)]


def test_an_attempt_that_was_left_open_goes_on_with_all_that_was_seen(learner: Path) -> None:
    """Also when the cell is run again in the same kernel, which holds the log's lock itself."""
    first = practice()
    first.look("curl")
    first.hint()

    again = practice()

    assert len(logs(learner)) == 1
    assert (again.session.spent, len(again.session.evidence), len(again.session.hints)) == (3, 1, 1)
    assert "left open: 2 steps" in again.ticket().text
    again.state()
    again.finish()
    assert practice().session.spent == 0, "one that is over is not gone on with"
    assert len(logs(learner)) == 2


def test_an_attempt_that_another_process_plays_is_let_alone(learner: Path) -> None:
    from drilllib.practice.folder import holding, new_log

    world = practice().session.world
    for each in list(attempts._held.values()):
        each.close()
    logs(learner)[0].unlink()
    path = new_log(learner / "practice")
    with Session.begin(world, path) as other, holding(path):
        made = practice()
        made.look("curl")

        assert other.spent == 0
        assert len(logs(learner)) == 2


def test_what_is_left_blank_states_and_changes_nothing(learner: Path) -> None:
    made = practice()
    listed = made.state(...).text
    assert '("group", "...", "sg-...", 0)' in listed
    assert made.session.statement is None
    for blank in (("group", ..., "sg-1"), ("group", "...", "sg-1", 0)):
        made.state(blank)
    assert made.session.statement is None
    made.insert("sg-...", "ACCEPT ...", at=...)
    made.set("weight", "lbl-x", "10")
    assert "Nothing is stated yet" in made.probe().text
    assert "Nothing is stated yet" in made.finish().text
    assert len(logs(learner)[0].read_text().splitlines()) == 1


def test_what_cannot_be_stated_or_looked_at_is_refused_with_what_can() -> None:
    made = practice()
    for wrong, known in (
        (("magic", "x"), "target_port"),
        (("weight", "lb-1"), "lbl-"),
        (("group", "ins-0"), "ins-"),
    ):
        with pytest.raises(InvalidInputError, match=known):
            made.state(wrong)
    with pytest.raises(InvalidInputError, match="capture"):
        made.look("teleport")
    with pytest.raises(UnknownNameError):
        made.look("rules", "sg-nobody")
    with pytest.raises(LabStateError, match="stated"):
        made.bind("ins-0", "sg-1")
    with pytest.raises(InvalidInputError, match="whole number"):
        Practice(seed="four")
    with pytest.raises(UnknownNameError):
        Practice("no-such-drill")
    assert made.session.spent == 0


@pytest.mark.parametrize(
    "stated", [("group", "ins", "sg", "two"), ("group", "ins", "sg", 0, "sideways"), 7, ("group",)]
)
def test_a_statement_that_is_none_is_one_clear_error(stated: object) -> None:
    made = practice()
    cause = made.session.world.causes[0]
    parts = (
        [{"ins": cause.resource, "sg": cause.group}.get(str(each), each) for each in stated]
        if isinstance(stated, tuple)
        else stated
    )

    with pytest.raises(InvalidInputError):
        made.state(parts)


def test_an_open_panel_follows_the_code() -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    made = practice()
    panel = made.panel()
    made.look("curl")
    assert len(panel.view.state["log"]) == 1
    made.state()
    assert panel.view.state["stage"] == "repair"

    panel.do(do="finish")
    panel.do(do="again")

    assert made.session.world.seed == SEED + 1
    assert made.session.spent == 0


def test_every_output_is_a_text_and_a_page_of_the_same_words() -> None:
    made = practice(solve=True)
    group = made.session.world.causes[0].group
    outputs: list[Shown] = [made.ticket(), made.look(), made.look("curl"), made.look("rules", group), made.hint()]
    outputs += [Practice("pod-source", seed=1, level=1, solve=False).state(...), made.state(...)]
    outputs += [made.insert("sg-...", "ACCEPT ...", at=...), made.set(), made.finish()]

    for each in outputs:
        page = each._repr_mimebundle_()["text/html"]
        words = " ".join(text for _, text in Reader(page).texts)
        missing = [
            word for word in re.findall(r"[\w./:-]{4,}", each.text) if word.lower().strip(":") not in words.lower()
        ]
        assert missing == [], each.text


def test_where_nobody_is_learning_nothing_is_kept(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_SOLVE", "1")
    practice().look("curl")
    assert not (learner / "practice").exists()

    monkeypatch.delenv("DRILL_SOLVE")
    (learner / record.COPIES).unlink()
    monkeypatch.setenv("HOME", str(learner))
    practice().look("curl")
    assert not (learner / "practice").exists()


def test_without_a_drill_the_learner_gets_what_to_practise_next(learner: Path) -> None:
    made = Practice(seed=3)
    header = json.loads(logs(learner)[0].read_text().splitlines()[0])

    assert (header["seed"], header["drill"]) == (3, made.session.world.drill)
    assert made.session.world.drill not in made.ticket().text


def test_a_folder_that_cannot_be_written_is_told_in_a_line_and_harms_nothing(
    learner: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (learner / "practice").write_text("a file in the place of the folder")

    made = practice()
    made.look("curl")

    assert made.session.spent == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_seed_alone_is_one_world_whatever_was_practised(learner: Path) -> None:
    """Also where the drill that it is has been practised, and another would be due."""
    first = Practice(seed=1, level=1)
    header = first.session.attempt.header
    first.state()
    first.finish()
    first.close()

    again = Practice(seed="1", level=1)

    assert again.session.spent == 0
    assert again.session.attempt.header.world == header.world
    assert (header.drill, header.seed, header.level) == ("node-source", 1, 1)
    assert len({attempts.attempts.drill_of_seed(seed).name for seed in range(200)}) == len(attempts.library.names())
    assert len(logs(learner)) == 2


def test_a_group_that_is_not_there_is_told_with_those_that_are(learner: Path) -> None:
    made = practice()
    group = made.session.world.causes[0].group
    made.state()
    for change in (
        lambda: made.insert("sg-nobody", "ACCEPT TCP 203.0.113.10 80", at=1),
        lambda: made.delete("sg-x", 0),
    ):
        with pytest.raises(UnknownNameError, match=group):
            change()


def test_the_same_look_again_costs_nothing_until_something_has_changed(learner: Path) -> None:
    made = practice()
    group = made.session.world.causes[0].group
    assert made.look("rules", group).text.splitlines()[0].endswith("(cost 2, 2 spent)")
    again = made.look("rules", group)
    assert again.text.splitlines()[0].endswith("(the same as before, no cost, 2 spent)")
    assert made.session.spent == 2
    assert len(made.session.evidence) == 1
    made.state()
    made.insert(group, "ACCEPT TCP 203.0.113.10 80")

    assert "203.0.113.10" in made.look("rules", group).text
    assert made.session.spent == 4


def test_a_probe_and_a_look_print_a_time_out_in_the_same_words() -> None:
    """Those that lesson 01 says to look for."""
    made = Practice("clb-source", seed=1, level=1)
    looked = made.look("curl").text
    made.state()
    assert "timed out" in made.probe().text
    assert made.probe().text in looked


def test_the_best_plan_stands_in_a_title_only_beside_a_search_that_found_the_cause() -> None:
    made = practice()
    made.look("curl")
    made.state()
    failed = made.finish().text
    assert "Looks: 1\n" in failed
    assert "best plan" not in failed.split("Looks: 1")[0]
