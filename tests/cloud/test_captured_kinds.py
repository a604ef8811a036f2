"""What only some clusters have: native machines, Ingresses, enforced NetworkPolicies, long lists; captured as it is."""

import json
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from bench.crowds import crowd
from drilllib.core.capture.asks import CloudCall
from drilllib.core.drills.default_lab import BALANCER, CLIENT, SERVICE, default_lab
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from tests.cloud.capturing import Capture, InProcess

ASKED = Question(client=CLIENT, service=SERVICE)
MADE_BY_TKE = [
    {"TagKey": "tke-createdBy-flag", "TagValue": "yes"},
    {"TagKey": "tke-clusterId", "TagValue": "cls-lab00001"},
]
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "closed", "namespace": "shop"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []},
}
INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {
        "name": "front",
        "namespace": "shop",
        "annotations": {"kubernetes.io/ingress.qcloud-loadbalance-id": BALANCER},
    },
    "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
}


def both(document: dict[str, Any]) -> tuple[Capture, Trace, Trace]:
    """A capture, the engine's answer to it, and its answer to the cloud's own state."""
    cloud = InProcess(document)
    made = cloud.capture(SERVICE)
    return made, trace(made.snapshot(), ASKED), trace(cloud.state.snapshot(), ASKED)


def actions(capture: Capture) -> list[str]:
    return [each.action for each in capture.calls if isinstance(each, CloudCall)]


@pytest.mark.parametrize("fault", ["healthy", "group-2", "group-3"])
def test_machines_that_cvm_does_not_know_have_their_groups(fault: str) -> None:
    """Native nodes (eks-) are in the newer TKE call alone."""
    document = json.loads(json.dumps(open_fault(fault).to_dict()).replace('"ins-node', '"eks-node'))
    document["load_balancers"][0]["Tags"] = MADE_BY_TKE  # without an instance it is the CLB that tells the cluster
    capture, found, true = both(document)

    assert "DescribeClusterInstances" in actions(capture)
    assert (found.verdict, found.blockers) == (true.verdict, true.blockers)


def test_an_enforced_network_policy_stops_what_it_stops() -> None:
    document = default_lab()
    document["cluster"]["networkpolicy"] = {"enforced": True}
    document["kubernetes"].append(POLICY)
    capture, found, _ = both(document)
    document["complete"] = {"kubernetes": ["NetworkPolicy"]}  # what a list of all of them tells
    true = trace(Snapshot(document), ASKED)

    assert capture.assembly.document["cluster"]["networkpolicy"] == {"enforced": True}
    assert (found.verdict, found.blockers) == (true.verdict, true.blockers)
    assert [each.policies for each in found.blockers] == [("shop/closed",)]


def test_a_service_behind_an_ingress_leads_to_its_balancer() -> None:
    """The Service is none of type LoadBalancer; the Ingress names the CLB."""
    document = default_lab()
    document["kubernetes"].append(INGRESS)
    cloud = InProcess(document)
    with cloud.state.writing(settled=True) as held:
        service = next(item for item in held["kubernetes"] if item["metadata"]["name"] == "web")
        service["spec"]["type"], service["status"] = "NodePort", {}
        service["metadata"]["annotations"] = {}
    capture = cloud.capture(SERVICE)

    assert [each["LoadBalancerId"] for each in capture.assembly.document["load_balancers"]] == [BALANCER]
    answer = trace(capture.snapshot(), Question(client=CLIENT, vip="192.0.2.10", port=80))
    assert answer.verdict == trace(Snapshot(default_lab()), ASKED).verdict


def test_a_list_of_many_pages_is_whole() -> None:
    """Six hundred pods: two pages of the API server, and seven of their interfaces."""
    capture = InProcess(crowd(1, 600, 1, all_read=True)).capture(SERVICE)
    document = capture.assembly.document

    assert sum(item["kind"] == "Pod" for item in document["kubernetes"]) == 600
    assert "shop/Pod" in document["complete"]["kubernetes"]
    assert len(document["network_interfaces"]) == 600
