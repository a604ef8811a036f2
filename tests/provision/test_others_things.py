"""What is not the drill's stays, whoever changes what meanwhile; what stands in its way is told."""

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drilllib.core.drills.default_lab import default_lab, new_cluster
from drilllib.errors import DrillError
from drilllib.guard.consent import NoConsentError
from drilllib.guard.journal import Journal
from drilllib.guard.marks import DRILL
from drilllib.provision.prepare import Wish, prepared
from tests.provision.playing import CLUSTER, SUBNET, WHERE, WISH, Play, consenting

Change = Callable[[dict[str, Any], str], None]


def group_of(document: dict[str, Any], role: str) -> str:
    """The id of the drill's group of a role."""
    return next(name for name, each in document["security_groups"].items() if each["SecurityGroupName"].endswith(role))


def foreign(name: str, drill: str) -> dict[str, Any]:
    """Somebody's group, with the mark of the drill on it."""
    rules = {"Version": "0", "Ingress": [], "Egress": []}
    tags = [{"Key": DRILL, "Value": drill}]
    return {"SecurityGroupId": name, "SecurityGroupName": name, "TagSet": tags, "SecurityGroupPolicySet": rules}


def a_marked_group(document: dict[str, Any], drill: str) -> None:
    document["security_groups"]["sg-foreign1"] = foreign("sg-foreign1", drill)


def a_default_group(document: dict[str, Any], drill: str) -> None:
    """The worst case: a default group with the mark and the very name."""
    ours = document["security_groups"][group_of(document, "clb")]["SecurityGroupName"]
    document["security_groups"]["sg-default1"] = {
        **foreign("sg-default1", drill),
        "SecurityGroupName": ours,
        "IsDefault": True,
    }


def an_object_in_the_namespace(document: dict[str, Any], drill: str) -> None:
    metadata = {"name": "theirs", "namespace": "shop", "uid": "of-theirs", "creationTimestamp": "2026-01-01T00:00:00Z"}
    document["kubernetes"].append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {}})


def a_rule_that_names_it(document: dict[str, Any], drill: str) -> None:
    rule = {"Protocol": "TCP", "Port": "22", "SecurityGroupId": group_of(document, "pod"), "Action": "ACCEPT"}
    document["security_groups"]["sg-theirs01"] = foreign("sg-theirs01", "")
    document["security_groups"]["sg-theirs01"]["SecurityGroupPolicySet"]["Ingress"] = [rule]
    document["security_groups"]["sg-theirs01"]["TagSet"] = []


# What somebody does, what stays by it, and what is said.
STAYING: dict[str, tuple[Change, str, str]] = {
    "a marked group that was not journalled": (a_marked_group, "sg-foreign1", "the journal does not know it"),
    "a default group": (a_default_group, "sg-default1", "a default group is never touched"),
    "an object in the namespace": (an_object_in_the_namespace, "theirs", "somebody else has put ConfigMap theirs"),
    "a group that names the drill's": (a_rule_that_names_it, "sg-theirs01", "names it in a rule"),
}


@pytest.mark.parametrize("case", STAYING)
def test_what_is_not_the_drills_stays_and_the_rest_goes(tmp_path: Path, case: str) -> None:
    """One thing is left and told; once it is out of the way, one more `drill down` ends it."""
    play = Play()
    drill = play.up(tmp_path)
    with play.state.writing() as document:
        before = copy.deepcopy(document)
        STAYING[case][0](document, drill)
    report = play.down(tmp_path)

    assert [STAYING[case][2] in str(each.why) for each in report.left] == [True]
    assert STAYING[case][1] in play.looks()
    with play.state.writing() as document:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["metadata"]["name"] != "theirs"]
        document["security_groups"] = {
            name: each for name, each in document["security_groups"].items() if name in before["security_groups"]
        }
    assert play.down(tmp_path).left == []
    assert play.looks() == Play().looks()


