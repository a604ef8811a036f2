"""One private address or VIP in two VPCs, and a cluster that does not say how its pods' interfaces are attached."""

from ipaddress import ip_network

import pytest
from builders import ask, blocked_at, fate, health, lab
from changes import EVERYTHING, Change, Document, balancer, group_1_closed, group_3_closed, ingress
from changes_cluster import cluster, endpoint_slice, local_policy, objects, pod_on_node_a, unread
from changes_doubtful import mode_unread, of_vpcs, pod_target, same_vip, stranger

from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP, VIP
from drilllib.core.facts import FactCode, fact
from drilllib.core.fix.proposals import fix
from drilllib.core.trace.answer import Question

WHICH = (fact(FactCode.INTERFACE_OF_SEVERAL, names="eni-other, eni-podsb001", address="10.0.36.12"),)
BALANCERS = (fact(FactCode.BALANCER_OF_SEVERAL, names="lb-lab00001, lb-other", vip=VIP),)
OURS = [of_vpcs("vpc-mine", "vpc-mine"), of_vpcs("vpc-mine", node_a="vpc-mine"), of_vpcs(cluster="vpc-mine")]


# Interfaces


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("told", OURS)
def test_the_interface_of_the_clusters_vpc_carries_the_pod(told: Change, first: bool, listener: str) -> None:
    """The order of objects in an answer of the API means nothing."""
    case = stranger(first=first), told

    assert fate(ask(lab(*case, listener=listener))) == "reachable: 200"
    closed = ask(lab(*case, group_3_closed, listener=listener))
    assert [each.check.groups for each in closed.blockers] == [(POD_GROUP,)]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("told", [of_vpcs(), of_vpcs("vpc-mine")])
def test_where_nothing_tells_which_it_is_its_groups_are_not_known(told: Change, first: bool) -> None:
    answer = ask(lab(stranger(vpc=None, first=first), told))

    assert (answer.verdict, answer.blockers) == ("undetermined", ())
    assert answer.gaps[0].code in (FactCode.INTERFACE_OF_SEVERAL, FactCode.GROUPS_OF_INTERFACE)
    assert ask(lab(stranger(first=first))).gaps == WHICH


def test_an_interface_of_another_vpc_is_none_of_the_clusters() -> None:
    """Even where it is the only one that has the address."""
    alone = lab(of_vpcs("vpc-other", "vpc-mine"))

    assert ask(alone).gaps == (fact(FactCode.GROUPS_OF_INTERFACE, pod="shop/web-1"),)


def test_a_pod_target_is_behind_the_interface_of_the_clusters_vpc() -> None:
    assert WHICH[0] in ask(lab(pod_target, stranger(), group_3_closed, unread("kubernetes")), vip=VIP).gaps


def test_one_interface_that_is_listed_twice_is_one() -> None:
    def twice(document: Document) -> None:
        document["network_interfaces"] *= 2

    assert ask(lab(twice)).verdict == "reachable"


def test_an_instance_of_another_vpc_does_not_make_a_pod_a_node() -> None:
    """Else its groups would be asked in the place of the pod's."""

    def elsewhere(document: Document) -> None:
        instance = {"InstanceId": "ins-other", "PrivateIpAddresses": ["10.0.36.12"], "SecurityGroupIds": ["sg-foreign"]}
        document["instances"].append({**instance, "VirtualPrivateCloud": {"VpcId": "vpc-other"}})

    assert fate(ask(lab(elsewhere, of_vpcs(cluster="vpc-mine")))) == "reachable: 200"


open_node = ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")


def pod_on_a_machine(state: str, node: str | None = None) -> Change:
    """The pod has the address of a machine that no Node object knows; only the Pod may say which node that is."""

    def change(document: Document) -> None:
        pod_target(document)
        machine = {**document["instances"][0], "InstanceId": "ins-vm000001", "InstanceName": "vm"}
        document["instances"].append({**machine, "PrivateIpAddresses": ["10.0.36.12"], "InstanceState": state})
        for place in (next(objects(document, "Pod"))["spec"], endpoint_slice(document)["endpoints"][0]):
            place.pop("nodeName")
            place |= {"nodeName": node} if node else {}

    return change


@pytest.mark.parametrize("node", [None, "node-b"])
def test_a_pod_on_a_machine_that_is_off_answers_nothing_whatever_kubernetes_calls_it(
    node: str | None, listener: str
) -> None:
    answer = ask(lab(pod_on_a_machine("STOPPED", node), open_node, listener=listener))

    assert (answer.verdict, blocked_at(answer)) == ("unreachable", [("pod", "INSTANCE_NOT_RUNNING")])
    assert health(answer) == ["Dead"]


