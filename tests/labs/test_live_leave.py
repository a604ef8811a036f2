"""Whose groups they are, and whose word counts: what a live lab may write to, looked at whenever one is opened."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.tencent.actions import associations
from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, POD_GROUP
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.errors import LabStateError
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.consent import NoConsentError
from drilllib.guard.errors import WriteRefusedError
from drilllib.guard.journal import Journal
from drilllib.guard.scope import STATISTICS, Scope
from drilllib.guard.writer import changed
from drilllib.labs.live import opening
from drilllib.labs.live.opening import Session, open_live
from drilllib.labs.live.roles import PARTS
from drilllib.labs.live.settings import LiveSettings
from tests.labs.live import InProcessCloud, consented
from tests.labs.test_live_opening import INGRESS, NAMED, rules


def opened(folder: Path, document: dict[str, Any] | None = None) -> tuple[InProcessCloud, Session]:
    """A session with a cluster that starts healthy, or as it is said; its three groups are named."""
    cloud = InProcessCloud(consented(document or open_fault("healthy").to_dict()), folder)
    return cloud, cloud.session(NAMED)


def test_only_groups_that_are_named_or_tagged_are_written(tmp_path: Path) -> None:
    """What is bound on the path is not therefore the drill's."""
    cloud = InProcessCloud(consented(open_fault("healthy").to_dict()), tmp_path)
    with pytest.raises(WriteRefusedError, match="neither named by the plan nor tagged"):
        cloud.session(LiveSettings()).open(open_fault("group-2"))


def test_a_group_that_others_use_is_refused(tmp_path: Path) -> None:
    """A database's machine with the nodes' group would be drilled too."""
    document = open_fault("healthy").to_dict()
    other = {**document["instances"][0], "InstanceId": "ins-database1", "PrivateIpAddresses": ["10.0.40.9"]}
    document["instances"] = [*document["instances"], other]
    _, session = opened(tmp_path, document)
    with pytest.raises(LabStateError, match="ins-database1"):
        session.open(open_fault("healthy"))


def test_a_load_balancer_of_somebody_elses_with_the_group_is_refused(tmp_path: Path) -> None:
    """A capture does not list it; the cloud counts it."""
    document = open_fault("healthy").to_dict()
    other = {**document["load_balancers"][0], "LoadBalancerId": "lb-other001", "LoadBalancerVips": ["192.0.2.99"]}
    document["load_balancers"] = [*document["load_balancers"], other]
    _, session = opened(tmp_path, document)
    with pytest.raises(LabStateError, match=r"2 of CLB, of which 1 are known here.*drill up"):
        session.open(open_fault("healthy"))


def test_what_a_group_is_bound_to_has_to_be_readable(tmp_path: Path) -> None:
    """A count that is refused is no leave to write: it was taken for zero."""
    cloud, session = opened(tmp_path)
    before = rules(cloud)
    cloud.cloud.faults.set("denied", STATISTICS, times=9)
    with pytest.raises(LabStateError, match=f"{STATISTICS} cannot be read"):
        session.open(open_fault("group-2"))

    assert rules(cloud) == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"TotalCount": 2, "CLB": 1}, "1 of other kinds"),  # a Redis, which has no count of its own
        ({"SecurityGroupId": "sg-other001"}, "says nothing of"),
    ],
)
def test_what_the_cloud_counts_besides_is_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any], said: str
) -> None:
    cloud, session = opened(tmp_path)
    before = rules(cloud)
    counted = associations._counted
    monkeypatch.setattr(associations, "_counted", lambda *words: {**counted(*words), **row})
    with pytest.raises(LabStateError, match=said):
        session.open(open_fault("group-2"))

    assert rules(cloud) == before


