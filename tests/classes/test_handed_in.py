"""What learners hand in is kept as it is, once; what is no log is told, and the others are taken."""

import os
from pathlib import Path

import pytest

from drilllib.classes.handed_in import LARGEST, collect, handed_in
from drilllib.cli import main
from tests.classes.rooms import class_in, played, practice_of, tasks_of

pytest.importorskip("yaml", reason="a class's file is YAML")


def test_folders_of_many_of_one_and_single_logs_are_taken_once(tmp_path: Path) -> None:
    """Whose a log is, is told by the folder's name, or where that is nobody's, by the log."""
    place = class_in(tmp_path)
    first = played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0], finished=False)
    played(practice_of(tmp_path, "bob") / "1.jsonl", tasks_of(tmp_path, "bob")[0], finished=False)
    (tmp_path / "mail.jsonl").write_bytes(first.read_bytes())
    assert collect(place, [practice_of(tmp_path, "bob")]).new == 1
    found = collect(place, [tmp_path / "mail.jsonl", tmp_path / "starts", practice_of(tmp_path, "bob").parent])
    assert (found.new, found.known, found.refused) == (1, 3, [])
    kept = sorted(handed_in(place))
    assert [each.learner for each in kept] == ["alice", "bob"]
    assert kept[0].path.read_bytes() == first.read_bytes()
    assert kept[0].path.stat().st_mode & 0o777 == 0o600


def test_what_is_no_log_is_told_and_the_others_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class_in(tmp_path)
    folder = tmp_path / "returned"
    folder.mkdir()
    played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0], finished=False)
    (folder / "a.jsonl").write_bytes((practice_of(tmp_path, "alice") / "1.jsonl").read_bytes())
    (folder / "b.jsonl").write_bytes(b"")
    (folder / "c.jsonl").write_bytes(b"\xff\xfe no log\n")
    (folder / "d.jsonl").write_bytes((folder / "a.jsonl").read_bytes().replace(b'"alice"', b'"mallory"'))
    with (folder / "e.jsonl").open("wb") as file:
        file.truncate(100 << 20)
    (folder / "f.jsonl").symlink_to(folder / "a.jsonl")
    os.mkfifo(folder / "g.jsonl")
    assert main(["class", "hand-in", str(tmp_path / "monday.yaml"), str(folder), "--lang", "en"]) == 1
    head, *told = capsys.readouterr().out.splitlines()
    assert head == "Taken: 1 logs. Handed in before: 0. Not taken: 6."
    assert [line.strip().removeprefix(f"{folder}/") for line in told] == [
        "b.jsonl: is empty",
        "c.jsonl: is no log of an attempt, and in no learner's folder",
        "d.jsonl: is of 'mallory', who is not in the class",
        "e.jsonl: has more than 16 MiB, which no attempt has",
        "f.jsonl: is a link",
        "g.jsonl: is empty",
    ]
    assert LARGEST == 16 << 20


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class_in(tmp_path)
    assert main(["class", "hand-in", str(tmp_path / "monday.yaml"), str(tmp_path / "nowhere"), "--lang", "en"]) == 2
    assert "is not there" in capsys.readouterr().err
