"""Exclusive interfaces, trunks, and nodes that are not as they should be."""

import pytest
from builders import ask, blocked_at, fate, hop, lab
from changes import Change, Document, egress, group_3_closed, ingress, targets, together
from changes_cluster import (
    cluster,
    endpoint_slice,
    eni_groups,
    eni_unread,
    local_policy,
    no_endpoints,
    objects,
    pod_on_node_a,
)

from drilllib.core.drills.default_lab import NODE_GROUP, NODE_PORT
from drilllib.core.facts import FactCode, fact
from drilllib.core.snapshot.semantics import ORIGINAL

# Interfaces


def exclusive(document: Document) -> None:
    cluster(VpcCniType="tke-direct-eni")(document)


def trunk(document: Document) -> None:
    document["network_interfaces"][0]["EniType"] = 2


def group_policy(document: Document) -> None:
    selector = {"podSelector": {"matchLabels": {"app": "web"}}}
    metadata = {"name": "web", "namespace": "shop"}
    document["kubernetes"].append({"kind": "SecurityGroupPolicy", "metadata": metadata, "spec": selector})


OWN_INTERFACE = {"exclusive": exclusive, "trunk": trunk, "SecurityGroupPolicy": group_policy}


@pytest.mark.parametrize("change", OWN_INTERFACE.values(), ids=OWN_INTERFACE)
def test_another_node_reaches_such_a_pod_through_its_groups(listener: str, change: Change) -> None:
    """From outside the pod's node all interfaces are alike."""
    assert fate(ask(lab(change, listener=listener))) == "reachable: 200"
    assert blocked_at(ask(lab(change, group_3_closed, listener=listener))) == [("pod", "NO_RULE_MATCHED")]


