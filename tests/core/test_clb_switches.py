"""The CLB's switches, and whose address the target sees."""

import pytest
from builders import SILENCE, ask, blocked_at, codes, fate, hop, lab
from changes import (
    BALANCER,
    EVERYTHING,
    balancer,
    clb_groups,
    group_1_closed,
    group_3_closed,
    ingress,
    keepalive,
    pass_to_target,
)

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, NODE_PORT
from drilllib.core.facts import FactCode, fact

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
    assert str(hop(answer, "node").checks[0].peer) == "100.127.0.0/16"
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
    assert any("100.127.0.0/16" in str(gap) for gap in answer.gaps) == (expected == "undetermined")


def test_keepalive_changes_nothing_at_layer_4() -> None:
    """A TCP listener passes packets through; there is no connection of its own to keep."""
    assert fate(ask(lab(keepalive, listener="TCP"))) == "reachable: 200"


# Who the target sees


@pytest.mark.parametrize(
    ("peers", "verdict"),
    [("10.0.40.0/24", "reachable"), ("10.0.40.5", "undetermined"), (CLIENT, "unreachable")],
)
def test_with_snatpro_targets_see_the_clbs_own_addresses(listener: str, peers: str, verdict: str) -> None:
    """A rule for the client admits nobody; one of two addresses is no answer either way."""
    snat = balancer(SnatPro=True, SnatIps=[{"Ip": "10.0.40.5"}, {"Ip": "10.0.40.6"}])
    answer = ask(lab(snat, ingress(NODE_GROUP, f"ACCEPT TCP {peers} {NODE_PORT}"), listener=listener))

    assert answer.verdict == verdict
    assert str(hop(answer, "node").checks[0].peer) == "10.0.40.5, 10.0.40.6"
    assert "SNATPRO_HIDES_CLIENT" in answer.assumptions


def test_unread_snat_addresses_are_a_gap(listener: str) -> None:
    answer = ask(lab(balancer(SnatPro=True), listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps == (fact(FactCode.SNAT_IPS, balancer=BALANCER),)


def test_unread_snat_addresses_do_not_matter_to_a_group_that_admits_all(listener: str) -> None:
    opened = ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {NODE_PORT}")

    assert ask(lab(balancer(SnatPro=True), opened, listener=listener)).verdict == "reachable"
