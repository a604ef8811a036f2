"""A study: forms that are parallel by facts, tests that tell nothing, events without names, figures that are right."""

import csv
import json
import random
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from drilllib.classes.place import place_of
from drilllib.classes.study.figures import interval, study
from drilllib.classes.study.forms import facts_of
from drilllib.classes.study.simulated import CARRIED, LEARNT, TRANSFER, SimulatedStudy
from drilllib.classes.study.tried import Tried, read_events, tried
from drilllib.cli import main
from drilllib.core.practice.replay import digest
from drilllib.errors import DrillError, InvalidInputError
from drilllib.practice.library import drill
from drilllib.practice.session import Session
from drilllib.practice.start import Task, read_start
from drilllib.views.text.study import study_text
from tests.classes.rooms import CLASS, class_in, file_of, played, practice_of, tasks_of, world_of
from tests.thorough import thorough

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")

TESTED = f"{CLASS}study:\n  test: [{{drill: rule-order}}]\n  transfer: [{{drill: target-port}}]\n"


@pytest.fixture(scope="module")
def simulated() -> SimulatedStudy:
    return SimulatedStudy(learners=160)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was handed out, of eighteen; each test has learners of its own."""
    folder = tmp_path_factory.mktemp("room")
    class_in(folder, TESTED, [*"abcd", *(f"l{number}" for number in range(14))])
    return folder


def test_both_forms_are_alike_in_all_facts_and_other_worlds(simulated: SimulatedStudy) -> None:
    """Facts are found anew of each world; nothing that was kept beside it is asked."""
    for item in simulated.items:
        first, second = (facts_of(drill(item.drill), seed, item.facts.level)[0] for seed in item.seeds)
        assert first == second
        assert first.best > 0
        worlds = [world_of(Task(item.drill, item.facts.level, seed)) for seed in item.seeds]
        assert digest(worlds[0]) != digest(worlds[1])
        assert worlds[0].question != worlds[1].question  # another ticket, too
        assert [each.category for each in worlds] == [item.facts.category] * 2


def test_half_of_the_learners_have_the_other_form_first(room: Path) -> None:
    place = place_of(str(room / "monday.yaml"))
    forms = set(place.plan.forms["rule-order", 1])
    first = set()
    for learner in place.plan.learners:
        tasks = tasks_of(room, learner)
        assert [each.test for each in tasks] == ["before"] * 2 + [""] * 3 + ["after"] * 2
        before, after = (next(each.seed for each in tasks if each.test == when) for when in ("before", "after"))
        assert {before, after} == forms
        assert forms.isdisjoint(each.seed for each in tasks if not each.test)
        first.add(before)
    assert first == forms


def test_what_is_tested_otherwise_than_practised_is_transfer_and_nothing_else(tmp_path: Path) -> None:
    for wrong in (
        TESTED.replace("transfer: [{drill: target-port}]", "transfer: [{drill: rule-order, level: 2}]"),
        TESTED.replace("test: [{drill: rule-order}]", "test: [{drill: pod-source}]"),
    ):
        with pytest.raises(InvalidInputError, match=r"monday.yaml:\d+: class.study.t\w+\[0\].drill is"):
            class_in(tmp_path, wrong)


def test_a_test_tells_nothing_and_comes_before_what_comes_after_it(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = practice_of(room, "a")
    first, second, third, *_ = tasks_of(room, "a")
    start = read_start(folder / "start.json")
    with pytest.raises(DrillError, match="Something else comes first"):
        start.next_task((), "node-source", "2026-11-30T04:00:00Z")
    with Session.resume(played(folder / "1.jsonl", first)) as session:
        assert session.grade is None
        assert session.attempt.finished
    with Session.resume(played(folder / "2.jsonl", third)) as session:
        assert session.grade is not None
        assert session.grade.passed
    lines = iter(["state nothing", "done"])
    monkeypatch.setattr("drilllib.cli.lines.Script.read", lambda self, prompt: next(lines, None))
    assert main(["practice", "--dir", str(folder.parent), "--lang", "en"]) == 0
    told = capsys.readouterr()
    assert "It belongs to a test" in told.out
    assert second.drill not in told.out + told.err
    assert "causes" not in told.out


def answered(folder: Path, learner: str) -> None:
    """Everything played: the causes are named after the drills only."""
    for number, task in enumerate(tasks_of(folder, learner)):
        right = task.test != "before"
        stated = (lambda world: world.causes) if right else (lambda world: ())
        path = practice_of(folder, learner) / f"{number}.jsonl"
        played(path, task, stated=stated, repaired=right, hour=4 + number)


def test_a_class_that_learned(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, out = str(room / "monday.yaml"), tmp_path / "e.jsonl"
    place = place_of(name)
    answered(room, "b")
    played(practice_of(room, "c") / "1.jsonl", tasks_of(room, "c")[0])
    assert main(["class", "hand-in", name, str(room / "starts" / "b"), str(room / "starts" / "c")]) == 0
    assert main(["class", "grade", name, "--workers", "1"]) == 0
    capsys.readouterr()
    assert main(["class", "study", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["began"], found["complete"], found["items"]) == (2, 1, 2)
    figures = {each["measure"]: (each["before"], each["after"], each["low"]) for each in found["figures"]}
    assert figures["passed"] == figures["transfer_passed"] == (0, 1, None)
    assert main(["class", "study", name, "--events", str(out)]) == 0
    text = out.read_text("utf-8")
    seeds = (str(each.seed) for each in tasks_of(room, "b"))
    hidden = ['"b"', '"c"', "2026", place.secret.key("b"), *seeds]
    assert [each for each in hidden if each in text] == []
    assert [each.passed for each in tried(read_events(str(out)))].count(True) == 3
    assert main(["class", "board", name, "--json"]) == 0
    items = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))["items"]
    assert [each["begun"] for each in items] == [1, 1]  # no attempt of a test is one of a drill
    assert main(["class", "grade", name, "--csv", str(tmp_path / "g.csv")]) == 0
    assert len(list(csv.DictReader((tmp_path / "g.csv").open()))) == 8


@thorough
def test_the_analysis_finds_what_was_put_into_simulated_learners(simulated: SimulatedStudy) -> None:
    """Careful learners find the cause, and the others by luck alone."""
    found = {each.measure: each for each in study(tried(simulated.events())).figures}
    trained, carried = found["localised"], found["transfer_localised"]
    assert trained.low is not None
    assert carried.low is not None
    assert trained.low > 0
    assert LEARNT / 2 < trained.change <= LEARNT + 0.1
    assert carried.low < CARRIED < carried.high + 0.05
    assert found["seconds"].change < 0
    assert trained.change > carried.change


@thorough
def test_an_attempt_left_out_leaves_its_learner_out(simulated: SimulatedStudy) -> None:
    attempts = tried(simulated.events())
    assert study(attempts).complete == 160
    less = study(attempts[1:])
    assert (less.began, less.complete) == (160, 159)
    assert all(each.transfer is (each.drill in TRANSFER) for each in attempts)


def test_an_interval_is_as_wide_as_the_formula_has_it() -> None:
    """Of many values alike in distribution the bootstrap's is that of the mean, 1.96 standard errors to each side."""
    draws = random.Random(5)
    values = [draws.gauss(3, 2) for _ in range(400)]
    low, high = interval(values)
    assert low is not None
    assert high is not None
    assert abs((high - low) / (2 * 1.96 * 2 / 20) - 1) < 0.15
    assert low < fmean(values) < high
    assert interval(values) == (low, high)
    assert interval(values[:7]) == (None, None)
    assert interval(values, values[:7]) == (None, None)


