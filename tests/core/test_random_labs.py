"""Laws that hold on labs put together at random."""

import json
from itertools import product

import pytest
from builders import LISTENERS, ask, blocked_at, fate, lab, said
from changes import (
    EVERYTHING,
    Change,
    closed,
    egress,
    group_1_closed,
    group_2_closed,
    group_3_closed,
    health_check_off,
    ingress,
    keepalive,
    pass_to_target,
    probes_from_vip,
    second_target,
    together,
    weight,
)
from changes_cluster import (
    NODE_B_GROUP,
    eni_groups,
    group_unread,
    local_policy,
    no_endpoints,
    node_groups,
    pod_on_node_a,
    second_pod,
    wrong_target_port,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.snapshot.semantics import DOCUMENTED, ORIGINAL, PROFILES, Semantics
from drilllib.core.trace.answer import Trace
from tests.thorough import how_many

CROSSING = Semantics(local_delivery_skips_pod_eni=False)


CHANGES = {
    "group 1 closed": group_1_closed,
    "group 2 closed": group_2_closed,
    "group 3 closed": group_3_closed,
    "group 1 unread": group_unread(CLB_GROUP),
    "group 3 unread": group_unread(POD_GROUP),
    "group 3 for node-b": ingress(POD_GROUP, "ACCEPT TCP 10.0.35.12 80"),
    "group 3 for client": ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80"),
    "group 2 by name": ingress(NODE_GROUP, f"ACCEPT TCP sg-clients1 {NODE_PORT}"),
    "egress closed": egress(NODE_GROUP),
    "node-b of its own": together(node_groups("b", NODE_B_GROUP), closed(NODE_B_GROUP)),
    "eni open": eni_groups(),
    "eni inherits": eni_groups(NODE_GROUP),
    "pass to target": pass_to_target,
    "second target": second_target,
    "first target drained": weight(0, 0),
    "keep-alive": keepalive,
    "no health check": health_check_off,
    "probes from VIP": probes_from_vip,
    "local": local_policy,
    "pod on node-a": pod_on_node_a,
    "second pod": second_pod,
    "wrong target port": wrong_target_port,
    "no endpoints": no_endpoints,
}
LAST = ("group 1 unread", "group 3 unread", "no endpoints")  # they take away what others alter


def put_together(names: set[str], listener: str, semantics: Semantics) -> Trace:
    ordered = sorted(names, key=lambda name: (name in LAST, list(CHANGES).index(name)))
    return ask(lab(*(CHANGES[name] for name in ordered), listener=listener, semantics=semantics))


some_answer = st.builds(
    put_together,
    st.sets(st.sampled_from(sorted(CHANGES)), max_size=6),
    st.sampled_from(LISTENERS),
    st.sampled_from([DOCUMENTED, ORIGINAL, CROSSING]),
)


@settings(max_examples=how_many(40, thorough=300), deadline=None)
@given(some_answer)
def test_verdict_symptoms_and_evidence_agree(answer: Trace) -> None:
    """A person acts on the verdict and looks for its cause in the evidence; both come from one answer."""
    outcomes = {path.outcome for path in answer.paths}
    works = ["200" in said(each) for each in answer.symptoms]
    if answer.verdict == "reachable":
        assert all(works)
        assert "delivered" in outcomes
    elif answer.verdict == "unreachable":
        assert not any(works)
        assert blocked_at(answer)
    elif answer.verdict == "intermittent":
        assert any(works)
        assert not all(works)
        assert blocked_at(answer)
    else:
        assert answer.gaps
    assert (answer.reason in ("DELIVERED", "DELIVERED_AFTER_RETRY")) == (answer.verdict == "reachable")
    assert (answer.symptom is None) == (answer.verdict == "undetermined" and len(answer.symptoms) != 1)
    assert json.loads(json.dumps(answer.to_dict())) == answer.to_dict()


@settings(max_examples=how_many(30, thorough=200), deadline=None)
@given(some_answer)
def test_a_path_is_stopped_by_its_first_blocker(answer: Trace) -> None:
    """Every hop behind the first stop is hypothetical, and none before it."""
    for path in answer.paths:
        stops = [
            place
            for place, each in enumerate(path.hops)
            if each.problem is not None or any(check.action == "DROP" for check in each.checks)
        ]
        first = stops[0] if stops else len(path.hops)
        certain = [not any(check.action == "UNDETERMINED" for check in each.checks) for each in path.hops]
        if all(certain) and all(each.problem not in ("FACT_MISSING", "NOT_MODELLED") for each in path.hops):
            assert [each.hypothetical for each in path.hops] == [place > first for place in range(len(path.hops))]
            assert (path.outcome == "delivered") == (not stops and answer.reason != "NO_TARGETS")


REPAIRS = (
    ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"),
    ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}"),
    egress(NODE_GROUP, f"ACCEPT {EVERYTHING}"),
    ingress(POD_GROUP, f"ACCEPT {EVERYTHING}"),
)
NAMED = {("clb", "ingress"): 0, ("node", "ingress"): 1, ("node", "egress"): 2, ("pod", "ingress"): 3}


