"""A user without any privilege has the same labs as root, in a user namespace."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from standing_labs import Commands, Screen, commands, needs_real_packets

import drilllib
from drilllib.labs.netns.sandbox import environment
from tests.waits import PATIENCE_S

PYTHON = "/usr/bin/python3"
USER = 1000
pytestmark = [
    needs_real_packets,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user; the other tests ran as a plain one"),
    pytest.mark.skipif(not (shutil.which("setpriv") and Path(PYTHON).exists()), reason="setpriv or Python is missing"),
]


@pytest.fixture(scope="module")
def drill() -> Iterator[Commands]:
    """The package where everybody can read it, run by somebody who is nobody."""
    folder = Path(tempfile.mkdtemp(prefix="drilllib-plain-"))
    folder.chmod(0o755)
    shutil.copytree(Path(drilllib.__file__).parent, folder / "drilllib", ignore=shutil.ignore_patterns("__pycache__"))
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "env", f"HOME={folder}"]
    try:
        with commands([*become, f"PYTHONPATH={folder}", "PATH=/usr/bin:/bin", PYTHON]) as mine:
            up = mine.run("lab", "up", mine.lab, "--slowness", "0.05", cwd="/")
            if "This machine forbids" in up.stderr:
                pytest.skip(up.stderr)
            assert up.returncode == 0, up.stderr
            yield mine
    finally:
        shutil.rmtree(folder)


def test_requests_are_answered(drill: Commands) -> None:
    assert " 200 " in drill.shell("client", "curl", "-sI", "http://192.0.2.10", cwd="/").stdout


def test_one_stays_oneself_and_may_still_look_at_everything(drill: Commands) -> None:
    """Tools that want a network administrator find one."""
    assert drill.shell("client", "id", "-u", cwd="/").stdout == f"{USER}\n"
    assert "kube-proxy" in drill.shell("node-a", "nft", "list", "tables", cwd="/").stdout


@pytest.mark.skipif(shutil.which("tcpdump", path=environment()["PATH"]) is None, reason="tcpdump is not installed")
def test_packets_are_seen(drill: Commands) -> None:
    script = "(sleep 0.7; curl -sI http://192.0.2.10 >/dev/null) & timeout 9 tcpdump -ni eth0 --immediate-mode -c 1 tcp"
    run = drill.shell("client", "sh", "-c", script, cwd="/")

    assert "203.0.113.10" in run.stdout, run.stderr
    assert "> 192.0.2.10.80: Flags [S]" in run.stdout


def test_a_terminal_works(drill: Commands) -> None:
    screen = Screen(drill.line("shell", "node-a", "--lab", drill.lab), drill.environment)
    screen.waits_for(r"\[node-a\] \$ ")
    screen.type("exit 9\n")

    assert screen.status() == 9


def test_rules_are_changed(drill: Commands) -> None:
    drill.run("lab", "rules", "sg-node0001", "--clear", "--lab", drill.lab, cwd="/")

    assert " 504 " in drill.shell("client", "curl", "-sI", "http://192.0.2.10", cwd="/").stdout


def test_other_users_do_not_find_the_lab(drill: Commands) -> None:
    """Root has labs of its own, and another user has no part in ours."""
    line = [each.replace(f"={USER}", f"={USER + 1}") for each in drill.line("lab", "status", drill.lab)]
    other = Commands(line[: line.index("-m")])
    assert other.run("lab", "down", drill.lab, cwd="/").returncode == 2

    asked = f"door.connect('\\0drilllib-lab-{USER}-{drill.lab}'); print(door.recv(9))"
    knock = f"import socket; door = socket.socket(socket.AF_UNIX); {asked}"
    knocks = [*other.line()[:-2], "-c", knock]
    said = subprocess.run(knocks, capture_output=True, text=True, check=False, cwd="/", timeout=PATIENCE_S).stdout
    assert said == "b''\n"
    assert drill.shell("client", "true", cwd="/").returncode == 0
