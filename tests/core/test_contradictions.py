"""What the CLB saw against what the rules say; nodes that Kubernetes has lost; targets that are not where they say."""

from dataclasses import replace

import pytest
from builders import SILENCE, ask, blocked_at, codes, fate, health, lab
from changes import (
    Change,
    Document,
    egress,
    group_2_closed,
    group_3_closed,
    health_check_off,
    observed,
    second_target,
    targets,
    the_listener,
)
from changes_cluster import local_policy, pod_on_node_a, second_pod
from changes_doubtful import node_b_gone, node_condition, not_healthy, pod_target, target_address
from changes_real import not_complete

from drilllib.core.drills.default_lab import NODE_GROUP
from drilllib.core.facts import FactCode, fact
from drilllib.core.snapshot.semantics import DOCUMENTED

ALIVE = (fact(FactCode.ALIVE_TARGET, target="ins-nodea001:30713"),)
DEAD = (fact(FactCode.DEAD_TARGET, target="ins-nodea001:30713"),)


# Observed Alive, and a group behind the node that drops


@pytest.mark.parametrize("closed", [group_3_closed, egress(NODE_GROUP)])
def test_a_drop_behind_the_node_that_probes_meet_too_contradicts_a_target_that_is_alive(
    closed: Change, listener: str
) -> None:
    """The node puts its own address in the place of both sources, so one check answers for both."""
    assert ask(lab(closed, listener=listener)).verdict == "unreachable"
    answer = ask(lab(closed, observed("Alive"), listener=listener))

    assert (answer.verdict, answer.gaps, answer.blockers) == ("undetermined", ALIVE, ())
    assert (health(answer), answer.health[0].observed) == (["Dead"], "Alive")


@pytest.mark.parametrize("unread", [{}, {"kind": "PodThatWasNotRead"}])
def test_it_does_so_too_where_that_something_listens_follows_from_the_probes_alone(
    unread: Document, listener: str
) -> None:
    """A pod that declares no port, or was not read, where pods are said to listen on nothing else."""

    def undeclared(document: Document) -> None:
        pod = next(each for each in document["kubernetes"] if each["kind"] == "Pod")
        pod["spec"]["containers"][0].pop("ports")
        pod |= unread

    semantics = replace(DOCUMENTED, containers_declare_all_ports=True)
    answer = ask(lab(undeclared, group_3_closed, observed("Alive"), listener=listener, semantics=semantics))

    assert (answer.verdict, answer.gaps, answer.blockers) == ("undetermined", ALIVE, ())


