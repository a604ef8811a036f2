"""However a command ends, nothing of it is left: no process, no folder, no key."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from tests.machine.started import World, kernel_client
from tests.thorough import thorough
from tests.waits import PATIENCE_S, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
ENDINGS = (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL)
# Children of every kind: with their parent, in the background, in a session of their own, left by their parent.
FAMILY = "sleep 601 & setsid sleep 602 & (sleep 603 &) ; echo ready; sleep 604"
GUARDED = """
import signal, sys
from pathlib import Path
from drilllib.machine import guarded
first, grace, folder, *words = sys.argv[1:]
started = guarded.start(words, first=int(first), grace_s=float(grace), folder=Path(folder) if folder else None)
sys.exit(started.wait())
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.run("cloud", "down")
    for pid in made.processes():  # by their mark: nobody else's
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[World]:
    """A program that starts what it is told under a guard."""
    made = World(tmp_path, (sys.executable, "-c", GUARDED))
    yield made
    for pid in made.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def sleeping(world: World, *seconds: int) -> set[int]:
    """Which of those sleeps are there?"""
    lines = [line.split() for line in world.processes().values()]
    found = {int(words[1]) for words in lines if words[:1] == ["sleep"]}
    return found & set(seconds) if seconds else found


def ready(running: subprocess.Popen[str]) -> None:
    assert next(line for line in running.stdout if "ready" in line)


def test_all_that_came_of_a_command_ends_with_who_asked_for_it(guarded: World) -> None:
    kept = guarded.temporary / "kept"
    kept.mkdir()
    (kept / "key").write_text("secret")
    asking = guarded.start(str(int(signal.SIGHUP)), "2", str(kept), "sh", "-c", FAMILY)
    ready(asking)
    assert wait_until(lambda: sleeping(guarded) == {601, 602, 603, 604})

    asking.kill()
    asking.wait()

    assert guarded.nothing_left()


def test_what_was_told_to_outlive_a_terminal_does(guarded: World) -> None:
    """Under nohup, or a lab or cloud that stands by itself, with what that starts."""
    stays = "nohup sleep 611 >/dev/null & DRILL_STANDS=1 setsid sh -c 'env -u DRILL_STANDS sleep 612; :' & "
    asking = guarded.start(str(int(signal.SIGHUP)), "2", "", "sh", "-c", stays + FAMILY)
    ready(asking)
    assert wait_until(lambda: sleeping(guarded) == {601, 602, 603, 604, 611, 612})

    asking.kill()
    asking.wait()

    assert guarded.gone(lambda left: not any("guard.py" in line for line in left.values()))
    assert sleeping(guarded) == {611, 612}


def test_what_will_not_end_is_killed_in_the_end(guarded: World) -> None:
    script = "(trap : TERM HUP; echo ready; while :; do sleep 0.1; done) & wait"
    asking = guarded.start(str(int(signal.SIGTERM)), "0.2", "", "sh", "-c", script)
    ready(asking)

    asking.kill()
    asking.wait()

    assert guarded.nothing_left()


def test_a_command_that_is_told_has_time_to_tidy_up(guarded: World) -> None:
    place = guarded.temporary / "tidy"
    script = f"trap 'sleep 0.3; touch {place}; exit' TERM; echo ready; while :; do sleep 0.1; done"
    asking = guarded.start(str(int(signal.SIGTERM)), str(PATIENCE_S), "", "sh", "-c", script)
    ready(asking)

    asking.kill()
    asking.wait()

    assert guarded.gone(lambda left: not left)
    assert place.exists()


def test_a_killed_guard_takes_its_command_along(guarded: World) -> None:
    asking = guarded.start(str(int(signal.SIGTERM)), "1", "", "sleep", "620")
    assert wait_until(lambda: sleeping(guarded) == {620})
    (guard,) = (pid for pid, line in guarded.processes().items() if "guard.py" in line)

    os.kill(guard, signal.SIGKILL)

    assert asking.wait(PATIENCE_S) == 256 - signal.SIGKILL
    assert guarded.nothing_left()


@pytest.mark.parametrize(
    ("script", "status"), [("exit 7", 7), ("kill -9 $$", 137), ("trap : INT; kill -INT $$; exit 3", 3)]
)
def test_a_guard_passes_signals_and_the_status_on(guarded: World, script: str, status: int) -> None:
    assert guarded.run(str(int(signal.SIGTERM)), "1", "", "sh", "-c", script).returncode == status


def shells(world: World) -> list[str]:
    return [name for name in world.left() if name.startswith("drilllib.shell.")]


