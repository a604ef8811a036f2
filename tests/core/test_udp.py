"""UDP listeners."""

import pytest
from builders import ask, fate, health, lab
from changes import (
    BALANCER,
    EVERYTHING,
    Document,
    closed,
    group_3_closed,
    ingress,
    probes_from_vip,
    second_target,
    the_listener,
    together,
)
from changes_cluster import node_groups, wrong_target_port

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills.variants import over_udp


def test_a_udp_service_is_answered_in_udps_own_words() -> None:
    """There is no handshake: silence is all a client sees of a drop, and an ICMP error of a refusal."""
    opened = ingress(POD_GROUP, "ACCEPT UDP 10.0.35.0/24 8080")

    assert fate(ask(lab(over_udp))) == "reachable: answered"
    for group in (CLB_GROUP, NODE_GROUP, POD_GROUP):
        assert fate(ask(lab(over_udp, closed(group)))) == "unreachable: no_answer"
    assert fate(ask(lab(over_udp, wrong_target_port, opened))) == "unreachable: port_unreachable"


def test_a_rule_for_tcp_admits_no_udp() -> None:
    assert (
        fate(ask(lab(over_udp, ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {NODE_PORT}")))) == "unreachable: no_answer"
    )


def test_one_blocked_target_of_two_is_intermittent_over_udp() -> None:
    two = together(second_target, node_groups("b", "sg-nodeb001"), closed("sg-nodeb001"))

    assert fate(ask(lab(two, over_udp))) == "intermittent: no_answer, answered"


def test_a_udp_target_is_alive_while_it_pings_and_refuses_nothing() -> None:
    """Silence counts as health: a UDP probe that a group drops at the pod changes nothing."""
    assert health(ask(lab(over_udp, group_3_closed))) == ["Alive"]
    assert health(ask(lab(over_udp, wrong_target_port, ingress(POD_GROUP, f"ACCEPT {EVERYTHING}")))) == ["Dead"]


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (f"ACCEPT UDP {VIP} {NODE_PORT}", "Dead"),
        (f"ACCEPT ICMP {VIP} ALL", "Alive"),
        (f"ACCEPT ALL {VIP} ALL", "Alive"),
    ],
)
def test_a_udp_probe_from_the_vip_needs_icmp(line: str, state: str) -> None:
    """The vendor's page says so; a rule for the port alone keeps the target Dead."""
    answer = ask(lab(over_udp, probes_from_vip, ingress(NODE_GROUP, line)))

    assert health(answer) == [state]
    assert state == "Alive" or answer.health[0].blocker.check.protocol == "ICMP"


def test_the_protocol_follows_from_the_listener() -> None:
    """Nobody should have to say UDP where nothing else listens."""
    assert ask(lab(over_udp)).question.protocol == "UDP"


def test_tcp_and_udp_on_one_port_are_two_listeners() -> None:
    """TCP is meant where nothing is said; both can be asked for."""

    def both(document: Document) -> None:
        tcp = dict(the_listener(document))
        over_udp(document)
        document["listeners"][BALANCER].append({**tcp, "ListenerId": "lbl-lab00002"})

    assert ask(lab(both), port=80).listener.protocol == "HTTP"
    assert ask(lab(both), port=80, protocol="UDP").listener.protocol == "UDP"
