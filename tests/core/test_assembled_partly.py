"""Files of other moments, or of a part only, beside those that tell the whole: never a confident wrong answer."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.calls import ENDPOINT_SLICES
from drilllib.core.capture.commands import file_name
from drilllib.core.capture.saved import Assembled, assembled_files
from drilllib.core.facts import FactCode, fact
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError

BY_HAND = Path(__file__).parent / "by_hand"
WANTED = Wanted(service="edge/gateway")
RULES, LISTENERS, TARGETS = (
    "DescribeSecurityGroupPolicies.sg-lb000001.json",
    "DescribeListeners.json",
    "DescribeTargets.json",
)


def by_hand() -> dict[str, list[Any]]:
    """The files of one Service, which together let the client through, with no policy in the list of all."""
    found = {path.name: [yaml.safe_load(path.read_text(encoding="utf-8"))] for path in sorted(BY_HAND.iterdir())}
    return {**found, "networkpolicies.edge.216935c8.json": [{"kind": "List", "apiVersion": "v1", "items": []}]}


def verdict(found: Assembled) -> Verdict:
    return trace(found.snapshot, Question(client="203.0.113.10", service="edge/gateway")).verdict


def with_request(name: str, answer: Any, **request: Any) -> Assembled:
    return assembled_files({**by_hand(), name: [{"Request": request, "Response": answer}]}, WANTED)


NARROWED = [
    (RULES, {"SecurityGroupId": "sg-lb000001", "Filters": [{"Name": "direction", "Values": ["EGRESS"]}]}),
    (TARGETS, {"LoadBalancerId": "lb-f1e2d3c4", "ListenerIds": ["lbl-other001"]}),
    (LISTENERS, {"LoadBalancerId": "lb-f1e2d3c4", "Port": 8443}),
]


@pytest.mark.parametrize(("name", "request_"), NARROWED)
def test_an_answer_to_a_request_for_a_part_does_not_tell_the_whole(name: str, request_: dict[str, Any]) -> None:
    """Nothing came back of what was not asked for; the whole is asked for again."""
    answer = deepcopy(by_hand()[name][0])
    if name == RULES:
        answer["SecurityGroupPolicySet"]["Ingress"] = []
    else:
        answer["Listeners"], answer["TotalCount"] = [], 0
    found = with_request(name, answer, **request_)

    assert verdict(found) is Verdict.UNDETERMINED
    assert name in {each.what for each in found.assembly.gaps}
    assert any(name.split(".")[0] in str(line) for line in found.commands)


def test_a_request_for_the_whole_is_taken_and_its_keys_are_not() -> None:
    """An SDK's log has what every call has, and null for what was left open."""
    every = {"Action": "DescribeTargets", "Version": "2018-03-17", "SecretId": "AKIDexample", "Token": "example-token"}
    found = with_request(TARGETS, by_hand()[TARGETS][0], LoadBalancerId="lb-f1e2d3c4", Port=None, Filters=[], **every)

    assert verdict(found) is Verdict.REACHABLE
    refused = with_request(TARGETS, {"Error": {"Code": "InternalError"}}, LoadBalancerId="lb-f1e2d3c4", **every)
    assert not {"AKIDexample", "example-token"} & {*str(refused).replace('"', " ").split()}


def test_an_old_object_that_a_whole_list_lacks_is_left_out_and_both_files_are_named() -> None:
    """The pods of yesterday's slice are gone: today's only endpoint is not ready."""
    files = by_hand()
    old = files.pop("endpointslices.yaml")
    new = deepcopy(old[0]["items"][0] if "items" in old[0] else old[0])
    new["metadata"]["name"] = "gateway-zzzzz"
    for each in new["endpoints"]:
        each["conditions"] = {"ready": False, "serving": False, "terminating": False}
    ask = next(each for each in assembled_files(files, WANTED).missing if getattr(each, "kind", "") == "EndpointSlice")
    assert getattr(ask, "resource", "") == ENDPOINT_SLICES.resource
    name = file_name(ask)
    whole = {"apiVersion": "v1", "kind": "List", "items": [new], "metadata": {}}

    alone = assembled_files({**files, name: [whole]}, WANTED)
    both = assembled_files({**files, name: [whole], "yesterday.yaml": old}, WANTED)
    assert verdict(alone) is verdict(both) is not Verdict.REACHABLE
    assert [(each.taken, each.left) for each in both.assembly.conflicts] == [(name, "yesterday.yaml")]