@pytest.mark.parametrize("how", ENDINGS, ids=lambda how: how.name)
def test_a_shell_beside_a_cloud(world: World, how: signal.Signals) -> None:
    assert world.run("cloud", "up").returncode == 0
    shell = world.start("shell", "--", "sh", "-c", FAMILY)
    ready(shell)
    assert wait_until(lambda: sleeping(world) == {601, 602, 603, 604})
    assert len(shells(world)) == 1

    shell.send_signal(how)

    assert shell.wait(PATIENCE_S) == (-how if how == signal.SIGKILL else 128 + how)
    assert wait_until(lambda: not sleeping(world) and not shells(world))
    assert world.run("cloud", "status").returncode == 0
    assert world.run("cloud", "down").returncode == 0
    assert world.nothing_left()


def test_a_shell_whose_terminal_is_closed(world: World) -> None:
    assert world.run("cloud", "up").returncode == 0
    ours, theirs = os.openpty()
    files = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
    opened = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    line = [sys.executable, "-c", opened, *world.line("shell")]
    shell = subprocess.Popen(line, env=world.environment, cwd=world.folder, **files)
    os.close(theirs)
    os.write(ours, b"sleep 605 &\nsleep 606\n")
    assert wait_until(lambda: sleeping(world) == {605, 606})

    os.close(ours)

    shell.wait(PATIENCE_S)
    assert wait_until(lambda: not sleeping(world) and not shells(world))
    assert world.run("cloud", "down").returncode == 0
    assert world.nothing_left()


def test_a_cloud_that_was_started_in_a_shell_outlives_it(world: World) -> None:
    assert world.run("cloud", "up").returncode == 0
    again = f"{sys.executable} -m drilllib cloud down; {sys.executable} -m drilllib cloud up; echo ready; sleep 607"
    shell = world.start("shell", "--", "sh", "-c", again)
    ready(shell)
    shell.kill()
    shell.wait()

    assert wait_until(lambda: not sleeping(world) and not shells(world))
    assert world.run("cloud", "status").returncode == 0


@pytest.mark.parametrize("kind", ["warm", pytest.param("cold", marks=thorough)])
@pytest.mark.parametrize("how", ENDINGS, ids=lambda how: how.name)
def test_a_run(world: World, how: signal.Signals, kind: str) -> None:
    pytest.importorskip("papermill", reason="papermill is not installed")
    details = ("--lang", "all", "--jobs", "2", "--kernel", kind)
    running = world.start("run", "00", "01", "02", "03", *details, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: len(list(world.temporary.glob("drilllib.run.*/*.json"))) == 2)  # the kernels' keys

    running.send_signal(how)

    assert running.wait(PATIENCE_S) == (-how if how == signal.SIGKILL else 128 + how)
    assert world.nothing_left()


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGKILL], ids=lambda how: how.name)
def test_a_course_with_a_kernel_and_what_its_cells_started(world: World, how: signal.Signals) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    running = world.start("course", "--no-browser", "--dir", str(world.folder / "course"))
    url = next(line.strip() for line in running.stdout if line.startswith("http://"))
    in_a_cell(world, *url.split("/lab/tree/"), "import subprocess; subprocess.Popen(['setsid', 'sleep', '608'])")
    assert wait_until(lambda: sleeping(world) == {608})

    running.send_signal(how)

    assert running.wait(PATIENCE_S) == (-how if how == signal.SIGKILL else 0)
    assert world.nothing_left()


def in_a_cell(world: World, base: str, rest: str, code: str) -> None:
    """Run code in a new kernel of a JupyterLab."""
    asked = urllib.request.Request(f"{base}/api/kernels", b"{}", {"Authorization": f"token {rest.split('token=')[1]}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=PATIENCE_S) as answer:
        kernel = json.load(answer)["id"]
    (file,) = world.temporary.glob(f"drilllib.course.*/runtime/kernel-{kernel}.json")
    client = kernel_client(file)
    assert client.execute_interactive(code)["content"]["status"] == "ok"
    client.stop_channels()


@pytest.mark.parametrize("how", [signal.SIGINT, *ENDINGS], ids=lambda how: how.name)
def test_the_one_that_starts_a_cloud(world: World, how: signal.Signals) -> None:
    """What nobody was told of does not stand; the next command finds nothing to sweep."""
    starting = world.start("cloud", "up")
    assert wait_until(lambda: any(name.startswith("drilllib.cloud.") for name in world.left()))  # its keys are next

    starting.send_signal(how)
    said = starting.communicate(timeout=PATIENCE_S)[0]  # the cloud's, too, until that has ended

    assert world.nothing_left()
    assert said == ("drill cloud: interrupted\n" if how == signal.SIGINT else "")


def test_what_a_killed_cloud_leaves_is_swept_by_the_next_command(world: World) -> None:
    """Even one that was killed while it started, of which nothing is on record yet."""
    starting = world.start("cloud", "up")
    assert wait_until(lambda: any(name.startswith("drilllib.cloud.") for name in world.left()))
    for pid, line in world.processes().items():
        if "drilllib.cloud.process" in line:
            os.kill(pid, signal.SIGKILL)
    assert starting.wait(PATIENCE_S) == 2

    world.run("cloud", "status")

    assert world.nothing_left()
