"""What the real curl meets on whole paths is what the engine predicts, and so is the health of the targets."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from contract import CLB_GROUP, NODE_GROUP, POD_GROUP, met, put
from real import SLOWNESS, needs_real_packets

import drilllib
from drilllib.core.drills import variants
from drilllib.core.drills.default_lab import CLIENT, CLIENT_BLOCK, SERVICE, policy
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import set_ingress
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.labs.netns.lab import NetnsLab
from tests.thorough import one_in, thorough

pytestmark = needs_real_packets

Document = dict[str, Any]
Change = Callable[[Document], None]
GROUPS = {"none": None, "group 1": CLB_GROUP, "group 2": NODE_GROUP, "group 3": POD_GROUP}


def changed(*changes: Change, listener: str = "HTTP") -> Snapshot:
    """The healthy lab with those changes."""
    document = open_fault("healthy", listener=listener).to_dict()
    for change in changes:
        change(document)
    return Snapshot(document)


def require_as_predicted(lab: NetnsLab, client: str = CLIENT) -> str:
    """The kernel and the engine agree on the symptom and on each target's health; what the symptom is."""
    question = Question(client=client, service=SERVICE)
    predicted = trace(lab.snapshot(), question)
    symptom = lab.probe(question).symptom

    assert symptom in predicted.symptoms
    assert lab.status()["health"] == {each.target: each.predicted for each in predicted.health}
    return f"{symptom.status or symptom.kind}"


def pod_on_target_node(document: Document) -> None:
    """The pod, its interface and its endpoint are on node-a, to which the CLB sends."""
    for item in document["kubernetes"]:
        if item["kind"] == "Pod":
            item["spec"]["nodeName"] = "node-a"
        elif item["kind"] == "EndpointSlice":
            item["endpoints"][0]["nodeName"] = "node-a"
    document["network_interfaces"][0]["Attachment"]["InstanceId"] = "ins-nodea001"


def pod_for_clients(document: Document) -> None:
    """Group 3 admits the clients; under Local a pod sees them, and not a node."""
    set_ingress(document, POD_GROUP, policy("ACCEPT", "TCP", CLIENT_BLOCK, "80"))


SHAPES = {
    f"{listener} {rule} {place}": (listener, [*policies, *places])
    for listener in ("HTTP", "TCP")
    for rule, policies in {"Cluster": [], "Local": [variants.local_policy, pod_for_clients]}.items()
    for place, places in {"other node": [], "same node": [pod_on_target_node]}.items()
}


@pytest.fixture(scope="module", params=SHAPES)
def shaped(request: pytest.FixtureRequest) -> Iterator[NetnsLab]:
    """A lab of each shape, for all tests with that shape."""
    listener, changes = SHAPES[request.param]
    with NetnsLab(changed(*changes, listener=listener), slowness=SLOWNESS) as lab:
        yield lab


@pytest.mark.parametrize("blocking", GROUPS)
def test_each_group_on_each_path(shaped: NetnsLab, blocking: str) -> None:
    """Layer 4 and 7, Cluster and Local, both places of the pod: which group matters, and what its closing does."""
    start = shaped.snapshot()
    group = GROUPS[blocking]
    if group is not None:
        put(shaped, group)
    try:
        require_as_predicted(shaped)
    finally:
        shaped.become(start)


# Other kinds of Service


def kept_alive(document: Document) -> None:
    """The CLB keeps connections to its targets, so that they see an address of its own."""
    document["listeners"]["lb-lab00001"][0]["KeepaliveEnable"] = 1
    set_ingress(document, NODE_GROUP, policy("ACCEPT", "TCP", "100.127.0.0/16", "30713"))


def https(document: Document) -> None:
    document["listeners"]["lb-lab00001"][0]["Protocol"] = "HTTPS"


KINDS: dict[str, tuple[list[Change], str]] = {
    "IPv6": ([variants.over_ipv6], variants.IPV6_CLIENT),
    "UDP": ([variants.over_udp], CLIENT),
    "direct access": ([variants.direct_access], CLIENT),
    "pass-to-target": ([variants.pass_to_target], CLIENT),
    "keep-alive": ([kept_alive], CLIENT),
    "UDP, pass-to-target": ([variants.over_udp, variants.pass_to_target], CLIENT),
    "Local, pass-to-target": ([variants.local_policy, pod_on_target_node, variants.pass_to_target], CLIENT),
}


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_of_service(kind: str) -> None:
    """Open, and each group closed in turn."""
    changes, client = KINDS[kind]
    snapshot = changed(*changes)
    with NetnsLab(snapshot, client=client, slowness=SLOWNESS) as lab:
        seen = [require_as_predicted(lab, client)]
        for group in (CLB_GROUP, NODE_GROUP, POD_GROUP):
            put(lab, group)
            seen.append(require_as_predicted(lab, client))
            lab.become(snapshot)

    assert seen[0] in ("200", "answered")
    assert seen[1] in ("connect_timeout", "no_answer")


