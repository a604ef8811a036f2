"""Fixes: laws on random labs and worlds, every named fault, whom group 3 admits, and what is refused."""

from collections import Counter
from copy import deepcopy
from ipaddress import ip_network
from random import Random

import pytest
from changes import (
    Document,
    clb_groups,
    egress,
    ingress,
    no_listener,
    no_targets,
    observed,
    probe,
    probes_from_vip,
    second_target,
)
from changes_cluster import (
    cluster,
    endpoint_slice,
    group_unread,
    local_policy,
    no_endpoint_slice,
    no_endpoints,
    node_groups,
    objects,
    unread,
)
from fix_labs import random_lab
from fix_laws import obeys
from worlds import world

from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import (
    BALANCER,
    CLB_GROUP,
    NODE_GROUP,
    NODE_PORT,
    NODE_SUBNET,
    POD_GROUP,
    VIP,
    default_lab,
)
from drilllib.core.drills.variants import IPV6_CLIENTS, over_ipv6, over_udp
from drilllib.core.facts import FactCode, fact
from drilllib.core.fix.proposals import Fix, Proposal, fix
from drilllib.core.rules.addresses import Block
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.semantics import PROFILES
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.codes import Assumption
from drilllib.errors import InvalidInputError, UnknownNameError
from tests.thorough import thorough

ASKED = Question(service="shop/web")
CLIENTS = "203.0.113.0/24"
CHUNKS = 4
LABS, WORLDS = 160, 500
FEW = [each if each < 1 else pytest.param(each, marks=thorough) for each in range(CHUNKS)]


def blocks(*texts: str) -> list[Block]:
    return [ip_network(text) for text in texts]


def repaired(*changes: object, clients: tuple[str, ...] = (CLIENTS,), nodes: tuple[str, ...] = ()) -> Fix:
    """What is proposed for the default lab with *changes*."""
    document = default_lab()
    for change in changes:
        change(document)
    return fix(Snapshot(document), ASKED, blocks(*clients), blocks(*nodes))


def said(proposal: Proposal) -> list[str]:
    """A proposal in short: ``insert sg-pod00001 0: ACCEPT TCP 10.0.35.0/24 80``; what is taken out comes last."""
    lines = [f"{each.code} {each.where}: {', '.join(each.facts.values())}" for each in proposal.steps]
    for each in proposal.changes:
        rule, old = (one.text if one else "" for one in (each.rule, each.old))
        out = "egress " if each.direction is Direction.EGRESS else ""
        lines.append(f"{each.edit} {each.group} {out}{each.place}: {' for '.join(filter(None, (rule, old)))}")
    return lines


def best(answer: Fix) -> list[str]:
    assert answer.works
    return said(answer.proposals[0])


# Laws.