def test_other_interfaces_of_pods_on_the_nodes_are_the_drills(tmp_path: Path) -> None:
    """The add-on gives group 3 to all interfaces of pods in the cluster; one on another machine is somebody else's."""
    document = open_fault("healthy").to_dict()
    other = {**document["network_interfaces"][0], "NetworkInterfaceId": "eni-other001"}
    other["PrivateIpAddressSet"] = [{"PrivateIpAddress": "10.0.36.200", "Primary": True}]
    document["network_interfaces"] = [*document["network_interfaces"], other]
    opened(tmp_path, document)[1].open(open_fault("group-3"))
    other["Attachment"] = {"InstanceId": "ins-database1"}
    with pytest.raises(LabStateError, match=r"eni-other001|2 of ENI, of which 1 are known"):
        opened(tmp_path, document)[1].open(open_fault("group-3"))


def test_what_the_drill_has_bound_itself_is_known(tmp_path: Path) -> None:
    """The cloud counts one machine more then, and the group may still be written to."""
    cloud, session = opened(tmp_path)
    lab = session.open(open_fault("healthy"))
    lab.bind_groups("ins-nodea001", [NODE_GROUP, POD_GROUP])
    lab.replace_rules(POD_GROUP, INGRESS, [rule_from_text(f"ACCEPT TCP {CLIENT} 80")])

    assert rules(cloud)[POD_GROUP][0] == [f"ACCEPT TCP {CLIENT} 80"]


def test_whatever_is_said_counts_from_the_next_opening_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one kernel: leave that was given is taken away, another group is named, and consent is withdrawn."""
    cloud = InProcessCloud(consented(open_fault("healthy").to_dict()), tmp_path)
    monkeypatch.setattr(opening, "opened", lambda *_: (cloud.access(), cloud.reading(*PARTS.values()).rounds))
    monkeypatch.setattr(opening, "_played", {})
    named = {"DRILL_GROUPS": ",".join(f"{part}={group}" for part, group in PARTS.items())}
    said = {"XDG_STATE_HOME": str(tmp_path), **named}
    world, start = [rule_from_text("ACCEPT TCP 0.0.0.0/0 80")], open_fault("healthy")
    open_live(start, CLIENT, {**said, "DRILL_OPEN_TO_WORLD": "clb"}).replace_rules(CLB_GROUP, INGRESS, world)

    lab = open_live(start, CLIENT, said)
    with pytest.raises(WriteRefusedError, match="open to the whole world"):
        lab.replace_rules(CLB_GROUP, INGRESS, world)
    lab = open_live(start, CLIENT, {**said, "DRILL_GROUPS": f"clb={CLB_GROUP}"})
    with pytest.raises(WriteRefusedError, match="neither named by the plan nor tagged"):
        lab.replace_rules(NODE_GROUP, INGRESS, [rule_from_text(f"ACCEPT TCP {CLIENT} 30713")])
    with cloud.cloud.state.writing(settled=True) as held:
        held["kubernetes"] = [each for each in held["kubernetes"] if each["kind"] != "ConfigMap"]
    with pytest.raises(NoConsentError):
        open_live(start, CLIENT, said)
    with pytest.raises(LabStateError, match="consents any more"):
        lab.rules(CLB_GROUP, INGRESS)
    assert len(list((tmp_path / "drilllib" / "changes").glob("*.jsonl"))) == 1


def test_a_beginning_that_is_broken_off_says_how_it_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first list is written, the second is somebody else's by then: no lab comes that would name the journal."""
    cloud, session = opened(tmp_path, open_fault("group-1").to_dict())
    before, write, written = rules(cloud), Guard.replace_rules, list[str]()

    def once(self: Guard, group: str, *words: Any, **more: Any) -> None:
        if written:
            raise changed(group)
        written.append(group)
        write(self, group, *words, **more)

    monkeypatch.setattr(Guard, "replace_rules", once)
    with pytest.raises(LabStateError, match=r"begun in part: .*drill rollback") as found:
        session.open(open_fault("group-2"))
    journal = next(cloud.folder.glob("*.jsonl"))
    with Guard(Cloud.of(cloud.access()), Journal.open(journal), Scope()) as guard:
        guard.rollback()

    assert journal.stem in str(found.value)
    assert (len(written), rules(cloud)) == (1, before)
