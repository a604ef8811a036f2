"""What becomes of a request: every behaviour the course teaches, one case each."""

import json
from itertools import product

import pytest
from builders import (
    EVERYTHING,
    LISTENERS,
    REFUSAL,
    SILENCE,
    Change,
    ask,
    blocked_at,
    clb_groups,
    closed,
    egress,
    eni_groups,
    eni_unread,
    fate,
    group_1_closed,
    group_2_closed,
    group_3_closed,
    group_unread,
    health,
    health_check_off,
    hop,
    ingress,
    instance_unread,
    keepalive,
    lab,
    local_policy,
    no_endpoint_slice,
    no_endpoints,
    no_listener,
    no_targets,
    node_groups,
    observed,
    pass_to_target,
    pod_on_node_a,
    probe_source_unread,
    probes_from_vip,
    said,
    second_host,
    second_pod,
    second_target,
    second_vip,
    target_port,
    targets,
    together,
    udp_on_the_same_node_port,
    unread,
    weight,
    wrong_target_port,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from drilllib.core.answers import Trace
from drilllib.core.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills import FAULTS, open_fault
from drilllib.core.semantics import DOCUMENTED, ORIGINAL, PROFILES, Semantics
from drilllib.errors import DrillError, InvalidInputError, UnknownNameError

CLIENT_RULE = f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}"
NODE_B_GROUP = "sg-nodeb001"
CROSSING = Semantics(local_delivery_skips_pod_eni=False)


@pytest.fixture(params=LISTENERS)
def listener(request: pytest.FixtureRequest) -> str:
    return request.param


def codes(answer: Trace) -> set[str]:
    return set(answer.assumptions)


# The three signatures


def test_the_healthy_lab_answers_200(listener: str) -> None:
    """Every exercise starts from a request that works."""
    answer = ask(lab(listener=listener))

    assert fate(answer) == "reachable: 200"
    assert (answer.reason, answer.blockers, health(answer)) == ("DELIVERED", (), ["Alive"])


@pytest.mark.parametrize(
    ("name", "http", "reason", "state"),
    [
        ("group-1", "connect_timeout", "CLB_GROUP_DROPPED", "Alive"),
        ("group-2", "504 after 4 s", "TARGET_GROUP_DROPPED", "Alive"),
        ("group-3", "504 after 4 s", "POD_GROUP_DROPPED", "Dead"),
    ],
)
def test_each_group_has_its_signature(listener: str, name: str, http: str, reason: str, state: str) -> None:
    """Symptom and target health together tell the groups apart at layer 7; at layer 4 all three are silence."""
    answer = ask(open_fault(name, listener=listener))

    assert fate(answer) == f"unreachable: {http if listener == 'HTTP' else 'connect_timeout'}"
    assert (answer.reason, health(answer)) == (reason, [state])
    assert len(answer.blockers) == 1


def test_the_original_drill_lists_its_three_blockers_at_once(listener: str) -> None:
    """A learner who repairs one group at a time never sees how much is left."""
    answer = ask(open_fault("original-drill", listener=listener))

    assert fate(answer) == "unreachable: connect_timeout"
    assert [(each.hop, each.name, each.hypothetical) for each in answer.blockers] == [
        ("clb", "lb-lab00001", False),
        ("node", "node-a", True),
        ("pod", "shop/web-1", True),
    ]


def test_a_blocker_names_the_rule_or_the_implicit_deny() -> None:
    """Nobody can repair a rule that is not named."""
    blockers = [each.to_dict() for each in ask(open_fault("original-drill")).blockers]

    names = ("interface", "direction", "reason", "group", "policy_index")
    assert [tuple(each[name] for name in names) for each in blockers] == [
        (None, "ingress", "NO_RULE_MATCHED", None, None),
        ("primary", "ingress", "RULE_MATCHED", NODE_GROUP, 0),
        ("eni-podsb001", "ingress", "NO_RULE_MATCHED", None, None),
    ]


# Order, and whom each group sees


