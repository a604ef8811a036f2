"""Who gets to nodes and pods past the CLB: exact sets, and what a trace says of each place and client in them."""

import json
from ipaddress import ip_network
from random import Random

import pytest
from builders import lab
from changes import (
    CLIENT_RULE,
    EVERYTHING,
    Change,
    Document,
    clb_groups,
    egress,
    group_1_closed,
    group_2_closed,
    ingress,
    no_listener,
    no_targets,
    pass_to_target,
    second_target,
)
from changes_cluster import (
    NODE_B_GROUP,
    eni_groups,
    group_unread,
    instance_unread,
    local_policy,
    no_endpoints,
    node_groups,
    objects,
    second_pod,
    service,
    unread,
)
from walker import walk
from walker_comparison import FEATURES
from worlds import world

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, SERVICE
from drilllib.core.drills.variants import direct_access, over_ipv6
from drilllib.core.reach.bypass import PastPlaces, past_clb
from drilllib.core.reach.clients import clients_from, reach_ports
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError
from tests.thorough import how_many

OPEN_NODEPORTS = ingress(NODE_GROUP, "ACCEPT TCP 0.0.0.0/0 30000-32767")


def past(*changes: Change, listener: str = "TCP") -> list[PastPlaces]:
    snapshot = lab(*changes, listener=listener)
    return [
        each for reached in reach_ports(snapshot, Question(service=SERVICE)) for each in past_clb(snapshot, reached)
    ]


def at_nodes(*changes: Change) -> dict[tuple[str, ...], PastPlaces]:
    return {each.names: each for each in past(*changes) if each.kind == "node"}


def holds(clients, address: str) -> bool:
    return clients_from([ip_network(address)]) <= clients


# What is told


def test_everybody_is_past_the_clb_where_the_nodeports_are_open(listener: str) -> None:
    """The field's case: the CLB admits one block, and the NodePort of the same Service stands open to the world."""
    places = {each.names: each for each in past(OPEN_NODEPORTS, listener=listener)}
    nodes = places["node-a", "node-b"]

    assert (nodes.kind, nodes.port) == ("node", NODE_PORT)
    assert holds(nodes.beyond, "8.8.8.8")
    assert not holds(nodes.beyond, "203.0.113.10")
    assert holds(nodes.clients[Verdict.REACHABLE], "203.0.113.10")
    assert not nodes.maybe_beyond


def test_a_node_that_is_not_registered_forwards_too() -> None:
    """node-b is no target of the CLB in the lab, and kube-proxy runs there as well."""
    found = at_nodes(group_2_closed, node_groups("b", NODE_B_GROUP), ingress(NODE_B_GROUP, CLIENT_RULE), group_1_closed)

    assert blocks_of(found[("node-b",)].beyond) == ("203.0.113.0/24",)
    assert not found[("node-a",)].beyond


def test_who_gets_through_the_clb_is_not_past_it() -> None:
    """In the healthy lab the node admits the same block; the pod its node's subnet, which the CLB does not."""
    nodes, pods = past()

    assert (blocks_of(nodes.clients[Verdict.REACHABLE]), bool(nodes.beyond)) == (("203.0.113.0/24",), False)
    assert (pods.kind, pods.names, pods.port) == ("pod", ("shop/web-1",), 80)
    assert holds(pods.beyond, "10.0.35.200")
    assert not holds(pods.beyond, "10.0.36.200")


def test_pass_to_target_waives_nothing_past_the_clb() -> None:
    """It covers what comes through the CLB; the node's closed group still stands in everybody else's way."""
    (found,) = at_nodes(pass_to_target, group_2_closed).values()

    assert not any(found.clients[verdict] for verdict in (Verdict.REACHABLE, Verdict.INTERMITTENT))


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ((no_endpoints,), "unreachable"),
        ((egress(NODE_GROUP), node_groups("b", "sg-b"), ingress("sg-b")), "unreachable"),
        ((ingress(POD_GROUP), node_groups("b", "sg-b"), ingress("sg-b")), "unreachable"),
        ((second_pod, ingress(POD_GROUP), node_groups("b", "sg-b"), ingress("sg-b")), "intermittent"),
        ((unread("network_interfaces"), lambda document: document["cluster"].pop("eniipamd")), "undetermined"),
    ],
)
def test_what_lies_behind_the_node_counts(changes: tuple[Change, ...], fate: str) -> None:
    """No endpoint, closed on the way out, a closed pod, one of two pods, groups that nobody read."""
    found = at_nodes(OPEN_NODEPORTS, *changes)
    node_a = next(each for names, each in found.items() if "node-a" in names)

    assert holds(node_a.clients[Verdict(fate)], "8.8.8.8")
    assert bool(node_a.gaps) is (fate == "undetermined")
    assert holds(node_a.maybe_beyond, "8.8.8.8") is (fate == "undetermined")


