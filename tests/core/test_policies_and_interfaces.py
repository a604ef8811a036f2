"""Traffic policy, where the pod runs, and the groups of the pods' interfaces."""

from builders import SILENCE, ask, blocked_at, codes, fate, health, hop, lab
from changes import CLIENT_RULE, group_3_closed, ingress, second_target, together
from changes_cluster import eni_groups, local_policy, pod_on_node_a

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, POD_GROUP
from drilllib.core.snapshot.semantics import Semantics

CROSSING = Semantics(local_delivery_skips_pod_eni=False)


# Traffic policy, and where the pod runs


def test_under_local_a_node_without_a_pod_drops(listener: str) -> None:
    """Others have a pod, so kube-proxy drops in silence rather than refusing."""
    answer = ask(lab(local_policy, listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert (answer.reason, health(answer)) == ("NO_LOCAL_ENDPOINT", ["Dead"])
    assert blocked_at(answer) == [("node", "NO_LOCAL_ENDPOINT")]


def test_under_local_the_shared_interface_is_not_crossed(listener: str) -> None:
    """The packet reaches the pod over its veth, so group 3 has no say; this is an inference, and shown as one."""
    answer = ask(lab(local_policy, pod_on_node_a, group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "LOCAL_DELIVERY_SKIPS_POD_ENI" in codes(answer)


def test_under_local_the_pod_sees_the_client(listener: str) -> None:
    """Local keeps the source, so where the interface is crossed its group must admit the client, not the node."""
    local = together(local_policy, pod_on_node_a)
    for_client = ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80")

    as_is = ask(lab(local, listener=listener, semantics=CROSSING))
    opened = ask(lab(local, for_client, listener=listener, semantics=CROSSING))

    assert blocked_at(as_is) == [("pod", "NO_RULE_MATCHED")]
    assert str(hop(as_is, "pod").checks[0].peer) == CLIENT
    assert [rewrite.kind for rewrite in hop(as_is, "node").rewrites] == ["DNAT"]
    assert fate(opened) == "reachable: 200"
    assert "LOCAL_DELIVERY_CROSSES_POD_ENI" in codes(opened)


def test_under_local_the_node_without_a_pod_is_dead_and_unused(listener: str) -> None:
    """So Local is meant to work: the failing probe keeps requests away from the empty node."""
    answer = ask(lab(local_policy, second_target, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert (answer.reason, health(answer)) == ("DELIVERED", ["Dead", "Alive"])


def test_under_cluster_a_pod_on_the_same_node_is_reached_past_group_3(listener: str) -> None:
    """The same closed group blocks or not, by where the scheduler put the pod."""
    remote = ask(lab(group_3_closed, listener=listener))
    same_node = ask(lab(group_3_closed, pod_on_node_a, listener=listener))

    assert fate(remote) == f"unreachable: {SILENCE[listener]}"
    assert fate(same_node) == "reachable: 200"
    assert hop(same_node, "pod").checks == ()
    assert health(same_node) == ["Alive"]


def test_a_crossed_interface_of_a_local_pod_sees_the_node_under_cluster(listener: str) -> None:
    """With the switch off, the masqueraded source is what group 3 is asked about."""
    answer = ask(lab(pod_on_node_a, listener=listener, semantics=CROSSING))

    assert fate(answer) == "reachable: 200"
    assert str(hop(answer, "pod").checks[0].peer) == "10.0.35.11"


# The pods' own groups


def test_inherited_groups_need_the_pods_port_opened_too(listener: str) -> None:
    """Group 2 and group 3 are then the same group, asked about two different packets."""
    inherits = eni_groups(NODE_GROUP)
    only_node_port = ask(lab(inherits, listener=listener))
    both = ask(lab(inherits, ingress(NODE_GROUP, CLIENT_RULE, "ACCEPT TCP 10.0.35.0/24 80"), listener=listener))

    assert fate(only_node_port) == f"unreachable: {SILENCE[listener]}"
    assert (only_node_port.reason, health(only_node_port)) == ("POD_GROUP_DROPPED", ["Dead"])
    assert fate(both) == "reachable: 200"


def test_the_interface_as_read_beats_the_add_on_setting() -> None:
    """Changing the global list reaches new nodes only, so the setting may be ahead of the interface."""
    answer = ask(lab(eni_groups("sg-old0001"), ingress("sg-old0001")))

    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]
    assert "ENI_GROUPS_FROM_IPAMD_SETTING" not in codes(answer)


def test_an_interface_without_groups_is_open(listener: str) -> None:
    """The add-on's default; no document says it outright, so it is listed as an assumption."""
    answer = ask(lab(eni_groups(), group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "NO_GROUP_ADMITS_ALL" in codes(answer)
