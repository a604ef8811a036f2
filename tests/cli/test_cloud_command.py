"""`drill cloud`: up, asked, down, and nothing left; state that outlives it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.thorough import thorough

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.shell.wrappers import find_program
from drilllib.labs.netns.sandbox import why_not
from tests.waits import PATIENCE_S, wait_until


class Drill:
    """The command, with a place of its own for what stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder)}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "drilllib", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE_S
        )

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    made = Drill(tmp_path)
    yield made
    made("cloud", "down")


def test_a_cloud_goes_up_is_asked_and_goes_down(drill: Drill) -> None:
    up = drill("cloud", "up", "--example", "group-2")
    assert up.returncode == 0, up.stderr
    assert "Tencent Cloud API  http://127.0.0.1:" in drill("cloud", "status").stdout
    again = drill("cloud", "up")
    assert (again.returncode, again.stderr) == (
        2,
        "drill cloud: A cloud is up already. Use it, or end it with drill cloud down.\n",
    )
    assert drill("shell", "--", "curl", "-I", "http://192.0.2.10").stdout.startswith("HTTP/1.1 504")
    if find_program("kubectl"):
        assert drill("shell", "--", "kubectl", "get", "nodes", "-o", "name").stdout == "node/node-a\nnode/node-b\n"
    elsewhere = drill("shell", "node-a", "--", "ls")
    assert elsewhere.returncode == 2
    assert "there is no host 'node-a' to look into" in elsewhere.stderr

    assert drill("cloud", "down").stdout == "cloud has ended\n"
    assert drill.left == []
    assert drill("cloud", "status").stderr == "drill cloud: No cloud is up. Start one with drill cloud up.\n"


@thorough
@pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")
def test_with_real_packets_shells_are_in_its_hosts(drill: Drill) -> None:
    assert drill("cloud", "up", "--lab", "netns", "--example", "healthy", "--slowness", "0.1").returncode == 0

    assert drill("shell", "--", "curl", "-sI", "http://192.0.2.10").stdout.startswith("HTTP/1.1 200 OK")
    assert "10.0.36.12" in drill("shell", "web-1", "--", "ip", "-br", "address").stdout
    if find_program("kubectl"):
        assert "web-1" in drill("shell", "--", "kubectl", "-nshop", "get", "pods").stdout

    assert drill("cloud", "down").returncode == 0
    assert drill.left == []


def test_a_state_outlives_a_killed_cloud(drill: Drill, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("state") / "cloud.json"
    assert drill("cloud", "up", "--state", str(file)).returncode == 0
    call = "tccli vpc CreateSecurityGroup --GroupName kept --GroupDescription x"
    assert drill("shell", "--", "sh", "-c", call).returncode == 0
    pid = json.loads(next(drill.folder.glob("drill-cloud-*.json")).read_text())["pid"]

    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: drill("cloud", "status").returncode)
    assert drill.left == []
    assert drill("cloud", "up", "--state", str(file)).returncode == 0

    said = drill("shell", "--", "tccli", "vpc", "DescribeSecurityGroups").stdout
    assert "kept" in [each["SecurityGroupName"] for each in json.loads(said)["SecurityGroupSet"]]


def test_what_cannot_be_used_is_refused(drill: Drill, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "broken.json").write_text("{")

    missing = drill("cloud", "up", "--snapshot", str(folder / "none.json"))
    broken = drill("cloud", "up", "--state", str(folder / "broken.json"))
    both = drill("cloud", "up", "--state", str(folder / "broken.json"), "--example", "healthy")

    assert missing.returncode == broken.returncode == both.returncode == 2
    assert "has a cloud in it, which goes on. Leave --example and --snapshot out" in both.stderr
    assert missing.stderr.count("\n") == broken.stderr.count("\n") == 1
    assert "broken.json" in broken.stderr
    assert drill.left == []


def test_faults_are_set_listed_met_and_cleared(drill: Drill) -> None:
    """What a learner sees of a cloud that has a bad day; a kind or an action that is not there is refused."""
    drill("cloud", "up")
    create = ("shell", "--", "tccli", "vpc", "CreateSecurityGroup", "--GroupName", "x", "--GroupDescription", "y")

    assert drill("cloud", "fault").stdout == "no fault is set\n"
    assert drill("cloud", "fault", "throttled", "CreateSecurityGroup").returncode == 0
    assert "RequestLimitExceeded" in drill(*create).stderr
    assert drill(*create).returncode == 0
    assert drill("cloud", "fault", "server_error", "--times", "0").stdout == "server_error  *  every request  100%\n"
    broken = drill(*create)
    assert broken.returncode == 255
    assert "Traceback" not in broken.stderr
    assert drill("cloud", "fault", "--clear").stdout == "no fault is set\n"

    for wrong in (("tired",), ("denied", "CreateEverything"), ("denied", "--times", "-1")):
        refused = drill("cloud", "fault", *wrong)
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert drill("cloud", "fault").stdout == "no fault is set\n"


@thorough
def test_a_crash_on_purpose_ends_the_cloud_and_keeps_what_was_done(
    drill: Drill, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("state") / "cloud.json"
    drill("cloud", "up", "--state", str(file))
    assert drill("cloud", "fault", "crash_after", "CreateSecurityGroup").returncode == 0
    create = ("shell", "--", "tccli", "vpc", "CreateSecurityGroup", "--GroupName", "kept", "--GroupDescription", "y")

    assert drill(*create).returncode == 255

    assert drill("cloud", "status").returncode == 2
    assert drill.left == []
    assert "kept" in file.read_text()


def test_of_several_at_once_one_cloud_starts(drill: Drill) -> None:
    command = [sys.executable, "-m", "drilllib", "cloud", "up"]
    starting = [subprocess.Popen(command, env=drill.environment, stdout=subprocess.DEVNULL) for _ in range(4)]

    assert sorted(each.wait(PATIENCE_S) for each in starting) == [0, 2, 2, 2]

    assert drill("cloud", "down").returncode == 0
    assert drill.left == []


def test_a_shell_that_outlives_its_cloud_finds_nobody_elses_clients(drill: Drill, tmp_path_factory) -> None:
    """A terraform apply at the wrong moment would go to the real cloud."""
    folder = tmp_path_factory.mktemp("mine")
    for name in ("kubectl", "tccli", "terraform", "curl"):
        (folder / name).write_text("#!/bin/sh\necho mine\n")
        (folder / name).chmod(0o755)
    drill.environment["PATH"] = f"{folder}:{drill.environment['PATH']}"
    drill("cloud", "up")
    down = f"{sys.executable} -m drilllib cloud down"

    said = drill("shell", "--", "sh", "-c", f"{down}; kubectl get nodes; tccli x y; terraform apply; curl -I http://x")

    assert said.stdout == "cloud has ended\n"
    assert said.stderr.count("the cloud of this shell has ended") == 4
    assert drill.left == []


@thorough
@pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("example", ["healthy", "udp", "direct-access"])
def test_examples_can_be_described_and_waited_for(drill: Drill, example: str) -> None:
    """A snapshot lacks what the API server fills in."""
    drill("cloud", "up", "--example", example)

    described = drill("shell", "--", "kubectl", "-nshop", "describe", "service", "web")
    waited = drill(
        "shell", "--", "kubectl", "-nshop", "wait", "--for=condition=Ready", "pods", "--all", "--timeout=60s"
    )

    assert "Endpoints:                10.0.36.12:" in described.stdout, described.stderr
    assert waited.stdout == "pod/web-1 condition met\n", waited.stderr
