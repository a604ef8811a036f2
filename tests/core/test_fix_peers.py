"""Whom a fix admits: the subnets of the nodes and of the pods, and the world only where the world is meant."""

from copy import deepcopy

import pytest
from changes import (
    Document,
    egress,
    ingress,
)
from changes_cluster import (
    endpoint_slice,
    node_groups,
    objects,
    unread,
)
from fix_changes import CLIENTS, best, repaired, said

from drilllib.core.drills.default_lab import (
    BALANCER,
    CLB_GROUP,
    NODE_GROUP,
    NODE_PORT,
    NODE_SUBNET,
    POD_GROUP,
)
from drilllib.core.drills.variants import IPV6_CLIENTS, over_ipv6
from drilllib.core.facts import FactCode, fact
from drilllib.core.fix.proposals import Fix
from drilllib.core.trace.codes import Assumption

pod_closed = ingress(POD_GROUP)


def pod_rules(answer: Fix) -> list[str]:
    return [line.partition(": ")[2] for line in best(answer)]


def test_group_3_admits_the_subnet_of_the_nodes() -> None:
    answer = repaired(pod_closed)

    assert pod_rules(answer) == [f"ACCEPT TCP {NODE_SUBNET} 80"]
    assert Assumption.SUBNET_IS_AROUND_ADDRESS not in answer.assumptions


def test_the_smallest_subnet_around_the_node_is_meant() -> None:
    def nested(document: Document) -> None:
        document["subnets"] += [
            {"CidrBlock": "10.0.0.0/16"},
            {"CidrBlock": "10.0.35.0/28"},
            {"CidrBlock": "10.9.0.0/30"},
        ]

    assert pod_rules(repaired(pod_closed, nested)) == ["ACCEPT TCP 10.0.35.0/28 80"]


def test_the_user_may_say_which_nodes() -> None:
    answer = repaired(pod_closed, nodes=("10.0.34.0/23",))

    assert pod_rules(answer) == ["ACCEPT TCP 10.0.34.0/23 80"]
    assert Assumption.SUBNET_IS_AROUND_ADDRESS not in answer.assumptions


def test_a_node_outside_of_what_the_user_said_is_admitted_besides() -> None:
    assert pod_rules(repaired(pod_closed, nodes=("10.9.0.0/24",))) == [
        "ACCEPT TCP 10.0.35.11 80",
        "ACCEPT TCP 10.9.0.0/24 80",
    ]


def test_a_subnet_that_was_not_read_is_guessed() -> None:
    answer = repaired(pod_closed, unread("subnets"))

    assert pod_rules(answer) == ["ACCEPT TCP 10.0.35.0/24 80"]
    assert Assumption.SUBNET_IS_AROUND_ADDRESS in answer.assumptions


def test_the_way_out_of_a_node_is_opened_to_the_subnet_of_the_pods() -> None:
    assert best(repaired(egress(NODE_GROUP))) == [f"insert {NODE_GROUP} egress 0: ACCEPT TCP 10.0.36.0/24 80"]


def test_a_pod_that_admits_the_nodes_of_today_lacks_nothing() -> None:
    """More nodes may come, but nothing is wrong yet."""
    assert repaired(ingress(POD_GROUP, "ACCEPT TCP 10.0.35.11 80")).proposals == ()