def test_a_list_of_the_add_on_that_others_have_added_to_keeps_theirs(tmp_path: Path) -> None:
    """Only group 3 leaves it."""
    document = new_cluster()
    document["security_groups"] = {"sg-theirs01": foreign("sg-theirs01", "")}
    document["security_groups"]["sg-theirs01"]["TagSet"] = []
    play = Play(document)
    play.up(tmp_path)
    with play.state.writing() as held:
        held["cluster"]["eniipamd"]["securityGroups"] = [group_of(held, "pod"), "sg-theirs01"]
        held["addons"]["eniipamd"] = dict(held["cluster"]["eniipamd"])
    report = play.down(tmp_path)

    assert report.left == []
    with play.state.reading() as held:
        assert held["cluster"]["eniipamd"] == {"enableSecurityGroups": True, "securityGroups": ["sg-theirs01"]}


def test_a_cluster_that_had_the_add_on_on_has_its_own_list_again(tmp_path: Path) -> None:
    """Also where other nodes and pods are there, whose interfaces keep their groups meanwhile."""
    document = default_lab()
    document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] == "Node"]
    play = Play({**document, "load_balancers": [], "listeners": {}})
    before = play.looks()
    play.up(tmp_path, dataclasses.replace(WISH, whole_cluster=True))
    assert play.down(tmp_path).left == []

    assert play.looks() == before


def with_the_add_on_on() -> dict[str, Any]:
    """Somebody's nodes, to whose pods the add-on binds a group."""
    document = default_lab()
    nodes = [each for each in document["kubernetes"] if each["kind"] == "Node"]
    return {**document, "kubernetes": nodes, "load_balancers": [], "listeners": {}}


def test_the_list_of_before_comes_back_with_what_others_have_added(tmp_path: Path) -> None:
    """Production's own group is not lost."""
    play = Play(with_the_add_on_on())
    play.up(tmp_path, dataclasses.replace(WISH, whole_cluster=True))
    with play.state.writing() as held:
        setting = {
            "enableSecurityGroups": True,
            "securityGroups": [*held["cluster"]["eniipamd"]["securityGroups"], "sg-clb00001"],
        }
        held["cluster"]["eniipamd"], held["addons"]["eniipamd"] = dict(setting), dict(setting)
    assert play.down(tmp_path).left == []

    with play.state.reading() as held:
        assert held["cluster"]["eniipamd"]["securityGroups"] == ["sg-pod00001", "sg-clb00001"]


@pytest.mark.parametrize("is_made", [False, True])
def test_a_journal_is_not_believed_about_a_group_that_has_no_mark(tmp_path: Path, *, is_made: bool) -> None:
    """Lines that say that production's group was the drill's change nothing."""
    play = Play(with_the_add_on_on())
    before = play.looks()
    with Journal.create(tmp_path, "up", drill="deadbeef", **WHERE) as journal:
        if is_made:
            journal.done(journal.intent("group", name="drill-deadbeef-pod", role="pod"), id="sg-pod00001")
        journal.intent("add_on", name="eniipamd", before="off", after="sg-pod00001")
    play.down(tmp_path)

    assert play.looks() == before


def test_a_copy_of_a_group_with_its_tags_and_name_stays(tmp_path: Path) -> None:
    """The journal has the id of the drill's own."""
    play = Play()
    drill = play.up(tmp_path)
    with play.state.writing() as document:
        ours = document["security_groups"][group_of(document, "clb")]
        document["security_groups"]["sg-copied01"] = {**copy.deepcopy(ours), "SecurityGroupId": "sg-copied01"}
    report = play.down(tmp_path)

    assert [each.name for each in report.left] == [f"drill-{drill}-clb"]
    assert "sg-copied01" in play.looks()


def taken(namespace: str, port: int = 0) -> dict[str, Any]:
    """A document in which the namespace is there, or a Service has the drill's NodePort."""
    document = new_cluster()
    metadata = {"name": namespace or "other"}
    document["kubernetes"].append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    if port:
        spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": port, "protocol": "TCP"}]}
        named = {"name": "web", "namespace": "other"}
        document["kubernetes"].append({"apiVersion": "v1", "kind": "Service", "metadata": named, "spec": spec})
    return document