def test_under_local_only_nodes_with_a_pod_pass_anybody_on() -> None:
    found = at_nodes(OPEN_NODEPORTS, local_policy)

    assert not found[("node-a",)].beyond
    assert holds(found[("node-b",)].beyond, "8.8.8.8")


def test_the_groups_of_a_node_that_were_not_read_may_admit_anybody() -> None:
    """Its Node object is there, and the instance is not."""
    found = at_nodes(instance_unread("b"))

    assert holds(found[("node-b",)].maybe_beyond, "8.8.8.8")
    assert any("node-b" in str(gap) for gap in found[("node-b",)].gaps)


def test_what_is_not_known_of_the_clb_is_not_known_past_it() -> None:
    """They get through here; whether they also do through the CLB, whose rules nobody read, is open."""
    (nodes,) = at_nodes(OPEN_NODEPORTS, group_unread(CLB_GROUP)).values()

    assert not nodes.beyond
    assert holds(nodes.maybe_beyond, "8.8.8.8")
    assert [str(gap) for gap in nodes.gaps] == [f"the ingress rules of {CLB_GROUP}"]


def test_without_a_listener_the_nodeport_is_still_open() -> None:
    """The CLB answers nobody there, and kube-proxy does."""
    (nodes,) = at_nodes(OPEN_NODEPORTS, no_listener).values()

    assert holds(nodes.beyond, "203.0.113.10")


def test_super_nodes_forward_no_nodeports() -> None:
    def super_node(document: Document) -> None:
        addresses = [{"type": "InternalIP", "address": "10.0.50.1"}]
        name = {"name": "eklet-subnet-1"}
        document["kubernetes"].append({"kind": "Node", "metadata": name, "status": {"addresses": addresses}})

    assert set(at_nodes(OPEN_NODEPORTS, super_node)) == {("node-a", "node-b")}


def test_a_node_with_several_addresses_is_one_node() -> None:
    """Its object has one more than its instance; a name that looks like an address is none."""

    def two_addresses(document: Document) -> None:
        node = next(objects(document, "Node"))
        node["status"]["addresses"].append({"type": "InternalIP", "address": "10.0.60.1"})
        named = {"metadata": {"name": "10.1"}, "status": {"addresses": [{"type": "Hostname", "address": "10.1"}]}}
        document["kubernetes"].append({"kind": "Node", **named})

    assert list(at_nodes(OPEN_NODEPORTS, two_addresses)) == [("node-a", "node-b")]


def test_a_client_that_stays_with_one_endpoint_gets_through_always_or_never() -> None:
    """Of two pods one is closed; which of them a client stays with nobody knows."""

    def sticky(document: Document) -> None:
        service(document)["spec"]["sessionAffinity"] = "ClientIP"

    closed = (second_pod, ingress(POD_GROUP), node_groups("b", "sg-b"), ingress("sg-b"))
    found = at_nodes(OPEN_NODEPORTS, *closed, sticky)
    node_a = next(each for names, each in found.items() if "node-a" in names)

    assert holds(node_a.maybe_beyond, "8.8.8.8")
    assert "sessionAffinity" in str(node_a.gaps[0])


def test_pods_that_are_targets_are_asked_themselves() -> None:
    places = {each.kind: each for each in past(direct_access, eni_groups(), clb_groups(CLB_GROUP))}

    assert places["pod"].names == ("shop/web-1",)
    assert holds(places["pod"].beyond, "8.8.8.8")


def test_a_service_without_nodeport_has_pods_only() -> None:
    def unnumbered(document: Document) -> None:
        service(document)["spec"]["ports"][0].pop("nodePort")

    assert [each.kind for each in past(direct_access, unnumbered)] == ["pod"]


@pytest.mark.parametrize("changes", [(no_targets,), (second_target,), ()])
def test_which_nodes_are_registered_changes_nothing(changes: tuple[Change, ...]) -> None:
    assert set(at_nodes(OPEN_NODEPORTS, *changes)) == {("node-a", "node-b")}


def test_on_ipv6_the_groups_of_the_nodes_are_asked_too() -> None:
    """Through the CLB pass-to-target is fixed on there; past it nothing is waived."""
    (nodes, *_) = past(over_ipv6, group_2_closed)

    assert nodes.kind == "node"
    assert not nodes.clients[Verdict.REACHABLE]


def test_many_nodes_with_the_same_groups_are_one_line() -> None:
    def many(document: Document) -> None:
        (first, *_) = document["instances"]
        for number in range(100):
            addresses = [f"10.0.40.{number}"]
            name = {"InstanceId": f"ins-{number}", "InstanceName": f"node-{number}", "PrivateIpAddresses": addresses}
            document["instances"].append({**first, **name})
            node = {"kind": "Node", "metadata": {"name": f"node-{number}"}}
            listed = [{"type": "InternalIP", "address": addresses[0]}]
            document["kubernetes"].append({**node, "status": {"addresses": listed}})

    opened = ingress(POD_GROUP, f"ACCEPT {EVERYTHING}")

    assert [len(names) for names in at_nodes(OPEN_NODEPORTS, opened, many)] == [102]