def test_https_is_played_without_tls_and_says_so() -> None:
    """What security groups do is the same; a certificate would be one thing more to explain."""
    with NetnsLab(changed(https), slowness=SLOWNESS) as lab:
        assert lab.notes == ["lb-lab00001: HTTPS is played as HTTP, without TLS"]
        assert met(lab) == "200"


# Pods that do not do what they should: the engine knows nothing of them


@pytest.mark.parametrize(("listener", "symptom"), [("HTTP", "502"), ("TCP", "refused")])
def test_a_pod_that_refuses_is_not_a_group_that_blocks(listener: str, symptom: str) -> None:
    """502 means that somebody answered, and nobody was asked to let anything in: groups are silent."""
    with NetnsLab(open_fault("healthy", listener=listener), slowness=SLOWNESS) as lab:
        lab.set_pod("web-1", "refuses")
        assert met(lab) == symptom

        lab.set_pod("web-1", "listens")
        assert met(lab) == "200"


def test_a_slow_pod_is_waited_for() -> None:
    """The CLB's short patience is for the connection; an answer may take a minute."""
    question = Question(client=CLIENT, service=SERVICE)
    with NetnsLab(open_fault("healthy"), slowness=SLOWNESS) as lab:
        lab.set_pod("web-1", "slow")
        symptom = lab.probe(question).symptom

    assert (symptom.kind, symptom.status) == ("http", 200)
    assert symptom.seconds > 0


# Time


@pytest.mark.parametrize("fault", one_in(3, ["healthy", "group-1", "group-2", "group-3", "local-policy"]))
def test_documented_seconds_do_not_depend_on_the_scale(fault: str) -> None:
    """A lab may be quick or slow; what it says is what the documents say."""
    question = Question(client=CLIENT, service=SERVICE)
    snapshot = open_fault(fault)
    seen = []
    for slowness in (0.05, 0.1, 0.2):
        with NetnsLab(snapshot, slowness=slowness) as lab:
            seen.append(lab.probe(question).symptom)

    assert seen[0] == seen[1] == seen[2]
    assert seen[0] in trace(snapshot, question).symptoms


# Who may


def may_be_run_by_all() -> bool:
    """Is there a Python outside of anybody's home that drilllib runs on?"""
    asked = "import sys; sys.exit(sys.version_info < (3, 11))"
    python = Path("/usr/bin/python3")
    return python.exists() and subprocess.run([python, "-c", asked], check=False).returncode == 0


@thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(not may_be_run_by_all(), reason="no Python in /usr/bin, which every user may run, is new enough")
def test_a_plain_user_has_the_same_lab() -> None:
    """In a user namespace of its own, without sudo, from the wheel: each fault as the engine predicts it."""
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        _unpacked_wheel(Path(folder))
        (Path(folder) / "play.py").write_text(PLAY, encoding="utf-8")
        user = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "env", f"PYTHONPATH={folder}"]
        command = [*user, "/usr/bin/python3", "play.py", str(SLOWNESS)]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    if "forbids" in ran.stderr or "Operation not permitted" in ran.stderr:
        pytest.skip("this machine forbids user namespaces to plain users")
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(told) == 12, ran.stderr
    assert [each for each in told if not each["predicted"] or each["user"] != "1000"] == []
    assert {each["met"] for each in told} == {"200", "connect_timeout", "504"}


def _unpacked_wheel(folder: Path) -> None:
    """The wheel of this checkout, unpacked, which is how a wheel of Python alone is installed."""
    root = Path(drilllib.__file__).parents[1]
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for each in folder.rglob("*"):
        each.chmod(0o755 if each.is_dir() else 0o644)


PLAY = """
import json, sys
from drilllib.core.trace.answer import Question
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.request import trace
from drilllib.labs.netns.lab import NetnsLab

question = Question(client=CLIENT, service=SERVICE)
for fault in ("healthy", "group-1", "group-2", "group-3", "same-node", "local-policy"):
    for listener in ("HTTP", "TCP"):
        snapshot = open_fault(fault, listener=listener)
        with NetnsLab(snapshot, slowness=float(sys.argv[1])) as lab:
            symptom, user = lab.probe(question).symptom, lab.run("node-a", "id -u").out.strip()
        met, known = str(symptom.status or symptom.kind), symptom in trace(snapshot, question).symptoms
        print(json.dumps({"fault": fault, "listener": listener, "met": met, "predicted": known, "user": user}))
"""
