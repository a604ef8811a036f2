"""What settings ask for, against what is bound: a finding says which counts, and no verdict hangs on it."""

import json
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from builders import ask, lab
from changes import Change, Document, balancer, together
from changes_cluster import eni_groups, objects, pod_on_node_a, second_pod, service
from walker_comparison import FEATURES
from worlds import world

from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP
from drilllib.core.drills.variants import IPV6_CLIENT, direct_access, over_ipv6
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.views.text.trace import finding_text
from tests.thorough import how_many


def policy(*groups: str, name: str = "app", namespace: str = "shop", **spec: Any) -> Change:
    """A SecurityGroupPolicy; it selects the lab's pods where *spec* says nothing else."""

    def change(document: Document) -> None:
        selects = {"podSelector": {"matchLabels": {"app": "web"}}, **spec}
        wanted = {"securityGroups": {"groupIds": list(groups)}}
        item = {"kind": "SecurityGroupPolicy", "metadata": {"name": name, "namespace": namespace}}
        document["kubernetes"].append({**item, "spec": {**selects, **wanted}})

    return change


def setting(on: bool, *groups: str) -> Change:
    """The add-on's."""

    def change(document: Document) -> None:
        document["cluster"]["eniipamd"] = {"enableSecurityGroups": on, "securityGroups": list(groups)}

    return change


def annotated(**annotations: str | None) -> Change:
    """Annotations of the Service, by the end of their names."""
    names = {
        "passes": "service.cloud.tencent.com/pass-to-target",
        "protocol": "service.cloud.tencent.com/specify-protocol",
        "mode": "service.cloud.tencent.com/mode",
        "ranges": "service.beta.kubernetes.io/load-balancer-source-ranges",
    }

    def change(document: Document) -> None:
        service(document)["metadata"]["annotations"] |= {names[name]: text for name, text in annotations.items()}

    return change


def noted(answer: Trace) -> dict[str, tuple[str, dict]]:
    return {str(each.code): (each.where, dict(each.facts)) for each in answer.findings}


# SecurityGroupPolicies


def test_a_policy_that_is_newer_than_the_pod_is_named(listener: str) -> None:
    """The field's case: the policy selects the pod, whose interface still has the groups of before."""
    answer = ask(lab(policy("sg-app"), eni_groups(NODE_GROUP), listener=listener))

    facts = {"policy": "shop/app", "wanted": "sg-app", "bound": NODE_GROUP, "count": 1}
    assert noted(answer) == {"GROUP_POLICY_DIFFERS": ("shop/web-1", facts)}
    assert answer.reason == "POD_GROUP_DROPPED"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (policy(POD_GROUP), False),
        (policy("sg-app", namespace="staging"), False),
        (policy("sg-app", podSelector={"matchLabels": {"app": "db"}}), False),
        (policy("sg-app", podSelector={}), True),
        (policy("sg-app", podSelector=None), False),
        (policy("sg-app", podSelector={"matchExpressions": [{"key": "app", "operator": "Exists"}]}), True),
        (policy("sg-app", podSelector={"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}), False),
        (policy("sg-app", podSelector={"matchExpressions": [{"key": "app", "operator": "Like"}]}), False),
        (policy("sg-app", serviceAccountSelector={"matchLabels": {"team": "a"}}), False),
        (together(policy("sg-app"), policy(POD_GROUP, name="second")), False),
        (policy(), True),
    ],
)
def test_only_a_policy_that_certainly_asks_for_other_groups_is_named(change: Change, wanted: bool) -> None:
    """Where it may select the pod or may not, nobody is sent to recreate it."""
    assert ("GROUP_POLICY_DIFFERS" in noted(ask(lab(change)))) is wanted


def test_a_pod_that_was_not_read_is_not_said_to_be_selected() -> None:
    def unread(document: Document) -> None:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "Pod"]

    assert noted(ask(lab(policy("sg-app"), unread))) == {}


def test_pods_that_differ_alike_are_one_finding() -> None:
    where, facts = noted(ask(lab(second_pod, policy("sg-app"))))["GROUP_POLICY_DIFFERS"]

    assert (where, facts["count"]) == ("shop/web-1, shop/web-2", 2)


