"""What the walker answers where observed health contradicts what was read, or a Service names a CLB that is gone."""

import pytest
from test_walker_plain_real import ask
from walker_labs import ANY, CLOSED, POD_ANY, checked, direct, lab, local, on_node
from walker_labs import objects as every
from walker_labs_real import (
    EXACT,
    declared,
    endpoint,
    part,
    second_endpoint,
    seen,
    state,
    target,
    with_fields,
)

OFF, ELSEWHERE = state("STOPPED"), on_node("node-b", "node-b")
NOT_READY, OTHER_PORT = endpoint(conditions={"ready": False}), declared({"containerPort": 81})


def names_differ(document: dict) -> None:
    every(document, "EndpointSlice")[0]["ports"][0]["name"] = "other"


# What is observed Alive: the changes that would end every request.
CONTRADICTED = {
    "a node that is off": ("TCP", OFF),
    "at layer 7": ("HTTP", OFF),
    "the pod's node is off": ("TCP", state("STOPPED", 1)),
    "a port of nobody": ("TCP", ANY, target(Port=30999)),
    "no endpoints": ("TCP", NOT_READY),
    "names differ": ("TCP", names_differ),
    "no endpoint here": ("TCP", local, ELSEWHERE),
    "a port that is not declared": ("TCP", OTHER_PORT, part(**EXACT)),
    "in a pod that is a target": ("TCP", direct, POD_ANY, OTHER_PORT, part(**EXACT)),
}


@pytest.mark.parametrize(("protocol", "changes"), [(case[0], case[1:]) for case in CONTRADICTED.values()])
def test_what_was_observed_alive_is_not_stopped_by_what_stops_probes(protocol: str, changes: tuple) -> None:
    """Without the observation the same cause is the blocker."""
    plain, alive = ask(lab(protocol, *changes)), ask(lab(protocol, *changes, seen("Alive")))

    assert (plain.verdict, len(plain.blockers), plain.health) == ("unreachable", 1, ("Dead",))
    assert (alive.verdict, alive.blockers, alive.health) == ("undetermined", frozenset(), ("Dead",))


@pytest.mark.parametrize(
    "document",
    [
        lab("UDP", OFF, seen("Alive")),
        lab("TCP", OFF, checked(CheckPort=81), seen("Alive")),
        lab("TCP", OFF, seen("Close")),
        lab("TCP", second_endpoint, state("STOPPED", 1), seen("Alive")),
        lab("TCP", second_endpoint, local, OTHER_PORT, part(**EXACT), seen("Alive")),
        lab("TCP", CLOSED, seen("Alive")),
    ],
    ids=[
        "UDP",
        "another port",
        "not probed",
        "another endpoint may have answered",
        "one elsewhere may have",
        "groups drop requests only",
    ],
)
def test_what_is_no_contradiction(document: dict) -> None:
    found = ask(document)

    assert found.verdict in ("unreachable", "intermittent")
    assert found.blockers


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (None, None, "reachable"),
        ("lb-gone", None, "undetermined"),
        (None, "lb-gone", "undetermined"),
        ("lb-lab00001", "lb-gone", "reachable"),
        ("lb-gone", "lb-lab00001", "undetermined"),
    ],
)
def test_a_service_that_carries_the_id_of_no_clb(first: str | None, second: str | None, verdict: str) -> None:
    """The first id that it carries counts, and then its status, which names the one there is, does not."""
    carried = {"loadbalance-id": first, "tke-existed-lbid": second}
    annotations = {f"service.kubernetes.io/{key}": name for key, name in carried.items() if name}

    assert ask(lab("TCP", with_fields("Service", "metadata", annotations=annotations))).verdict == verdict
