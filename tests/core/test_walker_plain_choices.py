"""What the walker answers where one client stays in one place, where hints choose, and where a rule redirects."""

import pytest
from test_walker_plain_real import ask
from walker_labs import balancer, lab
from walker_labs import objects as every
from walker_labs_real import listens, rule, second_endpoint, second_target, with_fields


@pytest.mark.parametrize(
    ("document", "verdict"),
    [
        (lab("TCP", second_target), "intermittent"),
        (lab("TCP", second_target, listens(SessionExpireTime=60)), "undetermined"),
        (lab("HTTP", second_target, listens(SessionExpireTime=60)), "reachable"),
        (lab("TCP", second_endpoint), "intermittent"),
        (lab("TCP", second_endpoint, with_fields("Service", "spec", sessionAffinity="ClientIP")), "undetermined"),
        (
            lab(
                "TCP",
                second_endpoint,
                balancer(SnatPro=True),
                with_fields("Service", "spec", sessionAffinity="ClientIP"),
            ),
            "undetermined",
        ),
        (lab("HTTP", second_endpoint, with_fields("Service", "spec", sessionAffinity="ClientIP")), "undetermined"),
    ],
)
def test_a_client_that_stays_in_one_place(document: dict, verdict: str) -> None:
    assert ask(document).verdict == verdict


ZONE = "topology.kubernetes.io/zone"


@pytest.mark.parametrize(
    ("first", "second", "asked", "verdict"),
    [
        ({"forZones": [{"name": "a"}]}, {"forZones": [{"name": "b"}]}, True, "reachable"),
        ({"forZones": [{"name": "a"}]}, {"forZones": [{"name": "b"}]}, False, "undetermined"),
        ({"forZones": [{"name": "a"}]}, None, True, "intermittent"),
        ({"forZones": [{"name": "b"}]}, {"forZones": [{"name": "b"}]}, True, "intermittent"),
        ({"forNodes": [{"name": "node-a"}]}, {"forNodes": [{"name": "node-b"}]}, True, "undetermined"),
    ],
)
def test_topology_hints(first: dict, second: dict | None, asked: bool, verdict: str) -> None:
    """The first endpoint admits node-a, which is in zone a, and the second drops it."""
    document = lab("TCP", second_endpoint, with_fields("Node", "metadata", labels={ZONE: "a"}))
    for item, hints in zip(every(document, "EndpointSlice")[0]["endpoints"], (first, second), strict=True):
        item["hints"] = hints
    if asked:
        every(document, "Service")[0]["metadata"]["annotations"]["service.kubernetes.io/topology-mode"] = "AUTO"

    assert ask(document).verdict == verdict


def test_a_redirection_is_what_the_client_meets() -> None:
    codes = [
        ask(lab("HTTP", rule(RewriteTarget={"TargetListenerId": "lbl-2", **code}))).symptoms
        for code in ({}, {"RewriteCode": 302})
    ]

    assert codes == [{("http", 301, 0.0)}, {("http", 302, 0.0)}]
