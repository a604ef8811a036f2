"""Pods that are known not to run, or not to be ready: nobody may answer there, whatever else lets a request in."""

from copy import deepcopy

import pytest
from builders import ask, health, lab
from changes import EVERYTHING, Change, Document, group_3_closed, ingress, observed, targets
from changes_cluster import pod_on_node_a
from changes_doubtful import RUNNING, WAITING, conditions, containers, gates, pod_target
from changes_real import condition, on_host_network, the_pod

from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP
from drilllib.core.facts import FactCode, fact
from drilllib.core.trace.answer import Trace

NOT_RUNNING = (fact(FactCode.POD_NOT_RUNNING, pod="shop/web-1"),)
NOT_READY = (fact(FactCode.POD_NOT_READY, pod="shop/web-1"),)


def asked(*changes: Change, vip: bool = False, listener: str = "TCP") -> Trace:
    opened = (ingress(group, f"ACCEPT {EVERYTHING}") for group in (NODE_GROUP, POD_GROUP))
    case = lab(*opened, *changes, listener=listener)
    return ask(case, vip="192.0.2.10") if vip else ask(case)


WAYS = {"node": (), "local pod": (pod_on_node_a,), "pod target": (pod_target,), "host network": (on_host_network,)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("missing", [containers(web=WAITING), containers(web={"terminated": {}}), containers(web={})])
def test_where_no_container_runs_nobody_is_known_to_answer(way: str, missing: Change, listener: str) -> None:
    answer = asked(*WAYS[way], missing, vip=True, listener=listener)

    assert (answer.verdict, answer.gaps, health(answer)) == ("undetermined", NOT_RUNNING, ["Unknown"])


def test_one_that_runs_is_enough_and_states_that_were_not_read_say_nothing() -> None:
    assert asked(containers(web=RUNNING, log=WAITING)).verdict == "reachable"
    assert asked(containers()).verdict == "reachable"


def test_only_containers_that_run_beside_the_others_count() -> None:
    """An init container that has ended is no reason, and one that runs first serves nobody."""

    def first(document: Document) -> None:
        the_pod(document)["spec"]["initContainers"] = [{"name": "first"}]
        the_pod(document)["status"]["initContainerStatuses"] = [{"name": "first", "state": RUNNING}]

    assert asked(containers(web=WAITING), first).gaps == NOT_RUNNING


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", ["False", "Unknown"])
def test_a_pod_that_is_not_ready_may_not_answer(way: str, value: str, listener: str) -> None:
    answer = asked(*WAYS[way], conditions(Ready=value), vip=True, listener=listener)

    assert (answer.verdict, answer.gaps, health(answer)) == ("undetermined", NOT_READY, ["Unknown"])


@pytest.mark.parametrize(
    "told",
    [
        condition(ready=False),
        condition(ready=False, serving=False, terminating=True),
        condition(ready=True, serving=False),
    ],
)
def test_a_pod_target_that_its_endpoint_says_does_not_serve_may_not_answer(told: Change) -> None:
    assert asked(pod_target, told).gaps == NOT_READY
    assert asked(pod_target, condition(ready=False, serving=True, terminating=True)).verdict == "reachable"


def test_endpoints_that_are_published_though_they_do_not_serve_may_not_answer() -> None:
    """`publishNotReadyAddresses` makes `ready` true of all; `serving` stays as it is."""
    assert asked(condition(ready=True, serving=False, terminating=False)).gaps == NOT_READY


def test_one_of_two_makes_layer_4_undetermined() -> None:
    def second(document: Document) -> None:
        other = deepcopy(the_pod(document))
        other["metadata"]["name"], other["status"]["podIP"] = "web-2", "10.0.36.13"
        document["kubernetes"].append(other)
        document["network_interfaces"][0]["PrivateIpAddressSet"].append({"PrivateIpAddress": "10.0.36.13"})
        targets(document).append({**targets(document)[0], "PrivateIpAddresses": ["10.0.36.13"]})

    assert asked(pod_target, second).verdict == "reachable"
    assert asked(pod_target, second, conditions(Ready="False")).verdict == "undetermined"


def test_readiness_gates_stop_no_packet() -> None:
    """TKE's own for direct access waits until the CLB's probes pass; the containers listen all the while."""
    waiting = conditions(Ready="False", ContainersReady="True")

    assert asked(pod_target, waiting).gaps == NOT_READY
    assert asked(pod_target, waiting, gates).verdict == "reachable"
    assert asked(pod_target, waiting, gates, condition(ready=False)).verdict == "reachable"
    assert asked(pod_target, conditions(Ready="False", ContainersReady="False"), gates).gaps == NOT_READY


def test_a_probe_that_was_answered_shows_that_it_answers_after_all() -> None:
    assert asked(pod_target, conditions(Ready="False"), observed("Alive")).verdict == "reachable"
    assert asked(pod_target, containers(web=WAITING), observed("Alive")).verdict == "undetermined"


def test_who_is_stopped_before_is_told_so(listener: str) -> None:
    assert asked(pod_target, containers(web=WAITING), group_3_closed, listener=listener).verdict == "unreachable"


def test_of_two_pods_on_the_port_of_a_node_the_one_that_runs_counts() -> None:
    def another(document: Document) -> None:
        other = deepcopy(the_pod(document))
        other["metadata"]["name"] = "web-0"
        other["status"]["containerStatuses"][0]["state"] = RUNNING
        document["kubernetes"].append(other)

    assert asked(on_host_network, containers(web=WAITING), another, vip=True).verdict == "reachable"