def elsewhere(document: Document) -> None:
    """Both nodes are targets, and the pod is on a third one."""
    name = {"metadata": {"name": "node-c"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.0.35.13"}]}}
    document["kubernetes"].append({"apiVersion": "v1", "kind": "Node", **name})
    next(objects(document, "Pod"))["spec"]["nodeName"] = endpoint_slice(document)["endpoints"][0]["nodeName"] = "node-c"
    document["network_interfaces"][0]["Attachment"]["InstanceId"] = "ins-nodec001"


def ipv6_unknown(*letters: str) -> list:
    """Both nodes are targets over IPv6, and of some of them the IPv6 address was not read."""

    def change(document: Document) -> None:
        for listener in document["listeners"][BALANCER]:
            places = (listener.get("Rules") or [listener])[0]["Targets"]
            places.append(
                deepcopy(places[0]) | {"InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["2001:db8:35::12"]}
            )
        for letter in letters:
            del document["instances"]["ab".index(letter)]["IPv6Addresses"]

    return [over_ipv6, elsewhere, change, pod_closed]


def test_a_long_block_of_ipv6_clients_stays_one() -> None:
    """A /32 is one address in IPv4 only."""
    answer = repaired(over_ipv6, ingress(CLB_GROUP), clients=("2001:db9::/32",))

    assert "insert sg-clb00001 0: ACCEPT TCP 2001:db9::/32 80" in best(answer)


def test_known_nodes_are_admitted_over_ipv6() -> None:
    assert pod_rules(repaired(*ipv6_unknown(), clients=(IPV6_CLIENTS,))) == ["ACCEPT TCP 2001:db8:35::/64 80"]


@pytest.mark.parametrize(
    "letters",
    [
        ("a",),
        ("b",),
        ("a", "b"),
    ],
)
def test_a_node_of_unknown_address_opens_the_pod_to_nobody(letters: tuple[str, ...]) -> None:
    answer = repaired(*ipv6_unknown(*letters), clients=(IPV6_CLIENTS,))

    assert (answer.works, answer.proposals) == (False, ())
    assert answer.gaps == (fact(FactCode.ADMITTED, resource="eni-podsb001"),)


WORLD = "0.0.0.0/0"


def test_the_world_is_let_in_where_the_world_is_meant() -> None:
    answer = repaired(ingress(CLB_GROUP), ingress(NODE_GROUP), clients=(WORLD,))

    assert pod_rules(answer) == [f"ACCEPT TCP {WORLD} 80", f"ACCEPT TCP {WORLD} {NODE_PORT}"]


def test_a_drop_stays_where_it_holds_back_the_world() -> None:
    """Without it one edit would do."""
    lines = "DROP ALL 0.0.0.0/0 ALL", f"ACCEPT TCP {CLIENTS} {NODE_PORT}", "ACCEPT TCP 0.0.0.0/0 22"
    answer = repaired(ingress(NODE_GROUP, *lines))

    assert len(best(answer)) == 2
    for proposal in answer.proposals:
        assert f"delete {NODE_GROUP} 0: DROP ALL 0.0.0.0/0 ALL" not in said(proposal)


def test_a_service_for_the_world_opens_no_other_port_to_it() -> None:
    lines = "DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 0.0.0.0/0 80", "ACCEPT TCP 0.0.0.0/0 22"
    answer = repaired(
        ingress(CLB_GROUP, *lines), ingress(NODE_GROUP, f"ACCEPT TCP {WORLD} {NODE_PORT}"), clients=(WORLD,)
    )

    assert len(best(answer)) == 2


def test_no_rule_for_the_world_is_proposed_for_two_blocks() -> None:
    answer = repaired(
        ingress(CLB_GROUP, "DROP TCP 203.0.113.10 80", "ACCEPT TCP 0.0.0.0/0 80"),
        ingress(NODE_GROUP, f"ACCEPT TCP {WORLD} {NODE_PORT}"),
        clients=(CLIENTS, "198.18.0.0/16"),
    )

    assert not any("ACCEPT TCP 0.0.0.0/0" in line for proposal in answer.proposals for line in said(proposal)[:1])


def test_what_is_asked_of_a_node_is_no_collateral_of_its_primary_interface() -> None:
    def listed(document: Document) -> None:
        item = document["network_interfaces"][0] | {"NetworkInterfaceId": "eni-primary1", "Primary": True}
        item |= {"Attachment": {"InstanceId": "ins-nodea001"}, "GroupSet": [NODE_GROUP]}
        item["PrivateIpAddressSet"] = [{"PrivateIpAddress": "10.0.35.11"}]
        document["network_interfaces"].append(item)

    assert repaired(ingress(NODE_GROUP), node_groups("b"), listed).proposals[0].cost[:2] == (1, 0)
