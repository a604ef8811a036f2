"""The board as a page: what it says is what was played, nothing in it is markup or comes from elsewhere."""

import re
from pathlib import Path

import pytest

from drilllib.classes.judge import Standing
from drilllib.classes.progress import Cell, State, page_document, progress
from drilllib.classes.tally import counted
from drilllib.cli import main
from drilllib.core.practice.looks import Look, LookKind, see
from drilllib.core.practice.replay import left
from drilllib.core.practice.steps import replayed
from drilllib.practice.log import attempt_in
from drilllib.practice.session import Session
from drilllib.practice.start import Task
from drilllib.views.html.board import MOST_LEARNERS, Shown, board_html
from drilllib.views.text.attempt import step_rows
from drilllib.views.text.looks import evidence_text
from tests.classes.rooms import class_in, clock, played, practice_of, tasks_of, world_of
from tests.classes.test_board import LATE, PLAN, A, B, C, log

WRONG = {"true": "pod ingress", "stated": "node egress + selector"}


def document(*logs) -> dict:
    return page_document(PLAN, list(counted(PLAN, logs)))


def test_a_cell_is_of_the_first_attempt_that_passed_else_of_the_last() -> None:
    logs = [
        log("l1", A, ended="2026-11-30T01:00:00Z", spent=9),
        log("l1", A, ended="2026-11-30T02:00:00Z", spent=5, hints=1, seed=2, passed=True),
        log("l1", B, ended="2026-11-30T01:00:00Z", spent=1),
        log("l1", B, ended="2026-11-30T02:00:00Z", spent=4, seed=2),
        log("l1", B, ended="2026-11-30T03:00:00Z", spent=7, seed=2, name="once more", passed=True),
        log("l1", C, standing=Standing.UNFINISHED, spent=3),
        log("l2", C, standing=Standing.COPIED),
    ]
    cells = {learner: list(found) for learner, found in progress(PLAN, counted(PLAN, logs)).items()}
    told = [(each.drill, each.state, each.tries, each.spent, each.hints) for each in cells["l1"]]
    assert told == [("a", State.PASSED, 2, 5, 1), ("b", State.FAILED, 2, 4, 0), ("c", State.BEGUN, 1, 3, 0)]
    assert isinstance(cells["l1"][0], Cell)
    assert list(cells) == ["l1"]


def test_the_page_says_who_is_stuck_and_what_was_named_in_both_languages() -> None:
    found = document(log("l1", A, **WRONG), log("l2", A, passed=True), log("l3", B, standing=Standing.UNFINISHED))
    english, chinese = (board_html(Shown(document=found, language=each)) for each in ("en", "zh"))
    assert "<th scope=row>a 1</th><td>1: l1</td><td>-</td>" in english
    assert "<th scope=row>b 1</th><td>-</td><td>1: l3</td>" in english
    assert "pod group, inbound</th><td>node group, outbound + selector matches no pod</td>" in english
    assert "Pod 安全组入站</th><td>节点安全组出站 + selector 选不中 Pod</td>" in chinese
    assert '<html lang="zh-CN">' in chinese


def test_of_a_large_class_the_page_has_a_part_and_says_so() -> None:
    found = document(log("l1", A, passed=True))
    found["learners"] = [{**found["learners"][0], "learner": f"x{each}"} for each in range(MOST_LEARNERS + 5)]
    first, last = (board_html(Shown(document=found, language="en", first=each)) for each in (0, MOST_LEARNERS))
    assert f"Learners 1 to {MOST_LEARNERS} of {MOST_LEARNERS + 5}" in first
    assert (first.count("<th scope=row>x"), last.count("<th scope=row>x")) == (MOST_LEARNERS, 5)


def test_no_id_becomes_markup_and_nothing_comes_from_elsewhere() -> None:
    found = document(log("l1", A, true="<img src=x>", stated="a&b", ended=LATE))
    found["class"], found["learners"][0]["learner"] = "<script>", "<b>"
    page = board_html(Shown(document=found, language="en", script="ask()"))
    assert re.findall(r"<(?:img|b>|script)[^>]*>", page) == ["<script>"]  # our own, the last
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:|//)", page)


def test_each_step_shows_what_it_showed_then(tmp_path: Path) -> None:
    """A look after the repair shows the repaired world; the change itself is told operation by operation."""
    world, look = world_of(Task("node-source", 1, 0)), Look(LookKind.CURL, "client")
    with Session.begin(world, tmp_path / "1.jsonl", clock=clock()) as session:
        session.look(look)
        session.state(world.causes)
        session.edit(world.reference)
        session.look(look)
        session.finish()
    attempt = attempt_in((tmp_path / "1.jsonl").read_bytes(), "log")
    times = ["2026-11-30T04:02:07Z"] * len(attempt.actions)
    before, said, change, after, end = step_rows(replayed(attempt, times, world), "2026-11-30T04:00:00Z", "en")
    assert before.shown == evidence_text(see(world.snapshot, world.question, look), "en")
    assert after.shown == evidence_text(see(left(world, attempt), world.question, look), "en")
    assert before.shown != after.shown
    assert (before.time, before.price, before.spent, end.spent) == ("2:07", "1", "1", "2")
    assert said.step.startswith("named the cause: group ")
    assert change.shown.startswith('{"op": ')
    assert (end.step, end.shown) == ("finished", "")


def test_the_command_writes_a_page_with_the_attempts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("yaml", reason="a class's file is YAML")
    pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
    class_in(tmp_path)
    roster = tmp_path / "monday.csv"
    roster.write_text(roster.read_text("utf-8").replace("alice,", "alice,Liddell"), "utf-8")
    played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0])
    name, page = str(tmp_path / "monday.yaml"), tmp_path / "board.html"
    main(["class", "hand-in", name, str(tmp_path / "starts")])
    main(["class", "grade", name])
    assert main(["class", "board", name, "--lang", "en", "--html", str(page)]) == 0
    text = page.read_text("utf-8")
    assert "alice, rule-order 1, 2026-11-30T04:00:00Z: passed" in text
    assert "named the cause: group " in text
    assert "Liddell" not in text
    page.write_text("mine", "utf-8")
    assert main(["class", "board", name, "--html", str(page)]) == 2
    assert page.read_text("utf-8") == "mine"
    assert "exists and is no HTML page" in capsys.readouterr().err
