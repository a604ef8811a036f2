"""Documented facts about the way that no other test pins down."""

import pytest
from builders import ask, blocked_at, fate, health, hop, lab
from changes import (
    EVERYTHING,
    Change,
    Document,
    clb_groups,
    closed,
    egress,
    group_2_closed,
    group_3_closed,
    ingress,
    probes_from_vip,
    second_host,
    second_target,
    targets,
    the_listener,
    together,
)
from changes_cluster import (
    eni_groups,
    eni_unread,
    local_policy,
    node_groups,
    pod_on_node_a,
    second_pod,
    service,
)

from drilllib.core.drills.default_lab import NODE_GROUP, NODE_PORT, POD_GROUP
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.variants import direct_access
from drilllib.core.facts import FactCode, fact
from drilllib.core.snapshot.semantics import Semantics
from drilllib.errors import InvalidInputError

GROUPS_ANNOTATION = "service.cloud.tencent.com/security-groups"


# Layer 4 and layer 7


@pytest.mark.parametrize("fault", FAULTS)
def test_a_tcp_listener_never_answers_in_http(fault: str) -> None:
    """It passes packets on; only the application can say anything, and that is the 200."""
    answer = ask(open_fault(fault, listener="TCP"))

    assert {each.status for each in answer.symptoms} <= {None, 200}


@pytest.mark.parametrize(
    ("seconds", "allowed"), [(3.9, False), (4, True), (120, True), (120.1, False)], ids=lambda each: str(each)
)
def test_the_connect_timeout_is_4_to_120_seconds(seconds: float, allowed: bool) -> None:
    """The vendor's limits; another value would be a promise that no CLB keeps."""
    document = {"connect_timeout_s": seconds}
    if allowed:
        assert Semantics.from_dict(document).connect_timeout_s == seconds
    else:
        with pytest.raises(InvalidInputError, match="4 to 120"):
            Semantics.from_dict(document)


# The CLB


def pass_to_target_is(switch: bool | None) -> Change:
    def change(document: Document) -> None:
        document["load_balancers"][0]["LoadBalancerPassToTarget"] = switch

    return change


def test_pass_to_target_that_was_not_read_may_be_on(listener: str) -> None:
    """It matters only where the target's group would drop."""
    closed = ask(lab(pass_to_target_is(None), group_2_closed, listener=listener))

    assert closed.gaps == (fact(FactCode.PASS_TO_TARGET, balancer="lb-lab00001"),)
    assert fate(ask(lab(pass_to_target_is(None), listener=listener))) == "reachable: 200"


def test_pass_to_target_is_off_unless_it_is_on(listener: str) -> None:
    """Both groups have to admit the client."""
    change = pass_to_target_is(False)

    assert ask(lab(change, group_2_closed, listener=listener)).reason == "TARGET_GROUP_DROPPED"
    assert fate(ask(lab(change, clb_groups(), listener=listener))) == "reachable: 200"


def test_the_answers_of_a_pod_need_no_egress_rule_under_direct_access(listener: str) -> None:
    """Groups are stateful: what was let in may answer."""
    assert fate(ask(lab(direct_access, egress(POD_GROUP), listener=listener))) == "reachable: 200"


@pytest.mark.parametrize(("source", "state"), [(1, "Alive"), (0, "Dead")])
def test_health_proves_nothing_about_clients(listener: str, source: int, state: str) -> None:
    """Nobody passes the node's group; whether the target is called healthy hangs on the probes' source alone."""
    probes = (probes_from_vip,) if source == 0 else ()
    answer = ask(lab(group_2_closed, *probes, listener=listener))

    assert (answer.verdict, health(answer)) == ("unreachable", [state])


def test_all_targets_of_another_forwarding_rule_may_live() -> None:
    """Where all are dead all are used: that is counted for each forwarding rule by itself."""

    def other_rule(document: Document) -> None:
        second_target(document)
        second_host("other.example.com", targets(document)[1])(document)
        the_listener(document)["Rules"][0]["HealthCheck"] = {"HealthSwitch": 1, "SourceIpType": 0}
        the_listener(document)["Rules"][1]["HealthCheck"] = {"HealthSwitch": 1, "SourceIpType": 1}

    ours, theirs = ask(lab(other_rule)), ask(lab(other_rule), host="other.example.com")

    assert (health(ours), fate(ours)) == (["Dead", "Dead"], "reachable: 200")
    assert (health(theirs), fate(theirs)) == (["Alive"], "reachable: 200")


def test_of_several_nodes_one_closed_group_stops_some_requests_only() -> None:
    """A drill that closes one node of a larger cluster shows little, unless that node is the only target."""
    node_b_closed = together(node_groups("b", "sg-nodeb001"), closed("sg-nodeb001"))

    assert ask(lab(node_b_closed, second_target, listener="TCP")).verdict == "intermittent"
    assert ask(lab(node_b_closed, second_target, lambda document: targets(document).pop(0))).verdict == "unreachable"


