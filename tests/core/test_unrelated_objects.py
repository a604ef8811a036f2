"""Objects that have nothing to do with the question: another team's kinds, machines in the making, whole answers."""

import pytest

from drilllib import InvalidInputError, Question, Snapshot, open_fault, trace
from drilllib.cloud.state import CloudState
from drilllib.core.trace.verdict import Verdict

QUESTION = Question(service="shop/web", client="203.0.113.10")


def healthy(**parts):
    """The healthy lab's document, with other *parts*."""
    return {**open_fault("healthy").to_dict(), **parts}


def with_objects(*items):
    return healthy(kubernetes=[*healthy()["kubernetes"], *items])


def answer(document):
    return trace(Snapshot(document), QUESTION)


KNATIVE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}
LONGHORN = {
    "apiVersion": "longhorn.io/v1beta2",
    "kind": "Node",
    "metadata": {"name": "node-a"},
    "status": {"conditions": [{"type": "Ready", "status": "False"}], "addresses": "none"},
}
NAMES = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "addressType": "FQDN",
    "metadata": {"name": "outside", "namespace": "other", "labels": {"kubernetes.io/service-name": "outside"}},
    "ports": [{"port": 443}],
    "endpoints": [{"addresses": ["api.example.com"]}],
}
CALICO = {
    "apiVersion": "crd.projectcalico.org/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "default.deny", "namespace": "shop"},
    "spec": {"selector": "all()"},
}


@pytest.mark.parametrize("item", [KNATIVE, LONGHORN, NAMES], ids=lambda item: item["apiVersion"])
def test_another_groups_kind_and_a_slice_of_names_change_nothing(item):
    assert answer(with_objects(item)).to_dict() == answer(healthy()).to_dict()


def test_a_slice_of_names_beside_a_services_own_changes_nothing():
    ours = {**NAMES, "metadata": {**NAMES["metadata"], "namespace": "shop"}}
    ours["metadata"]["labels"] = {"kubernetes.io/service-name": "web"}
    assert answer(with_objects(ours)).verdict is Verdict.REACHABLE


def test_what_another_group_calls_a_network_policy_may_filter():
    found = answer(with_objects(CALICO))
    assert found.verdict is Verdict.UNDETERMINED
    assert "NetworkPolicy.crd.projectcalico.org shop/default.deny" in str(found.to_dict())


@pytest.mark.parametrize("addresses", [None, []])
def test_a_machine_and_an_interface_without_addresses_change_nothing(addresses):
    document = healthy()
    document["instances"].append(
        {"InstanceId": "ins-pending1", "InstanceState": "PENDING", "PrivateIpAddresses": addresses}
    )
    document["network_interfaces"].append({"NetworkInterfaceId": "eni-pending1", "PrivateIpAddressSet": addresses})
    assert answer(document).to_dict() == answer(healthy()).to_dict()


def test_the_local_cloud_refuses_what_has_no_address_yet():
    document = healthy()
    document["instances"].append({"InstanceId": "ins-pending1", "PrivateIpAddresses": None})
    with pytest.raises(InvalidInputError, match=r"'ins-pending1' has no PrivateIpAddresses.*Take it out"):
        CloudState(document)


def as_printed(document):
    """The same snapshot of answers as `tccli` and `kubectl get -o json` print them."""
    balancer, listeners = next(iter(document["listeners"].items()))
    pods = [item for item in document["kubernetes"] if item["kind"] == "Pod"]
    others = [item for item in document["kubernetes"] if item["kind"] != "Pod"]
    return {
        **document,
        "cluster": {"TotalCount": 1, "Clusters": [document["cluster"]], "RequestId": "r"},
        "load_balancers": {"TotalCount": 1, "LoadBalancerSet": document["load_balancers"], "RequestId": "r"},
        "listeners": {balancer: {"Listeners": listeners, "RequestId": "r"}},
        "target_health": {"LoadBalancers": document.get("target_health") or [], "RequestId": "r"},
        "instances": {"Response": {"TotalCount": 2, "InstanceSet": document["instances"]}},
        "network_interfaces": {"NetworkInterfaceSet": document["network_interfaces"]},
        "security_groups": {name: {"Response": group} for name, group in document["security_groups"].items()},
        "kubernetes": {
            "apiVersion": "v1",
            "kind": "List",
            "items": [*others, {"apiVersion": "v1", "kind": "List", "items": pods}],
        },
    }


@pytest.mark.parametrize("fault", ["healthy", "group-1", "group-2", "group-3"])
def test_whole_answers_are_what_they_list(fault):
    document = open_fault(fault).to_dict()
    printed = as_printed(document)
    assert answer(printed).to_dict() == answer(document).to_dict()
    assert Snapshot(printed).to_dict()["instances"] == document["instances"]


@pytest.mark.parametrize("found", [{"kind": "List", "items": []}, [{"kind": "List", "items": []}]])
def test_an_answer_that_lists_nothing_is_not_a_cluster_without_objects(found):
    document = healthy(kubernetes=found)
    assert not Snapshot(document).has("kubernetes")
    del document["complete"]
    assert trace(Snapshot(document), Question(vip="192.0.2.10", client="203.0.113.10")).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("instances", {"InstanceSet": None}, "snapshot.instances is .*Write a list"),
        ("kubernetes", {"kind": "List", "items": 5}, "snapshot.kubernetes is .*Write a list"),
        ("kubernetes", [{"kind": "List", "items": [5]}], r"snapshot.kubernetes\[0\] is 5"),
        ("cluster", {"Clusters": [{}, {}]}, None),
    ],
)
def test_what_is_no_answer_is_an_error_or_left_as_it_is(part, value, said):
    if said is None:
        assert answer(healthy(**{part: value})).verdict is not Verdict.UNREACHABLE
    else:
        with pytest.raises(InvalidInputError, match=said):
            Snapshot(healthy(**{part: value}))