def test_of_many_pods_the_first_are_named() -> None:
    """A finding stays one line however many pods there are."""

    def many(document: Document) -> None:
        (piece,) = objects(document, "EndpointSlice")
        (pod,) = objects(document, "Pod")
        for number in range(2, 9):
            address = f"10.0.36.{100 + number}"
            named = {**pod["metadata"], "name": f"web-{number}"}
            document["kubernetes"].append({**pod, "metadata": named, "status": {"podIP": address}})
            reference = {"kind": "Pod", "name": f"web-{number}"}
            piece["endpoints"].append({**piece["endpoints"][0], "addresses": [address], "targetRef": reference})
            interface = {**document["network_interfaces"][0], "NetworkInterfaceId": f"eni-{number}"}
            interface["PrivateIpAddressSet"] = [{"PrivateIpAddress": address}]
            document["network_interfaces"].append(interface)

    answer = ask(lab(many, policy("sg-app")))

    assert noted(answer)["GROUP_POLICY_DIFFERS"][0] == "shop/web-1, shop/web-2, shop/web-3, ..."
    assert noted(answer)["GROUP_POLICY_DIFFERS"][1]["count"] == 8


# The add-on's setting


@pytest.mark.parametrize(
    ("asked", "code", "wanted"),
    [
        (setting(True, "sg-new"), "ADDON_GROUPS_DIFFER", "sg-new"),
        (setting(True, POD_GROUP, "sg-new"), "ADDON_GROUPS_DIFFER", f"{POD_GROUP}, sg-new"),
        (setting(True), "ADDON_GROUPS_DIFFER", NODE_GROUP),
        (setting(False), "ADDON_IS_OFF", "-"),
        (setting(False, POD_GROUP), "ADDON_IS_OFF", "-"),
        (setting(True, POD_GROUP), None, ""),
    ],
)
def test_a_setting_that_the_interface_does_not_follow_is_named(asked: Change, code: str | None, wanted: str) -> None:
    """The field's case: the setting is newer than the interface."""
    expected = {code: ("eni-podsb001", {"wanted": wanted, "bound": POD_GROUP, "count": 1})} if code else {}

    assert noted(ask(lab(asked))) == expected


def test_a_changed_group_of_the_node_does_not_reach_interfaces_that_inherited() -> None:
    """Inherited once; the node has other groups now."""

    def other_groups(document: Document) -> None:
        document["instances"][1]["SecurityGroupIds"] = ["sg-nodeb001", NODE_GROUP]

    where, facts = noted(ask(lab(setting(True), eni_groups(NODE_GROUP), other_groups)))["ADDON_GROUPS_DIFFER"]

    assert (where, facts["wanted"]) == ("eni-podsb001", f"sg-nodeb001, {NODE_GROUP}")


def exclusive(document: Document) -> None:
    document["cluster"]["VpcCniType"] = "tke-direct-eni"


def trunk(document: Document) -> None:
    document["network_interfaces"][0]["EniType"] = 2


def on_a_super_node(document: Document) -> None:
    next(objects(document, "EndpointSlice"))["endpoints"][0]["nodeName"] = "eklet-subnet-1"


def on_its_nodes_network(document: Document) -> None:
    next(objects(document, "EndpointSlice"))["endpoints"][0]["addresses"] = ["10.0.35.12"]


def interfaces_unread(document: Document) -> None:
    del document["network_interfaces"]


def setting_unread(document: Document) -> None:
    del document["cluster"]["eniipamd"]


@pytest.mark.parametrize(
    "change",
    [exclusive, trunk, on_a_super_node, on_its_nodes_network, interfaces_unread, setting_unread, policy("sg-pod00001")],
)
def test_the_setting_is_not_held_against_what_it_is_not_made_for(change: Change) -> None:
    """Documents conflict on exclusive interfaces; a policy or an annotation decides about the others."""
    assert "ADDON_GROUPS_DIFFER" not in noted(ask(lab(setting(True, "sg-new"), change)))


def test_pods_that_are_targets_are_looked_at_too() -> None:
    answer = ask(lab(direct_access, setting(True, "sg-new"), policy("sg-app", namespace="other")))

    assert "ADDON_GROUPS_DIFFER" in noted(answer)


def test_a_pod_that_is_reached_past_its_interface_is_looked_at_too() -> None:
    """Its groups are not asked today, and are on other ways."""
    assert "ADDON_GROUPS_DIFFER" in noted(ask(lab(pod_on_node_a, setting(True, "sg-new"))))


# The Service


