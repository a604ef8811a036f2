"""Lesson 08's tasks: the cloud's state says whether a command has done what is asked for, whatever its words."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")
pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib import CloudLesson, LabStateError, UnknownNameError
from drilllib.cloud.shell import wrappers
from drilllib.lesson import tasks
from tests.cloud.test_original_drill import NO_KUBECTL, Drill

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
pytestmark = NO_KUBECTL
SSH = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": "0.0.0.0/0", "Port": "22"}
DROP_ALL = {"Action": "DROP", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "Port": "ALL"}
RIGHT = {"group-1": ("203.0.113.0/24", "80"), "group-2": ("203.0.113.0/24", "30713"), "group-3": ("10.0.35.0/24", "80")}
TOP = {"PolicyIndex": 0}


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudLesson]:
    """
    A cloud as lesson 08 leaves it before the first task, in the simulated lab, with the stand-in for tccli.

    The notebook and the drill that is typed have the real one, which takes five times as long to start.
    """
    found = wrappers.find_program
    monkeypatch.setattr(wrappers, "find_program", lambda name: None if name == "tccli" else found(name))
    monkeypatch.setenv("DRILL_LANG", "en")
    for name in ("DRILL_HEADLESS", "DRILL_SOLVE"):
        monkeypatch.delenv(name, raising=False)
    made = CloudLesson(lab="simulated")
    drill = Drill(made)
    groups = drill.group("clb", SSH), drill.group("node", DROP_ALL), drill.group("pod")
    for name in ("front", "back"):
        drill.pool(name, groups[1])
    made.render(clb_security_group=groups[0], node_security_group=groups[1], pod_security_group=groups[2])
    drill.add_on("eniipamd.json")
    yield made
    made.close()


def adding(group: str, peer: str, port: str, **more: object) -> str:
    """The command that puts a rule into the group of that number."""
    variable = {"group-1": "$CLB_GROUP", "group-2": "$NODE_GROUP", "group-3": "$POD_GROUP"}[group]
    rule = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": peer, "Port": port, **more}
    policies = json.dumps({"Ingress": [rule]})
    return f"tccli vpc CreateSecurityGroupPolicies --SecurityGroupId {variable} --SecurityGroupPolicySet '{policies}'"


def last(lesson: CloudLesson, task: str, command: str) -> str:
    """The line that says whether the task is done."""
    return lesson.task(task, command).text.splitlines()[-1]


def deploy(lesson: CloudLesson) -> None:
    """By another command than the lesson's own."""
    apply = "for each in namespace deployment service-http; do kubectl apply -f $each.yaml; done"
    assert last(lesson, "deploy", apply)[0] == "✓"


def test_wrong_commands_are_told_so_by_the_state(lesson: CloudLesson) -> None:
    before = lesson.snapshot().to_dict()
    assert lesson.task("deploy", "kubectl apply ...").text.startswith("This command is still to be written")
    assert lesson.snapshot().to_dict() == before
    assert last(lesson, "deploy", "echo deployed").startswith("✗")
    assert last(lesson, "deploy", "kubectl apply -f namespace.yaml -f deployment.yaml").startswith("✗")
    deploy(lesson)
    assert last(lesson, "address", "kubectl get service").startswith("✗")
    assert last(lesson, "address", "kubectl get service -A | grep shop")[0] == "✓"

    wrong = [
        ("group-1", adding("group-1", "203.0.113.0/24", "30713")),
        ("group-1", adding("group-2", *RIGHT["group-1"], **TOP)),
        ("group-2", adding("group-2", *RIGHT["group-2"])),  # below the DROP
        ("group-3", adding("group-3", "203.0.113.0/24", "80")),  # the pod sees a node
        ("group-3", adding("group-3", "10.0.35.0/24", "8080")),
    ]
    assert [pair for pair in wrong if not last(lesson, *pair).startswith("✗")] == []
    assert not lesson.verify().passed