def test_a_drop_that_probes_do_not_meet_contradicts_nothing(listener: str) -> None:
    """The target's own groups let probes in by themselves."""
    answer = ask(lab(group_2_closed, observed("Alive"), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert blocked_at(answer) == [("node", "NO_RULE_MATCHED")]


def test_under_local_clients_are_asked_about_by_themselves() -> None:
    """Where the pod is elsewhere there is no way; on the node its groups are not asked. As a target it is asked."""
    pod = lab(pod_target, group_3_closed, observed("Alive"))
    assert ask(pod).verdict == "unreachable"
    assert ask(lab(local_policy, pod_on_node_a, group_3_closed, observed("Alive"))).verdict == "reachable"


def test_of_several_endpoints_any_may_have_answered() -> None:
    """web-2 on node-a is reached past its groups; web-1 on node-b is not."""
    answer = ask(lab(second_pod, group_3_closed, observed("Alive"), listener="TCP"))

    assert answer.verdict == "intermittent"


@pytest.mark.parametrize("detail", ["Dead", "Unknown", "Close"])
def test_only_alive_contradicts(detail: str) -> None:
    assert ask(lab(group_3_closed, observed(detail))).verdict == "unreachable"


# Other spellings of observed health


@pytest.mark.parametrize(
    "fields",
    [{"HealthStatus": False}, {"HealthStatusDetial": "Dead"}, {"HealthStatusDetail": "", "HealthStatus": False}],
)
def test_bad_health_counts_however_it_is_spelled(fields: dict[str, object], listener: str) -> None:
    answer = ask(lab(not_healthy(**fields), listener=listener))

    assert (answer.verdict, answer.gaps) == ("undetermined", DEAD)
    assert answer.health[0].observed == "Dead"


def test_the_detail_goes_before_the_rest() -> None:
    told = {"HealthStatus": False, "HealthStatusDetial": "Dead"}

    assert ask(lab(not_healthy(HealthStatusDetail="Alive", **told))).health[0].observed == "Alive"
    assert ask(lab(not_healthy(HealthStatusDetial="Alive", HealthStatus=False))).health[0].observed == "Alive"


def test_it_is_found_by_the_instances_address_where_neither_names_the_other(listener: str) -> None:
    def half_named(document: Document) -> None:
        targets(document)[0].pop("PrivateIpAddresses")
        document["target_health"][0]["Listeners"][0]["Rules"][0]["Targets"][0].pop("TargetId")

    answer = ask(lab(observed("Dead"), half_named, listener=listener))

    assert (answer.verdict, answer.gaps) == ("undetermined", DEAD)


def switch_unread(document: Document) -> None:
    del the_listener(document)["HealthCheck"]["HealthSwitch"]


def test_health_says_healthy_or_not_and_the_switch_says_what_that_means() -> None:
    def seen(*changes: Change, healthy: bool) -> str | None:
        return ask(lab(not_healthy(HealthStatus=healthy), *changes)).health[0].observed

    assert (seen(healthy=True), seen(healthy=False)) == ("Alive", "Dead")
    assert seen(health_check_off, healthy=False) == "Close"
    assert seen(switch_unread, healthy=False) == "Unknown"


# Nodes


TROUBLE = [("Ready", "Unknown"), ("NetworkUnavailable", "True")]


@pytest.mark.parametrize(("kind", "value"), TROUBLE)
@pytest.mark.parametrize("number", [0, 1])
def test_a_node_that_is_lost_may_forward_and_run_its_pods_or_not(
    kind: str, value: str, number: int, listener: str
) -> None:
    answer = ask(lab(node_condition(number, kind, value), listener=listener))

    assert answer.verdict == "undetermined"
    gap = fact(FactCode.NODE_CONDITION, node="node-" + "ab"[number], condition=f"{kind} {value}")
    assert (answer.gaps, health(answer)) == ((gap,), ["Unknown"])
    assert "NOT_READY_NODE_FORWARDS" not in codes(answer)


def test_one_of_two_nodes_that_is_lost_makes_layer_4_undetermined() -> None:
    case = second_target, node_condition(1, "Ready", "Unknown")

    assert ask(lab(*case, listener="TCP")).verdict == "undetermined"


def test_a_node_that_answers_probes_is_up(listener: str) -> None:
    for number in (0, 1):
        case = node_condition(number, "Ready", "Unknown"), observed("Alive")
        assert fate(ask(lab(*case, listener=listener))) == "reachable: 200"


def test_of_several_pods_nobody_knows_which_answered() -> None:
    """node-a is up, as the probes show; web-1 on node-b need not have answered any."""
    case = node_condition(1, "Ready", "Unknown"), second_pod, observed("Alive")

    assert ask(lab(*case, listener="TCP")).verdict == "undetermined"


@pytest.mark.parametrize("value", ["True", "False"])
def test_a_kubelet_that_reports_runs_on_a_node_that_forwards(value: str) -> None:
    answer = ask(lab(node_condition(0, "Ready", value)))

    assert answer.verdict == "reachable"
    assert ("NOT_READY_NODE_FORWARDS" in codes(answer)) == (value == "False")


def test_a_pod_on_a_node_that_is_gone_may_be_gone_too() -> None:
    assert ask(lab(node_b_gone)).gaps == (fact(FactCode.NODE_GONE, node="node-b", pod="shop/web-1"),)
    assert ask(lab(node_b_gone, not_complete)).verdict == "reachable"
    assert ask(lab(node_b_gone, observed("Alive"))).verdict == "reachable"


# Targets


def test_a_target_at_an_address_that_its_instance_does_not_have_is_nobody_knows_where(listener: str) -> None:
    answer = ask(lab(target_address("10.0.35.99"), group_2_closed, listener=listener))

    assert (answer.verdict, answer.reason, answer.blockers) == ("undetermined", "NOT_MODELLED", ())
    assert answer.gaps[0].code is FactCode.TARGET_ADDRESS
