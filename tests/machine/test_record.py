"""A record of who is there: one at a time has it, and it is believed as long as its process lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drilllib.machine import locks, record
from drilllib.machine.record import Found

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
HOLDS = (
    "import sys; from pathlib import Path; from drilllib.machine import record; r = record.claim(Path(sys.argv[1]));"
)
HOLDS += " r.write('them'); print('held', flush=True); input()"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "record.json"


def other(place: Path) -> subprocess.Popen[str]:
    """Another process, which has the record by now."""
    command = [sys.executable, "-c", HOLDS, str(place)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_one_at_a_time_has_it_and_a_killed_ones_is_taken_over(place: Path) -> None:
    living = other(place)
    assert record.claim(place) is None
    assert record.read(place) == Found("them", held=True)
    assert sys.platform != "linux" or locks.holder(place) == living.pid

    living.kill()
    living.wait()
    assert record.read(place) == Found("them", held=False)
    ours = record.claim(place)
    assert ours is not None
    assert record.read(place) == Found("", held=True)
    ours.write("us")
    assert (record.read(place), place.stat().st_mode & 0o777) == (Found("us", held=True), 0o600)
    ours.close()
    ours.close()
    assert record.read(place) is None


def test_only_a_dead_ones_is_removed(place: Path) -> None:
    living = other(place)
    record.remove(place)
    assert place.exists()

    living.kill()
    living.wait()
    record.remove(place)
    record.remove(place)
    assert not place.exists()


def test_a_record_that_was_taken_away_is_not_the_next_ones(place: Path) -> None:
    """Somebody tidies /tmp, and another cloud starts: the first one's end leaves the second one's record."""
    first = record.claim(place)
    place.unlink()
    second = record.claim(place)
    second.write("second")
    first.close()

    assert record.read(place) == Found("second", held=True)
    second.close()


def test_only_a_file_of_ones_own_is_believed_and_written(place: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    place.symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="is not a file of this user's"):
        record.claim(place)
    assert record.read(place) is None
    assert (tmp_path / "precious").read_text() == "precious"

    place.unlink()
    place.mkdir()
    assert record.read(place) is None
    if os.geteuid() == 0:
        place.rmdir()
        place.write_text("another user's")
        os.chown(place, 1000, 1000)
        assert record.read(place) is None


def test_one_that_looks_keeps_nobody_from_claiming_it(place: Path) -> None:
    """Whoever reads a record tries its lock for a moment."""
    place.write_text("dead")
    looking = os.open(place, os.O_RDONLY)
    assert locks.is_held(looking) is False

    claimed = record.claim(place)

    assert claimed is not None
    claimed.close()
    os.close(looking)


def test_one_removed_in_the_moment_before_the_lock_is_not_taken_for_ours(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process removes the dead one's between our opening and our locking it."""
    place.write_text("dead")
    lock, locked = locks.lock, []

    def late(file: int) -> bool | None:
        if not locked:
            place.unlink()
        locked.append(file)
        return lock(file)

    monkeypatch.setattr(locks, "lock", late)
    ours = record.claim(place)
    ours.write("us")

    assert record.read(place) == Found("us", held=True)
    ours.close()