@pytest.mark.parametrize(
    ("group", "peer", "port"),
    [("group-2", "0.0.0.0/0", "30713"), ("group-2", "203.0.113.0/24", "ALL"), ("group-3", "10.0.0.0/8", "80")],
)
def test_what_is_opened_too_wide_does_its_task_and_is_not_accepted(
    group: str, peer: str, port: str, lesson: CloudLesson
) -> None:
    deploy(lesson)
    for name in RIGHT:
        wide = (peer, port) if name == group else RIGHT[name]
        assert last(lesson, name, adding(name, *wide, **TOP))[0] == "✓"
    assert not lesson.verify().passed

    variable = {"group-2": "$NODE_GROUP", "group-3": "$POD_GROUP"}[group]
    first = json.dumps({"Ingress": [{"PolicyIndex": 0}]})
    delete = f"tccli vpc DeleteSecurityGroupPolicies --SecurityGroupId {variable} --SecurityGroupPolicySet '{first}'"
    lesson.sh(delete)
    assert last(lesson, group, adding(group, *RIGHT[group], **TOP))[0] == "✓"
    assert lesson.verify().passed, lesson.verify().text


def test_what_is_left_is_named_until_nothing_is(lesson: CloudLesson) -> None:
    assert "There is no Service" in lesson.verify().text
    assert "There is no Service" in lesson.picture().text
    deploy(lesson)
    for name in RIGHT:
        lesson.task(name, adding(name, *RIGHT[name], **TOP))
    assert lesson.verify().passed
    assert all(name in lesson.verify_gone().text for name in lesson.snapshot().to_dict()["security_groups"])
    assert last(lesson, "take-down", "kubectl delete -f deployment.yaml").startswith("✗"), "the CLB costs money"
    assert last(lesson, "take-down", "kubectl delete namespace shop")[0] == "✓"
    assert "lb-" not in lesson.verify_gone().text

    cluster = "--ClusterId cls-lab00001"
    lesson.sh(f"tccli tke UpdateAddon {cluster} --AddonName eniipamd --RawValues $(base64 -w0 eniipamd-off.json)")
    found = lesson.sh(f"tccli tke DescribeNodePools --version 2022-05-01 {cluster} --filter 'NodePools[].NodePoolId'")
    for pool in re.findall(r"np-\w+", found.text):
        lesson.sh(f"tccli tke DeleteNodePool --version 2022-05-01 {cluster} --NodePoolId {pool}")
    for group in sorted(tasks.GROUPS):
        lesson.sh(f"tccli vpc DeleteSecurityGroup --SecurityGroupId ${group}")

    assert lesson.verify_gone().text.startswith("✓")


def test_a_cloud_in_which_nothing_ever_worked_was_not_cleaned_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else who only runs the cells would be told that all is well."""
    monkeypatch.setenv("DRILL_LANG", "en")
    lesson = CloudLesson(lab="simulated")

    assert lesson.verify_gone().text.startswith("✗ Nothing is left in the cloud, but")
    lesson.close()


def test_a_cell_may_import_at_once() -> None:
    """What is imported ahead is in by then: requests cannot be imported by two threads at a time."""
    code = """
import threading
from drilllib import CloudLesson
CloudLesson(lab="simulated").close()
print([each.name for each in threading.enumerate() if each.name == "import-ahead"])
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "[]\n"


def test_a_task_that_is_none_is_said_so(lesson: CloudLesson) -> None:
    with pytest.raises(UnknownNameError, match="There is no task"):
        lesson.task("group-4", "true")
    with pytest.raises(LabStateError, match="The groups are not known yet"):
        tasks.way_of(tasks.TASKS["deploy"], {})


def test_the_folded_ways_are_the_ones_that_are_put_in() -> None:
    """Who unfolds "One way" gets a command that the build of the notebook has run."""
    for language in ("zh", "en"):
        notebook = json.loads((NOTEBOOKS / language / "08-cloud.ipynb").read_text(encoding="utf-8"))
        prose = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
        names = {
            "CLIENTS": "203.0.113.0/24",
            "LISTENER": "http",
            "SEEN": "10.0.35.0/24",
            **dict.fromkeys(tasks.GROUPS, ""),
        }
        missing = [name for name, task in tasks.TASKS.items() if tasks.way_of(task, names) not in prose]
        assert missing == []