def test_on_a_machine_that_is_starting_it_may() -> None:
    def asked(state: str) -> str:
        return ask(lab(pod_on_a_machine(state), open_node)).verdict

    assert [asked(state) for state in ("RUNNING", "PENDING")] == ["reachable", "undetermined"]


def test_fix_opens_no_strangers_group() -> None:
    snapshot = lab(stranger(), group_3_closed)
    found = fix(snapshot, Question(client="203.0.113.10", service="shop/web"), [ip_network("203.0.113.0/24")])

    assert not found.proposals


# Load balancers


@pytest.mark.parametrize("asked", [{}, {"vip": VIP}])
def test_of_two_clbs_with_one_vip_nobody_knows_which_is_meant(asked: dict[str, str]) -> None:
    answer = ask(lab(same_vip), **asked)

    assert (answer.verdict, answer.gaps) == ("undetermined", BALANCERS)


def test_a_service_that_names_its_clb_means_that_one() -> None:
    def named(document: Document) -> None:
        annotations = next(each for each in document["kubernetes"] if each["kind"] == "Service")["metadata"][
            "annotations"
        ]
        annotations["service.kubernetes.io/loadbalance-id"] = "lb-lab00001"

    assert ask(lab(same_vip, named)).verdict == "reachable"


# Another VPC behind the CLB


def region(document: Document) -> None:
    document["load_balancers"][0]["TargetRegionInfo"] = {"Region": "ap-shanghai", "VpcId": "vpc-b"}


ELSEWHERE = {
    "instance": (of_vpcs(node_a="vpc-b"), balancer(VpcId="vpc-a")),
    "cluster": (of_vpcs(cluster="vpc-b"), balancer(VpcId="vpc-a")),
    "pods": (of_vpcs(cluster="vpc-b"), balancer(VpcId="vpc-a"), pod_target),
    "target region": (balancer(VpcId="vpc-a"), region),
}


@pytest.mark.parametrize("case", ELSEWHERE.values(), ids=ELSEWHERE)
def test_targets_of_another_vpc_see_addresses_that_nobody_documents(case: tuple[Change, ...], listener: str) -> None:
    answer = ask(lab(*case, listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "NOT_MODELLED")
    assert answer.gaps[0].code is FactCode.TARGET_OF_OTHER_VPC
    assert ask(lab(*case, group_1_closed, listener=listener)).verdict == "unreachable"


@pytest.mark.parametrize("told", [of_vpcs(node_a="vpc-a"), of_vpcs(cluster="vpc-a"), of_vpcs()])
def test_one_vpc_for_all_is_the_usual_case(told: Change) -> None:
    assert ask(lab(told, balancer(VpcId="vpc-a", TargetRegionInfo={"VpcId": "vpc-a"}))).verdict == "reachable"
    assert ask(lab(of_vpcs(node_a="vpc-a"), balancer(VpcId=""))).verdict == "reachable"


# The cluster's network


def test_where_nobody_read_how_interfaces_are_attached_a_local_pods_groups_may_be_asked(listener: str) -> None:
    answer = ask(lab(mode_unread, pod_on_node_a, group_3_closed, listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps[0] == fact(FactCode.POD_ATTACHMENT, pod="shop/web-1")


@pytest.mark.parametrize("change", [pod_on_node_a, local_policy, lambda document: None])
def test_it_matters_only_there(change: Change) -> None:
    assert ask(lab(mode_unread, change)).verdict == ask(lab(change)).verdict
    assert blocked_at(ask(lab(mode_unread, group_3_closed))) == [("pod", "NO_RULE_MATCHED")]


def test_property_may_say_it() -> None:
    text = '{"NetworkType":"VPC-CNI","VpcCniType":"tke-route-eni"}'

    assert ask(lab(mode_unread, cluster(Property=text), pod_on_node_a, group_3_closed)).verdict == "reachable"


@pytest.mark.parametrize("text", ['{"NetworkType":"GR"', "[]", "GR"])
def test_a_property_that_cannot_be_read_says_nothing(text: str) -> None:
    def cut_short(document: Document) -> None:
        document["cluster"] = {"Property": text}

    answer = ask(lab(cut_short))
    assert (answer.verdict, answer.gaps[0].code) == ("undetermined", FactCode.FIELD_VALUE)
    assert ask(lab(cluster(Property=text))).verdict == "reachable"
