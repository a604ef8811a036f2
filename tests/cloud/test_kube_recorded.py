"""kubectl's 130 recorded commands against a fresh local cluster: a real API server's answer, or a known difference."""

import difflib

import pytest
from kubernetes_cluster import KUBECTL, TOKEN, Kubectl, bare_lab
from recorded_kubectl import NORMALISED, normalised, steps, write_files

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.state import CloudState

pytest.importorskip("trustme")
pytestmark = pytest.mark.skipif(not KUBECTL.exists(), reason="kubectl is not on this machine")
STEPS = steps()
DIFFERENCES = {
    12: "a kubelet leaves the Events Pulled, Created and Started; the recorded cluster's pods had a script for it",
    112: "of the groups of a whole API server only those are listed that are served",
    122: "server-side apply is not served",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[int, str]]:
    """What a cluster without Tencent Cloud's controllers, as the recorded one was, answers to every command."""
    state = CloudState(bare_lab(), seed=1)
    server = KubeServer(KubeApi(state, tencent=False), {TOKEN: "tester"})
    kubectl = Kubectl(server, tmp_path_factory.mktemp("recorded"))
    kubectl.environment["EDITOR"] = "true"
    write_files(kubectl.folder)
    found = {step.number: kubectl.result(step.command) for step in STEPS}
    server.close()
    return found


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.number}")
def test_the_answer_is_the_recorded_one(step, answers) -> None:
    """Status and text, or a difference whose reason is written down; one that went away is taken off the list."""
    status, output = answers[step.number]
    ours, recorded = normalised(output), normalised(step.output)
    same = (status, ours) == (step.status, recorded)
    told = "\n".join(difflib.unified_diff(recorded.split("\n"), ours.split("\n"), "recorded", "ours", lineterm="", n=1))

    assert same == (step.number not in DIFFERENCES), f"$ {step.command} -> {status}, recorded {step.status}\n{told}"


def test_at_least_125_are_identical(answers) -> None:
    """The count that is asked for, of the answers themselves."""
    same = sum((answers[step.number][0], normalised(answers[step.number][1])) == (step.status, normalised(step.output))
               for step in STEPS)  # fmt: skip

    print(f"{same} of {len(STEPS)} recorded commands are answered alike; {len(NORMALISED)} things normalised")
    assert same >= 125