@pytest.mark.parametrize("chunk", FEW)
def test_laws_on_random_labs(chunk: int) -> None:
    met: Counter = Counter()
    for seed in range(chunk, LABS, CHUNKS):
        document, clients = random_lab(Random(seed))
        try:
            met += obeys(Snapshot(document), ASKED, blocks(*clients), Random(seed), 60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
    assert met["proposals: True"] > LABS / 16
    assert met["works: False"] > LABS / 40
    assert met["new"] > 15
    assert met["flows"] > 5000
    assert met["newly admitted"] > 2


@pytest.mark.parametrize("chunk", FEW)
def test_laws_on_worlds(chunk: int) -> None:
    met: Counter = Counter()
    for seed in range(chunk, WORLDS, CHUNKS):
        case = world(seed)
        snapshot, question = Snapshot(case.document), Question(**case.question)
        client = ip_network(question.client)
        clients = [client if seed % 2 else client.supernet(new_prefix=24 if client.version == 4 else 64)]
        try:
            met += obeys(snapshot, question, clients, Random(seed), 12)
        except InvalidInputError:
            assert client.network_address in snapshot.inside
            met["inside"] += 1
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
    assert met["proposals: True"] > WORLDS / 20
    assert met["works: False"] > WORLDS / 20


# Every named fault.


def of_clients(group: str, port: int, place: int = 0, protocol: str = "TCP") -> str:
    return f"insert {group} {place}: ACCEPT {protocol} {CLIENTS} {port}"


FOR_NODES, FOR_CLIENTS = (
    f"insert {POD_GROUP} {{}}: ACCEPT TCP {NODE_SUBNET} 80",
    f"insert {POD_GROUP} {{}}: ACCEPT TCP {CLIENTS} 80",
)
THREE = [of_clients(CLB_GROUP, 80, 2), of_clients(NODE_GROUP, NODE_PORT)]
EXPECTED = {  # what is proposed, and the flows of collateral; node-b has the group of node-a, and is asked nothing
    "healthy": ([], 0),
    "first-steps": ([of_clients(CLB_GROUP, 80)], 0),
    "original-drill": ([*THREE, FOR_NODES.format(0)], 256),
    "group-1": ([of_clients(CLB_GROUP, 80, 1)], 0),
    "group-2": ([f"delete {NODE_GROUP} 2: DROP ALL 0.0.0.0/0 ALL"], 256),
    "group-3": ([FOR_NODES.format(1)], 0),
    "same-node": ([], 0),
    "inherited": ([f"insert {NODE_GROUP} 1: ACCEPT TCP {NODE_SUBNET} 80"], 512),
    "two-groups": ([f"GROUP_ORDER ins-nodea001: {NODE_GROUP}, {faults.OLD_GROUP}"], 0),
    "direct-access": ([], 0),
    "direct-group-3": ([FOR_CLIENTS.format(1)], 0),
    "pass-to-target": ([], 0),
    "local-policy": (None, 0),
    "history": ([], 0),
    "udp": ([of_clients(NODE_GROUP, NODE_PORT, 1, "UDP")], 256),
}
EXPECTED_ORIGINALLY = {  # where pods see the client, and group 3 decides on the pod's own node, too
    "original-drill": ([*THREE, FOR_CLIENTS.format(0)], 256),
    "group-3": ([FOR_CLIENTS.format(1)], 0),
    "same-node": ([FOR_CLIENTS.format(0)], 0),
    "inherited": ([f"insert {NODE_GROUP} 1: ACCEPT TCP {CLIENTS} 80"], 512),
}


@pytest.mark.parametrize("name", faults.FAULTS)
@pytest.mark.parametrize("semantics", PROFILES)
def test_every_named_fault(listener: str, name: str, semantics: str) -> None:
    snapshot = faults.open_fault(name, listener=listener, semantics=semantics)
    answer = fix(snapshot, ASKED, blocks(CLIENTS))
    wanted, collateral = EXPECTED[name]
    if semantics == "original":
        wanted, collateral = EXPECTED_ORIGINALLY.get(name, EXPECTED[name])
    if wanted is None:
        assert (answer.works, answer.proposals) == (False, ())
        assert [each.reason for each in answer.left] == ["NO_LOCAL_ENDPOINT"]
        return
    assert answer.works
    assert (said(answer.proposals[0]) if answer.proposals else []) == wanted
    if wanted:
        assert answer.proposals[0].cost[:2] == (len(wanted), collateral)
        obeys(snapshot, ASKED, blocks(CLIENTS), Random(0), 100)


def test_collateral_is_told_with_its_interface() -> None:
    """Group 2 is on node-b, too, which is no target."""
    told = repaired(ingress(NODE_GROUP)).proposals[0].to_dict()["collateral"]

    assert [(each["interface"], each["direction"], each["source"], each["ports"]) for each in told] == [
        ("ins-nodeb001", "ingress", CLIENTS, str(NODE_PORT))
    ]


def test_what_is_asked_of_every_target_is_no_collateral() -> None:
    assert repaired(ingress(NODE_GROUP), second_target).proposals[0].cost[:2] == (1, 0)


def test_a_dead_rule_like_the_new_one_goes() -> None:
    """The API refuses a second one."""
    wide = ingress(CLB_GROUP, "DROP ALL 0.0.0.0/0 ALL", f"ACCEPT TCP {CLIENTS} 80", "ACCEPT TCP 0.0.0.0/0 22")
    answer = repaired(wide, clb_groups(CLB_GROUP))

    assert best(answer) == [
        f"delete {CLB_GROUP} 1: ACCEPT TCP {CLIENTS} 80",
        f"insert {CLB_GROUP} 0: ACCEPT TCP {CLIENTS} 80",
    ], "to delete the DROP takes one edit, and opens SSH to the world"


# Whom group 3 admits.


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


# Health checks.


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


# Open to the world.


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
        clients=(CLIENTS, "10.1.0.0/16"),
    )

    assert not any("ACCEPT TCP 0.0.0.0/0" in line for proposal in answer.proposals for line in said(proposal)[:1])


def test_what_is_asked_of_a_node_is_no_collateral_of_its_primary_interface() -> None:
    def listed(document: Document) -> None:
        item = document["network_interfaces"][0] | {"NetworkInterfaceId": "eni-primary1", "Primary": True}
        item |= {"Attachment": {"InstanceId": "ins-nodea001"}, "GroupSet": [NODE_GROUP]}
        item["PrivateIpAddressSet"] = [{"PrivateIpAddress": "10.0.35.11"}]
        document["network_interfaces"].append(item)

    assert repaired(ingress(NODE_GROUP), node_groups("b"), listed).proposals[0].cost[:2] == (1, 0)


# What is refused.


CAUSES = {
    "no targets": (no_targets, "NO_TARGETS"),
    "no listener": (no_listener, "NO_LISTENER"),
    "no endpoints": (no_endpoints, "NO_ENDPOINTS"),
    "no endpoint on the node": (local_policy, "NO_LOCAL_ENDPOINT"),
    "endpoints not read": (no_endpoint_slice, "FACT_MISSING"),
    "group not read": (group_unread(NODE_GROUP), "FACT_MISSING"),
    "a network that is not modelled": (cluster(NetworkType="GR"), "NOT_MODELLED"),
}


@pytest.mark.parametrize(("change", "reason"), CAUSES.values(), ids=CAUSES)
def test_what_groups_cannot_repair_is_refused(change: object, reason: str) -> None:
    answer = repaired(change)

    assert (answer.works, answer.proposals) == (False, ())
    assert [each.reason for each in answer.left] == [reason]
    assert answer.verdict == answer.left[0].verdict


def test_with_two_causes_the_groups_part_is_proposed_and_the_rest_is_left() -> None:
    answer = repaired(ingress(CLB_GROUP), no_endpoints)

    assert not answer.works
    assert said(answer.proposals[0]) == [of_clients(CLB_GROUP, 80)]
    assert [each.reason for each in answer.left] == ["NO_ENDPOINTS"]


BAD_CLIENTS = {
    "nobody": (),
    "the other family": ("2001:db8::/64",),
    "a node": ("10.0.35.11/32",),
    "a pod": ("10.0.36.12/32",),
    "loopback": ("127.0.0.0/8",),
}


@pytest.mark.parametrize("clients", BAD_CLIENTS.values(), ids=BAD_CLIENTS)
def test_clients_that_cannot_be_any_are_refused(clients: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        repaired(clients=clients)


def test_a_service_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        fix(faults.open_fault("healthy"), Question(service="shop/other"), blocks(CLIENTS))
