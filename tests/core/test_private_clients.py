"""
Private clients at a public VIP, which sees the EIP or the NAT gateway that they go out by (457/42976).

Which public address that is no snapshot tells; where all of them fare alike it does not matter.
"""

from ipaddress import ip_network

import pytest
from builders import ask, fate, lab
from changes import Change, balancer, group_3_closed, ingress, keepalive
from changes_cluster import second_pod
from changes_real import sticky_service

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, SERVICE
from drilllib.core.facts import FactCode, fact
from drilllib.core.fix.proposals import fix
from drilllib.core.reach.clients import clients_from, reach
from drilllib.core.rules.members import PRIVATE
from drilllib.core.trace.answer import Question
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError

CLIENT = "10.9.9.9"
open_node = ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {NODE_PORT}")
open_clb = ingress(CLB_GROUP, "ACCEPT TCP 0.0.0.0/0 80")
private = balancer(LoadBalancerType="INTERNAL", LoadBalancerVips=["10.0.40.9"])
PARTNERS = "ACCEPT TCP 203.0.113.0/24"


@pytest.mark.parametrize("client", [CLIENT, "100.64.0.9", "172.16.0.9", "192.168.0.9"])
def test_where_some_public_addresses_get_through_it_is_not_known(client: str, listener: str) -> None:
    """The finding says whom to ask for instead."""
    answer = ask(lab(listener=listener), client=client)

    assert answer.verdict == "undetermined"
    assert answer.gaps == (fact(FactCode.SOURCE_AT_VIP, client=client, vip="192.0.2.10"),)
    assert [(each.code, each.where) for each in answer.findings] == [("CLIENT_IS_PRIVATE", "lb-lab00001")]
    assert not ask(lab(listener=listener), client="203.0.113.10").findings


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (["ACCEPT TCP 0.0.0.0/0 80"], "reachable: 200"),
        (["DROP TCP 10.0.0.0/8 80", "ACCEPT TCP 0.0.0.0/0 80"], "reachable: 200"),
        (["ACCEPT TCP 10.0.0.0/8 80"], "unreachable: connect_timeout"),
        ([f"{PARTNERS} 80"], "undetermined: connect_timeout, 200"),
    ],
)
def test_groups_are_asked_about_every_public_address(rules: list[str], told: str) -> None:
    """A rule about the client's own address does not match."""
    assert fate(ask(lab(ingress(CLB_GROUP, *rules), open_node, listener="TCP"), client=CLIENT)) == told


def test_so_are_those_of_targets_that_see_the_client() -> None:
    some = ingress(NODE_GROUP, f"{PARTNERS} {NODE_PORT}")
    hidden = ingress(NODE_GROUP, f"ACCEPT TCP 100.127.0.0/16 {NODE_PORT}")

    assert ask(lab(open_clb, some), client=CLIENT).verdict == "undetermined"
    assert fate(ask(lab(open_clb, hidden, keepalive), client=CLIENT)) == "reachable: 200"


@pytest.mark.parametrize("change", [private, balancer(LoadBalancerVips=["10.0.40.9"])])
def test_a_private_vip_sees_the_client_itself(change: Change) -> None:
    mine = (ingress(CLB_GROUP, f"ACCEPT TCP {CLIENT} 80"), ingress(NODE_GROUP, f"ACCEPT TCP {CLIENT} {NODE_PORT}"))

    assert fate(ask(lab(change, *mine, listener="TCP"), client=CLIENT)) == "reachable: 200"


def test_it_is_one_client_all_the_same() -> None:
    """One of two endpoints does not answer: which of them it stays with nobody knows."""
    changes = (open_clb, open_node, second_pod, group_3_closed)

    assert ask(lab(*changes, listener="TCP"), client=CLIENT).verdict == "intermittent"
    stays = ask(lab(*changes, sticky_service, listener="TCP"), client=CLIENT)
    assert [each.code for each in stays.gaps] == [FactCode.ENDPOINT_OF_CLIENT]


def test_reach_leaves_them_out_of_public_vips_alone() -> None:
    (public,), (other,) = (reach(lab(*each), Question(service=SERVICE)) for each in ((), (private,)))

    assert public.unseen == clients_from(PRIVATE) - public.inside
    assert not public.clients(*Verdict) & clients_from(PRIVATE)
    assert clients_from([ip_network("10.200.0.0/16")]) <= other.clients(*Verdict)
    assert not other.unseen


def test_fix_opens_nothing_for_them() -> None:
    """A rule for 10.200.0.0/16 on the group of a public CLB was once proposed, and said to help."""
    with pytest.raises(InvalidInputError, match=r"No client of 192\.0\.2\.10 is in 10\.200\.0\.0/16"):
        fix(lab(), Question(service=SERVICE, client=""), [ip_network("10.200.0.0/16")])
