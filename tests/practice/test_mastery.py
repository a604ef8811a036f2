"""The learner's mastery: made of the logs alone, whatever becomes of the database, of processes and of the disk."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from drilllib.practice.mastery import DATABASE, Mastery, Row
from tests.waits import PATIENCE_S

PARTS = ("localised", "repaired", "restrained")


def read(path: Path, row: Row) -> Row:
    """A stand-in for the grader: the log says its grade."""
    said = json.loads(path.read_text())
    return replace(row, **said, finished=True)


class Counting:
    """`read`, which counts what was read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, path: Path, row: Row) -> Row:
        self.read.append(path.name)
        return read(path, row)


def play(folder: Path, name: str, *, passed: bool = True, **more: object) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text(json.dumps({"drill": "d", "category": "c", "seed": name, **dict.fromkeys(PARTS, passed), **more}))
    return path


def passed(folder: Path) -> list[tuple[str, bool]]:
    return [(each.seed, each.passed) for each in Mastery(folder, read).played()]


def test_a_log_is_read_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    play(tmp_path, "1"), play(tmp_path, "2", passed=False)
    counting = Counting()
    mastery = Mastery(tmp_path, counting)
    assert [(each.seed, each.passed) for each in mastery.played()] == [("1", True), ("2", False)]
    assert [(each.seed, each.passed) for each in mastery.played()] == [("1", True), ("2", False)]
    assert counting.read == ["1.jsonl", "2.jsonl"]

    play(tmp_path, "2", passed=True, hints=1)
    assert [(each.passed, each.hints) for each in mastery.played()] == [(True, 0), (True, 1)]
    assert counting.read == ["1.jsonl", "2.jsonl", "2.jsonl"]


def test_a_log_that_is_gone_counts_no_more(tmp_path: Path) -> None:
    play(tmp_path, "1"), play(tmp_path, "2")
    assert len(passed(tmp_path)) == 2
    (tmp_path / "1.jsonl").unlink()
    assert passed(tmp_path) == [("2", True)]


SPOILT = {
    "deleted": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "torn": lambda path: path.write_bytes(path.read_bytes()[:3000]),
    "zeros": lambda path: path.write_bytes(path.read_bytes()[:100] + bytes(path.stat().st_size - 100)),
    "a text": lambda path: path.write_text("not a database, and longer than the header of one is: " * 40),
    "another table": lambda path: other(path, "DROP TABLE attempt; CREATE TABLE attempt (log PRIMARY KEY, x)"),
    "no table": lambda path: other(path, "DROP TABLE attempt"),
    "another form": lambda path: other(path, "PRAGMA user_version = 99"),
}


def other(path: Path, script: str) -> None:
    with sqlite3.connect(path) as database:
        database.executescript(script)
    database.close()


@pytest.mark.parametrize("way", SPOILT)
def test_the_database_is_made_again_from_the_logs(tmp_path: Path, way: str) -> None:
    """The logs are the truth: nothing is lost with it, and afterwards it works as before."""
    play(tmp_path, "1"), play(tmp_path, "2", passed=False), play(tmp_path, "3")
    before = passed(tmp_path)
    SPOILT[way](tmp_path / DATABASE)

    assert passed(tmp_path) == before == [("1", True), ("2", False), ("3", True)]
    counting = Counting()
    assert len(Mastery(tmp_path, counting).rows()) == 3
    assert counting.read == []


def test_a_wrong_grade_of_another_version_is_not_believed(tmp_path: Path) -> None:
    play(tmp_path, "1")
    assert passed(tmp_path) == [("1", True)]
    other(tmp_path / DATABASE, "UPDATE attempt SET version = '0.0.1', repaired = 0")

    assert passed(tmp_path) == [("1", True)]


def test_a_log_without_a_grade_does_not_count(tmp_path: Path) -> None:
    play(tmp_path, "1", problem="made with another engine")
    mastery = Mastery(tmp_path, read)
    assert (mastery.played(), mastery.rows()[0].problem) == ((), "made with another engine")


def test_a_log_just_begun_is_none_yet(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").touch()
    assert Mastery(tmp_path, read).rows() == ()


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_cannot_be_written_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """Root may write anywhere, so that the disk is asked to refuse by SQLite's own word."""
    play(tmp_path, "1")
    if there:
        passed(tmp_path)
        play(tmp_path, "2")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **rest: connect(f"file:{path}?mode=ro", uri=True, **rest))

    assert passed(tmp_path) == [("1", True), ("2", True)][: 1 + there]
    assert (tmp_path / DATABASE).exists() == there


def test_no_folder_is_no_attempts_and_none_is_made(tmp_path: Path) -> None:
    assert Mastery(tmp_path / "none", read).rows() == ()
    assert list(tmp_path.iterdir()) == []


CHILD = """
import sys
from pathlib import Path
from tests.practice.test_mastery import *
folder, name = Path(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    play(folder, f"{name}{number:04}")
    assert f"{name}{number:04}" in dict(passed(folder))
    print(number, flush=True)
"""


def child(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", CHILD, str(folder), name, str(count)]
    return subprocess.Popen(words, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Both read, grade and write the same database; neither waits for ever, nor fails."""
    children = [child(tmp_path, name, 15) for name in "ab"]
    assert [each.communicate(timeout=PATIENCE_S)[0].split()[-1:] for each in children] == [["14"], ["14"]]

    counting = Counting()
    assert len(Mastery(tmp_path, counting).rows()) == 30
    assert len(passed(tmp_path)) == 30


@pytest.mark.parametrize("after", [0, 3])
def test_a_killed_process_leaves_a_database_that_works(tmp_path: Path, after: int) -> None:
    killed = child(tmp_path, "a", 100_000)
    assert killed.stdout is not None
    for _ in range(after + 1):
        killed.stdout.readline()
    time.sleep(0.005)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()

    there = sorted(path.stem for path in tmp_path.glob("*.jsonl") if path.stat().st_size)
    assert [seed for seed, _ in passed(tmp_path)] == there
    assert len(there) > after
