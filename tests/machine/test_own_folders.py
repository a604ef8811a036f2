"""Folders of ours: nobody else's eyes, and gone once their process is."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drilllib.machine import folders, locks, private

MAKES = "from drilllib.machine.folders import Folder; f = Folder('shell'); print(f.path, flush=True); input()"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Pytest's folders are for the user of the tests only."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    yield made
    shutil.rmtree(made)


def maker(folder: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a folder, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, Path(process.stdout.readline().strip())


def test_a_folder_goes_when_it_is_closed(temporary: Path) -> None:
    with folders.Folder("shell") as made:
        assert made.parent == temporary
        (made / "deep").mkdir()
        assert folders.is_held(made)

    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_has_is_not(temporary: Path) -> None:
    killed, left = maker(temporary)
    living, kept = maker(temporary)
    killed.kill()
    killed.wait()
    assert (left.exists(), folders.is_held(left), folders.is_held(kept)) == (True, False, True)
    assert sys.platform != "linux" or (locks.holder(left), locks.holder(kept)) == (None, living.pid)

    with folders.Folder("cloud") as ours:
        folders.sweep()
        assert sorted(temporary.iterdir()) == sorted([kept, ours])

    living.send_signal(signal.SIGKILL)
    living.wait()
    folders.sweep()
    assert list(temporary.iterdir()) == []


def test_nothing_is_swept_that_we_did_not_make(temporary: Path) -> None:
    """Somebody's own folder, a file, a link to a folder: whatever it is called."""
    elsewhere = temporary / "precious"
    elsewhere.mkdir()
    (temporary / "drilllib.notes").mkdir()
    (temporary / "drilllib.cloud.abcdefgh.old").mkdir()
    (temporary / "drilllib.cloud.abcdefg1").write_text("")
    (temporary / "drilllib.cloud.abcdefg2").symlink_to(elsewhere)
    before = sorted(temporary.iterdir())

    folders.sweep()

    assert sorted(temporary.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_modes_are_the_same_under_any_umask_for_a_plain_user(open_to_all: Path, umask: int) -> None:
    """0777 would lock a plain user out of what they have just made; 0000 would let everybody in."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setuid(1000)
            os.umask(umask)
            with folders.Folder("run") as made:
                inner = private.folder(made / "inner")
                private.write(inner / "key", "secret")
                private.replace(inner / "record", "1")
                private.replace(inner / "record", "2")
                modes = {each.name: each.stat().st_mode & 0o777 for each in (made, inner, *inner.iterdir())}
                expected = {made.name: 0o700, "inner": 0o700, "key": 0o600, "record": 0o600}
                code = 0 if modes == expected and (inner / "record").read_text() == "2" else 2
        finally:
            os._exit(code)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_that_was_there_is_private_before_anything_is_in_it(temporary: Path) -> None:
    place = temporary / "key"
    place.write_text("something long that was there")
    place.chmod(0o666)
    private.write(place, "secret")
    (temporary / "link").symlink_to(place)

    assert (place.read_text(), place.stat().st_mode & 0o777) == ("secret", 0o600)
    with pytest.raises(OSError, match="symbolic"):
        private.write(temporary / "link", "x")


def test_a_folder_that_is_swept_as_soon_as_it_is_made_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its making and its lock it is nobody's, and another command sweeps."""
    made: list[str] = []
    make = tempfile.mkdtemp

    def swept_once(**options: str) -> str:
        made.append(make(**options))
        if len(made) == 1:
            folders.sweep()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", swept_once)
    with folders.Folder("shell") as kept:
        assert kept.is_dir()

    assert len(made) == 2