def test_a_drop_above_the_accept_wins(listener: str) -> None:
    """The first match decides, however right the later rule is."""
    answer = ask(lab(ingress(NODE_GROUP, "DROP TCP 203.0.113.10 ALL", CLIENT_RULE), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert answer.blockers[0].to_dict()["policy_index"] == 0


def test_an_accept_below_drop_all_does_nothing(listener: str) -> None:
    """The API appends by default, and the original drill's group starts with DROP ALL."""
    answer = ask(lab(ingress(NODE_GROUP, f"DROP {EVERYTHING}", CLIENT_RULE), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"


def test_an_accept_above_drop_all_is_enough(listener: str) -> None:
    """The same two rules the other way round."""
    answer = ask(lab(ingress(NODE_GROUP, CLIENT_RULE, f"DROP {EVERYTHING}"), listener=listener))

    assert fate(answer) == "reachable: 200"


@pytest.mark.parametrize(
    ("group", "line", "hop_name"),
    [
        (CLB_GROUP, f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}", "clb"),
        (CLB_GROUP, "ACCEPT TCP 100.64.0.0/10 80", "clb"),
        (NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80", "node"),
        (NODE_GROUP, f"ACCEPT TCP {VIP} {NODE_PORT}", "node"),
        (NODE_GROUP, f"ACCEPT TCP 100.64.0.0/10 {NODE_PORT}", "node"),
        (POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80", "pod"),
        (POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}", "pod"),
        (POD_GROUP, "ACCEPT TCP 10.0.35.12 80", "pod"),
        (POD_GROUP, "ACCEPT UDP 10.0.35.0/24 80", "pod"),
    ],
)
def test_a_group_opened_for_the_wrong_peer_or_port_stays_closed(
    listener: str, group: str, line: str, hop_name: str
) -> None:
    """Each hop has one address and one port that count there: these are the plausible mistakes."""
    answer = ask(lab(ingress(group, line), listener=listener))

    assert answer.verdict == "unreachable"
    assert blocked_at(answer) == [(hop_name, "NO_RULE_MATCHED")]


def test_the_narrowest_rules_suffice(listener: str) -> None:
    """One address and one port at each hop: this is what a repair should be measured against."""
    narrow = (
        ingress(CLB_GROUP, "ACCEPT TCP 203.0.113.10 80"),
        node_groups("b", NODE_B_GROUP),
        ingress(NODE_GROUP, f"ACCEPT TCP 203.0.113.10 {NODE_PORT}"),
        egress(NODE_GROUP, "ACCEPT TCP 10.0.36.12 80"),
        ingress(POD_GROUP, "ACCEPT TCP 10.0.35.11 80"),
        closed(NODE_B_GROUP),
        *(egress(group) for group in (CLB_GROUP, POD_GROUP, NODE_B_GROUP)),
    )

    assert fate(ask(lab(*narrow, listener=listener))) == "reachable: 200"


def test_groups_on_one_interface_are_read_in_their_order(listener: str) -> None:
    """Binding order is priority: a clone with a DROP on top blocks, below it does nothing."""
    drop_all = ingress("sg-extra001", f"DROP {EVERYTHING}")

    above = ask(lab(drop_all, node_groups("a", "sg-extra001", NODE_GROUP), listener=listener))
    below = ask(lab(drop_all, node_groups("a", NODE_GROUP, "sg-extra001"), listener=listener))

    assert fate(above) == f"unreachable: {SILENCE[listener]}"
    assert above.blockers[0].to_dict()["groups"] == ["sg-extra001", NODE_GROUP]
    assert above.blockers[0].to_dict()["group"] == "sg-extra001"
    assert fate(below) == "reachable: 200"
    assert "GROUPS_ARE_ONE_LIST" in codes(below)


def test_the_nodes_egress_blocks_a_remote_pod(listener: str) -> None:
    """Under Cluster the first node opens a connection of its own, and its own egress list has a say."""
    answer = ask(lab(egress(NODE_GROUP), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert (answer.reason, health(answer)) == ("NODE_EGRESS_DROPPED", ["Dead"])
    assert [(each.hop, each.name, each.check.direction) for each in answer.blockers] == [("node", "node-a", "egress")]


def test_the_nodes_egress_does_not_block_a_local_pod(listener: str) -> None:
    """Nothing leaves the node."""
    assert fate(ask(lab(pod_on_node_a, egress(NODE_GROUP), listener=listener))) == "reachable: 200"


@pytest.mark.parametrize("group", [CLB_GROUP, POD_GROUP])
def test_the_egress_of_the_other_groups_does_not_matter(listener: str, group: str) -> None:
    """Groups are stateful, and a CLB needs no egress rule."""
    assert fate(ask(lab(egress(group), listener=listener))) == "reachable: 200"


# Traffic policy, and where the pod runs


def test_under_local_a_node_without_a_pod_drops(listener: str) -> None:
    """Others have a pod, so kube-proxy drops in silence rather than refusing."""
    answer = ask(lab(local_policy, listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert (answer.reason, health(answer)) == ("NO_LOCAL_ENDPOINT", ["Dead"])
    assert blocked_at(answer) == [("node", "NO_LOCAL_ENDPOINT")]


def test_under_local_the_shared_interface_is_not_crossed(listener: str) -> None:
    """The packet reaches the pod over its veth, so group 3 has no say; this is an inference, and shown as one."""
    answer = ask(lab(local_policy, pod_on_node_a, group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "LOCAL_DELIVERY_SKIPS_POD_ENI" in codes(answer)


def test_under_local_the_pod_sees_the_client(listener: str) -> None:
    """Local keeps the source, so where the interface is crossed its group must admit the client, not the node."""
    local = together(local_policy, pod_on_node_a)
    for_client = ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80")

    as_is = ask(lab(local, listener=listener, semantics=CROSSING))
    opened = ask(lab(local, for_client, listener=listener, semantics=CROSSING))

    assert blocked_at(as_is) == [("pod", "NO_RULE_MATCHED")]
    assert hop(as_is, "pod").checks[0].peer == CLIENT
    assert [rewrite.kind for rewrite in hop(as_is, "node").rewrites] == ["DNAT"]
    assert fate(opened) == "reachable: 200"
    assert "LOCAL_DELIVERY_CROSSES_POD_ENI" in codes(opened)


def test_under_local_the_node_without_a_pod_is_dead_and_unused(listener: str) -> None:
    """So Local is meant to work: the failing probe keeps requests away from the empty node."""
    answer = ask(lab(local_policy, second_target, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert (answer.reason, health(answer)) == ("DELIVERED", ["Dead", "Alive"])


def test_under_cluster_a_pod_on_the_same_node_is_reached_past_group_3(listener: str) -> None:
    """The same closed group blocks or not, by where the scheduler put the pod."""
    remote = ask(lab(group_3_closed, listener=listener))
    same_node = ask(lab(group_3_closed, pod_on_node_a, listener=listener))

    assert fate(remote) == f"unreachable: {SILENCE[listener]}"
    assert fate(same_node) == "reachable: 200"
    assert hop(same_node, "pod").checks == ()
    assert health(same_node) == ["Alive"]


def test_a_crossed_interface_of_a_local_pod_sees_the_node_under_cluster(listener: str) -> None:
    """With the switch off, the masqueraded source is what group 3 is asked about."""
    answer = ask(lab(pod_on_node_a, listener=listener, semantics=CROSSING))

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "pod").checks[0].peer == "10.0.35.11"


# The pods' own groups


def test_inherited_groups_need_the_pods_port_opened_too(listener: str) -> None:
    """Group 2 and group 3 are then the same group, asked about two different packets."""
    inherits = eni_groups(NODE_GROUP)
    only_node_port = ask(lab(inherits, listener=listener))
    both = ask(lab(inherits, ingress(NODE_GROUP, CLIENT_RULE, "ACCEPT TCP 10.0.35.0/24 80"), listener=listener))

    assert fate(only_node_port) == f"unreachable: {SILENCE[listener]}"
    assert (only_node_port.reason, health(only_node_port)) == ("POD_GROUP_DROPPED", ["Dead"])
    assert fate(both) == "reachable: 200"


@pytest.mark.parametrize(
    ("unread_interface", "groups"),
    [
        (eni_unread(listed=()), [NODE_B_GROUP]),
        (eni_unread(listed=("sg-x", POD_GROUP)), ["sg-x", POD_GROUP]),
        (eni_unread(enabled=False), []),
    ],
    ids=["enabled without a list: the pod's own node's", "listed: that list, in order", "off: none"],
)
def test_unread_interfaces_follow_the_add_on(unread_interface: Change, groups: list[str]) -> None:
    """What was not read follows from the setting, and the answer says that it did."""
    own_group = (node_groups("b", NODE_B_GROUP), closed(NODE_B_GROUP), ingress("sg-x"))
    answer = ask(lab(*own_group, unread_interface))

    assert hop(answer, "pod").checks[0].to_dict()["groups"] == groups
    assert "ENI_GROUPS_FROM_IPAMD_SETTING" in codes(answer)


def test_the_interface_as_read_beats_the_add_on_setting() -> None:
    """Changing the global list reaches new nodes only, so the setting may be ahead of the interface."""
    answer = ask(lab(eni_groups("sg-old0001"), ingress("sg-old0001")))

    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]
    assert "ENI_GROUPS_FROM_IPAMD_SETTING" not in codes(answer)


def test_an_interface_without_groups_is_open(listener: str) -> None:
    """The add-on's default; no document says it outright, so it is listed as an assumption."""
    answer = ask(lab(eni_groups(), group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "NO_GROUP_ADMITS_ALL" in codes(answer)


# The CLB's switches


def test_pass_to_target_hides_group_2(listener: str) -> None:
    """With the switch on only the CLB's own group counts for traffic through the CLB, DROP or not."""
    answer = ask(lab(pass_to_target, ingress(NODE_GROUP, f"DROP {EVERYTHING}"), listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "PASS_TO_TARGET_FIRST_HOP_ONLY" in codes(answer)


def test_pass_to_target_does_not_hide_group_3(listener: str) -> None:
    """From node to pod it is no longer the CLB's traffic."""
    answer = ask(lab(pass_to_target, group_3_closed, listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert answer.reason == "POD_GROUP_DROPPED"


def test_pass_to_target_does_not_hide_group_1(listener: str) -> None:
    """It moves the whole decision to the CLB's group; it does not remove it."""
    assert fate(ask(lab(pass_to_target, group_1_closed, listener=listener))) == "unreachable: connect_timeout"


def test_a_clb_without_groups_is_open(listener: str) -> None:
    """Documented, so not listed as an assumption; an interface without groups is one."""
    answer = ask(lab(clb_groups(), group_1_closed, listener=listener), client="198.51.100.7")

    assert blocked_at(answer) == [("node", "NO_RULE_MATCHED")]
    assert "NO_GROUP_ADMITS_ALL" not in codes(answer)


def test_a_keepalive_listener_hides_the_client_from_group_2() -> None:
    """The node then sees 100.127.0.0/16, and a rule for the client admits nobody."""
    answer = ask(lab(keepalive))

    assert fate(answer) == "unreachable: 504 after 4 s"
    assert hop(answer, "node").checks[0].peer == "100.127.0.0/16"
    assert fate(ask(lab(keepalive, pass_to_target))) == "reachable: 200"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"ACCEPT TCP 100.127.0.0/16 {NODE_PORT}", "reachable"),
        (f"ACCEPT TCP 100.64.0.0/10 {NODE_PORT}", "reachable"),
        (f"ACCEPT TCP 100.127.0.0/17 {NODE_PORT}", "undetermined"),
        (f"ACCEPT TCP 100.126.0.0/16 {NODE_PORT}", "unreachable"),
    ],
)
def test_a_keepalive_listener_needs_its_whole_range_admitted(line: str, expected: str) -> None:
    """Any address of the range may be the source, so half of it is no answer either way."""
    answer = ask(lab(keepalive, ingress(NODE_GROUP, line)))

    assert answer.verdict == expected
    assert any("100.127.0.0/16" in gap for gap in answer.gaps) == (expected == "undetermined")


def test_keepalive_changes_nothing_at_layer_4() -> None:
    """A TCP listener passes packets through; there is no connection of its own to keep."""
    assert fate(ask(lab(keepalive, listener="TCP"))) == "reachable: 200"


# Several targets, several endpoints, and health

# node-a answers, node-b's own group lets no client in; its probes need no rule.
ONE_OF_TWO = together(second_target, node_groups("b", NODE_B_GROUP), closed(NODE_B_GROUP))


def test_one_blocked_target_of_two_at_layer_4_is_intermittent() -> None:
    """Packets are passed through to one target; nobody tries the other."""
    answer = ask(lab(ONE_OF_TWO, listener="TCP"))

    assert fate(answer) == "intermittent: connect_timeout, 200"
    assert (answer.reason, health(answer)) == ("SOME_PATHS_FAIL", ["Alive", "Alive"])
    assert [each.name for each in answer.blockers] == ["node-b"]


def test_one_blocked_target_of_two_at_layer_7_is_slow() -> None:
    """The CLB gives up on the silent target after 4 s and asks the next: slow requests are the only symptom."""
    answer = ask(lab(ONE_OF_TWO, listener="HTTP"))

    assert fate(answer) == "reachable: 200 after 4 s, 200"
    assert answer.reason == "DELIVERED_AFTER_RETRY"
    assert said(answer.symptom) == "200 after 4 s"
    assert "EVERY_TARGET_IS_TRIED" in codes(answer)


def test_every_silent_target_costs_the_clb_its_timeout() -> None:
    """Two blocked targets, about 4 s each, then the 504."""
    assert fate(ask(lab(second_target, group_2_closed))) == "unreachable: 504 after 8 s"


def test_the_connect_timeout_is_a_switch() -> None:
    """The vendor allows 4 to 120 s."""
    assert fate(ask(lab(group_2_closed, semantics=Semantics(connect_timeout_s=10)))) == "unreachable: 504 after 10 s"


def test_where_all_targets_are_dead_all_are_used(listener: str) -> None:
    """A wrongly failing probe does not cut the service: probes from the VIP need a rule, and clients still pass."""
    answer = ask(lab(second_target, probes_from_vip, listener=listener))

    assert health(answer) == ["Dead", "Dead"]
    assert fate(answer) == "reachable: 200"


def test_a_dead_target_is_not_used_while_another_is_alive(listener: str) -> None:
    """Group 3 stops node-a's way to the remote pod, and with it the probe; node-b has the pod at home."""
    answer = ask(lab(second_target, group_3_closed, listener=listener))

    assert health(answer) == ["Dead", "Alive"]
    assert (fate(answer), answer.reason) == ("reachable: 200", "DELIVERED")


def test_a_target_of_weight_0_gets_no_traffic_and_is_still_probed(listener: str) -> None:
    """Draining a target must not hide its health."""
    answer = ask(lab(ONE_OF_TWO, weight(1, 0), listener=listener))

    assert (fate(answer), answer.blockers) == ("reachable: 200", ())
    assert [path.target for path in answer.paths] == [f"ins-nodea001:{NODE_PORT}"]
    assert health(answer) == ["Alive", "Alive"]


def test_without_a_health_check_every_target_is_used() -> None:
    """Nothing keeps requests away from the target that cannot answer."""
    answer = ask(lab(second_target, group_3_closed, health_check_off, listener="TCP"))

    assert health(answer) == ["Close", "Close"]
    assert fate(answer) == "intermittent: connect_timeout, 200"


def test_probes_from_the_vip_need_a_rule(listener: str) -> None:
    """SourceIpType 0: the VIP is an ordinary source to the node's group."""
    without = ask(lab(probes_from_vip, listener=listener))
    rule = ingress(NODE_GROUP, CLIENT_RULE, f"ACCEPT TCP {VIP} {NODE_PORT}")
    with_rule = ask(lab(probes_from_vip, rule, listener=listener))

    assert (fate(without), health(without)) == ("reachable: 200", ["Dead"])
    assert health(with_rule) == ["Alive"]


def test_probes_from_the_vip_pass_with_the_clbs_traffic() -> None:
    """Inferred, and listed."""
    answer = ask(lab(probes_from_vip, pass_to_target))

    assert health(answer) == ["Alive"]
    assert "PASS_TO_TARGET_ADMITS_PROBES" in codes(answer)


def test_an_unread_probe_source_is_taken_for_100_64() -> None:
    """Accounts differ by age; the newer default is assumed, and listed."""
    answer = ask(lab(probe_source_unread, group_2_closed))

    assert health(answer) == ["Alive"]
    assert "PROBE_SOURCE_IS_100_64" in codes(answer)


def test_an_explicit_drop_is_assumed_not_to_stop_probes() -> None:
    """The documents do not say which comes first; the answer says which was taken."""
    answer = ask(lab(ingress(NODE_GROUP, f"DROP {EVERYTHING}")))

    assert health(answer) == ["Alive"]
    assert "PROBE_RANGE_BEATS_EXPLICIT_DROP" in codes(answer)


def test_observed_health_wins_over_predicted(listener: str) -> None:
    """The CLB sends by what it saw, not by what the rules say it should have seen."""
    one_closed = together(ONE_OF_TWO, observed("Alive", "Dead"))
    answer = ask(lab(one_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert [(each.predicted, each.observed) for each in answer.health] == [("Alive", "Alive"), ("Alive", "Dead")]


def test_the_reason_is_that_of_the_targets_in_use(listener: str) -> None:
    """A way nobody is sent is not a cause."""
    answer = ask(lab(ONE_OF_TWO, observed("Dead", "Alive"), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert answer.reason == "TARGET_GROUP_DROPPED"


def test_observed_health_is_that_of_the_questions_forwarding_rule() -> None:
    """The CLB probes per forwarding rule; the same target may be Dead in one and Alive in another."""
    other = observed("Dead", "Alive", location="loc-lab00002", domain="other.example.com")
    answer = ask(lab(ONE_OF_TWO, other, observed("Alive", "Alive")))

    assert [each.observed for each in answer.health] == ["Alive", "Alive"]
    assert fate(answer) == "reachable: 200 after 4 s, 200"


def test_one_blocked_endpoint_of_two_is_intermittent(listener: str) -> None:
    """kube-proxy picks at random and nobody retries behind the node."""
    answer = ask(lab(second_pod, group_3_closed, listener=listener))

    assert fate(answer) == f"intermittent: {SILENCE[listener]}, 200"
    assert answer.reason == "SOME_PATHS_FAIL"
    assert [(path.endpoint, path.outcome) for path in answer.paths] == [
        ("shop/web-1:80", "dropped"),
        ("shop/web-2:80", "delivered"),
    ]
    assert health(answer) == ["Unknown"]


# Causes that are no security group


def test_a_service_without_endpoints_refuses(listener: str) -> None:
    """kube-proxy rejects at once: a quick refusal, never a timeout."""
    answer = ask(lab(no_endpoints, listener=listener))

    assert fate(answer) == f"unreachable: {REFUSAL[listener]}"
    assert blocked_at(answer) == [("node", "NO_ENDPOINTS")]
    assert (answer.reason, health(answer)) == ("NO_ENDPOINTS", ["Dead"])


def test_a_wrong_target_port_refuses(listener: str) -> None:
    """The pod's kernel answers RST where nothing listens; the group admits that port here."""
    opened = ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 8080")
    answer = ask(lab(wrong_target_port, opened, listener=listener))

    assert fate(answer) == f"unreachable: {REFUSAL[listener]}"
    assert blocked_at(answer) == [("pod", "PORT_NOT_LISTENING")]
    assert "CONTAINER_PORTS_LISTEN" in codes(answer)


def test_a_wrong_target_port_stands_behind_the_group_that_drops_it(listener: str) -> None:
    """The group is asked first: silence hides the refusal until the group is opened."""
    answer = ask(lab(wrong_target_port, listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert [(each.reason, each.hypothetical) for each in answer.blockers] == [
        ("NO_RULE_MATCHED", False),
        ("PORT_NOT_LISTENING", True),
    ]


def test_a_port_without_listener_is_not_a_security_group(listener: str) -> None:
    """Nobody should go looking for a rule here."""
    answer = ask(lab(group_1_closed, listener=listener), port=8443)

    assert (answer.verdict, answer.reason) == ("unreachable", "NO_LISTENER")
    assert [(each.hop, each.reason, each.check) for each in answer.blockers] == [("clb", "NO_LISTENER", None)]


def test_a_clb_without_listeners_says_so() -> None:
    """The same, where the port has to be named."""
    assert ask(lab(no_listener), port=80).reason == "NO_LISTENER"


def test_a_udp_client_meets_no_answer_where_nothing_listens() -> None:
    """There is no handshake to time out."""
    assert said(ask(lab(), port=80, protocol="UDP").symptom) == "no_answer"


def test_a_listener_without_targets_is_not_a_security_group(listener: str) -> None:
    """At layer 4 the port cannot be connected; at layer 7 the CLB itself still answers."""
    answer = ask(lab(no_targets, listener=listener))

    assert (answer.verdict, answer.reason) == ("unreachable", "NO_TARGETS")
    assert answer.symptom.kind == ("http" if listener == "HTTP" else "connect_timeout")
    assert blocked_at(answer) == [("clb", "NO_TARGETS")]
    assert "LISTENER_WITHOUT_TARGETS" in codes(answer)


def test_no_path_is_delivered_where_there_is_no_target(listener: str) -> None:
    """Verdict and picture come from one answer and must not disagree."""
    assert "delivered" not in [path.outcome for path in ask(lab(no_targets, listener=listener)).paths]


def test_missing_targets_stand_behind_a_closed_group_1(listener: str) -> None:
    """Both have to be repaired, and the group shows first."""
    answer = ask(lab(no_targets, group_1_closed, listener=listener))

    assert fate(answer) == "unreachable: connect_timeout"
    assert [(each.reason, each.hypothetical) for each in answer.blockers] == [
        ("NO_RULE_MATCHED", False),
        ("NO_TARGETS", True),
    ]


def test_a_port_that_is_no_nodeport_refuses(listener: str) -> None:
    """The target was registered on a port that no Service owns."""
    opened = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 ALL")
    answer = ask(lab(target_port(30999), opened, listener=listener))

    assert fate(answer) == f"unreachable: {REFUSAL[listener]}"
    assert answer.reason == "NODEPORT_NOT_IN_USE"


def test_a_udp_port_that_shares_the_nodeport_is_another_port(listener: str) -> None:
    """Kubernetes hands out NodePorts per protocol, and a Service may use one number for both."""
    assert fate(ask(lab(udp_on_the_same_node_port, listener=listener))) == "reachable: 200"


def test_a_blocker_that_shows_on_one_path_is_not_hypothetical() -> None:
    """Behind node-a's group it would only be met later; by way of node-b it is met at once."""
    node_a_closed = (node_groups("a", "sg-nodea001"), closed("sg-nodea001"))
    answer = ask(lab(second_target, *node_a_closed, group_3_closed, semantics=ORIGINAL))

    assert blocked_at(answer) == [("node", "NO_RULE_MATCHED"), ("pod", "NO_RULE_MATCHED")]


def test_two_causes_on_two_targets_are_several() -> None:
    """One reason code would hide the other repair."""
    node_b_has_pod = (second_target, local_policy, node_groups("b", NODE_B_GROUP), closed(NODE_B_GROUP))
    answer = ask(lab(*node_b_has_pod, health_check_off))

    assert (answer.verdict, answer.reason) == ("unreachable", "SEVERAL_CAUSES")
    assert blocked_at(answer) == [("node", "NO_LOCAL_ENDPOINT"), ("node", "NO_RULE_MATCHED")]


# What was not read


def test_a_host_without_forwarding_rule_is_undetermined() -> None:
    """No source says what the CLB does then."""
    answer = ask(lab(), host="shop.example.com")

    assert (answer.verdict, answer.reason) == ("undetermined", "NO_FORWARDING_RULE")
    assert "shop.example.com" in answer.gaps[0]


def test_a_host_without_forwarding_rule_does_not_matter_to_a_dropped_client() -> None:
    """Group 1 is asked before there is an HTTP request to look at."""
    assert fate(ask(lab(group_1_closed), host="shop.example.com")) == "unreachable: connect_timeout"


def test_host_and_path_mean_nothing_to_a_tcp_listener() -> None:
    """Layer 4 sees no request."""
    assert fate(ask(lab(listener="TCP"), host="shop.example.com", path="/cart")) == "reachable: 200"


def test_the_forwarding_rule_of_the_host_picks_the_targets() -> None:
    """Two sites on one listener can have one broken and one whole."""
    snapshot = lab(second_host("shop.example.com"))

    assert ask(snapshot, host="shop.example.com").reason == "NO_TARGETS"
    assert ask(snapshot).reason == "DELIVERED"


UNKNOWN_CLB = {
    "group 1 unread": (group_unread(CLB_GROUP), CLB_GROUP),
    "no groups": (unread("security_groups"), CLB_GROUP),
    "template in group 1": (ingress(CLB_GROUP, "ACCEPT TCP ipm-clients1 80"), f"{CLB_GROUP} ingress[0]"),
    "the CLB's groups unread": (lambda document: document["load_balancers"][0].update(SecureGroups=None), "lb-lab"),
}
UNKNOWN_BEHIND_IT = {
    "group 2 unread": (group_unread(NODE_GROUP), NODE_GROUP),
    "group 3 unread": (group_unread(POD_GROUP), POD_GROUP),
    "template in group 2": (
        ingress(NODE_GROUP, f"DROP TCP ipm-clients1 {NODE_PORT}", CLIENT_RULE),
        f"{NODE_GROUP} ingress[0]",
    ),
    "template in group 3": (ingress(POD_GROUP, "ACCEPT TCP ipmg-nodes001 80"), f"{POD_GROUP} ingress[0]"),
    "instance unread": (instance_unread("a"), "ins-nodea001"),
    "no instances": (unread("instances"), "ins-nodea001"),
    "no kubernetes": (unread("kubernetes"), "kubernetes"),
    "no EndpointSlice": (no_endpoint_slice, "EndpointSlice"),
    "GLOBALROUTE target": (lambda document: targets(document)[0].update(Type="GLOBALROUTE"), "GLOBALROUTE"),
    "the node's groups unread": (lambda document: document["instances"][0].pop("SecurityGroupIds"), "node-a"),
    "the pod's interface unread": (
        together(unread("network_interfaces"), lambda document: document["cluster"].pop("eniipamd")),
        "shop/web-1",
    ),
}
UNKNOWN = {**UNKNOWN_CLB, **UNKNOWN_BEHIND_IT}


@pytest.mark.parametrize(("change", "named"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_answer_that_depends_on_an_unread_fact_names_it(listener: str, change: Change, named: str) -> None:
    """Guessing would teach the wrong thing; the name of the fact is what to read next."""
    answer = ask(lab(change, listener=listener), vip=VIP)

    assert answer.verdict == "undetermined"
    assert any(named in gap for gap in answer.gaps), answer.gaps
    assert answer.reason in ("FACT_MISSING", "NOT_MODELLED")
    assert answer.symptom is None


@pytest.mark.parametrize("change", [change for change, _ in UNKNOWN_BEHIND_IT.values()], ids=UNKNOWN_BEHIND_IT)
def test_an_unread_fact_does_not_matter_behind_a_closed_group_1(listener: str, change: Change) -> None:
    """Whatever it is, the client's packet never gets there."""
    answer = ask(lab(change, group_1_closed, listener=listener), vip=VIP)

    assert fate(answer) == "unreachable: connect_timeout"
    assert answer.reason == "CLB_GROUP_DROPPED"


def test_an_unread_group_does_not_matter_where_group_2_drops_anyway(listener: str) -> None:
    """A later unknown cannot repair an earlier drop."""
    assert ask(lab(group_2_closed, group_unread(POD_GROUP), listener=listener)).reason == "TARGET_GROUP_DROPPED"


def test_a_drop_behind_an_unread_group_is_certain(listener: str) -> None:
    """Passed or dropped before, it stands in the way: there is nothing hypothetical about it."""
    answer = ask(lab(group_unread(NODE_GROUP), group_3_closed, listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]


def test_an_unread_group_does_not_matter_where_an_earlier_one_decides(listener: str) -> None:
    """Groups are read in order, and the first match has decided."""
    bound = node_groups("a", NODE_GROUP, "sg-unread01")

    assert fate(ask(lab(bound, listener=listener))) == "reachable: 200"


def test_an_unread_group_does_not_matter_with_pass_to_target(listener: str) -> None:
    """It would not be asked."""
    other = together(node_groups("a", NODE_B_GROUP), ingress(NODE_B_GROUP), group_unread(NODE_B_GROUP))

    local = (other, pass_to_target, pod_on_node_a)
    assert fate(ask(lab(*local, listener=listener))) == "reachable: 200"


def test_a_reference_that_cannot_change_the_answer_is_no_gap(listener: str) -> None:
    """Admitted by name or admitted by block: admitted."""
    lines = (f"ACCEPT TCP sg-clients1 {NODE_PORT}", CLIENT_RULE)

    assert fate(ask(lab(ingress(NODE_GROUP, *lines), listener=listener))) == "reachable: 200"


def test_where_a_pod_runs_is_not_guessed_from_an_unread_instance(listener: str) -> None:
    """Without the instance its node has no name, and no pod would seem to run there."""
    answer = ask(lab(local_policy, pod_on_node_a, instance_unread("a"), listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "FACT_MISSING")


def test_an_answer_that_hangs_on_health_says_so() -> None:
    """node-a's probes pass or fail by the endpoint they are sent to: it is in use at some times only."""
    answer = ask(lab(second_pod, second_target, ingress(POD_GROUP, "ACCEPT TCP 10.0.35.12 80"), listener="TCP"))

    assert health(answer) == ["Unknown", "Alive"]
    assert answer.verdict == "intermittent" or answer.gaps


# The original semantics


def test_the_original_answers_504_on_a_tcp_listener() -> None:
    """The original drill's text as written, on the manifest as written."""
    for name in ("group-2", "group-3"):
        assert fate(ask(open_fault(name, listener="TCP", semantics="original"))) == "unreachable: 504 after 4 s"
    assert fate(ask(open_fault("group-1", listener="TCP", semantics="original"))) == "unreachable: connect_timeout"


def test_in_the_original_group_3_sees_the_client(listener: str) -> None:
    """The original asks for a rule for the client, whichever node the pod is on."""
    for place in ((), (pod_on_node_a,)):
        answer = ask(lab(*place, listener=listener, semantics=ORIGINAL))

        assert fate(answer) == "reachable: 200"
        assert hop(answer, "pod").checks[0].peer == CLIENT


def test_the_original_says_which_liberties_it_takes() -> None:
    """The course has to be able to say where the original differs from the documents."""
    answer = ask(open_fault("group-3", listener="TCP", semantics="original"))

    assert {"TCP_LISTENER_ANSWERS_504", "NODE_ADDRESS_REACHES_POD_AS_CLIENT"} <= codes(answer)


# What an answer shows


def test_the_addresses_are_rewritten_as_the_format_says(listener: str) -> None:
    """DNAT at the CLB; DNAT and SNAT at the node: most repairs go wrong over one of these three."""
    answer = ask(open_fault("group-2", listener=listener)).to_dict()
    clb, node, pod = answer["paths"][0]["hops"]

    assert [clb["rewrites"], node["rewrites"], pod["rewrites"]] == [
        [{"kind": "DNAT", "field": "destination", "before": "192.0.2.10:80", "after": "10.0.35.11:30713"}],
        [
            {"kind": "DNAT", "field": "destination", "before": "10.0.35.11:30713", "after": "10.0.36.12:80"},
            {"kind": "SNAT", "field": "source", "before": "203.0.113.10", "after": "10.0.35.11"},
        ],
        [],
    ]


def test_a_keepalive_listener_rewrites_the_source_too() -> None:
    """The client's address ends at the CLB."""
    rewrites = hop(ask(lab(keepalive)), "clb").to_dict()["rewrites"]

    assert rewrites[1:] == [
        {"kind": "SNAT", "field": "source", "before": "203.0.113.10", "after": "100.127.0.0/16"},
    ]


# The answer that the format shows, except for its assumptions.
SHOWN = json.loads("""
{"schema": "drilllib/trace/1",
 "question": {"client": "203.0.113.10", "service": "shop/web", "port": 80, "protocol": "TCP", "scheme": "http",
              "host": "192.0.2.10", "path": "/"},
 "verdict": "unreachable", "reason": "TARGET_GROUP_DROPPED",
 "symptom": {"kind": "http", "status": 504, "seconds": 4.0},
 "paths": [{"target": "ins-nodea001:30713", "endpoint": "shop/web-1:80", "outcome": "dropped",
   "hops": [
    {"hop": "clb", "name": "lb-lab00001", "address": "192.0.2.10", "port": 80,
     "checks": [{"direction": "ingress", "groups": ["sg-clb00001"], "peer": "203.0.113.10", "protocol": "TCP",
                 "port": 80, "action": "ACCEPT", "group": "sg-clb00001", "policy_index": 0,
                 "rule": "ACCEPT TCP 203.0.113.0/24 80"}],
     "rewrites": [{"kind": "DNAT", "field": "destination", "before": "192.0.2.10:80", "after": "10.0.35.11:30713"}]},
    {"hop": "node", "name": "node-a", "address": "10.0.35.11", "port": 30713, "interface": "primary",
     "checks": [{"direction": "ingress", "groups": ["sg-node0001"], "peer": "203.0.113.10", "protocol": "TCP",
                 "port": 30713, "action": "DROP", "group": null, "policy_index": null, "rule": null}],
     "rewrites": [{"kind": "DNAT", "field": "destination", "before": "10.0.35.11:30713", "after": "10.0.36.12:80"},
                  {"kind": "SNAT", "field": "source", "before": "203.0.113.10", "after": "10.0.35.11"}],
     "hypothetical": false},
    {"hop": "pod", "name": "shop/web-1", "address": "10.0.36.12", "port": 80, "interface": "eni-podsb001",
     "checks": [{"direction": "ingress", "groups": ["sg-pod00001"], "peer": "10.0.35.11", "port": 80,
                 "action": "ACCEPT"}],
     "hypothetical": true}]}],
 "blockers": [{"hop": "node", "name": "node-a", "interface": "primary", "direction": "ingress", "group": null,
               "policy_index": null, "reason": "NO_RULE_MATCHED", "hypothetical": false}],
 "health": [{"target": "ins-nodea001:30713", "predicted": "Alive", "observed": null}],
 "gaps": []}
""")


def difference(shown: object, actual: object, where: str = "answer") -> list[str]:
    """Where *actual* lacks a key of *shown* or has another value; a list may go on, as the node's checks do."""
    if isinstance(shown, dict) and isinstance(actual, dict):
        missing = [f"{where} has no {key}" for key in shown if key not in actual]
        both = (key for key in shown if key in actual)
        return missing + [line for key in both for line in difference(shown[key], actual[key], f"{where}.{key}")]
    if isinstance(shown, list) and shown and isinstance(actual, list) and len(actual) >= len(shown):
        pairs = zip(shown, actual, strict=False)
        return [line for at, pair in enumerate(pairs) for line in difference(*pair, f"{where}[{at}]")]
    return [] if shown == actual else [f"{where} is {actual!r}, not {shown!r}"]


def test_the_answer_has_the_shape_the_format_shows() -> None:
    """`drill trace --json` is read by other programs: names and places are fixed."""
    answer = json.loads(json.dumps(ask(lab(group_2_closed)).to_dict()))

    assert difference(SHOWN, answer) == []
    assert {"assumptions", "symptoms"} <= answer.keys()
    assert "LAYER7_KEEPS_CLIENT_ADDRESS" in answer["assumptions"]


def test_a_layer_4_answer_does_not_speak_of_layer_7() -> None:
    """An assumption that was not used is noise."""
    assert not [code for code in codes(ask(lab(listener="TCP"))) if "LAYER7" in code]


def test_the_vip_may_be_asked_for_instead_of_the_service(listener: str) -> None:
    """The engineer may know only the address that fails."""
    snapshot = open_fault("group-2", listener=listener)
    by_name, by_vip = ask(snapshot).to_dict(), ask(snapshot, vip=VIP, port=80).to_dict()

    assert by_vip.pop("question") != by_name.pop("question")
    assert by_vip == by_name


def test_the_vip_asked_for_is_the_vip_answered() -> None:
    """A CLB may have several addresses, and the default host is the one asked for."""
    answer = ask(lab(second_vip, listener="TCP"), vip="192.0.2.11")

    assert (answer.question.vip, answer.question.host) == ("192.0.2.11", "192.0.2.11")
    assert hop(answer, "clb").address == "192.0.2.11"


@pytest.mark.parametrize(
    ("question", "error", "named"),
    [
        ({"client": "203.0.113"}, InvalidInputError, "'203.0.113'"),
        ({"client": "fe80::1%eth0"}, InvalidInputError, "fe80::1%eth0"),
        ({"client": "2001:db8::1"}, InvalidInputError, "2001:db8::1"),
        ({"vip": "192.0.2"}, UnknownNameError, "'192.0.2'"),
        ({"vip": "192.0.2.99"}, UnknownNameError, "192.0.2.10"),
        ({"service": "shop/cart"}, UnknownNameError, "shop/web"),
        ({"service": "web"}, UnknownNameError, "default/web"),
        ({"service": None}, InvalidInputError, "neither"),
        ({"port": 0}, InvalidInputError, "0"),
        ({"port": 65536}, InvalidInputError, "65536"),
        ({"port": True}, InvalidInputError, "True"),
        ({"protocol": "SCTP"}, InvalidInputError, "SCTP"),
    ],
)
def test_a_question_that_cannot_be_asked_names_what_is_wrong(question: dict, error: type, named: str) -> None:
    """One line, with the value and the way out."""
    with pytest.raises(error) as caught:
        ask(lab(), **question)

    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


# Laws, on labs put together at random

CHANGES = {
    "group 1 closed": group_1_closed,
    "group 2 closed": group_2_closed,
    "group 3 closed": group_3_closed,
    "group 1 unread": group_unread(CLB_GROUP),
    "group 3 unread": group_unread(POD_GROUP),
    "group 3 for node-b": ingress(POD_GROUP, "ACCEPT TCP 10.0.35.12 80"),
    "group 3 for client": ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80"),
    "group 2 by name": ingress(NODE_GROUP, f"ACCEPT TCP sg-clients1 {NODE_PORT}"),
    "egress closed": egress(NODE_GROUP),
    "node-b of its own": together(node_groups("b", NODE_B_GROUP), closed(NODE_B_GROUP)),
    "eni open": eni_groups(),
    "eni inherits": eni_groups(NODE_GROUP),
    "pass to target": pass_to_target,
    "second target": second_target,
    "first target drained": weight(0, 0),
    "keep-alive": keepalive,
    "no health check": health_check_off,
    "probes from VIP": probes_from_vip,
    "local": local_policy,
    "pod on node-a": pod_on_node_a,
    "second pod": second_pod,
    "wrong target port": wrong_target_port,
    "no endpoints": no_endpoints,
}
LAST = ("group 1 unread", "group 3 unread", "no endpoints")  # they take away what others alter


def put_together(names: set[str], listener: str, semantics: Semantics) -> Trace:
    ordered = sorted(names, key=lambda name: (name in LAST, list(CHANGES).index(name)))
    return ask(lab(*(CHANGES[name] for name in ordered), listener=listener, semantics=semantics))


some_answer = st.builds(
    put_together,
    st.sets(st.sampled_from(sorted(CHANGES)), max_size=6),
    st.sampled_from(LISTENERS),
    st.sampled_from([DOCUMENTED, ORIGINAL, CROSSING]),
)


@settings(max_examples=300, deadline=None)
@given(some_answer)
def test_verdict_symptoms_and_evidence_agree(answer: Trace) -> None:
    """A person acts on the verdict and looks for its cause in the evidence; both come from one answer."""
    outcomes = {path.outcome for path in answer.paths}
    works = ["200" in said(each) for each in answer.symptoms]
    if answer.verdict == "reachable":
        assert all(works)
        assert "delivered" in outcomes
    elif answer.verdict == "unreachable":
        assert not any(works)
        assert blocked_at(answer)
    elif answer.verdict == "intermittent":
        assert any(works)
        assert not all(works)
        assert blocked_at(answer)
    else:
        assert answer.gaps
    assert (answer.reason in ("DELIVERED", "DELIVERED_AFTER_RETRY")) == (answer.verdict == "reachable")
    assert (answer.symptom is None) == (answer.verdict == "undetermined" and len(answer.symptoms) != 1)
    assert json.loads(json.dumps(answer.to_dict())) == answer.to_dict()


@settings(max_examples=200, deadline=None)
@given(some_answer)
def test_a_path_is_stopped_by_its_first_blocker(answer: Trace) -> None:
    """Every hop behind the first stop is hypothetical, and none before it."""
    for path in answer.paths:
        stops = [
            place
            for place, each in enumerate(path.hops)
            if each.problem is not None or any(check.action == "DROP" for check in each.checks)
        ]
        first = stops[0] if stops else len(path.hops)
        certain = [not any(check.action == "UNDETERMINED" for check in each.checks) for each in path.hops]
        if all(certain) and all(each.problem not in ("FACT_MISSING", "NOT_MODELLED") for each in path.hops):
            assert [each.hypothetical for each in path.hops] == [place > first for place in range(len(path.hops))]
            assert (path.outcome == "delivered") == (not stops and answer.reason != "NO_TARGETS")


REPAIRS = (
    ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"),
    ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}"),
    egress(NODE_GROUP, f"ACCEPT {EVERYTHING}"),
    ingress(POD_GROUP, f"ACCEPT {EVERYTHING}"),
)
NAMED = {("clb", "ingress"): 0, ("node", "ingress"): 1, ("node", "egress"): 2, ("pod", "ingress"): 3}


@pytest.mark.parametrize("blocked", list(product((False, True), repeat=4)))
def test_opening_every_blocker_and_no_other_list_repairs(listener: str, blocked: tuple[bool, ...]) -> None:
    """The list of blockers is complete, and nothing on it is superfluous."""
    lists = (ingress(CLB_GROUP), ingress(NODE_GROUP), egress(NODE_GROUP), ingress(POD_GROUP))
    faults = [change for change, wanted in zip(lists, blocked, strict=True) if wanted]
    found = [NAMED[each.hop, each.check.direction] for each in ask(lab(*faults, listener=listener)).blockers]

    assert found == [place for place in range(4) if blocked[place]]
    assert ask(lab(*faults, *(REPAIRS[place] for place in found), listener=listener)).verdict == "reachable"
    for left_out in found:
        others = (REPAIRS[place] for place in found if place != left_out)
        assert ask(lab(*faults, *others, listener=listener)).verdict == "unreachable"


REACHABLE = {
    ("same-node", "documented"),
    *((name, profile) for name in ("healthy", "direct-access", "pass-to-target") for profile in PROFILES),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("semantics", PROFILES)
def test_every_named_fault_is_answered_under_every_profile(listener: str, name: str, semantics: str) -> None:
    """The course hands all of them to learners; only these are meant to work."""
    answer = ask(open_fault(name, listener=listener, semantics=semantics))

    assert (answer.verdict == "reachable") == ((name, semantics) in REACHABLE)
    assert answer.verdict in ("reachable", "unreachable")


NOT_MODELLED = {
    "a GlobalRouter target": lambda d: target_of(d).update(Type="GLOBALROUTE", PrivateIpAddresses=["10.0.36.12"]),
    "a port range": lambda d: d["listeners"]["lb-lab00001"][0].update(EndPort=90),
    "GlobalRouter": lambda d: d["cluster"].update(NetworkType="GR"),
    "another kind of interface": lambda d: d["cluster"].update(VpcCniType="tke-new-eni"),
    "a classic CLB": lambda d: d["load_balancers"][0].update(Forward=0),
}


def target_of(document: dict) -> dict:
    item = document["listeners"]["lb-lab00001"][0]
    return (item.get("Targets") or item["Rules"][0]["Targets"])[0]


@pytest.mark.parametrize("change", NOT_MODELLED.values(), ids=NOT_MODELLED)
def test_what_is_not_modelled_is_said_and_not_guessed(listener: str, change: Change) -> None:
    """A confident wrong answer at night costs more than none."""
    answer = ask(lab(change, listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "NOT_MODELLED")
    assert answer.gaps
    assert not answer.blockers


@pytest.mark.parametrize("change", NOT_MODELLED.values(), ids=NOT_MODELLED)
def test_what_lies_behind_a_closed_group_1_need_not_be_modelled(listener: str, change: Change) -> None:
    assert fate(ask(lab(change, group_1_closed, listener=listener))) == "unreachable: connect_timeout"


def test_a_client_inside_the_cluster_is_not_walked_from_the_internet() -> None:
    """kube-proxy may answer it on its own node."""
    assert ask(lab(), client="10.0.35.12").reason == "NOT_MODELLED"


def test_a_target_predicted_dead_says_what_stops_its_probes() -> None:
    """Dead and nothing blocks, side by side would send people in circles."""
    health = ask(lab(probes_from_vip)).health[0]

    assert health.predicted == "Dead"
    assert (health.blocker.name, health.blocker.check.peer, health.blocker.check.port) == ("node-a", VIP, NODE_PORT)


def test_a_host_is_found_in_any_case() -> None:
    """Host names have none."""

    def named(document: dict) -> None:
        document["listeners"]["lb-lab00001"][0]["Rules"][0]["Domain"] = "www.Example.com"

    assert ask(lab(named), host="WWW.example.com").verdict == "reachable"


# Peers by name


def test_a_group_admits_the_private_addresses_of_what_is_bound_to_it(listener: str) -> None:
    """Admitting the nodes by their group keeps working when the pool grows."""
    answer = ask(lab(ingress(POD_GROUP, "ACCEPT TCP sg-node0001 80"), listener=listener))

    assert answer.verdict == "reachable"
    assert answer.gaps == ()


def test_a_public_client_is_never_a_member(listener: str) -> None:
    """A client on the internet cannot be let in by a group's id, however often it is tried."""
    answer = ask(lab(ingress(CLB_GROUP, "ACCEPT TCP sg-clients1 80"), listener=listener))

    assert fate(answer) == "unreachable: connect_timeout"
    assert "PUBLIC_ADDRESS_IS_NO_MEMBER" in answer.assumptions


def test_a_private_client_outside_the_snapshot_may_be_a_member(listener: str) -> None:
    """The snapshot does not hold every interface of the region."""
    changes = ingress(CLB_GROUP, "ACCEPT TCP sg-clients1 80"), ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")
    answer = ask(lab(*changes, listener=listener), client="10.9.9.9")

    assert answer.verdict == "undetermined"
    assert "sg-clients1" in answer.gaps[0]


def test_a_node_bound_to_other_groups_is_no_member(listener: str) -> None:
    """Its groups were read, so there is nothing to be undetermined about."""
    answer = ask(lab(ingress(POD_GROUP, "ACCEPT TCP sg-clb00001 80"), listener=listener))

    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]


def test_a_node_whose_groups_were_not_read_may_be_a_member() -> None:
    change = ingress(POD_GROUP, "ACCEPT TCP sg-clb00001 80")
    answer = ask(lab(change, lambda document: document["instances"][0].pop("SecurityGroupIds")))

    assert any("sg-clb00001" in gap for gap in answer.gaps)


@pytest.mark.parametrize("member", ["203.0.113.10", "203.0.113.0/24", "203.0.113.1-203.0.113.10", "0.0.0.0/0"])
@pytest.mark.parametrize("template", ["ipm-clients1", "ipmg-clients1"])
def test_an_address_template_admits_its_members(template: str, member: str) -> None:
    """Addresses, blocks and ranges with a dash, by themselves or in a group of templates."""

    def listed(document: dict) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressSet": ["192.0.2.1", member]}
        document["address_template_groups"]["ipmg-clients1"] = {"AddressTemplateIdSet": ["ipm-clients1"]}

    assert ask(lab(listed, ingress(CLB_GROUP, f"ACCEPT TCP {template} 80"))).verdict == "reachable"
    assert fate(ask(lab(listed, ingress(CLB_GROUP, f"DROP TCP {template} 80")))) == "unreachable: connect_timeout"


def test_a_range_ends_where_it_says() -> None:
    def listed(document: dict) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressExtraSet": [{"Address": "203.0.113.1-203.0.113.9"}]}

    assert ask(lab(listed, ingress(CLB_GROUP, "ACCEPT TCP ipm-clients1 80"))).verdict == "unreachable"


def test_a_group_of_templates_with_one_missing_is_undetermined() -> None:
    """What is there may not be all there is."""

    def listed(document: dict) -> None:
        document["address_templates"]["ipm-a"] = {"AddressSet": ["203.0.113.10"]}
        document["address_template_groups"]["ipmg-clients1"] = {"AddressTemplateIdSet": ["ipm-a", "ipm-gone"]}

    assert ask(lab(listed, ingress(CLB_GROUP, "ACCEPT TCP ipmg-clients1 80"))).verdict == "undetermined"


@pytest.mark.parametrize(
    ("member", "verdict"),
    [
        *((member, "reachable") for member in ("TCP:80", "TCP:79,80", "TCP:1-80", "TCP:ALL", "tcp:80", "ALL")),
        *((member, "unreachable") for member in ("TCP:81", "UDP:80", "ICMP")),
    ],
)
@pytest.mark.parametrize("template", ["ServiceId", "ServiceGroupId"])
def test_a_service_template_stands_for_its_ports(template: str, member: str, verdict: str) -> None:
    """The same for a group of them."""

    def listed(document: dict) -> None:
        document["service_templates"]["ppm-web"] = {"ServiceSet": ["TCP:8443", member]}
        document["service_template_groups"]["ppmg-web"] = {"ServiceTemplateIdSet": ["ppm-web"]}
        name = "ppm-web" if template == "ServiceId" else "ppmg-web"
        rule = {"Action": "ACCEPT", "CidrBlock": "203.0.113.0/24", "ServiceTemplate": {template: name}}
        document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [rule]

    assert ask(lab(listed)).verdict == verdict


@pytest.mark.parametrize("member", ["10.0.0.9-10.0.0.1", "10.0.0.1-2001:db8::1", "web", "10.0.0.0/40", ""])
def test_a_template_that_cannot_be_read_is_named(member: str) -> None:
    def listed(document: dict) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressSet": [member]}

    with pytest.raises(DrillError, match="ipm-clients1"):
        ask(lab(listed))


@pytest.mark.parametrize("member", ["TCP:0", "TCP:9-1", "ICMP:8", "HTTP:80", ""])
def test_a_service_template_that_cannot_be_read_is_named(member: str) -> None:
    def listed(document: dict) -> None:
        document["service_templates"]["ppm-web"] = {"ServiceSet": [member]}

    with pytest.raises(DrillError, match="ppm-web"):
        ask(lab(listed))
