"""Pods and nodes of which only some of the objects were read: every object that knows something is believed."""

from copy import deepcopy

import pytest
from builders import ask, blocked_at, fate, hop, lab
from changes import Change, Document, group_3_closed
from changes_cluster import endpoint_slice, eni_unread, objects, pod_on_node_a

from drilllib.core.variants import direct_access

ON_A_SUPER_NODE = ("groups of shop/web-1 on the super node eklet-subnet-a-1",)


def the_pod(document: Document) -> Document:
    return next(objects(document, "Pod"))


def the_endpoint(document: Document) -> Document:
    return endpoint_slice(document)["endpoints"][0]


# Where a pod runs


def only_the_endpoint_names(node: str) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["spec"].pop("nodeName")
        the_endpoint(document)["nodeName"] = node

    return change


def test_a_pod_target_is_where_its_endpoint_says(listener: str) -> None:
    """With an empty list the add-on binds the groups of the pod's own node, so it matters which that is."""
    case = direct_access, eni_unread(listed=())

    assert blocked_at(ask(lab(*case, only_the_endpoint_names("node-b"), listener=listener))) == [
        ("pod", "NO_RULE_MATCHED")
    ]
    on_a_super_node = lab(*case, only_the_endpoint_names("eklet-subnet-a-1"), listener=listener)
    assert ask(on_a_super_node).gaps == ON_A_SUPER_NODE


def another_slice_names_the_node(*, first: bool) -> Change:
    """A second Service has the pod among its endpoints, and its slice alone says where the pod runs."""

    def change(document: Document) -> None:
        other = deepcopy(endpoint_slice(document))
        other["metadata"] |= {"name": "other-1", "labels": {"kubernetes.io/service-name": "other"}}
        the_pod(document)["spec"].pop("nodeName")
        the_endpoint(document).pop("nodeName")
        document["kubernetes"].insert(0 if first else len(document["kubernetes"]), other)

    return change


@pytest.mark.parametrize("first", [True, False])
def test_any_slice_may_say_where_a_pod_runs(listener: str, first: bool) -> None:
    """On node-a, past the closed group; the order of objects in an answer of the API means nothing."""
    case = pod_on_node_a, another_slice_names_the_node(first=first), group_3_closed

    assert fate(ask(lab(*case, listener=listener))) == "reachable: 200"


# Which Pod an endpoint means


def without_reference(document: Document) -> None:
    del the_endpoint(document)["targetRef"]


def test_an_endpoint_without_reference_is_the_pod_with_its_address(listener: str) -> None:
    """EndpointSlices written by hand have no references; the Pod still says its name and what it listens on."""

    def listens_elsewhere(document: Document) -> None:
        the_pod(document)["spec"]["containers"][0]["ports"][0]["containerPort"] = 8080

    assert hop(ask(lab(without_reference, listener=listener)), "pod").name == "shop/web-1"
    answer = ask(lab(without_reference, listens_elsewhere, listener=listener))
    assert blocked_at(answer) == [("pod", "PORT_NOT_LISTENING")]


@pytest.mark.parametrize("namespace", ["shop", "staging"])
def test_an_address_of_two_pods_or_of_another_namespace_tells_no_pod(listener: str, namespace: str) -> None:
    """Pods on a node's network share its address; then nothing says which of them listens."""

    def another_pod(document: Document) -> None:
        other = deepcopy(the_pod(document))
        other["metadata"] |= {"name": "web-9", "namespace": namespace}
        document["kubernetes"].append(other)
        if namespace != "shop":
            document["kubernetes"].remove(the_pod(document))

    answer = ask(lab(without_reference, another_pod, listener=listener))
    assert (hop(answer, "pod").name, answer.verdict) == ("shop/10.0.36.12", "reachable")
