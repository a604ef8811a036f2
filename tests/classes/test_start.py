"""A learner plays what was handed out, in its order; every line that is written is signed with his key."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.practice.signed import first_broken
from drilllib.errors import InvalidInputError, LabStateError
from drilllib.practice.log import read
from drilllib.practice.session import Session
from drilllib.practice.start import read_start
from tests.classes.rooms import CLASS, class_in, played, practice_of, tasks_of

pytest.importorskip("yaml", reason="a class's file is YAML")
Play = Callable[..., int]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setenv("DRILL_LANG", "en")

    def run(lines: str, *arguments: str, learner: str = "alice") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        return main(["practice", *arguments, "--dir", str(practice_of(tmp_path, learner).parent)])

    return run


def logs(folder: Path) -> list[Path]:
    return sorted(practice_of(folder, "alice").glob("*.jsonl"))


def test_drill_practice_plays_the_tasks_in_their_order(tmp_path: Path, play: Play) -> None:
    """One that waits goes on; a second world of a drill comes where the first was not passed; then nothing is left."""
    class_in(tmp_path)
    tasks = tasks_of(tmp_path, "alice")
    assert [each.drill for each in tasks] == ["rule-order", "node-source", "node-source"]
    assert play("curl\nquit\n") == 3
    assert play("state nothing\ndone yes\n") == 1
    assert len(logs(tmp_path)) == 1
    assert play("state nothing\ndone yes\n") == play("state nothing\ndone yes\n") == 1
    headers = [read(each).header for each in logs(tmp_path)]
    assert [(each.drill, each.seed, each.level) for each in headers] == [
        (each.drill, each.seed, each.level) for each in tasks
    ]
    assert {each.learner for each in headers} == {"alice"}
    assert play("") == 2


def test_a_second_world_is_not_set_to_who_passed_the_first(tmp_path: Path, play: Play) -> None:
    class_in(tmp_path)
    first, second, _ = tasks_of(tmp_path, "alice")
    played(practice_of(tmp_path, "alice") / "1.jsonl", second)
    play("state nothing\ndone yes\n")
    assert read(logs(tmp_path)[1]).header.drill == first.drill
    assert play("") == 2


def test_a_drill_is_played_by_its_name_too(tmp_path: Path, play: Play) -> None:
    """The world that is set, and the attempt at it that waits; one that is not set is drawn as ever."""
    class_in(tmp_path)
    assert play("curl\nquit\n", "node-source") == play("quit\n", "node-source") == 3
    (log,) = logs(tmp_path)
    assert read(log).header.seed == tasks_of(tmp_path, "alice")[1].seed
    play("quit\n", "wrong-port")
    assert read(logs(tmp_path)[1]).header.drill == "wrong-port"


def test_every_line_is_signed_also_of_an_attempt_that_goes_on(tmp_path: Path, play: Play) -> None:
    class_in(tmp_path)
    play("curl\nquit\n")
    play("health\nstate nothing\ndone yes\n")
    lines = logs(tmp_path)[0].read_bytes().splitlines(keepends=True)
    start = read_start(practice_of(tmp_path, "alice") / "start.json")
    assert len(lines) == 5
    assert first_broken(start.secret, lines) is None
    assert first_broken(read_start(practice_of(tmp_path, "bob") / "start.json").secret, lines) == 0


def test_an_attempt_does_not_go_on_by_another_start_or_by_none(tmp_path: Path) -> None:
    """It would be broken from there on; nothing is written."""
    class_in(tmp_path)
    path = played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0], finished=False)
    for there in (practice_of(tmp_path, "bob") / "1.jsonl", tmp_path / "1.jsonl"):
        there.write_bytes(path.read_bytes())
        with pytest.raises(InvalidInputError, match="was signed in a class, and not by the start that lies beside it"):
            Session.resume(there)
        assert there.read_bytes() == path.read_bytes()
    Session.resume(path).close()


def test_nobody_plays_before_the_class_opens(tmp_path: Path, play: Play) -> None:
    class_in(tmp_path, CLASS.replace("roster:", "opens: 2999-01-01T00:00:00Z\nroster:"))
    assert play("curl\n") == 2
    assert logs(tmp_path) == []
    start = read_start(practice_of(tmp_path, "alice") / "start.json")
    start.require_open("2999-01-01T00:00:00Z")
    with pytest.raises(LabStateError):
        start.require_open("2998-12-31T23:59:59Z")


def test_what_is_handed_out_again_leaves_attempts_alone(tmp_path: Path) -> None:
    class_in(tmp_path)
    path = played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0])
    before = (path.read_bytes(), (path.parent / "start.json").stat().st_mtime_ns)
    class_in(tmp_path)
    assert (path.read_bytes(), (path.parent / "start.json").stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    "change",
    [{"schema": "x"}, {"key": "zz"}, {"tasks": [{}]}, {"learner": 3}, {"opens": "now"}, {"closes": "2026-12-01"}],
)
def test_a_start_that_was_changed_into_none_is_told(tmp_path: Path, play: Play, change: dict[str, object]) -> None:
    class_in(tmp_path)
    path = practice_of(tmp_path, "alice") / "start.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert play("curl\n") == 2
    assert logs(tmp_path) == []