def test_many_nodes_of_which_the_same_is_missing_are_one_line_too() -> None:
    """Nobody read their instances; the first is named, and how many more there are."""

    def unread_nodes(document: Document) -> None:
        for number in range(50):
            addresses = [{"type": "InternalIP", "address": f"10.0.40.{number}"}]
            node = {"kind": "Node", "metadata": {"name": f"node-{number}"}, "status": {"addresses": addresses}}
            document["kubernetes"].append(node)

    found = [each for each in past(unread_nodes, ingress(POD_GROUP, f"ACCEPT {EVERYTHING}")) if each.maybe_beyond]

    assert [len(each.names) for each in found] == [50]
    assert [str(gap) for gap in found[0].gaps] == ["groups of node-0 (and of 49 more like it)"]


def test_as_plain_data_it_goes_into_json() -> None:
    (nodes, _) = past(OPEN_NODEPORTS, group_1_closed)
    told = json.loads(json.dumps(nodes.to_dict()))

    assert list(told) == [
        *("kind", "names", "port", "always", "sometimes", "undetermined", "beyond", "maybe_beyond", "gaps"),
        "assumptions",
    ]
    assert "CLUSTER_SNAT_USES_NODE_ADDRESS" in told["assumptions"]


# The witnesses: a CLB is put into the document for the purpose, and asked by a trace, one path after the other, and by
# the walker, which imports nothing of the engine


def through_an_open_clb(document: Document, target: dict, transport: str) -> Document:
    """The document with a CLB that has no groups, and one place as its only target."""
    copy = json.loads(json.dumps(document))
    balancer = {"LoadBalancerId": "lb-open", "LoadBalancerVips": ["10.250.0.9"], "SecureGroups": [], "Forward": 1}
    copy["load_balancers"] = [{**balancer, "LoadBalancerPassToTarget": False, "LoadBalancerType": "OPEN"}]
    listener = {"ListenerId": "lbl-open", "Protocol": transport, "Port": 80, "HealthCheck": {"HealthSwitch": 0}}
    copy["listeners"] = {"lb-open": [{**listener, "Targets": [{**target, "Weight": 10}]}]}
    copy["target_health"] = None
    return copy


def addresses(snapshot: Snapshot, places: list[PastPlaces], random: Random) -> list[str]:
    """Some clients: of each set that is told, and others."""
    blocks = [block for each in places for clients in each.clients.values() for block in blocks_of(clients)[:4]]
    first = [str(ip_network(block)[0]) for block in blocks]
    return [*random.sample(first, min(6, len(first))), "8.8.8.8", "203.0.113.10"]


def test_what_is_told_of_all_is_what_a_trace_and_the_walker_say_of_each() -> None:
    """Random worlds, client by client and place by place: no sets, no kinds of nodes, and a CLB like any other."""
    seen = dict.fromkeys(Verdict, 0)
    for seed in range(WORLDS):
        case, random = world(seed, FEATURES), Random(seed)
        snapshot = Snapshot(case.document)
        ours = [name for name in snapshot.service_names() if name.startswith("shop/")]  # the others only share names
        for name in ours:
            for transport, each in places_of(snapshot, name):
                for client in addresses(snapshot, [each], random):
                    told = [verdict for verdict, clients in each.clients.items() if holds(clients, client)]
                    for target in targets_of(snapshot, each) if told else ():
                        document = through_an_open_clb(case.document, target, transport)
                        question = Question(client=client, vip="10.250.0.9", port=80, protocol=transport)
                        answer = trace(Snapshot(document), question, all_paths=True)
                        assert [answer.verdict] == told, (seed, name, target, client)
                        assert [walk(document, question.to_dict()).verdict] == told, (seed, name, target, client)
                        seen[told[0]] += 1
    assert min(seen.values()) >= how_many(2, thorough=5, long=10), seen


WORLDS = how_many(30, thorough=100, long=150)


def places_of(snapshot: Snapshot, name: str) -> list[tuple[str, PastPlaces]]:
    """IPv4 only: on an IPv6 VIP a CLB waives the groups of targets."""
    found = []
    try:
        for reached in reach_ports(snapshot, Question(service=name)):
            if reached.family == 4 and reached.question.protocol:
                found += [(reached.question.protocol, each) for each in past_clb(snapshot, reached)]
    except DrillError:
        return []
    return found


def targets_of(snapshot: Snapshot, each: PastPlaces) -> list[dict]:
    """The nodes of that line whose instances were read, as targets."""
    if each.kind == "pod":
        return []
    known = {node.label: node for node in snapshot.nodes}
    nodes = [known[name] for name in each.names if name in known]
    found = [(node.instance_id, str(node.address_of(4))) for node in nodes]
    return [
        {"Type": "CVM", "InstanceId": instance, "PrivateIpAddresses": [address], "Port": each.port}
        for instance, address in found
    ]
