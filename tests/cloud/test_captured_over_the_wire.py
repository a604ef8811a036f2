"""
The commands that a person types in `drill shell`, over sockets, with the vendor's SDK and the Kubernetes client: no
flags, the same snapshot by every way, and no secret on any of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell.wrappers import find_program
from drilllib.cloud.tencent.cam import UIN
from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.commands import file_name
from drilllib.core.capture.saved import assembled_files
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.labs.netns.results import CommandResult
from tests.cloud.capturing import InProcess
from tests.cloud.planted import SECRETS, planted
from tests.cloud.worlds import PLANTED, world_of
from tests.thorough import how_many, thorough

CAPTURE = "drill capture web -n shop --out web.json"
CAPTURED = PLANTED[:: how_many(12, thorough=2, long=1)]
DIAGNOSE = f"drill diagnose web -n shop --from {CLIENT}"
REFUSED = ("clb:DescribeLoadBalancers", "kubernetes list nodes", "kubernetes get shop/services")
GAPS, READ = 3, 0  # exit statuses of capture


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A lab in which a client is stopped at the node, with secrets wherever a cluster has them."""
    with LocalCloud(planted("group-2")) as made:
        yield made


@pytest.fixture
def shell(cloud: LocalCloud) -> LocalCloud:
    cloud.faults.clear()
    return cloud


def snapshot_of(cloud: LocalCloud) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((cloud.work / "web.json").read_text(encoding="utf-8"))
    return found


def without_secrets(cloud: LocalCloud, done: CommandResult) -> str:
    """What was printed and what was written: nothing in it that nobody has to know."""
    file = cloud.work / "web.json"
    shown = done.out + done.err + (file.read_text(encoding="utf-8") if file.exists() else "")
    keys = (cloud.access.secret_id, cloud.access.secret_key, *json.loads(cloud.kubeconfig)["users"][0]["user"].values())
    assert [word for word in (*SECRETS, *keys, UIN) if word in shown] == []
    return shown


def test_in_the_shell_a_capture_needs_no_flags(shell: LocalCloud) -> None:
    """Keys, endpoint, region, kubeconfig: all there; what the engine says of it is what it says of the cloud."""
    done = shell.run(CAPTURE)
    captured, question = Snapshot(snapshot_of(shell)), Question(client=CLIENT, service=SERVICE)

    assert done.code == READ, done.out + done.err
    assert (
        trace(captured, question).to_dict()["blockers"] == trace(shell.state.snapshot(), question).to_dict()["blockers"]
    )
    assert trace(captured, question).verdict == "unreachable"
    without_secrets(shell, done)


def test_and_so_does_a_diagnosis(shell: LocalCloud) -> None:
    """The hop, the group and the one change to make, from the name of a Service."""
    done = shell.run(f"{DIAGNOSE} --lang en --json")
    found = json.loads(done.out)

    assert done.code == 1
    assert found["schema"] == "drilllib/diagnosis/1"
    assert '"sg-node0001"' in json.dumps(found["clients"][0])
    without_secrets(shell, done)


def test_the_change_that_it_names_lets_the_client_through() -> None:
    """Pasted as it is printed; then the next diagnosis, and the cloud's own state, know of nothing in the way."""
    with LocalCloud(planted("group-2")) as cloud:
        first = cloud.run(f"{DIAGNOSE} --lang en")
        (line,) = [line.partition("$ ")[2] for line in first.out.splitlines() if line.startswith("by ")]
        changed = cloud.run(line)
        second = cloud.run(f"{DIAGNOSE} --lang en")
        answer = trace(cloud.state.snapshot(), Question(client=CLIENT, service=SERVICE))

    assert (first.code, changed.code, second.code) == (1, 0, 0), changed.err + second.out
    assert line.startswith("tccli vpc CreateSecurityGroupPolicies ")
    assert answer.verdict == "reachable"


@pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")
def test_and_kubectls_plugin(shell: LocalCloud) -> None:
    """`kubectl drill`, found by the real kubectl, says what `drill diagnose` does."""
    rest = f"web -n shop --from {CLIENT} --lang en"
    plugin, own = shell.run(f"kubectl drill {rest}"), shell.run(f"drill diagnose {rest}")

    assert (plugin.code, plugin.out) == (own.code, own.out), plugin.err
    without_secrets(shell, plugin)


@pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")
def test_the_plugin_speaks_the_callers_language_and_kubectl_english(shell: LocalCloud) -> None:
    """Kubectl gets a locale of its own, so that what it prints is the same for everybody."""
    spoken = "env -u DRILL_LANG -u LC_ALL -u LC_MESSAGES LANG=zh_CN.UTF-8"
    plugin = shell.run(f"{spoken} kubectl drill web -n shop --from {CLIENT}")
    own = shell.run(f"drill diagnose web -n shop --from {CLIENT} --lang zh")

    assert "不可达" in own.out
    assert (plugin.code, plugin.out) == (own.code, own.out), plugin.err
    assert shell.run(f"{spoken} kubectl -n nowhere get pods").err == "No resources found in nowhere namespace.\n"


BROKEN = {
    "DescribeListeners": "cut",
    "DescribeTargets": "dropped",
    "DescribeInstances": "server_error",
    "DescribeSecurityGroupPolicies": "throttled",
    "DescribeSubnets": "slow",
    "kubernetes list shop/pods": "dropped",
    "kubernetes get shop/services": "throttled",
}


def test_a_broken_line_is_tried_again(shell: LocalCloud) -> None:
    """Half an answer, none, HTTP 503, too many requests, a slow one: all is read in the end, and nothing is missing."""
    for call, kind in BROKEN.items():
        shell.faults.set(kind, call, seconds=0.2)

    done = shell.run(CAPTURE)
    assert (done.code, shell.faults.listed()) == (READ, []), done.out + done.err


def test_a_proxys_page_and_a_refusal_are_told_apart(shell: LocalCloud) -> None:
    """Neither is an empty list; the missing right is named as CAM spells it, and the account is not."""
    shell.faults.set("page", "DescribeTargetHealth", times=None)
    shell.faults.set("denied", "cvm:DescribeSecurityGroupPolicys", times=None)
    done = shell.run(CAPTURE)
    shown = without_secrets(shell, done)

    assert done.code == GAPS
    assert "grant cvm:DescribeSecurityGroupPolicys" in shown
    assert "UnreadableAnswer" in shown
    assert "target_health" not in snapshot_of(shell)
    assert trace(Snapshot(snapshot_of(shell)), Question(client=CLIENT, service=SERVICE)).verdict == "undetermined"


@pytest.mark.parametrize("command", [CAPTURE, DIAGNOSE, f"{CAPTURE} --json", f"{DIAGNOSE} --html web.html"])
@pytest.mark.parametrize(
    "refused", ["clb:DescribeLoadBalancers", "kubernetes list nodes", "kubernetes get shop/services"]
)
@thorough
def test_no_command_shows_a_secret_whatever_is_refused(shell: LocalCloud, command: str, refused: str) -> None:
    """In text, JSON, a page, or an error."""
    shell.faults.set("denied", refused, times=None)
    done = shell.run(command)

    assert done.code in (1, 2, 3), done.out + done.err
    assert "Traceback" not in done.err
    page = Path(shell.work, "web.html")
    shown = without_secrets(shell, done) + (page.read_text(encoding="utf-8") if page.exists() else "")
    assert [word for word in (*SECRETS, UIN) if word in shown] == []


def told(document: dict[str, Any]) -> dict[str, Any]:
    """What a snapshot says of things; not of what was missing, which a file may leave open."""
    parts = {name: part for name, part in document.items() if name not in ("gaps", "complete")}
    kinds = sorted(parts.pop("kubernetes"), key=lambda item: json.dumps(item, sort_keys=True))
    return {**parts, "kubernetes": kinds}


@pytest.mark.parametrize(("name", "seed"), CAPTURED)
def test_saved_answers_make_the_snapshot_that_a_capture_makes(name: str, seed: int) -> None:
    """The same answers, each in the file that its printed command names, in any order."""
    world = world_of(name, seed)
    read = InProcess(world.snapshot.to_dict()).capture(world.question.service or "")
    files = {file_name(each.ask): list(each.pages) for each in reversed(read.answers) if each.ask}
    found = assembled_files(files, Wanted(service=world.question.service or ""))

    assert told(found.snapshot.to_dict()) == told(dict(read.assembly.document))