def full() -> dict[str, Any]:
    """48 groups of at most 50."""
    document = new_cluster()
    document["security_groups"] = {f"sg-full{number:04}": foreign(f"sg-full{number:04}", "") for number in range(48)}
    for each in document["security_groups"].values():
        each["TagSet"] = []
    return document


def with_nodes() -> dict[str, Any]:
    """Somebody's node, while the add-on is off."""
    document = new_cluster()
    return {**document, "kubernetes": [each for each in default_lab()["kubernetes"] if each["kind"] == "Node"]}


@pytest.mark.parametrize(
    ("document", "wish", "expected"),
    [
        (taken("shop"), WISH, "The namespace 'shop' is there"),
        (taken("", 30713), WISH, "The NodePort 30713 is taken by the Service other/web"),
        (full(), WISH, "There are 48 security groups of at most 50"),
        (with_nodes(), WISH, "Group 3 is set for a whole cluster"),
        (with_the_add_on_on(), WISH, "Group 3 is set for a whole cluster"),
        (new_cluster(), Wish(), "The subnet of the drill's nodes is not known"),
        (new_cluster(), Wish(cluster="cls-other001", subnets=(SUBNET,)), "There is no cluster 'cls-other001'"),
        (new_cluster(), Wish(subnets=("subnet-none0001",)), "There is no subnet 'subnet-none0001'"),
        (new_cluster(), Wish(subnets=(SUBNET,), fault="two-groups"), "cannot be made in a cluster of yours"),
        (new_cluster(), Wish(subnets=(SUBNET,), namespace="My Shop"), "The namespace is 'My Shop'"),
        (new_cluster(), Wish(subnets=(SUBNET,), clients=("0.0.0.0/8",)), "The clients are '0.0.0.0/8'"),
        (new_cluster(), Wish(subnets=(SUBNET,), clients=("0.0.0.0/0",)), "The clients are '0.0.0.0/0'"),
    ],
    ids=[
        "namespace",
        "port",
        "quota",
        "nodes",
        "nodes with groups",
        "no subnet",
        "cluster",
        "subnet",
        "fault",
        "name",
        "half",
        "everyone",
    ],
)
def test_what_stands_in_the_way_is_said_before_anything_is_made(
    document: dict[str, Any], wish: Wish, expected: str
) -> None:
    """One line; not a single write."""
    play = Play(document)
    before = play.looks()

    with pytest.raises(DrillError, match=expected.replace("(", r"\(")):
        prepared(play.clients(), wish, play.now())
    assert play.looks() == before


def test_without_consent_nothing_else_is_looked_at() -> None:
    """Neither groups nor nodes are read."""
    play = Play()
    with play.state.writing() as document:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "ConfigMap"]

    with pytest.raises(NoConsentError):
        prepared(play.clients(), WISH, play.now())
    assert [name for name in play.asked if "SecurityGroup" in name or name.endswith("nodes")] == []


def test_one_drill_at_a_time_and_an_overdue_one_is_named(tmp_path: Path) -> None:
    """Nothing is made next to it, before and after its hours."""
    play = Play()
    drill = play.up(tmp_path)

    with pytest.raises(DrillError, match=f"The drill {drill} is up"):
        prepared(play.clients(), WISH, play.now())
    play.waited_s += 5 * 3600
    with pytest.raises(DrillError, match=f"The drill {drill} is still there, and should be gone since"):
        prepared(play.clients(), WISH, play.now())


def test_a_kubeconfig_of_another_cluster_is_noticed() -> None:
    """Its nodes are none of the cloud's cluster."""
    play = Play(consenting(with_nodes()))
    with play.state.writing() as document:
        document["instances"] = [
            {"InstanceId": "ins-other001", "PrivateIpAddresses": ["10.0.35.99"], "SecurityGroupIds": []}
        ]

    with pytest.raises(DrillError, match=f"another cluster than {CLUSTER}"):
        prepared(play.clients(), WISH, play.now())
