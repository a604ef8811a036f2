"""
The original drill, typed word for word on an empty machine: the blocks of docs/original-drill.md, and what the command
`drill render` prints, into the cloud's shell. curl times out, 504, 504, 200, and nothing is left.

The real kubectl, curl (real packets) and, where it is installed, tccli. Terraform's provider cannot be had: its
recorded calls are made in its place (terraform_stand_in.py).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("hcl2", reason="python-hcl2 is not installed")

from drilllib.cloud.shell.wrappers import find_program
from drilllib.labs.netns.sandbox import why_not
from tests.cloud.typed import Machine, blocks, printed_commands, program

PAGE = "docs/original-drill.md"
STAND_IN = Path(__file__).parent / "terraform_stand_in.py"
LEFT = [
    "tccli vpc DescribeSecurityGroups",
    "tccli vpc DescribeNetworkInterfaces",
    "tccli clb DescribeLoadBalancers",
    "tccli tke DescribeNodePools --version 2022-05-01 --ClusterId cls-lab00001",
    "kubectl get nodes,pods,services,deployments -A -o name",
]
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
    english, chinese = list(blocks(PAGE))[:2], list(blocks(PAGE))[2:]
    assert english == chinese


def test_the_printed_drill_reaches_its_faults_then_200_and_leaves_nothing(lab: str, machine: Machine) -> None:
    begin, end = list(blocks(PAGE))[:2]
    where = "" if lab == "simulated" else " --lab netns"
    first = [machine.type(line.replace(" --lab netns", where)) for line in begin]
    assert [each.line for each in first if each.status] == []
    commands = printed_commands(first[-1].said)
    typed = [machine.type(line) for line in commands]

    met = [outcome(each.said) for each in typed if each.line.startswith("curl ")]
    assert met == ["timed out", "504", "504", "200"]
    decided = [each.said for each in typed if each.line.startswith("drill decide ")]
    assert [said[:5] for said in decided] == ["DROP:"] * 3
    failed = [each.line.split()[0] for each in typed if each.status]
    assert failed == ["curl", "drill", "drill", "drill"]

    assert {line: nothing_in(machine.type(line).said) for line in LEFT} == dict.fromkeys(LEFT, True)
    assert len(machine.processes()) > 1
    ended = [machine.type(line) for line in end]
    assert [each.status for each in ended] == [0, 0]
    assert machine.left() == ["rendered", "terraform"]


def nothing_in(said: str) -> bool:
    """Is it an answer of the API whose lists are empty, or are only the cluster's own objects named?"""
    if said.startswith("{"):
        return not any(value for value in json.loads(said).values() if isinstance(value, list))
    return all(re.search(r"service/kubernetes|tke-eni-ipamd", name) for name in said.split())
