"""Where attempts are kept: with the course's copies where there are any, and never two in one log."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drilllib import InvalidInputError
from drilllib.machine.folders import sweep
from drilllib.practice import folder

HOLDER = """
import sys
from pathlib import Path
from drilllib.practice.folder import holding
with holding(Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def copies(place: Path) -> Path:
    place.mkdir(parents=True)
    (place / folder.COPIES).write_text("{}")
    return place


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_DATA_HOME is Linux's, other systems keep data elsewhere")
def test_without_a_course_it_is_the_users_data_directory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.practice_folder() == home / ".local/share/drilllib/practice"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert folder.practice_folder() == home / "data/drilllib/practice"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert folder.practice_folder() == home / ".local/share/drilllib/practice"


def test_the_course_comes_first_and_the_one_we_are_in_before_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = copies(home / "drilllib-course")
    assert folder.practice_folder() == course / "practice"
    mine = copies(tmp_path / "mine")
    (mine / "en").mkdir()
    for place in (mine, mine / "en"):
        monkeypatch.chdir(place)
        assert folder.practice_folder() == mine / "practice"
    assert folder.practice_folder(tmp_path / "named") == tmp_path / "named/practice"


def test_what_a_class_handed_out_is_played_where_it_lies(home: Path, tmp_path: Path) -> None:
    """In the working folder before everything, in the home where no course is."""
    start = home / "practice" / folder.START
    start.parent.mkdir(parents=True)
    start.write_text("{}")
    assert folder.practice_folder() == home / "practice"
    course = copies(home / "drilllib-course")
    assert folder.practice_folder() == course / "practice"
    (tmp_path / "work/practice").mkdir()
    shutil.copy(start, tmp_path / "work/practice")
    assert folder.practice_folder() == tmp_path / "work/practice"


def test_a_working_folder_that_is_gone_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert folder.practice_folder().name == "practice"


def test_every_log_is_new_and_named_by_its_time_alone(tmp_path: Path) -> None:
    place = tmp_path / "deep/practice"
    made = [folder.new_log(place) for _ in range(5)]
    assert list(folder.logs(place)) == made
    assert all(re.fullmatch(r"\d{8}T\d{6}\.\d{6}\.jsonl", path.name) for path in made)


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="Your attempt is not kept, ") as told:
        folder.new_log(tmp_path / "file")
    assert "\n" not in str(told.value)
    assert folder.logs(tmp_path / "file") == ()
    kept = folder.log_for_now()
    assert kept.exists()
    shutil.rmtree(kept.parent)


def test_a_log_for_now_is_swept_once_its_process_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that is forked or killed runs nothing at its end."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where nobody else sweeps
    playing = "import os; from drilllib.practice.folder import log_for_now; log_for_now(); os._exit(0)"
    subprocess.run([sys.executable, "-c", playing], check=True)
    assert len(list(tmp_path.glob("drilllib.*"))) == 1
    sweep()
    assert list(tmp_path.glob("drilllib.*")) == []


def test_one_attempt_is_played_by_one_process(tmp_path: Path) -> None:
    """And it is free again whatever ended that process."""
    path = folder.new_log(tmp_path)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "True\n"
    with folder.holding(path) as ours:
        assert not ours
    assert folder.is_held(path)
    assert folder.set_aside((path,)) == ()
    other.kill()
    other.communicate()
    assert not folder.is_held(path)
    with folder.holding(path) as ours:
        assert ours


def test_what_is_set_aside_is_kept_elsewhere(tmp_path: Path) -> None:
    one, two = (folder.new_log(tmp_path) for _ in range(2))
    one.write_text("mine")
    assert folder.set_aside((one,)) == (one,)
    assert folder.logs(tmp_path) == (two,)
    assert (tmp_path / "aside" / one.name).read_text() == "mine"
