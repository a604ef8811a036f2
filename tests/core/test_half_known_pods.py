"""Pods and nodes of which only some of the objects were read: every object that knows something is believed."""

from copy import deepcopy

import pytest
from builders import ask, blocked_at, fate, health, hop, lab
from changes import EVERYTHING, Change, Document, group_3_closed, ingress, targets
from changes_cluster import endpoint_slice, eni_unread, objects, pod_on_node_a, unread

from drilllib.core.drills.default_lab import NODE_GROUP, VIP
from drilllib.core.drills.variants import direct_access, over_udp
from drilllib.core.facts import FactCode, fact

ON_A_SUPER_NODE = (fact(FactCode.GROUPS_ON_SUPER_NODE, pod="shop/web-1", node="eklet-subnet-a-1"),)


def the_pod(document: Document) -> Document:
    return next(objects(document, "Pod"))


def the_endpoint(document: Document) -> Document:
    return endpoint_slice(document)["endpoints"][0]


# A pod as target where no Kubernetes object was read


def test_what_is_behind_a_pod_target_is_not_known_without_kubernetes_objects(listener: str) -> None:
    """It may be gone, or listen elsewhere; its interface's groups were read, and may already drop."""
    case = direct_access, unread("kubernetes")
    opened, closed = (ask(lab(*case, *more, listener=listener), vip=VIP) for more in ((), (group_3_closed,)))

    assert (opened.verdict, opened.gaps) == ("undetermined", (fact(FactCode.POD_AT, address="10.0.36.12"),))
    assert health(opened) == ["Unknown"]
    assert (closed.verdict, blocked_at(closed)) == ("unreachable", [("pod", "NO_RULE_MATCHED")])


def test_the_add_on_does_not_tell_the_groups_of_a_pod_without_kubernetes_objects(listener: str) -> None:
    """A policy may select it, or it may be on a super node; only these objects would tell."""
    answer = ask(lab(direct_access, eni_unread(), group_3_closed, unread("kubernetes"), listener=listener), vip=VIP)

    assert (answer.verdict, answer.blockers) == ("undetermined", ())
    assert hop(answer, "pod").checks[0].reason == "FACT_MISSING"


def test_over_udp_a_pod_target_may_refuse_without_kubernetes_objects() -> None:
    """Silence is health over UDP; a refusal is not."""
    assert health(ask(lab(over_udp, direct_access, unread("kubernetes")), vip=VIP, protocol="UDP")) == ["Unknown"]


# Where a pod runs


def only_the_endpoint_names(node: str) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["spec"].pop("nodeName")
        the_endpoint(document)["nodeName"] = node

    return change


def test_a_pod_target_is_where_its_endpoint_says(listener: str) -> None:
    """On a super node its groups come from elsewhere."""
    case = direct_access, eni_unread(listed=())

    on_node_b = ask(lab(*case, only_the_endpoint_names("node-b"), listener=listener))
    assert on_node_b.gaps == (fact(FactCode.GROUPS_OF_INTERFACE, pod="shop/web-1"),)
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
        document["semantics"]["containers_declare_all_ports"] = True
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


def beside_another(namespace: str = "shop", *, declares: int = 8080, named: bool = True, refers: str = "") -> Change:
    """web-1 on node-b's own network asks for port 8080, and web-9 beside it declares another port."""

    def change(document: Document) -> None:
        document["semantics"]["containers_declare_all_ports"] = True
        the_endpoint(document)["addresses"] = ["10.0.35.12"]
        pod = the_pod(document)
        pod["spec"]["hostNetwork"], pod["status"]["podIP"] = True, "10.0.35.12"
        other = deepcopy(pod)
        other["metadata"] |= {"name": "web-9", "namespace": namespace}
        other["spec"]["containers"][0]["ports"][0]["containerPort"] = 80
        pod["spec"]["containers"][0]["ports"][0]["containerPort"] = declares
        document["kubernetes"].append(other)
        if refers:
            the_endpoint(document)["targetRef"] = {"kind": "Pod", "name": refers}
        if not named:
            without_reference(document)

    return change


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("namespace", ["shop", "kube-system"])
def test_pods_that_share_an_address_share_its_ports(listener: str, namespace: str, *, named: bool) -> None:
    """The endpoint refers to web-1, or to nobody; the socket on port 80 is web-9's."""
    opened = ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")
    answer = ask(lab(beside_another(namespace, named=named), opened, listener=listener))

    assert (hop(answer, "pod").name, answer.verdict) == (f"{namespace}/web-9", "reachable")


