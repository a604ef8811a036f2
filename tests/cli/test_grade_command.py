"""`drill grade` as a terminal sees it."""

import json
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.grade import Grade
from drilllib.practice import worlds
from drilllib.practice.session import Session
from drilllib.practice.worlds import find_world

PARTS = ("localised", "repaired", "restrained", "passed")


def world(seed: int) -> World:
    return find_world(Header(drill="node-source", seed=seed, level=1, engine="", world="", started=""))


def attempt(path: Path, seed: int, *, repaired: bool) -> Grade:
    played = world(seed)
    with Session.begin(played, path, clock=lambda: "2026-11-30T04:00:00Z") as session:
        session.state(played.causes)
        if repaired:
            session.edit(played.reference)
        return session.finish()


@pytest.fixture
def logs(tmp_path: Path) -> tuple[str, str]:
    """One attempt that passed, and one that did not."""
    names = tmp_path / "passed.jsonl", tmp_path / "failed.jsonl"
    attempt(names[0], 7, repaired=True)
    attempt(names[1], 8, repaired=False)
    return str(names[0]), str(names[1])


def test_exit_status_and_json_say_for_each_log_whether_it_passed(logs: tuple[str, str], capsys) -> None:
    """0 all passed, 1 some did not: gates go by it."""
    assert main(["grade", logs[0], "--json"]) == 0
    assert main(["grade", *logs]) == 1
    capsys.readouterr()
    assert main(["grade", *logs, "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "drilllib/grade/1"
    assert [(each["log"], each["seed"]) for each in told["attempts"]] == [(logs[0], 7), (logs[1], 8)]
    assert [[each[part] for part in PARTS] for each in told["attempts"]] == [[True] * 4, [True, False, True, False]]
    reasons = told["attempts"][1]["reasons"]
    assert {each["part"] for each in reasons} == {"localised", "repaired", "restrained", "looks", "next"}
    assert next(each["code"] for each in reasons if each["part"] == "repaired") == "UNSERVED"


def test_a_log_that_is_not_there_stops_no_other(logs: tuple[str, str], tmp_path: Path, capsys) -> None:
    """A class of hundred with one torn file: the others have their grades."""
    assert main(["grade", logs[0], str(tmp_path / "none.jsonl"), logs[1], "--json"]) == 2

    said = capsys.readouterr()
    attempts = json.loads(said.out)["attempts"]
    assert [each.get("passed") for each in attempts] == [True, None, False]
    assert "cannot be read" in attempts[1]["error"]
    assert said.err.count("\n") == 1


def test_it_is_said_in_both_languages(logs: tuple[str, str], capsys) -> None:
    main(["grade", logs[0], "--lang", "en"])
    main(["grade", logs[0], "--lang", "zh"])

    english, chinese = capsys.readouterr().out.split("通过\n", 1)
    assert english.startswith("Passed\n")
    assert "定位" in chinese


def test_the_grade_of_the_session_is_that_of_its_log(tmp_path: Path, capsys) -> None:
    """Recomputed from the log alone, in a process that knows nothing of the session."""
    path = tmp_path / "attempt.jsonl"
    told = attempt(path, 9, repaired=False)
    worlds.BUILT_IN.__init__()

    main(["grade", str(path), "--json"])

    (found,) = json.loads(capsys.readouterr().out)["attempts"]
    assert found.items() >= {**told.to_dict()}.items()