def test_targets_that_disagree_are_told_with_both_files() -> None:
    """The later file is taken, as of all answers that have no version."""
    other = json.loads(json.dumps(by_hand()[TARGETS][0]).replace("31443", "30001"))
    assert other != by_hand()[TARGETS][0]
    found = assembled_files({**by_hand(), "DescribeTargets.old.json": [other]}, WANTED)

    told = [(each.fields, each.taken, each.left) for each in found.assembly.conflicts]
    assert told == [(("Targets",), "DescribeTargets.old.json", TARGETS)]


OF_ANOTHER = {"ListenerId": "lbl-other000", "Protocol": "TCP", "Port": 443, "Targets": []}


def whys(found: Assembled) -> dict[str, str]:
    return {each.what: str(each.why) for each in found.assembly.gaps}


@pytest.mark.parametrize("listed", [0, 1])
def test_a_listener_is_known_not_to_be_there_only_where_all_were_asked_for(listed: int) -> None:
    """TotalCount counts what was asked for, perhaps the listeners of one port; by its name the file is the whole."""
    files = by_hand()
    files["svc.yaml"][0]["spec"]["ports"].append({"name": "more", "port": 80, "protocol": "TCP", "nodePort": 30080})
    rows = files[LISTENERS][0]["Listeners"][:listed]
    files[LISTENERS] = [{"Listeners": rows, "TotalCount": listed}]
    del files["DescribeTargetHealth.json"], files[TARGETS]
    question = Question(client="203.0.113.10", service="edge/gateway", port=80)

    partly = assembled_files(files, WANTED)
    assert trace(partly.snapshot, question).verdict is Verdict.UNDETERMINED
    files["DescribeListeners.lb-f1e2d3c4.json"] = files.pop(LISTENERS)
    assert trace(assembled_files(files, WANTED).snapshot, question).reason == "NO_LISTENER"


def test_listeners_of_another_balancer_are_not_taken_for_those_of_the_only_one() -> None:
    """Its health names a listener that is not among them."""
    files = by_hand()
    files[LISTENERS] = [{"Listeners": [{**OF_ANOTHER, "ListenerName": "x"}], "TotalCount": 1}]
    files[TARGETS] = [{"Listeners": [OF_ANOTHER]}]
    found = assembled_files(files, WANTED)

    assert verdict(found) is Verdict.UNDETERMINED
    assert "does not say of which load balancer" in whys(found)["listeners"]


def test_listeners_that_nothing_ties_to_the_only_balancer_do_not_decide() -> None:
    """They are another one's, for all that the files say: what would tie them is asked for."""
    files = by_hand()
    del files["DescribeTargetHealth.json"]
    found = assembled_files(files, WANTED)

    assert verdict(found) is Verdict.UNDETERMINED
    assert "does not say of which load balancer it is: name it after its" in whys(found)["listeners"]
    assert any("DescribeListeners.lb-f1e2d3c4.json" in str(line) for line in found.commands)
    files["DescribeListeners.lb-f1e2d3c4.json"] = files.pop(LISTENERS)
    assert verdict(assembled_files(files, WANTED)) is Verdict.REACHABLE


def test_a_port_of_no_service_has_no_listener_only_where_all_were_asked_for() -> None:
    """A file with another name may be what one call for one port said."""
    files, at_80 = by_hand(), Question(client="203.0.113.10", vip="192.0.2.30", port=80)
    partly = assembled_files(files, WANTED)

    assert partly.snapshot.part("partial") == {"listeners": ["lb-f1e2d3c4"]}
    assert trace(partly.snapshot, at_80).gaps == (fact(FactCode.LISTENERS, balancer="lb-f1e2d3c4"),)
    assert any("DescribeListeners.lb-f1e2d3c4.json" in str(line) for line in partly.commands)
    files["DescribeListeners.lb-f1e2d3c4.json"] = files.pop(LISTENERS)
    whole = assembled_files(files, WANTED)
    assert trace(whole.snapshot, at_80).reason == "NO_LISTENER"
    assert not any("DescribeListeners" in str(line) for line in whole.commands)


def test_values_of_odd_types_end_in_no_traceback() -> None:
    """A ConfigMap without an object for its data; ids of rules that are objects."""
    files = by_hand()
    settings = {"kind": "ConfigMap", "apiVersion": "v1", "data": 5}
    settings["metadata"] = {"namespace": "kube-system", "name": "tke-service-controller-config"}
    odd = {"ListenerId": "lbl-p0p0p0p0", "Protocol": "HTTP", "Port": 443, "Rules": [{"LocationId": {}, "Targets": []}]}
    files["settings.yaml"], files[TARGETS] = [settings], [{"Listeners": [odd]}]
    files[LISTENERS] = [{"Listeners": [{**odd, "ListenerName": "x"}], "TotalCount": 1}]

    with pytest.raises(InvalidInputError, match="LocationId"):
        assembled_files(files, WANTED)