def test_learners_are_compared_with_themselves() -> None:
    """One finds both causes, one none: no change, though neither share is 0 or 1. Time is of causes that are found."""
    one = Tried(
        who="a",
        part="before",
        form="A",
        drill="x",
        level=1,
        transfer=False,
        localised=True,
        passed=True,
        spent=6,
        best=3,
        seconds=40,
    )
    later = replace(one, part="after", form="B", seconds=30, spent=3)
    other = replace(one, who="b", localised=False, passed=False)
    found = study([one, later, other, replace(other, part="after", seconds=99)])
    told = {each.measure: (each.learners, each.before, each.after, each.change) for each in found.figures}
    assert told == {
        "passed": (2, 0.5, 0.5, 0),
        "localised": (2, 0.5, 0.5, 0),
        "seconds": (1, 40, 30, -10),
        "price": (1, 2, 1, -1),
    }


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_before_anybody_has_finished_that_is_told(spoken: str) -> None:
    assert "0" in study_text(study([]).to_dict(), spoken).partition("\n")[0]


@pytest.mark.parametrize(
    "text", ["", "{}", '{"schema": "drilllib/events/1"}\n[]', '{"schema": "drilllib/events/1"}\n{"event": "begin"}']
)
def test_what_is_no_log_of_events_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.jsonl").write_text(text, "utf-8")
    with pytest.raises(DrillError) as told:
        read_events(str(tmp_path / "e.jsonl"))
    assert str(tmp_path)[:20] in str(told.value)


@pytest.mark.parametrize(("spoken", "asked"), [("en", "You are free"), ("zh", "自愿参加")])
def test_the_text_that_asks_for_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoken: str, asked: str
) -> None:
    assert main(["class", "study", file_of(tmp_path, TESTED), "--consent", "--lang", spoken]) == 0
    text = capsys.readouterr().out
    assert asked in text
    assert "monday" in text
    assert "{" not in text
