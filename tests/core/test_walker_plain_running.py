"""What the walker answers about pods that do not run, or are not ready; see test_walker_plain.py."""

from collections.abc import Callable

import pytest
from test_walker_plain_real import ask
from walker_labs import ANY, NODE_A, POD_ANY, direct, lab, unread_pod
from walker_labs import objects as every
from walker_labs_real import EXACT, agent, declared, endpoint, part, seen, state, target, with_fields

RUNS, WAITS, ENDED = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, {"waiting": {}}, {"terminated": {}}
OPEN, FINE = ("undetermined", "Unknown"), ("reachable", "Alive")
DIRECT = (direct, POD_ANY)
GATES = with_fields("Pod", "spec", readinessGates=[{"conditionType": "cloud.tencent.com/load-balancer"}])


def states(**told: dict | None) -> Callable[[dict], object]:
    """What the containers a and b do; the second is a sidecar."""

    def change(document: dict) -> None:
        spec, status = every(document, "Pod")[0]["spec"], every(document, "Pod")[0]["status"]
        spec["containers"] = [{"name": "a", "ports": [{"containerPort": 80}]}]
        spec["initContainers"] = [{"name": "b", "restartPolicy": "Always"}, {"name": "once"}]
        shown = [{"name": name} if told[name] is None else {"name": name, "state": told[name]} for name in told]
        status["containerStatuses"] = [item for item in shown if item["name"] == "a"]
        status["initContainerStatuses"] = [item for item in shown if item["name"] != "a"]

    return change


def conditions(**told: str) -> Callable[[dict], object]:
    return with_fields("Pod", "status", conditions=[{"type": name, "status": told[name]} for name in told])


PLAIN = {
    "it waits": (lab("TCP", states(a=WAITS)), *OPEN),
    "it has ended": (lab("TCP", states(a=ENDED)), *OPEN),
    "it runs": (lab("TCP", states(a=RUNS)), *FINE),
    "its sidecar runs": (lab("TCP", states(a=WAITS, b=RUNS)), *FINE),
    "its sidecar does not run either": (lab("TCP", states(a=WAITS, b=WAITS)), *OPEN),
    "only its init container was shown": (lab("TCP", states(once=ENDED)), *FINE),
    "of one nothing is said": (lab("TCP", states(a=WAITS, b=None)), *FINE),
    "it waits, and was observed Alive": (lab("TCP", states(a=WAITS), seen("Alive")), *OPEN),
    "it waits, on a port that nothing declares": (
        lab("TCP", states(a=WAITS), declared({"containerPort": 81}), part(**EXACT)),
        *("unreachable", "Dead"),
    ),
    "it waits, on a node that is off": (lab("TCP", states(a=WAITS), state("STOPPED", 1)), "unreachable", "Dead"),
    "it is not ready": (lab("TCP", conditions(Ready="False")), *OPEN),
    "nobody knows whether it is ready": (lab("TCP", conditions(Ready="Unknown")), *OPEN),
    "it is ready": (lab("TCP", conditions(Ready="True")), *FINE),
    "it says nothing": (lab("TCP", conditions()), *FINE),
    "its containers are not ready": (lab("TCP", conditions(ContainersReady="False")), *FINE),
    "a gate is closed": (lab("TCP", GATES, conditions(Ready="False", ContainersReady="True")), *FINE),
    "a gate is not all": (lab("TCP", GATES, conditions(Ready="False", ContainersReady="False")), *OPEN),
    "it is not ready, and was observed Alive": (
        lab("TCP", conditions(Ready="False"), seen("Alive")),
        *("reachable", "Unknown"),
    ),
    "it was picked and does not serve": (lab("TCP", endpoint(conditions={"ready": True, "serving": False})), *OPEN),
    "it was picked because nobody else serves": (
        lab("TCP", endpoint(conditions={"ready": False, "serving": True, "terminating": True})),
        *FINE,
    ),
    "a target that does not serve": (lab("TCP", *DIRECT, endpoint(conditions={"ready": False})), *OPEN),
    "a target that serves and is not ready": (
        lab("TCP", *DIRECT, endpoint(conditions={"ready": False, "serving": True})),
        *FINE,
    ),
    "a target that was not read and does not serve": (
        lab("TCP", *DIRECT, unread_pod, endpoint(conditions={"ready": False})),
        *OPEN,
    ),
}


@pytest.mark.parametrize(("document", "verdict", "health"), PLAIN.values(), ids=PLAIN)
def test_the_walker_answers_plain_cases_of_pods_that_do_not_run(document: dict, verdict: str, health: str) -> None:
    found = ask(document)

    assert (found.verdict, found.health) == (verdict, (health,))


READY, NOT_READY = ({"conditions": [{"type": "Ready", "status": status}]} for status in ("True", "False"))


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [(READY, None, "reachable"), (NOT_READY, None, "undetermined"), (NOT_READY, READY, "reachable")],
)
def test_of_several_pods_on_a_node_the_ready_ones_go_first(first: dict, second: dict | None, verdict: str) -> None:
    every_agent = [agent(9999, hostIP=NODE_A, **status) for status in (first, second) if status]

    assert ask(lab("TCP", ANY, target(Port=9999), *every_agent)).verdict == verdict
