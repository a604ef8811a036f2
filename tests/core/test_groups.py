"""The three groups: what each does when closed, in which order, and whom it sees."""

import pytest
from builders import SILENCE, ask, blocked_at, codes, fate, health, lab
from changes import CLIENT_RULE, EVERYTHING, closed, egress, ingress
from changes_cluster import NODE_B_GROUP, node_groups, pod_on_node_a

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills.faults import open_fault

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
