"""Generated files are written all or none, and never over an edited one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drilllib.deploy.folders import write_files
from drilllib.errors import InvalidInputError
from tests.waits import PATIENCE_S

FIRST = {"a.txt": "a1\n", "b.txt": "b1\n", "c.txt": "c1\n"}
SECOND = {"a.txt": "a2\n", "b.txt": "b2\n", "c.txt": "c1\n"}
THIRD = {"a.txt": "a3\n", "b.txt": "b3\n", "c.txt": "c3\n"}


def contents(folder: Path) -> dict[str, str]:
    """Everything in the folder, hidden files too."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def shown(folder: Path) -> dict[str, str]:
    return {name: text for name, text in contents(folder).items() if not name.startswith(".")}


def test_untouched_files_become_the_newer_ones(tmp_path: Path) -> None:
    assert write_files(tmp_path / "new" / "out", FIRST) == list(FIRST)
    assert write_files(tmp_path / "new" / "out", SECOND) == ["a.txt", "b.txt"]
    assert shown(tmp_path / "new" / "out") == SECOND


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    """Not even the same bytes again: a watcher or a build would start."""
    write_files(tmp_path, FIRST)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}

    assert write_files(tmp_path, FIRST) == []
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", FIRST)
def test_an_edited_file_is_named_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    """Half the files new and half old is worse than none."""
    write_files(tmp_path, FIRST)
    (tmp_path / name).write_text("mine\n")
    before = contents(tmp_path)

    with pytest.raises(InvalidInputError, match=name):
        write_files(tmp_path, THIRD)
    assert contents(tmp_path) == before


def test_a_file_from_elsewhere_is_left_alone_and_one_with_our_text_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a1\n")
    (tmp_path / "notes.txt").write_text("mine\n")
    assert write_files(tmp_path, FIRST) == ["b.txt", "c.txt"]
    assert write_files(tmp_path, SECOND) == ["a.txt", "b.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine\n"


@pytest.mark.parametrize("record", [None, "half a reco", "[]", '{"a.txt": 1}'])
def test_without_its_record_every_file_counts_as_edited(record: str | None, tmp_path: Path) -> None:
    """When in doubt, nothing is lost."""
    write_files(tmp_path, FIRST)
    (tmp_path / ".drill-render.json").unlink()
    if record is not None:
        (tmp_path / ".drill-render.json").write_text(record)

    with pytest.raises(InvalidInputError, match=r"a\.txt, b\.txt"):
        write_files(tmp_path, SECOND)
    assert shown(tmp_path) == FIRST


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(InvalidInputError, match=r"b\.txt"):
        write_files(tmp_path, FIRST)
    assert shown(tmp_path) == {}


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_file_in_the_place_of_the_folder_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine\n")
    with pytest.raises(InvalidInputError, match="cannot be made"):
        write_files(tmp_path / place, FIRST)
    assert (tmp_path / "taken").read_text() == "mine\n"


def test_a_read_only_folder_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write into any folder, so the refusal is played."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(InvalidInputError, match=r"Read-only file system\. Name a folder that lets you write"):
        write_files(tmp_path, FIRST)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", range(8))
@pytest.mark.parametrize("before", [{}, FIRST], ids=["new", "written before"])
def test_a_failure_at_any_step_leaves_everything_as_it_was(
    before: dict[str, str], step: int, failure: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four files are written aside, the record being one, and moved into place: each of these eight steps can fail."""
    if before:
        write_files(tmp_path, before)
    present, count = contents(tmp_path), iter(range(100))

    def failing(original):
        def run(*arguments, **options):
            if next(count) == step:
                raise failure
            return original(*arguments, **options)

        return run

    monkeypatch.setattr(Path, "write_text", failing(Path.write_text))
    monkeypatch.setattr(os, "replace", failing(os.replace))
    with pytest.raises((InvalidInputError, KeyboardInterrupt)):
        write_files(tmp_path, THIRD)
    monkeypatch.undo()
    assert contents(tmp_path) == present
    assert write_files(tmp_path, THIRD) == list(THIRD)


KILLED = """
import os, sys
from pathlib import Path
from drilllib.deploy.folders import write_files
replace, left = os.replace, [int(sys.argv[2])]
def dying(*arguments):
    if not left[0]: os._exit(9)
    left[0] -= 1
    replace(*arguments)
os.replace = dying
write_files(Path(sys.argv[1]), {"a.txt": "a2\\n", "b.txt": "b2\\n", "c.txt": "c1\\n"})
"""


@pytest.mark.parametrize("moves", range(3))
def test_killed_half_way_every_file_is_whole_and_the_next_run_knows_them(moves: int, tmp_path: Path) -> None:
    """Nothing can be put back after a kill; but no file may look edited because of it."""
    write_files(tmp_path, FIRST)
    run = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(moves)], timeout=PATIENCE_S)

    assert run.returncode == 9
    for name in FIRST:
        assert (tmp_path / name).read_text() in (FIRST[name], SECOND[name])
    write_files(tmp_path, THIRD)
    assert {name: (tmp_path / name).read_text() for name in THIRD} == THIRD
