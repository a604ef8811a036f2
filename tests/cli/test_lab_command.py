"""`drill lab`: a lab stands by itself until it is ended, can be changed meanwhile, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standing_labs import Commands, Screen, commands, needs_real_packets

from drilllib.core.drills import faults
from tests.thorough import thorough
from tests.waits import PATIENCE_S, wait_until

pytestmark = needs_real_packets


@pytest.fixture
def drill() -> Iterator[Commands]:
    with commands() as mine:
        yield mine


def test_a_lab_goes_up_is_asked_and_goes_down(drill: Commands, tmp_path: Path) -> None:
    """As a user would, in three commands; the command that started it is long gone when the others come."""
    up = drill.run("lab", "up", drill.lab, cwd=tmp_path)
    assert up.returncode == 0, up.stderr
    assert up.stdout.startswith("  namespaces\n  interfaces and routes\n  rules\n  servers\nlab ")
    assert "client, clb, node-a, node-b, web-1" in up.stdout
    assert "drill shell client" in up.stdout

    said = drill.run("lab", "status", drill.lab).stdout
    assert "  node-a  10.0.35.11\n" in said
    assert "  ins-nodea001:30713  Alive\n" in said
    assert "sg-node0001  version 1, 1 ingress, 1 egress" in said
    assert json.loads(drill.run("lab", "status", drill.lab, "--json").stdout)["slowness"] == 0.5

    down = drill.run("lab", "down", drill.lab)
    assert (down.returncode, down.stdout) == (0, f"lab {drill.lab} has ended; nothing is left of it\n")
    assert drill.processes() == []
    assert list(tmp_path.iterdir()) == []


def test_a_second_lab_of_the_same_name_is_refused(drill: Commands) -> None:
    assert drill.up().returncode == 0
    before = drill.processes()

    again = drill.up()

    assert again.returncode == 2
    assert again.stderr == (
        f"drill lab: A lab named '{drill.lab}' is up already. Use it, or end it with drill lab down {drill.lab}.\n"
    )
    assert drill.processes() == before
    assert drill.shell("client", "true").returncode == 0


@pytest.mark.parametrize("arguments", [("status",), ("down",)], ids=" ".join)
def test_a_lab_that_is_not_up_is_said_so(drill: Commands, arguments: tuple[str, ...]) -> None:
    said = drill.run("lab", *arguments, drill.lab)

    assert said.returncode == 2
    assert said.stderr.startswith(("drill lab: No lab is up. ", f"drill lab: No lab named '{drill.lab}' is up. "))


def test_names_that_cannot_be_are_refused(drill: Commands) -> None:
    said = drill.run("lab", "up", "no/name")

    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("drill lab: The lab's name is 'no/name'. Use up to 40 letters")


MOMENTS_MS = [150, 300, 500, 750, *(pytest.param(each, marks=thorough) for each in (40, 400, 600, 900))]


@pytest.mark.parametrize("after_ms", MOMENTS_MS)
def test_a_killed_start_leaves_nothing(drill: Commands, after_ms: int) -> None:
    """At whatever moment: the lab stands by itself only once the command has said that it is up."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    starting = subprocess.Popen(drill.line("lab", "up", drill.lab), env=drill.environment, **quiet)
    time.sleep(after_ms / 1000)
    starting.kill()
    starting.wait()

    assert stands(drill) or drill.nothing_left()


def stands(drill: Commands) -> bool:
    """Whether it was faster than we, and the lab is one like any other."""
    return drill.run("lab", "status", drill.lab).returncode == 0


@pytest.mark.parametrize("step", ["namespaces", "interfaces and routes", "rules", "servers"])
def test_a_start_killed_at_each_step_leaves_all_or_nothing(drill: Commands, step: str) -> None:
    with subprocess.Popen(
        drill.line("lab", "up", drill.lab), env=drill.environment, stdout=subprocess.PIPE, text=True
    ) as starting:
        assert starting.stdout is not None
        assert step in map(str.strip, starting.stdout)
        starting.kill()

    assert stands(drill) or drill.nothing_left()


def test_an_interrupted_start_leaves_nothing(drill: Commands) -> None:
    screen = Screen(drill.line("lab", "up", drill.lab), drill.environment)
    screen.waits_for("namespaces")
    screen.type("\x03")

    assert screen.status() == 130
    assert drill.nothing_left()


def test_a_lab_outlives_the_terminal_it_was_started_on(drill: Commands) -> None:
    """And holds none of its files, so that the terminal can close."""
    screen = Screen(drill.line("lab", "up", drill.lab), drill.environment)
    screen.waits_for("drill lab down")
    assert screen.status() == 0

    assert drill.shell("client", "true").returncode == 0
    for process in drill.processes():
        files = [os.readlink(path) for path in Path(f"/proc/{process}/fd").iterdir()]
        assert not any(name.startswith(("/dev/pts", "pipe:")) for name in files)
        assert os.readlink(f"/proc/{process}/cwd") == "/" or "unshare" in Path(f"/proc/{process}/comm").read_text()


