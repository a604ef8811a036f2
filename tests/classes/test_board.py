"""Which attempts count, and what the board makes of them: compared with what is reckoned by hand."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from drilllib.classes.board import board
from drilllib.classes.judge import Standing, Verdict
from drilllib.classes.plan import Item, Plan
from drilllib.classes.roster import Learner
from drilllib.classes.tally import Counted, WhyNot, counted
from drilllib.cli import main
from tests.classes.rooms import class_in, played, practice_of, tasks_of

A, B, C, D = (Item(drill=name, category="order", level=1, tries=2) for name in "abcd")
PLAN = Plan(
    name="monday",
    items=(A, B, C, D),
    learners={name: Learner(name) for name in ("l1", "l2", "l3", "l4")},
    needed=2,
    hints=1,
    closes="2026-12-01T00:00:00+08:00",
)
EARLY, LATE = "2026-11-30T15:59:59Z", "2026-11-30T16:00:01Z"


def log(
    learner: str, item: Item, *, passed: bool = False, seed: int = 1, ended: str = EARLY, name: str = "", **more: object
) -> Verdict:
    digest = name or f"{learner}{item.drill}{seed}{ended}"
    own = {"standing": Standing.GRADED, "macs": f"{hash(digest) & 0xFFFFFFFF:08x}", "started": ended, **more}
    told = {"learner": learner, "log": digest, "drill": item.drill, "level": item.level, "seed": str(seed)}
    return Verdict(**told, ended=ended, passed=passed, localised=passed, **own)


def reasons(logs: Iterable[Verdict]) -> list[tuple[str, WhyNot | None]]:
    return [(each.verdict.log, each.why_not) for each in counted(PLAN, logs)]


def test_of_a_world_the_first_attempt_counts() -> None:
    """After it the right repair is told; a second world is another one."""
    logs = [
        log("l1", A, ended="2026-11-30T03:00:00Z", name="second", passed=True),
        log("l1", A, ended="2026-11-30T02:00:00Z", name="first"),
        log("l1", A, ended="2026-11-30T04:00:00Z", name="other", seed=2),
        log("l2", A, ended="2026-11-30T05:00:00Z", name="another's"),
    ]
    assert reasons(logs) == [("second", WhyNot.AGAIN), ("first", None), ("other", None), ("another's", None)]


def test_of_one_attempt_the_last_state_counts() -> None:
    """One that was taken back to an earlier state and went on otherwise does not, in none of its ways."""
    logs = [
        log("l1", A, name="whole", macs="aaaaaaaa11111111"),
        log("l1", A, name="before", macs="aaaaaaaa", standing=Standing.UNFINISHED),
        log("l1", B, name="one way", macs="bbbbbbbb11111111"),
        log("l1", B, name="another way", macs="bbbbbbbb22222222"),
        log("l1", C, name="cut", macs="cccccccc", standing=Standing.CUT_OFF),
        log("l1", C, name="not cut", macs="cccccccc", standing=Standing.UNFINISHED),
    ]
    assert reasons(logs) == [
        ("whole", None),
        ("before", WhyNot.EARLIER),
        ("one way", WhyNot.FORKED),
        ("another way", WhyNot.FORKED),
        ("cut", WhyNot.EARLIER),
        ("not cut", None),
    ]


def test_what_is_finished_after_the_class_has_closed_is_late() -> None:
    logs = [log("l1", A), log("l1", B, ended=LATE), log("l1", C, ended="yesterday"), log("l1", D, ended="")]
    assert [each.late for each in counted(PLAN, logs)] == [False, True, True, False]


def shown(logs: Iterable[Verdict]) -> dict[str, object]:
    return board(PLAN, counted(PLAN, logs)).to_dict()


def test_difficulty_and_discrimination_are_those_of_the_textbook() -> None:
    """
    By hand. a is passed as 1 1 0 1, the others as 2 1 0 0: 0.75 / sqrt(0.75 * 2.75) = 0.522.
    b is passed as 1 1 0 0, the others as 2 1 0 1: 1 / sqrt(1 * 2) = 0.707.
    """
    results = {"l1": (1, 1, 1), "l2": (1, 1, 0), "l3": (0, 0, 0), "l4": (1, 0, 0)}
    logs = [
        log(learner, item, passed=bool(passed), spent=place)
        for place, (learner, each) in enumerate(results.items())
        for item, passed in zip((A, B, C), each, strict=True)
    ]
    a, b, c, d = shown(logs)["items"]  # type: ignore[misc, str-unpack]  # plain data
    assert (a["difficulty"], a["discrimination"], a["looks"]) == (0.75, 0.522, 1.5)
    assert (b["difficulty"], b["discrimination"]) == (0.5, 0.707)
    assert (c["difficulty"], c["passed"], c["finished"], c["begun"]) == (0.25, 1, 4, 4)
    assert (d["difficulty"], d["discrimination"], d["looks"], d["begun"]) == (None, None, None, 0)


def test_mastery_asks_for_enough_in_time_with_few_hints() -> None:
    logs = [
        *(log("l1", item, passed=True) for item in (A, B)),
        *(log("l2", A, passed=True), log("l2", B, passed=True, hints=2)),
        *(log("l3", A, passed=True), log("l3", B, passed=True, ended=LATE)),
        *(log("l4", A), log("l4", A, passed=True, seed=2, ended="2026-11-30T15:59:59.5Z"), log("l4", B, passed=True)),
    ]
    found = shown(logs)
    assert [each["mastered"] for each in found["learners"]] == [True, False, False, True]  # type: ignore[attr-defined]  # plain data
    assert found["mastered"] == 2


def test_what_is_named_in_the_place_of_what_it_is_comes_most_often_first() -> None:
    """Of first attempts; not those who were right about the cause, or named nothing."""
    wrong = {"true": "pod ingress", "stated": "node ingress"}
    logs = [
        *(log(learner, A, **wrong) for learner in ("l1", "l2")),
        log("l2", B, true="selector", stated="nothing"),
        log("l2", C, true="selector", stated=""),
        log("l3", A, passed=True, true="weight", stated="weight"),
    ]
    assert shown(logs)["confusions"] == [
        {"true": "pod ingress", "stated": "node ingress", "count": 2},
        {"true": "selector", "stated": "nothing", "count": 1},
    ]


def test_what_does_not_count_is_odd_and_moves_nothing() -> None:
    honest = [log("l1", A, passed=True)]
    copied = [log("l2", A, standing=Standing.COPIED, other="l1"), log("l3", A, standing=Standing.EDITED)]
    before, after = shown(honest), shown([*honest, *copied])
    assert after["items"] == before["items"]
    assert [each["odd"] for each in after["learners"]] == [0, 1, 1, 0]  # type: ignore[attr-defined]  # plain data


def test_counts_are_of_those_logs_that_count() -> None:
    assert Counted(log("l1", A)).counts
    assert not Counted(log("l1", A), WhyNot.AGAIN).counts
    assert not Counted(log("l1", A, standing=Standing.UNFINISHED)).counts


def test_the_board_of_a_class_that_was_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the attempts to the text, in both languages."""
    pytest.importorskip("yaml", reason="a class's file is YAML")
    pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
    class_in(tmp_path)
    played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0])
    played(practice_of(tmp_path, "alice") / "2.jsonl", tasks_of(tmp_path, "alice")[1])
    played(practice_of(tmp_path, "bob") / "1.jsonl", tasks_of(tmp_path, "bob")[0], stated=lambda world: ())
    name = str(tmp_path / "monday.yaml")
    main(["class", "hand-in", name, str(tmp_path / "starts")])
    assert main(["class", "grade", name]) == 0
    capsys.readouterr()
    assert main(["class", "board", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["learner"], each["passed"], each["mastered"]) for each in found["learners"]] == [
        *(("alice", 2, True), ("bob", 0, False), ("carol", 0, False)),
    ]
    assert [each["stated"] for each in found["confusions"]] == ["nothing"]
    for language, told in (("en", "monday: 3 learners, 1 have mastered"), ("zh", "monday：学员 3 人，其中 1 人达标")):
        assert main(["class", "board", name, "--lang", language]) == 0
        assert capsys.readouterr().out.startswith(told)
