"""Fixes of failing health checks."""

from changes import (
    ingress,
    observed,
    probe,
    probes_from_vip,
)
from fix_changes import CLIENTS, best, repaired, said

from drilllib.core.drills.default_lab import (
    BALANCER,
    NODE_GROUP,
    NODE_PORT,
    VIP,
)
from drilllib.core.drills.variants import over_udp
from drilllib.core.fix.proposals import Proposal

CLOSED_BUT_SSH = ingress(NODE_GROUP, "ACCEPT TCP 10.0.0.0/8 22", "DROP ALL 0.0.0.0/0 ALL")
FROM_VIP = f"insert {NODE_GROUP} 1: ACCEPT TCP {VIP} {NODE_PORT}"


def health_after(proposal: Proposal) -> list[str]:
    return [each.predicted for one in proposal.after for each in one.trace.health]


def test_probes_from_the_vip_get_a_rule_too() -> None:
    answer = repaired(CLOSED_BUT_SSH, probes_from_vip)

    assert best(answer) == [FROM_VIP, f"insert {NODE_GROUP} 1: ACCEPT TCP {CLIENTS} {NODE_PORT}"]
    assert health_after(answer.proposals[0]) == ["Alive"]


def test_probes_may_come_from_the_range_that_needs_no_rule_instead() -> None:
    answer = repaired(CLOSED_BUT_SSH, probes_from_vip)
    other = next(each for each in answer.proposals if each.steps and each.steps[0].code == "PROBE_SOURCE")

    assert said(other)[1:] == [f"insert {NODE_GROUP} 1: ACCEPT TCP {CLIENTS} {NODE_PORT}"]
    assert health_after(other) == ["Alive"]


def test_probes_alone_are_repaired_where_the_clients_get_through() -> None:
    """All targets are dead, so all are used; the next one that comes alive takes all requests."""
    answer = repaired(ingress(NODE_GROUP, f"ACCEPT TCP {CLIENTS} {NODE_PORT}"), probes_from_vip)

    assert [each.trace.verdict for each in answer.before] == ["reachable"]
    assert best(answer) == [f"insert {NODE_GROUP} 1: ACCEPT TCP {VIP} {NODE_PORT}"]
    assert health_after(answer.proposals[0]) == ["Alive"]


def test_probes_that_the_clb_sees_answered_get_no_rule() -> None:
    seen = observed("Alive")
    assert not repaired(ingress(NODE_GROUP, f"ACCEPT TCP {CLIENTS} {NODE_PORT}"), probes_from_vip, seen).proposals


def test_probes_over_udp_need_the_ping_only() -> None:
    answer = repaired(over_udp, probes_from_vip)

    assert best(answer) == [f"insert {NODE_GROUP} 1: ACCEPT ICMP {VIP}"]
    assert health_after(answer.proposals[0]) == ["Alive"]


def test_no_rule_is_proposed_for_probes_that_fail_for_another_cause() -> None:
    """CheckPort names a port that no Service has: a rule for it would open a port for nothing."""
    answer = repaired(ingress(NODE_GROUP), probes_from_vip, probe(CheckPort=30999))

    assert [
        line for proposal in answer.proposals for line in said(proposal) if "ACCEPT TCP" in line and "30999" in line
    ] == []
    assert said(answer.proposals[0])[0] == f"HEALTH_CHECK_PORT {BALANCER}: lbl-lab00001, 30999"
    assert health_after(answer.proposals[0]) == ["Alive"]