@pytest.mark.parametrize("change", OWN_INTERFACE.values(), ids=OWN_INTERFACE)
def test_whether_its_own_node_crosses_such_an_interface_is_not_known(listener: str, change: Change) -> None:
    """Nobody documents it; where the groups admit the node it makes no difference."""
    assert fate(ask(lab(pod_on_node_a, change, listener=listener))) == "reachable: 200"
    answer = ask(lab(pod_on_node_a, change, group_3_closed, listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps == (fact(FactCode.POD_FROM_ITS_NODE, pod="shop/web-1"),)


@pytest.mark.parametrize("change", OWN_INTERFACE.values(), ids=OWN_INTERFACE)
def test_a_packet_to_such_an_interface_may_leave_its_own_node_by_the_nodes_egress_list(
    listener: str, change: Change
) -> None:
    """If it crosses the pod's interface it left by the node's; to an interface that is shared it never leaves."""
    closed = egress(NODE_GROUP, "DROP ALL 0.0.0.0/0 ALL")
    answer = ask(lab(pod_on_node_a, change, closed, listener=listener))

    assert (answer.verdict, answer.blockers) == ("undetermined", ())
    assert answer.gaps == (fact(FactCode.POD_FROM_ITS_NODE, pod="shop/web-1"),)
    assert fate(ask(lab(pod_on_node_a, closed, listener=listener))) == "reachable: 200"


def test_the_add_on_does_not_tell_the_groups_of_a_pod_on_a_super_node(listener: str) -> None:
    """They come from an annotation or the node pool; an interface that was read counts there as anywhere."""

    def on_a_super_node(document: Document) -> None:
        next(objects(document, "Pod"))["spec"]["nodeName"] = "eklet-subnet-a-1"
        endpoint_slice(document)["endpoints"][0]["nodeName"] = "eklet-subnet-a-1"

    answer = ask(lab(on_a_super_node, eni_unread(), listener=listener))

    assert fate(ask(lab(on_a_super_node, listener=listener))) == "reachable: 200"
    assert answer.verdict == "undetermined"
    assert answer.gaps == (fact(FactCode.GROUPS_ON_SUPER_NODE, pod="shop/web-1", node="eklet-subnet-a-1"),)


def test_the_original_crosses_every_interface(listener: str) -> None:
    """Its text says so, so there is nothing to be unsure of."""
    answer = ask(lab(pod_on_node_a, exclusive, group_3_closed, listener=listener, semantics=ORIGINAL))

    assert answer.verdict == "unreachable"


def test_a_mode_that_nobody_knows_is_not_modelled(listener: str) -> None:
    assert ask(lab(cluster(VpcCniType="tke-new-eni"), listener=listener)).reason == "NOT_MODELLED"


def test_a_group_policy_that_may_be_newer_than_its_pod_is_a_gap(listener: str) -> None:
    """It affects pods created after it; where the interface was not read nobody can tell."""
    answer = ask(lab(group_policy, eni_unread(), listener=listener))

    assert answer.verdict == "undetermined"
    assert fact(FactCode.GROUP_POLICY_APPLIES, policy="shop/web", pod="shop/web-1") in answer.gaps


UNREAD = (fact(FactCode.GROUPS_OF_INTERFACE, pod="shop/web-1"),)


@pytest.mark.parametrize("labels", [{"app": "api"}, {"app": "web", "tier": "front"}])
def test_a_group_policy_for_other_pods_does_not_matter(listener: str, labels: dict) -> None:
    def other(document: Document) -> None:
        group_policy(document)
        document["kubernetes"][-1]["spec"]["podSelector"]["matchLabels"] = labels

    assert ask(lab(other, eni_unread(), listener=listener)).gaps == UNREAD


def test_a_group_policy_of_another_namespace_does_not_matter(listener: str) -> None:
    def other(document: Document) -> None:
        group_policy(document)
        document["kubernetes"][-1]["metadata"]["namespace"] = "staging"

    assert ask(lab(other, eni_unread(), listener=listener)).gaps == UNREAD


def on_host_network(document: Document) -> None:
    """The pod has its node's address, so it stands behind the node's primary interface."""
    next(objects(document, "EndpointSlice"))["endpoints"][0]["addresses"] = ["10.0.35.12"]


def test_a_pod_on_the_host_network_is_behind_its_nodes_groups(listener: str) -> None:
    """Group 3 is not on its way; group 2 of its own node is, and asked about another packet."""
    closed_to_nodes = ask(lab(on_host_network, group_3_closed, listener=listener))
    opened = ingress(NODE_GROUP, f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}", "ACCEPT TCP 10.0.35.0/24 80")

    assert blocked_at(closed_to_nodes) == [("pod", "NO_RULE_MATCHED")]
    assert hop(closed_to_nodes, "pod").checks[0].groups == (NODE_GROUP,)
    assert fate(ask(lab(on_host_network, group_3_closed, opened, listener=listener))) == "reachable: 200"


def test_under_local_the_answer_of_the_pod_is_assumed_to_pass(listener: str) -> None:
    """It leaves through the pod's interface, whose groups saw only this half of the flow."""
    local = together(local_policy, pod_on_node_a)

    assert "REPLY_OF_LOCAL_POD_PASSES" in ask(lab(local, listener=listener)).assumptions
    assert "REPLY_OF_LOCAL_POD_PASSES" not in ask(lab(local, eni_groups(), listener=listener)).assumptions
    assert "REPLY_OF_LOCAL_POD_PASSES" not in ask(lab(pod_on_node_a, listener=listener)).assumptions


# Nodes


def node_a(**changes: object) -> Change:
    def change(document: Document) -> None:
        next(objects(document, "Node")).update(changes)

    return change


def test_a_cordoned_node_is_a_target_like_any_other(listener: str) -> None:
    """Cordoning keeps new pods away, not traffic."""
    assert fate(ask(lab(node_a(spec={"unschedulable": True}), listener=listener))) == "reachable: 200"


def test_a_registered_node_that_is_not_ready_is_assumed_to_forward(listener: str) -> None:
    """The controller takes it out; as long as it stands in the list, the answer says what it took for granted."""

    def not_ready(document: Document) -> None:
        next(objects(document, "Node"))["status"]["conditions"] = [{"type": "Ready", "status": "False"}]

    answer = ask(lab(not_ready, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "NOT_READY_NODE_FORWARDS" in answer.assumptions
    assert "NOT_READY_NODE_FORWARDS" not in ask(lab(listener=listener)).assumptions


def test_a_node_that_nothing_names_is_called_by_its_address(listener: str) -> None:
    """A doubt about a machine without a name could not be looked into."""

    def nameless(document: Document) -> None:
        targets(document)[0] |= {"InstanceId": None, "PrivateIpAddresses": ["10.0.35.99"]}
        document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "Node"]

    answer = ask(lab(nameless, no_endpoints, listener=listener))

    of_the_cluster = fact(FactCode.NODE_OF_CLUSTER, node="10.0.35.99")
    assert answer.gaps == (of_the_cluster, fact(FactCode.GROUPS, resource="10.0.35.99"))
    assert answer.paths[0].target == f"10.0.35.99:{NODE_PORT}"
