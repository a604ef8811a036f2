"""
The original drill, typed word for word on an empty machine: the blocks of docs/original-drill.md, and what the command
`drill render` prints, into the cloud's shell. curl times out, 504, 504, 200, and nothing is left.

The real kubectl, curl (real packets) and, where it is installed, tccli. Terraform's provider cannot be had: its
recorded calls are made in its place (terraform_stand_in.py).
"""

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("hcl2", reason="python-hcl2 is not installed")

from drilllib.cloud.shell.wrappers import find_program
from drilllib.labs.netns.sandbox import why_not
from tests.cloud.typed import ROOT, Machine, Typed, blocks, printed_commands, program
from tests.thorough import thorough
from tests.waits import wait_until

PAGE = "docs/original-drill.md"
STAND_IN = Path(__file__).parent / "terraform_stand_in.py"
LEFT = [
    "tccli vpc DescribeSecurityGroups",
    "tccli vpc DescribeNetworkInterfaces",
    "tccli clb DescribeLoadBalancers",
    "tccli tke DescribeNodePools --version 2022-05-01 --ClusterId cls-lab00001",
    "kubectl get nodes,pods,services,deployments -A -o name",
]
SETTING = "tccli tke DescribeAddonValues --ClusterId cls-lab00001 --AddonName eniipamd"
pytestmark = pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")


def outcome(said: str) -> str:
    """What curl met: that it timed out, or the number of the answer."""
    found = re.search(r"curl: \(28\) |curl: \(7\) .*timed out|HTTP/1\.1 (\d+) ", said)
    assert found, said
    return found[1] or "timed out"


@pytest.fixture(params=["simulated", "netns"])
def lab(request: pytest.FixtureRequest) -> str:
    if request.param == "netns" and why_not():
        pytest.skip(f"no real packets here: {why_not()}")
    return request.param


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, program(tmp_path / "programs", "terraform", STAND_IN))
    yield made
    made.close()


def test_both_languages_have_the_same_blocks() -> None:
    found = list(blocks(PAGE))
    assert len(found) == 6
    assert found[:3] == found[3:]


@dataclass
class Drill:
    """The drill on *machine*: the page's blocks, typed for a *lab*."""

    machine: Machine
    lab: str

    def __post_init__(self) -> None:
        self.begin, self.end, self.anew = list(blocks(PAGE))[:3]

    def up(self, state: str = "") -> str:
        """How the cloud is started here."""
        line = next(line for line in self.begin if line.startswith("drill cloud up"))
        return (line if self.lab == "netns" else line.replace(" --lab netns", "")) + state

    def begun(self, state: str = "") -> list[str]:
        """Type the first block; the commands that `drill render` has printed then."""
        lines = [self.up(state) if line.startswith("drill cloud up") else line for line in self.begin]
        typed = [self.machine.type(line) for line in lines]
        assert [f"{each.line}: {each.said}" for each in typed if each.status] == []
        return printed_commands(typed[-1].said)

    def killed(self) -> None:
        """The cloud dies, and what there is in it with it."""
        (pid,) = (pid for pid, line in self.machine.processes().items() if line.rstrip().endswith("cloud.process"))
        os.kill(pid, signal.SIGKILL)
        if self.lab == "netns":  # its hosts are gone, and the shell was in one
            assert wait_until(lambda: not any(name.startswith("bash") for name in self.machine.processes().values()))
        else:
            assert "the cloud of this shell has ended" in self.machine.type("curl -I http://192.0.2.10").said
            self.machine.type("exit")


@pytest.fixture
def drill(machine: Machine, lab: str) -> Drill:
    return Drill(machine, lab)


REAL = why_not() is None
by_turns = pytest.mark.parametrize(
    "lab", ["netns", pytest.param("simulated", marks=thorough if REAL else ())], indirect=True
)


def outcomes(typed: list[Typed]) -> list[str]:
    return [outcome(each.said) for each in typed if each.line.startswith("curl ")]