@pytest.mark.parametrize("blocked", list(product((False, True), repeat=4)))
def test_opening_every_blocker_and_no_other_list_repairs(listener: str, blocked: tuple[bool, ...]) -> None:
    """The list of blockers is complete, and nothing on it is superfluous."""
    lists = (ingress(CLB_GROUP), ingress(NODE_GROUP), egress(NODE_GROUP), ingress(POD_GROUP))
    faults = [change for change, wanted in zip(lists, blocked, strict=True) if wanted]
    found = [NAMED[each.hop, each.check.direction] for each in ask(lab(*faults, listener=listener)).blockers]

    assert found == [place for place in range(4) if blocked[place]]
    assert ask(lab(*faults, *(REPAIRS[place] for place in found), listener=listener)).verdict == "reachable"
    for left_out in found:
        others = (REPAIRS[place] for place in found if place != left_out)
        assert ask(lab(*faults, *others, listener=listener)).verdict == "unreachable"


REACHABLE = {
    ("same-node", "documented"),
    *((name, profile) for name in ("healthy", "direct-access", "pass-to-target", "history") for profile in PROFILES),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("semantics", PROFILES)
def test_every_named_fault_is_answered_under_every_profile(listener: str, name: str, semantics: str) -> None:
    """The course hands all of them to learners; only these are meant to work."""
    answer = ask(open_fault(name, listener=listener, semantics=semantics))

    assert (answer.verdict == "reachable") == ((name, semantics) in REACHABLE)
    assert answer.verdict in ("reachable", "unreachable")


NOT_MODELLED = {
    "a GlobalRouter target under VPC-CNI": lambda d: target_of(d).update(
        Type="GLOBALROUTE", PrivateIpAddresses=["10.0.36.12"]
    ),
    "a port range": lambda d: d["listeners"]["lb-lab00001"][0].update(EndPort=90),
    "Cilium's overlay": lambda d: d["cluster"].update(NetworkType="CiliumOverlay"),
    "another kind of interface": lambda d: d["cluster"].update(VpcCniType="tke-new-eni"),
    "a classic CLB": lambda d: d["load_balancers"][0].update(Forward=0),
}


def target_of(document: dict) -> dict:
    item = document["listeners"]["lb-lab00001"][0]
    return (item.get("Targets") or item["Rules"][0]["Targets"])[0]


@pytest.mark.parametrize("change", NOT_MODELLED.values(), ids=NOT_MODELLED)
def test_what_is_not_modelled_is_said_and_not_guessed(listener: str, change: Change) -> None:
    """A confident wrong answer at night costs more than none."""
    answer = ask(lab(change, listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "NOT_MODELLED")
    assert answer.gaps
    assert not answer.blockers


@pytest.mark.parametrize("change", NOT_MODELLED.values(), ids=NOT_MODELLED)
def test_what_lies_behind_a_closed_group_1_need_not_be_modelled(listener: str, change: Change) -> None:
    assert fate(ask(lab(change, group_1_closed, listener=listener))) == "unreachable: connect_timeout"


def test_a_client_inside_the_cluster_is_not_walked_from_the_internet() -> None:
    """kube-proxy answers it on its own node."""
    assert [each.hop for each in ask(lab(group_1_closed), client="10.0.35.12").paths[0].hops] == ["node", "pod"]


def test_a_target_predicted_dead_says_what_stops_its_probes() -> None:
    """Dead and nothing blocks, side by side would send people in circles."""
    health = ask(lab(probes_from_vip)).health[0]

    assert health.predicted == "Dead"
    assert (health.blocker.name, str(health.blocker.check.peer), health.blocker.check.port) == (
        "node-a",
        VIP,
        NODE_PORT,
    )


def test_a_host_is_found_in_any_case() -> None:
    """Host names have none."""

    def named(document: dict) -> None:
        document["listeners"]["lb-lab00001"][0]["Rules"][0]["Domain"] = "www.Example.com"

    assert ask(lab(named), host="WWW.example.com").verdict == "reachable"
