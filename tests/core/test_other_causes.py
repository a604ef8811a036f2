"""Causes that are no security group."""

from builders import REFUSAL, SILENCE, ask, blocked_at, codes, fate, health, lab, said
from changes import (
    closed,
    group_1_closed,
    group_3_closed,
    health_check_off,
    ingress,
    no_listener,
    no_targets,
    second_target,
    target_port,
)
from changes_cluster import (
    NODE_B_GROUP,
    local_policy,
    no_endpoints,
    node_groups,
    udp_on_the_same_node_port,
    wrong_target_port,
)

from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP
from drilllib.core.snapshot.semantics import ORIGINAL


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