def test_down_waits_until_nothing_is_left(drill: Commands) -> None:
    """Here the last process of it is held up for a while."""
    drill.up()
    last = min(drill.processes())
    os.kill(last, signal.SIGSTOP)
    ending = subprocess.Popen(drill.line("lab", "down", drill.lab), env=drill.environment)
    assert wait_until(lambda: set(drill.processes()) <= {last, ending.pid})
    time.sleep(0.3)  # in which it would end, did it not wait
    ended_early = ending.poll() is not None
    os.kill(last, signal.SIGCONT)

    assert not ended_early
    assert ending.wait(PATIENCE_S) == 0
    assert drill.processes() == []


def test_a_killed_lab_leaves_nothing(drill: Commands) -> None:
    drill.up()
    os.kill(min(drill.processes()), signal.SIGKILL)

    assert drill.nothing_left()


def test_rules_are_broken_and_repaired_while_it_stands(drill: Commands) -> None:
    drill.up()
    named = ("--lab", drill.lab)
    curl = ("curl", "-sI", "http://192.0.2.10")
    assert " 200 " in drill.shell("client", *curl).stdout

    assert "(implicit)" in drill.run("lab", "rules", "sg-node0001", "--delete", "0", *named).stdout
    assert " 504 " in drill.shell("client", *curl).stdout

    repaired = drill.run("lab", "rules", "sg-node0001", "--insert", "ACCEPT TCP 203.0.113.10 30713", *named)
    assert "[0] ACCEPT TCP 203.0.113.10 30713" in repaired.stdout
    assert " 200 " in drill.shell("client", *curl).stdout
    assert "sg-node0001  version 3" in drill.run("lab", "status", drill.lab).stdout

    drill.run("lab", "rules", "sg-pod00001", "--clear", *named)
    traced = subprocess.run(
        drill.line("trace", "-"), input=drill.run("lab", "snapshot", *named).stdout, capture_output=True, text=True
    )
    assert "POD_GROUP_DROPPED" in traced.stdout

    rules = ("--set", "ACCEPT TCP 10.0.35.0/24 80", "--set", "DROP ALL 0.0.0.0/0 ALL")
    assert "[1] DROP ALL" in drill.run("lab", "rules", "sg-pod00001", *rules, *named).stdout
    assert " 200 " in drill.shell("client", *curl).stdout

    assert drill.run("lab", "pod", "web-1", "refuses", *named).stdout == "web-1: refuses\n"
    assert " 502 " in drill.shell("client", *curl).stdout

    assert drill.run("lab", "bind", "lb-lab00001", *named).returncode == 0
    assert drill.run("lab", "bind", "lb-lab00001", "sg-pod00001", *named).returncode == 0
    assert drill.shell("client", *curl, "--connect-timeout", "0.3").returncode == 28


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rules", "sg-nosuch"), "There is no security group 'sg-nosuch'. There are sg-clb00001,"),
        (("rules", "sg-node0001", "--delete", "7"), "Place 7 is not in the list of sg-node0001. Use 0 to 0."),
        (("rules", "sg-node0001", "--insert", "ACCEPT"), "The rule 'ACCEPT' has 1 word."),
        (("bind", "lb-nosuch", "sg-node0001"), "There is no resource 'lb-nosuch'."),
        (("pod", "node-a", "slow"), "The lab has no host 'node-a'. There are web-1."),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_cannot_be_changed_is_said_in_a_line(one_lab: Commands, arguments: tuple[str, ...], said: str) -> None:
    answer = one_lab.run("lab", *arguments, "--lab", one_lab.lab)

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"drill lab: {said}")
    assert answer.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def one_lab() -> Iterator[Commands]:
    with commands() as mine:
        mine.up()
        yield mine


def test_a_snapshot_of_ones_own_is_played(drill: Commands, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps(faults.open_fault("group-1", listener="TCP", client="198.51.100.7").to_dict()))

    assert drill.up("--snapshot", str(path), "--from", "198.51.100.7").returncode == 0

    assert "client  198.51.100.7" in drill.run("lab", "status", drill.lab).stdout
    assert drill.shell("client", "curl", "-sI", "http://192.0.2.10", "--connect-timeout", "0.3").returncode == 28


def test_a_snapshot_that_cannot_be_played_leaves_nothing(drill: Commands, tmp_path: Path) -> None:
    document = faults.open_fault("healthy").to_dict()
    del document["security_groups"]["sg-node0001"]
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps(document))

    said = drill.up("--snapshot", str(path))

    assert said.returncode == 2
    assert "sg-node0001" in said.stderr
    assert drill.nothing_left()
