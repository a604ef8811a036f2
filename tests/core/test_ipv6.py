"""IPv6 VIPs, and IPv4 targets behind them."""

import pytest
from builders import SILENCE, ask, fate, health, hop, lab
from changes import EVERYTHING, Change, Document, balancer, group_3_closed, ingress, targets
from changes_cluster import objects, wrong_target_port

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills.variants import IPV6_CLIENT, over_ipv6, over_udp
from drilllib.core.facts import FactCode, fact


def over_6(*changes: Change, listener: str = "HTTP"):
    return ask(lab(over_ipv6, *changes, listener=listener), client=IPV6_CLIENT)


def test_over_ipv6_targets_admit_the_clbs_traffic_always(listener: str) -> None:
    """Pass-to-target cannot be switched off there, whatever the field says; group 2 is not asked."""
    answer = over_6(group_2_closed_to_clients, balancer(LoadBalancerPassToTarget=False), listener=listener)

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "node").checks[0].reason == "PASS_TO_TARGET"


def group_2_closed_to_clients(document: Document) -> None:
    document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"] = []


def test_over_ipv6_group_3_sees_the_nodes_ipv6_address(listener: str) -> None:
    answer = over_6(listener=listener)

    assert str(hop(answer, "pod").checks[0].peer) == "2001:db8:35::11"
    assert fate(over_6(group_3_closed, listener=listener)) == f"unreachable: {SILENCE[listener]}"


def test_over_ipv6_rules_for_ipv4_match_nothing(listener: str) -> None:
    answer = over_6(ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"), listener=listener)

    assert fate(answer) == "unreachable: connect_timeout"


def ipv4_target(document: Document) -> None:
    targets(document)[0]["PrivateIpAddresses"] = ["10.0.35.11"]
    slice_ = next(objects(document, "EndpointSlice"))
    slice_["endpoints"][0]["addresses"] = ["10.0.36.12"]


def test_an_ipv4_target_of_an_ipv6_vip_sees_an_address_nobody_can_know(listener: str) -> None:
    """NAT64 puts an IPv4 address in the client's place; under Cluster the node hides even that."""
    opened = ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80")
    answer = over_6(ipv4_target, opened, listener=listener)

    assert fate(answer) == "reachable: 200"
    assert [each.after for each in hop(answer, "clb").rewrites] == [f"10.0.35.11:{NODE_PORT}", "0.0.0.0/0"]


def test_a_nodes_missing_ipv6_address_is_a_gap(listener: str) -> None:
    def no_address(document: Document) -> None:
        document["instances"][0].pop("IPv6Addresses")
        targets(document)[0]["InstanceId"] = "ins-nodea001"

    answer = over_6(no_address, listener=listener)

    assert answer.verdict == "undetermined"
    assert answer.gaps == (fact(FactCode.NODE_ADDRESS, family=6, node="node-a"),)


def test_endpoints_of_the_other_family_do_not_count(listener: str) -> None:
    """kube-proxy keeps the families apart: an IPv4 packet never reaches an IPv6 endpoint."""

    def only_ipv6(document: Document) -> None:
        next(objects(document, "EndpointSlice"))["endpoints"][0]["addresses"] = ["2001:db8:36::12"]

    assert ask(lab(only_ipv6, listener=listener)).reason == "NO_ENDPOINTS"


def test_an_ipv6_target_of_an_ipv4_vip_is_not_modelled(listener: str) -> None:
    def change(document: Document) -> None:
        targets(document)[0]["PrivateIpAddresses"] = ["2001:db8:35::11"]

    assert ask(lab(change, listener=listener)).reason == "NOT_MODELLED"


def test_of_two_vips_the_one_of_the_clients_family_is_asked(listener: str) -> None:
    """A dual-stack CLB has one of each."""
    both = balancer(LoadBalancerVips=[VIP], AddressIPv6="2001:db8::10")

    assert ask(lab(both, listener=listener)).question.vip == VIP
    assert ask(lab(both, listener=listener), client=IPV6_CLIENT).question.vip == "2001:db8::10"


def test_a_udp_probe_of_an_ipv6_vip_is_a_ping_only() -> None:
    """The vendor's page: UDP listeners on IPv6 know no port check."""
    refuses = over_6(over_udp, wrong_target_port)

    assert health(refuses) == ["Alive"]


@pytest.mark.parametrize(("client", "reason"), [("203.0.113.10", "NOT_MODELLED"), (IPV6_CLIENT, "DELIVERED")])
def test_a_domain_name_that_says_no_family_is_of_the_clients(client: str, reason: str) -> None:
    """The client resolved the name to an address of its own family; what follows is as with a VIP of that family."""
    named = balancer(LoadBalancerVips=[], LoadBalancerDomain="lb.example.com", AddressIPVersion=None)
    opened = ingress(CLB_GROUP, "ACCEPT TCP 203.0.113.0/24 80")
    case = (over_ipv6, named, *([opened] if client != IPV6_CLIENT else []))

    assert ask(lab(*case, listener="TCP"), client=client, vip="lb.example.com", port=80).reason == reason