@by_turns
def test_the_printed_drill_reaches_its_faults_then_200_and_leaves_nothing(drill: Drill, machine: Machine) -> None:
    typed = [machine.type(line) for line in drill.begun()]

    assert outcomes(typed) == ["timed out", "504", "504", "200"]
    decided = [each.said for each in typed if each.line.startswith("drill decide ")]
    assert [said[:5] for said in decided] == ["DROP:"] * 3
    failed = [each.line.split()[0] for each in typed if each.status]
    assert failed == ["curl", "drill", "drill", "drill"]

    assert {line: nothing_in(machine.type(line).said) for line in LEFT} == dict.fromkeys(LEFT, True)
    set_before = machine.type("cat rendered/eniipamd-before.json").said
    assert json.loads(machine.type(SETTING).said)["Values"] == json.loads(set_before)["Values"]
    assert len(machine.processes()) > 1
    ended = [machine.type(line) for line in drill.end]
    assert [each.status for each in ended] == [0, 0]
    assert machine.left() == ["rendered", "terraform"]


@thorough
@by_turns
def test_one_command_repairs_all_three(drill: Drill, machine: Machine) -> None:
    """As the page has it in its table."""
    (repair,) = set(re.findall(r"`(terraform [^`]* -var drill_state=healthy)`", (ROOT / PAGE).read_text("utf-8")))
    commands = drill.begun()
    asks = [place for place, line in enumerate(commands) if line.startswith("curl ")]
    typed = [machine.type(line) for line in (*commands[: asks[0] + 1], repair, *commands[asks[-1] :])]

    assert outcomes(typed) == ["timed out", "200"]
    assert {line: nothing_in(machine.type(line).said) for line in LEFT} == dict.fromkeys(LEFT, True)


@thorough
@by_turns
def test_a_drill_that_is_interrupted_goes_on_from_the_saved_state(drill: Drill, machine: Machine) -> None:
    """Killed when the first of the three faults was repaired."""
    commands = drill.begun(" --state drill.json")
    asks = [place for place, line in enumerate(commands) if line.startswith("curl ")]
    before = [machine.type(line) for line in commands[: asks[1]]]
    drill.killed()

    again = [machine.type(line) for line in (drill.up(" --state drill.json"), "drill shell")]
    (vip,) = (line for line in commands if line.startswith("vip="))
    after = [machine.type(line) for line in (vip, *commands[asks[1] :])]
    assert [each.status for each in again] == [0, 0]
    assert outcomes(before + after) == ["timed out", "504", "504", "200"]
    assert {line: nothing_in(machine.type(line).said) for line in LEFT} == dict.fromkeys(LEFT, True)
    assert [machine.type(line).status for line in drill.end] == [0, 0]
    assert machine.left() == ["drill.json", "rendered", "terraform"]


@thorough
@by_turns
def test_a_drill_whose_cloud_is_lost_begins_anew(drill: Drill, machine: Machine) -> None:
    """Terraform's state is of groups that are no more; without it everything is made again."""
    drill.begun()
    drill.killed()
    assert "No cloud is up" in machine.type("drill cloud status").said
    assert machine.left() == ["rendered", "terraform"]

    again = [machine.type(line) for line in (drill.up(), "drill shell", *drill.begin[-2:])]
    assert [each.status for each in again] == [0, 0, 1, 0]
    assert "ResourceNotFound" in again[2].said
    machine.type("exit")
    anew = [machine.type(line) for line in (*drill.anew, "drill shell", *drill.begin[-2:])]
    assert [each.status for each in anew] == [0] * 4
    assert printed_commands(anew[-1].said) != printed_commands(again[-1].said)
    assert [machine.type(line).status for line in drill.end] == [0, 0]


def nothing_in(said: str) -> bool:
    """Is it an answer of the API whose lists are empty, or are only the cluster's own objects named?"""
    if said.startswith("{"):
        return not any(value for value in json.loads(said).values() if isinstance(value, list))
    return all(re.search(r"service/kubernetes|tke-eni-ipamd", name) for name in said.split())
