"""Answers of which something is lost, old, or contradictory: it is told, and no verdict is built on it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from drilllib.core.capture.asks import Answer, CloudCall, Wanted
from drilllib.core.capture.join import assembled
from drilllib.core.capture.recognise import recognised
from drilllib.core.capture.saved import Assembled, assembled_files
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict

BY_HAND = Path(__file__).parent / "by_hand"
ASKED = Question(client="203.0.113.10", service="edge/gateway")
WANTED = Wanted(service="edge/gateway")
NODE_GROUP = "DescribeSecurityGroupPolicies.sg-node0001.json"


def files() -> dict[str, list[Any]]:
    """Those by hand, and what the printed command for NetworkPolicies wrote: there is none."""
    found = {path.name: [yaml.safe_load(path.read_text("utf-8"))] for path in sorted(BY_HAND.iterdir())}
    return {**found, "networkpolicies.edge.216935c8.json": [{"kind": "List", "apiVersion": "v1", "items": []}]}


def made(changed: dict[str, list[Any]]) -> Assembled:
    return assembled_files(changed, WANTED)


def gaps(found: Assembled) -> dict[str, str]:
    """What is not here, but for what none of these files has anyhow."""
    usual = ("cluster.eniipamd", "networkpolicies in edge")
    return {each.what: str(each.why) for each in found.assembly.gaps if each.what not in usual}


def test_a_page_that_is_missing_is_told_and_its_command_printed() -> None:
    """Two of three machines: the first page says how many there are."""
    changed = files()
    page = changed["DescribeInstances.json"][0]
    rest, page["InstanceSet"] = page["InstanceSet"][2:], page["InstanceSet"][:2]
    first = made(changed)
    (lost,) = [each for each in first.missing if isinstance(each, CloudCall) and each.request.get("Offset")]

    assert gaps(first) == {"instances": "2 of 3 were read: a page is missing, or a right shows some of them only"}
    assert (lost.action, lost.request["Offset"]) == ("DescribeInstances", 2)
    assert trace(first.snapshot, ASKED).verdict is not Verdict.REACHABLE

    changed["page-2.json"] = [{"TotalCount": 3, "InstanceSet": rest}]
    assert gaps(made(changed)) == {}
    assert trace(made(changed).snapshot, ASKED).verdict is Verdict.REACHABLE


def test_listeners_of_which_one_is_missing_are_left_out() -> None:
    """The one on the port that is asked for may be among the missing: no listener there must not be sure."""
    changed = files()
    changed["DescribeListeners.json"][0] |= {"TotalCount": 2}
    found = made(changed)

    assert "listeners" not in found.snapshot.to_dict()
    assert "1 of 2 were read" in gaps(found)["listeners.lb-f1e2d3c4"]
    assert trace(found.snapshot, ASKED).verdict is Verdict.UNDETERMINED


def test_a_listener_that_only_its_targets_name_is_a_missing_one() -> None:
    changed = files()
    other = {"ListenerId": "lbl-other", "Protocol": "TCP", "Port": 80, "Targets": []}
    changed["DescribeTargets.json"][0]["Listeners"].append(other)

    assert "1 of 2 were read" in gaps(made(changed))["listeners.lb-f1e2d3c4"]


def test_listeners_without_their_targets_are_told() -> None:
    changed = files()
    del changed["DescribeTargets.json"]
    found = made(changed)

    assert gaps(found) == {"listeners.lb-f1e2d3c4.lbl-p0p0p0p0.Targets": "DescribeTargets was not read"}
    assert trace(found.snapshot, ASKED).verdict is Verdict.UNDETERMINED


def test_two_files_that_disagree_are_both_named_and_the_later_is_believed() -> None:
    changed = files()
    later = copy.deepcopy(changed["DescribeInstances.json"])
    later[0]["InstanceSet"][0]["SecurityGroupIds"] = ["sg-base0001"]
    changed["evening.json"] = later
    found = made(changed)

    (conflict,) = found.assembly.conflicts
    assert (conflict.what, conflict.fields) == ("Instance ins-aaaa1111", ("SecurityGroupIds",))
    assert (conflict.taken, conflict.left) == ("evening.json", "DescribeInstances.json")
    assert found.snapshot.to_dict()["instances"][0]["SecurityGroupIds"] == ["sg-base0001"]


def test_of_two_versions_of_a_group_the_higher_is_believed_in_any_order() -> None:
    changed = files()
    old = copy.deepcopy(changed[NODE_GROUP])
    old[0]["SecurityGroupPolicySet"] |= {"Version": "9", "Ingress": []}
    for order in ({"a.sg-node0001.json": old, **changed}, {**changed, "z.sg-node0001.json": old}):
        found = made(order)
        (conflict,) = found.assembly.conflicts
        assert (conflict.taken, "9" in str(found.snapshot.version_of("sg-node0001"))) == (NODE_GROUP, False)
        assert trace(found.snapshot, ASKED).verdict is Verdict.REACHABLE


def test_what_tccli_prints_as_null_contradicts_nothing() -> None:
    """It prints every field that it knows, absent ones as null: what another answer says of them stays."""
    changed = files()
    nulls = copy.deepcopy(changed["DescribeInstances.json"])
    nulls[0]["InstanceSet"][0] = dict.fromkeys(nulls[0]["InstanceSet"][0]) | {"InstanceId": "ins-aaaa1111"}
    found = made({**changed, "z.json": nulls})

    assert found.assembly.conflicts == ()
    assert found.snapshot.to_dict()["instances"][0]["SecurityGroupIds"] == ["sg-base0001", "sg-node0001"]


def test_a_saved_refusal_is_a_gap_with_its_permission_and_without_the_account() -> None:
    changed = files()
    message = (
        "[request id:0d1] you are not authorized to perform operation (cvm:DescribeSecurityGroupPolicys) "
        "resource (qcs::cvm:gz:uin/100012345678:sg/sg-node0001) has no permission"
    )
    changed[NODE_GROUP] = [{"Response": {"Error": {"Code": "UnauthorizedOperation", "Message": message}}}]
    found = made(changed)

    assert gaps(found) == {
        "vpc DescribeSecurityGroupPolicies sg-node0001": "not allowed (UnauthorizedOperation); "
        "grant cvm:DescribeSecurityGroupPolicys"
    }
    assert "100012345678" not in json.dumps(found.snapshot.to_dict()) + str(found.assembly)
    assert trace(found.snapshot, ASKED).verdict is Verdict.UNDETERMINED


def test_whatever_file_is_missing_no_certain_answer_is_wrong() -> None:
    """With every file it is reachable: without one it is so still, or undetermined, never certainly not."""
    for name in files():
        changed = files()
        del changed[name]
        found = made(changed)
        if "svc" not in name and "LoadBalancers" not in name:  # which the question itself names
            assert trace(found.snapshot, ASKED).verdict in (Verdict.REACHABLE, Verdict.UNDETERMINED), name


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        ({"Listeners": [], "TotalCount": 0}, "DescribeListeners"),
        ({"Listeners": []}, "DescribeTargets"),
        ({"Listeners": [{"ListenerId": "lbl-1", "Port": 80, "Targets": []}]}, "DescribeTargets"),
        ({"Listeners": [{"ListenerId": "lbl-1", "Targets": None, "Rules": [{"Targets": []}]}]}, "DescribeTargets"),
        ({"Listeners": [{"ListenerId": "lbl-1", "Port": 80}], "TotalCount": 1}, "DescribeListeners"),
        ({"Listeners": [{"ListenerId": "lbl-1", "HealthCheck": {}, "Rules": None}]}, "DescribeListeners"),
        ({"InstanceSet": [{"InstanceId": "ins-1", "InstanceRole": "WORKER"}]}, "DescribeClusterInstances"),
        ({"InstanceSet": [{"InstanceId": "ins-1", "Placement": {}}]}, "DescribeInstances"),
        ({"Values": "{}", "DefaultValues": ""}, "DescribeAddonValues"),
    ],
)
def test_two_calls_that_list_under_one_name_are_told_apart(answer: dict[str, Any], action: str) -> None:
    """By the vendor's models: a Listener has no Targets, and DescribeTargets no TotalCount."""
    (found,) = recognised(answer, "answer.json")

    assert isinstance(found.ask, CloudCall)
    assert found.ask.action == action


def test_an_answer_over_the_wire_has_no_name_to_be_told_by() -> None:
    """A conflict of two answers without a file names none."""
    call = CloudCall.of("cvm", "2017-03-12", "DescribeInstances")
    rows = [{"InstanceId": "ins-1", "PrivateIpAddresses": [address]} for address in ("10.0.0.1", "10.0.0.2")]
    found = assembled([Answer(call, ({"InstanceSet": [row]},), whole=True) for row in rows], Wanted())

    assert [(each.taken, each.left) for each in found.conflicts] == [("", "")]