@pytest.mark.parametrize("ports", ["30000-32768", "30000-32767"])
def test_a_rule_for_the_nodeport_range_may_end_at_either_number(listener: str, ports: str) -> None:
    """The vendor's texts say 32768, Kubernetes 32767; rules with both exist."""
    opened = ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {ports}")

    assert fate(ask(lab(opened, listener=listener))) == "reachable: 200"


def test_groups_bound_by_hand_are_no_finding_where_nothing_is_annotated(listener: str) -> None:
    """Without the annotation the controller is taken to leave the CLB's groups alone."""

    def not_annotated(document: Document) -> None:
        del service(document)["metadata"]["annotations"][GROUPS_ANNOTATION]

    by_hand = (clb_groups("sg-hand0001"), ingress("sg-hand0001", f"ACCEPT {EVERYTHING}"))
    answer = ask(lab(*by_hand, not_annotated, listener=listener))

    assert (fate(answer), answer.findings) == ("reachable: 200", ())


# Interfaces of pods


def shared_interface(document: Document) -> None:
    """web-1 and web-2 run on node-b, and both addresses sit on its one secondary interface."""
    second_pod(document)
    interface, spare = document["network_interfaces"]
    interface["PrivateIpAddressSet"] += spare["PrivateIpAddressSet"]
    document["network_interfaces"].remove(spare)
    for item in document["kubernetes"]:
        if item["kind"] == "Pod":
            item["spec"]["nodeName"] = "node-b"
        for endpoint in item.get("endpoints", ()):
            endpoint["nodeName"] = "node-b"


def test_pods_of_one_node_share_their_interfaces_groups(listener: str) -> None:
    """In the shared mode a group cannot tell two pods of a node apart."""
    answer = ask(lab(shared_interface, group_3_closed, listener=listener), all_paths=True)
    met = [(hop(answer, "pod", path).name, hop(answer, "pod", path).interface) for path in (0, 1)]

    assert met == [("shop/web-1", "eni-podsb001"), ("shop/web-2", "eni-podsb001")]
    assert [path.reason for path in answer.paths] == ["POD_GROUP_DROPPED"] * 2


def test_pods_of_two_nodes_have_interfaces_and_groups_of_their_own() -> None:
    """Per node, not per cluster: a group on one node's interface says nothing of another's."""
    apart = together(second_pod, eni_groups(POD_GROUP, node="b"), eni_groups("sg-pods00a", node="a"))
    answer = ask(lab(apart, ingress("sg-pods00a"), direct_access, both_pods))

    assert [hop(answer, "pod", path).checks[0].groups for path in (0, 1)] == [(POD_GROUP,), ("sg-pods00a",)]
    assert [path.outcome for path in answer.paths] == ["delivered", "dropped"]


def both_pods(document: Document) -> None:
    targets(document).append({**targets(document)[0], "PrivateIpAddresses": ["10.0.36.11"]})


@pytest.mark.parametrize("setting", [{}, {"enableSecurityGroups": None}, {"enableSecurityGroups": False}])
def test_the_add_on_setting_does_not_tell_what_is_on_an_interface(listener: str, setting: dict) -> None:
    """It holds for interfaces that are made after it; one that was not read may be older."""

    def change(document: Document) -> None:
        eni_unread()(document)
        document["cluster"]["eniipamd"] = {**setting, "securityGroups": [POD_GROUP]}

    answer = ask(lab(change, listener=listener))

    assert answer.gaps == (fact(FactCode.GROUPS_OF_INTERFACE, pod="shop/web-1"),)


def test_an_instance_without_groups_is_open_too(listener: str) -> None:
    """Inferred from interfaces of pods, and listed there as here."""
    answer = ask(lab(node_groups("a"), group_2_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "NO_GROUP_ADMITS_ALL" in answer.assumptions


def test_under_local_nothing_is_forwarded_to_another_node(listener: str) -> None:
    """So no interface of a pod is ever crossed on the way in, and no node's egress list is asked."""
    snapshot = lab(local_policy, second_target, second_pod, egress(NODE_GROUP), group_3_closed, listener=listener)
    answer = ask(snapshot, all_paths=True)
    ways = [(path.target, path.endpoint) for path in answer.paths]

    assert ways == [
        (f"ins-nodea001:{NODE_PORT}", "shop/web-2:80"),
        (f"ins-nodeb001:{NODE_PORT}", "shop/web-1:80"),
    ]
    assert fate(answer) == "reachable: 200"


def test_the_target_is_asked_even_where_the_pod_is_its_own(listener: str) -> None:
    """Past group 3 does not mean past group 2: the NodePort stands behind the node's primary interface."""
    answer = ask(lab(pod_on_node_a, group_2_closed, listener=listener))

    assert blocked_at(answer) == [("node", "NO_RULE_MATCHED")]
