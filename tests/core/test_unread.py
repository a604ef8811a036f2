"""Parts of a snapshot that were not read: what hangs on them is undetermined, and nothing else is."""

import pytest
from builders import SILENCE, ask, blocked_at, fate, health, lab
from changes import (
    CLIENT_RULE,
    Change,
    group_1_closed,
    group_2_closed,
    group_3_closed,
    ingress,
    pass_to_target,
    second_host,
    second_target,
    targets,
    together,
)
from changes_cluster import (
    NODE_B_GROUP,
    group_unread,
    instance_unread,
    local_policy,
    no_endpoint_slice,
    node_groups,
    pod_on_node_a,
    second_pod,
    unread,
)

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP


def test_a_host_without_forwarding_rule_is_undetermined() -> None:
    """No source says what the CLB does then."""
    answer = ask(lab(), host="shop.example.com")

    assert (answer.verdict, answer.reason) == ("undetermined", "NO_FORWARDING_RULE")
    assert "shop.example.com" in str(answer.gaps[0])


def test_a_host_without_forwarding_rule_does_not_matter_to_a_dropped_client() -> None:
    """Group 1 is asked before there is an HTTP request to look at."""
    assert fate(ask(lab(group_1_closed), host="shop.example.com")) == "unreachable: connect_timeout"


def test_host_and_path_mean_nothing_to_a_tcp_listener() -> None:
    """Layer 4 sees no request."""
    assert fate(ask(lab(listener="TCP"), host="shop.example.com", path="/cart")) == "reachable: 200"


def test_the_forwarding_rule_of_the_host_picks_the_targets() -> None:
    """Two sites on one listener can have one broken and one whole."""
    snapshot = lab(second_host("shop.example.com"))

    assert ask(snapshot, host="shop.example.com").reason == "NO_TARGETS"
    assert ask(snapshot).reason == "DELIVERED"


UNKNOWN_CLB = {
    "group 1 unread": (group_unread(CLB_GROUP), CLB_GROUP),
    "no groups": (unread("security_groups"), CLB_GROUP),
    "template in group 1": (ingress(CLB_GROUP, "ACCEPT TCP ipm-clients1 80"), f"{CLB_GROUP} ingress[0]"),
    "the CLB's groups unread": (lambda document: document["load_balancers"][0].update(SecureGroups=None), "lb-lab"),
}
UNKNOWN_BEHIND_IT = {
    "group 2 unread": (group_unread(NODE_GROUP), NODE_GROUP),
    "group 3 unread": (group_unread(POD_GROUP), POD_GROUP),
    "template in group 2": (
        ingress(NODE_GROUP, f"DROP TCP ipm-clients1 {NODE_PORT}", CLIENT_RULE),
        f"{NODE_GROUP} ingress[0]",
    ),
    "template in group 3": (ingress(POD_GROUP, "ACCEPT TCP ipmg-nodes001 80"), f"{POD_GROUP} ingress[0]"),
    "instance unread": (instance_unread("a"), "ins-nodea001"),
    "no instances": (unread("instances"), "ins-nodea001"),
    "no kubernetes": (unread("kubernetes"), "kubernetes"),
    "no EndpointSlice": (no_endpoint_slice, "EndpointSlice"),
    "GLOBALROUTE target": (lambda document: targets(document)[0].update(Type="GLOBALROUTE"), "GLOBALROUTE"),
    "the node's groups unread": (lambda document: document["instances"][0].pop("SecurityGroupIds"), "node-a"),
    "the pod's interface unread": (
        together(unread("network_interfaces"), lambda document: document["cluster"].pop("eniipamd")),
        "shop/web-1",
    ),
}
UNKNOWN = {**UNKNOWN_CLB, **UNKNOWN_BEHIND_IT}


@pytest.mark.parametrize(("change", "named"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_answer_that_depends_on_an_unread_fact_names_it(listener: str, change: Change, named: str) -> None:
    """Guessing would teach the wrong thing; the name of the fact is what to read next."""
    answer = ask(lab(change, listener=listener), vip=VIP)

    assert answer.verdict == "undetermined"
    assert any(named in str(gap) for gap in answer.gaps), answer.gaps
    assert answer.reason in ("FACT_MISSING", "NOT_MODELLED")
    assert answer.symptom is None


@pytest.mark.parametrize("change", [change for change, _ in UNKNOWN_BEHIND_IT.values()], ids=UNKNOWN_BEHIND_IT)
def test_an_unread_fact_does_not_matter_behind_a_closed_group_1(listener: str, change: Change) -> None:
    """Whatever it is, the client's packet never gets there."""
    answer = ask(lab(change, group_1_closed, listener=listener), vip=VIP)

    assert fate(answer) == "unreachable: connect_timeout"
    assert answer.reason == "CLB_GROUP_DROPPED"


def test_an_unread_group_does_not_matter_where_group_2_drops_anyway(listener: str) -> None:
    """A later unknown cannot repair an earlier drop."""
    assert ask(lab(group_2_closed, group_unread(POD_GROUP), listener=listener)).reason == "TARGET_GROUP_DROPPED"


def test_a_drop_behind_an_unread_group_is_certain(listener: str) -> None:
    """Passed or dropped before, it stands in the way: there is nothing hypothetical about it."""
    answer = ask(lab(group_unread(NODE_GROUP), group_3_closed, listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]


def test_an_unread_group_does_not_matter_where_an_earlier_one_decides(listener: str) -> None:
    """Groups are read in order, and the first match has decided."""
    bound = node_groups("a", NODE_GROUP, "sg-unread01")

    assert fate(ask(lab(bound, listener=listener))) == "reachable: 200"


def test_an_unread_group_does_not_matter_with_pass_to_target(listener: str) -> None:
    """It would not be asked."""
    other = together(node_groups("a", NODE_B_GROUP), ingress(NODE_B_GROUP), group_unread(NODE_B_GROUP))

    local = (other, pass_to_target, pod_on_node_a)
    assert fate(ask(lab(*local, listener=listener))) == "reachable: 200"


def test_a_reference_that_cannot_change_the_answer_is_no_gap(listener: str) -> None:
    """Admitted by name or admitted by block: admitted."""
    lines = (f"ACCEPT TCP sg-clients1 {NODE_PORT}", CLIENT_RULE)

    assert fate(ask(lab(ingress(NODE_GROUP, *lines), listener=listener))) == "reachable: 200"


def test_where_a_pod_runs_is_not_guessed_from_an_unread_instance(listener: str) -> None:
    """Without the instance its node has no name, and no pod would seem to run there."""
    answer = ask(lab(local_policy, pod_on_node_a, instance_unread("a"), listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "FACT_MISSING")


def test_an_answer_that_hangs_on_health_says_so() -> None:
    """node-a's probes pass or fail by the endpoint they are sent to: it is in use at some times only."""
    answer = ask(lab(second_pod, second_target, ingress(POD_GROUP, "ACCEPT TCP 10.0.35.12 80"), listener="TCP"))

    assert health(answer) == ["Unknown", "Alive"]
    assert answer.verdict == "intermittent" or answer.gaps