def test_what_else_is_on_a_nodes_network_is_known_where_all_pods_are(listener: str) -> None:
    """Forgetting web-9 makes no refusal: it is how the snapshot was before somebody read it."""
    opened = ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")

    def alone(document: Document) -> None:
        document["kubernetes"].pop()

    def forgotten(document: Document) -> None:
        document["complete"] = {"kubernetes": ["NetworkPolicy"]}

    known = ask(lab(beside_another(), opened, alone, listener=listener))
    assert (known.verdict, known.reason) == ("unreachable", "PORT_NOT_LISTENING")
    assert ask(lab(beside_another(), opened, alone, forgotten, listener=listener)).verdict == "undetermined"


def test_where_both_or_neither_declare_the_port_it_is_the_one_that_is_referred_to() -> None:
    assert hop(ask(lab(beside_another(declares=80, refers="web-1"))), "pod").name == "shop/web-1"
    assert hop(ask(lab(beside_another(declares=80, named=False))), "pod").name == "shop/10.0.35.12"


def test_a_pod_target_is_the_pod_that_the_slices_refer_to_beside_those_that_refer_to_none(listener: str) -> None:
    """Neither declares the port of the target."""

    def also_without_reference(document: Document) -> None:
        document["semantics"]["containers_declare_all_ports"] = False
        other = deepcopy(endpoint_slice(document))
        other["metadata"] = {"name": "x", "namespace": "shop"}
        del other["endpoints"][0]["targetRef"]
        document["kubernetes"].append(other)
        targets(document)[0] |= {"Type": "ENI", "InstanceId": "", "PrivateIpAddresses": ["10.0.35.12"], "Port": 9000}

    answer = ask(lab(beside_another(), also_without_reference, listener=listener))

    assert hop(answer, "pod").name == "shop/web-1"


# Nodes


def instance_b_unread(document: Document) -> None:
    """The pod is on node-b's own network, and only the Node object has node-b's address."""
    del document["instances"][1]
    the_endpoint(document)["addresses"] = ["10.0.35.12"]
    the_pod(document)["status"]["podIP"] = "10.0.35.12"


def test_a_pod_on_the_network_of_a_node_without_instance_is_behind_groups_nobody_knows(listener: str) -> None:
    """The add-on's setting is made for interfaces of pods, and this is the node's own."""
    answer = ask(lab(instance_b_unread, eni_unread(), listener=listener))

    assert (answer.verdict, answer.blockers) == ("undetermined", ())
    assert answer.gaps == (fact(FactCode.GROUPS_OF_NODE, node="node-b"),)


def test_the_primary_interface_tells_the_groups_of_a_node_without_instance(listener: str) -> None:
    """It was read with the node's address, so its groups are the ones that are asked."""

    def primary(document: Document) -> None:
        document["network_interfaces"][0] |= {"PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.35.12"}]}

    answer = ask(lab(instance_b_unread, primary, group_3_closed, listener=listener))
    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]


def test_a_node_without_instance_delivers_to_its_own_network(listener: str) -> None:
    """No interface of a pod lies in between, whatever kind the pods of this cluster have."""

    def its_node_is_the_target(document: Document) -> None:
        document["cluster"]["VpcCniType"] = "tke-direct-eni"
        document["load_balancers"][0]["LoadBalancerPassToTarget"] = True
        targets(document)[0] |= {"InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.35.12"]}

    answer = ask(lab(instance_b_unread, its_node_is_the_target, eni_unread(), group_3_closed, listener=listener))
    assert (fate(answer), health(answer)) == ("reachable: 200", ["Alive"])