@pytest.mark.parametrize(
    ("said", "has", "found"),
    [
        ("true", False, True),
        ("false", True, True),
        ("true", True, False),
        ("false", False, False),
        ("yes", False, False),
    ],
)
def test_a_pass_to_target_annotation_that_the_clb_does_not_follow_is_named(said: str, has: bool, found: bool) -> None:
    answer = ask(lab(annotated(passes=said), balancer(LoadBalancerPassToTarget=has)))
    facts = {"wanted": said, "found": "true" if has else "false", "balancer": "lb-lab00001"}

    assert noted(answer) == ({"PASS_TO_TARGET_DIFFERS": ("shop/web", facts)} if found else {})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ({"80": {"protocol": ["HTTPS"]}}, "HTTPS"),
        ({"80": {"protocol": ["HTTPS", "TCP"]}}, "HTTPS, TCP"),
        ({"80": {"protocol": ["HTTP"], "hosts": {"a.example": {}}}}, None),
        ({"80": {"protocol": ["http"]}}, None),
        ({"443": {"protocol": ["HTTPS"]}}, None),
        ({"80": {"protocol": "HTTPS"}}, None),
        ({"8" * 5000: {"protocol": ["HTTPS"]}}, None),
        (["80"], None),
    ],
)
def test_a_protocol_that_the_listener_does_not_have_is_named(text: object, found: str | None) -> None:
    answer = ask(lab(annotated(protocol=json.dumps(text)), listener="HTTP"))
    facts = {"port": 80, "wanted": found, "found": "HTTP"}

    assert noted(answer) == ({"LISTENER_PROTOCOL_DIFFERS": ("shop/web", facts)} if found else {})


def test_on_an_ipv6_vip_pass_to_target_is_on_whatever_is_asked() -> None:
    answer = ask(lab(over_ipv6, annotated(passes="false")), client=IPV6_CLIENT)

    assert "PASS_TO_TARGET_DIFFERS" not in noted(answer)


def test_an_annotation_that_is_no_json_asks_for_nothing() -> None:
    assert noted(ask(lab(annotated(protocol="HTTPS")))) == {}


def test_a_service_that_the_controller_leaves_alone_is_named() -> None:
    assert noted(ask(lab(annotated(mode="skip")))) == {"SERVICE_IS_SKIPPED": ("shop/web", {})}


def source_ranges(document: Document) -> None:
    service(document)["spec"]["loadBalancerSourceRanges"] = ["198.51.100.0/24"]


@pytest.mark.parametrize("change", [source_ranges, annotated(ranges="198.51.100.0/24")])
def test_source_ranges_are_named_and_filter_nobody(change: Change, listener: str) -> None:
    """The client is in none of them, and gets through as without them."""
    answer = ask(lab(change, listener=listener))

    facts = {"ranges": "198.51.100.0/24", "count": 1}
    assert noted(answer) == {"SOURCE_RANGES_ARE_NO_FILTER": ("shop/web", facts)}
    assert answer.verdict == "reachable"


def test_what_a_snapshot_says_does_not_move_the_cursor() -> None:
    """An annotation is a stranger's text."""
    answer = ask(lab(annotated(ranges="\x1b[2J198.51.100.0/24")))
    (line,) = (finding_text(each, "en") for each in answer.findings)

    assert "\\x1b[2J198.51.100.0/24" in line
    assert line.isprintable()


def test_a_question_about_a_vip_looks_at_its_services(listener: str) -> None:
    assert "SOURCE_RANGES_ARE_NO_FILTER" in noted(ask(lab(source_ranges, listener=listener), vip="192.0.2.10"))


def test_no_wish_changes_an_answer() -> None:
    """The same world with settings that ask for other things: all of the answer but its findings stays."""
    seen = 0
    for seed in range(how_many(70, thorough=200, long=400)):
        case = world(seed, FEATURES)
        if ip_address(case.question["client"]) in Snapshot(case.document).insiders.addresses:
            continue  # kube-proxy keeps loadBalancerSourceRanges for clients of its own
        document = json.loads(json.dumps(case.document))
        wishes(document)
        before, after = (trace(Snapshot(each), Question(**case.question)) for each in (case.document, document))
        assert replace(after, findings=()) == replace(before, findings=()), seed
        seen += after.findings != before.findings
    assert seen > how_many(18, thorough=50)


def wishes(document: Document) -> None:
    """Every wish at once, as far as the document has something to ask for."""
    for item in document.get("kubernetes") or ():
        if item["kind"] == "Service":
            item["spec"]["loadBalancerSourceRanges"] = ["198.51.100.0/24"]
            annotations = item["metadata"].get("annotations") or {}
            item["metadata"]["annotations"] = {**annotations, "service.cloud.tencent.com/pass-to-target": "true"}
        if item["kind"] == "SecurityGroupPolicy":
            item["spec"]["securityGroups"] = {"groupIds": ["sg-app"]}
