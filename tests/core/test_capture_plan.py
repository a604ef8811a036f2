"""What a capture reads, in how many rounds and calls: it finds all there is on the path, and ends whatever comes."""

from collections import Counter
from dataclasses import replace
from math import ceil
from typing import Any

import pytest

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead, Refusal, RefusalKind, Wanted
from drilllib.core.capture.known import Known
from drilllib.core.capture.machine_calls import cluster_id
from drilllib.core.capture.plan import needed
from tests.core.capture_reader import WEB, Reader, asked, capture, captured
from tests.core.capture_worlds import BALANCER, CLUSTER, VPC, address, balancer, cluster, rules, service, with_service


def names(reader: Reader) -> Counter[str]:
    return Counter(each.action for each in reader.calls if isinstance(each, CloudCall))


@pytest.mark.parametrize("nodes", [1, 10, 100, 101, 300])
def test_calls_are_flat_to_100_nodes_and_by_hundreds_beyond(nodes: int) -> None:
    """
    In five rounds; a capture by node or by pod would take hundreds of calls, at 20 a second.

    Machines by id, interfaces by address, and both once more by group.
    """
    reader = captured(cluster(nodes))
    assert len(reader.rounds) <= 5
    hundreds = ceil(nodes / 100)
    found = names(reader)
    assert (found["DescribeInstances"], found["DescribeNetworkInterfaces"]) == (2 * hundreds + 1, 2 * hundreds + 1)
    assert len(reader.calls) == len(captured(cluster(1)).calls) + 4 * (hundreds - 1)


def test_every_group_machine_and_interface_on_the_path_is_read() -> None:
    reader = captured(cluster(120, 230))
    assert {each["SecurityGroupId"] for each in asked(reader, "DescribeSecurityGroupPolicies")} == {
        *("sg-clb", "sg-node", "sg-pod"),
    }
    machines = {each for call in asked(reader, "DescribeInstances") for each in call.get("InstanceIds", ())}
    assert machines == {f"ins-{place:08d}" for place in range(120)}
    filters = [each["Filters"][1] for each in asked(reader, "DescribeNetworkInterfaces")]
    values = {text for each in filters if each["Name"] == "address-ip" for text in each["Values"]}
    assert values == {address(100, place) for place in range(230)}
    assert asked(reader, "DescribeAddon") == [
        {"AddonName": name, "ClusterId": CLUSTER} for name in ("eniipamd", "networkpolicy")
    ]


@pytest.mark.parametrize("wanted", [WEB, replace(WEB, cluster=CLUSTER)])
def test_nothing_is_asked_twice(wanted: Wanted) -> None:
    reader = captured(cluster(30, 60), wanted)
    assert max(Counter(ask for asks in reader.rounds for ask in asks).values()) == 1


def test_whoever_else_has_a_group_of_the_path_is_read() -> None:
    """A change of the group's rules would reach them too. What groups they have beside is nobody's business here."""
    document = cluster(2)
    document["network_interfaces"] += [{**document["network_interfaces"][0], "NetworkInterfaceId": "eni-other"}]
    document["network_interfaces"][-1] |= {"PrivateIpAddressSet": [{"PrivateIpAddress": "10.9.9.9"}]}
    document["network_interfaces"][-1] |= {"GroupSet": ["sg-pod", "sg-other"]}
    document["instances"] += [
        {**document["instances"][0], "InstanceId": "ins-other", "PrivateIpAddresses": ["10.9.9.8"]}
    ]
    document["instances"][-1] |= {"SecurityGroupIds": ["sg-node", "sg-another"]}
    known = Known(capture(Reader(document), WEB))
    assert "eni-other" in known.ids("DescribeNetworkInterfaces")
    assert "ins-other" in known.ids("DescribeInstances")
    assert {each.request["SecurityGroupId"] for each, _ in known.calls("DescribeSecurityGroupPolicies") if each} == {
        *("sg-clb", "sg-node", "sg-pod"),
    }


def test_one_pod_is_asked_for_exactly() -> None:
    """A single value of address-ip is the end of an address: 10.0.100.1 would find 110.0.100.1 as well."""
    filters = asked(captured(cluster(1)), "DescribeNetworkInterfaces")[0]["Filters"]
    assert {"Name": "ip-exact-match", "Values": ["true"]} in filters
    assert {"Name": "vpc-id", "Values": [VPC]} in filters
    assert all(
        each["Name"] != "ip-exact-match"
        for each in asked(captured(cluster(2)), "DescribeNetworkInterfaces")[0]["Filters"]
    )


def test_what_rules_name_is_read_in_the_round_after() -> None:
    """Templates by id; with a group of templates all of them, since its members are known a round too late."""
    document = cluster(2)
    named = [{"AddressTemplate": {"AddressId": "ipm-1"}}, {"ServiceTemplate": {"ServiceGroupId": "ppmg-1"}}]
    document["security_groups"]["sg-pod"] = rules(
        *named, {"SecurityGroupId": "sg-bastion"}, {"SecurityGroupId": "sg-node"}
    )
    reader = captured(document)
    assert len(reader.rounds) <= 5
    assert asked(reader, "DescribeAddressTemplates")[0]["Filters"] == [
        {"Name": "address-template-id", "Values": ["ipm-1"]}
    ]
    assert asked(reader, "DescribeServiceTemplates") == [{"Limit": "100"}]
    assert asked(reader, "DescribeServiceTemplateGroups")
    members = [call["Filters"][1] for call in asked(reader, "DescribeNetworkInterfaces")]
    assert {"Name": "groups.security-group-id", "Values": ["sg-bastion"]} in members


def test_the_eip_of_a_private_balancer_is_asked_for() -> None:
    document = cluster(2)
    document["load_balancers"] = [balancer(LoadBalancerType="INTERNAL")]
    assert asked(captured(document), "DescribeAddresses")[0]["Filters"] == [
        {"Name": "instance-id", "Values": [BALANCER]}
    ]
    assert not asked(captured(cluster(2)), "DescribeAddresses")


@pytest.mark.parametrize(
    ("tags", "clusters", "expected"),
    [
        ({"tke-createdBy-flag": "yes", "tke-clusterId": "cls-a"}, [], "cls-a"),
        ({"tke-clusterId": "cls-gone"}, ["cls-b"], "cls-b"),
        ({"tke-clusterId": "cls-c"}, ["cls-b", "cls-c"], "cls-c"),
        ({}, ["cls-b", "cls-c"], ""),
        ({}, [], ""),
    ],
)
def test_which_cluster_it_is(tags: dict[str, str], clusters: list[str], expected: str) -> None:
    """The tag of a balancer that TKE did not make may be left from a Service that is gone."""
    listed = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    answers = [Answer(calls.balancers([BALANCER])[0], ({"LoadBalancerSet": [balancer(Tags=listed)]},))]
    answers += [Answer(calls.clusters_in(VPC), ({"Clusters": [{"ClusterId": each} for each in clusters]},))]
    assert cluster_id(Known(answers), WEB) == expected
    assert cluster_id(Known(answers), replace(WEB, cluster="cls-said")) == "cls-said"


def test_one_machine_that_is_gone_does_not_hide_the_others() -> None:
    """CVM refuses a whole call for one unknown id: its halves are asked for, down to that one."""
    reader = Reader(cluster(20))
    del reader.document["instances"][7]
    answers: list[Answer] = []
    while asks := needed(answers, WEB):
        reader.rounds.append(asks)
        for ask in asks:
            ids = ask.request.get("InstanceIds", ()) if isinstance(ask, CloudCall) else ()
            gone = Refusal(RefusalKind.FAILED, "InvalidInstanceId.NotFound")
            answers.append(Answer(ask, refusal=gone) if "ins-00000007" in ids else reader.read(ask))
    read = {row["InstanceId"] for row in Known(answers).rows("DescribeInstances")}
    assert read == {f"ins-{place:08d}" for place in range(20)} - {"ins-00000007"}


def test_a_cloud_that_takes_few_values_of_a_filter_is_asked_for_few() -> None:
    """How many VPC takes is not documented for interfaces."""
    reader = Reader(cluster(11))
    answers: list[Answer] = []
    while asks := needed(answers, WEB):
        reader.rounds.append(asks)
        for ask in asks:
            filters = ask.request.get("Filters", ()) if isinstance(ask, CloudCall) else ()
            many = Refusal(RefusalKind.FAILED, "InvalidParameterValue.LimitExceeded")
            too_many = any(len(each["Values"]) > 5 for each in filters)
            answers.append(Answer(ask, refusal=many) if too_many else reader.read(ask))
    known = Known(answers)
    assert {address(100, place) for place in range(11)} <= known.asked("DescribeNetworkInterfaces", "address-ip")
    assert len(known.ids("DescribeNetworkInterfaces")) == 11
    alone = [
        each for each in asked(reader, "DescribeNetworkInterfaces") if each["Filters"][1]["Values"] == ["10.0.100.9"]
    ]
    assert [each["Filters"][2] for each in alone] == [{"Name": "ip-exact-match", "Values": ["true"]}]


def test_native_machines_are_asked_for_once_for_all() -> None:
    document = cluster(3)
    document["kubernetes"][1]["spec"]["providerID"] = "tencentcloud:///ap-guangzhou-3/eks-abcdefgh"
    reader = captured(document)
    assert names(reader)["DescribeClusterInstances"] == 1
    assert not any(
        each.startswith("eks-") for call in asked(reader, "DescribeInstances") for each in call.get("InstanceIds", ())
    )


def test_namespaces_are_listed_only_where_a_policy_selects_by_their_labels() -> None:
    def resources(**rule: Any) -> set[str]:
        metadata = {"namespace": "shop", "name": "p"}
        spec = {"podSelector": {}, "ingress": [{"from": [rule]}]}
        policy = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "metadata": metadata, "spec": spec}
        read = captured(with_service(service(), policy)).calls
        return {each.resource for each in read if isinstance(each, KubernetesRead)}

    assert "namespaces" in resources(namespaceSelector={})
    assert "namespaces" not in resources(podSelector={})


def test_policies_of_a_mesh_are_read_where_a_pod_has_its_proxy() -> None:
    def read(*containers: str) -> set[tuple[str, str]]:
        spec = {"containers": [{"name": each} for each in containers]}
        pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"namespace": "shop", "name": "p"}, "spec": spec}
        reads = [each for each in captured(with_service(service(), pod)).calls if isinstance(each, KubernetesRead)]
        return {(each.resource, each.namespace) for each in reads if each.group == "security.istio.io"}

    both = ("peerauthentications", "authorizationpolicies")
    assert read("web", "istio-proxy") == {(each, place) for each in both for place in ("shop", "istio-system")}
    assert read("web") == set()


def test_a_right_in_the_namespace_alone_still_finds_the_path() -> None:
    """Nodes and the list of all Services refused: machines come from the targets."""
    reader = Reader(cluster(3), lambda ask: isinstance(ask, KubernetesRead) and ask.namespace != "shop")
    capture(reader, WEB)
    assert {each["SecurityGroupId"] for each in asked(reader, "DescribeSecurityGroupPolicies")} == {
        *("sg-clb", "sg-node", "sg-pod"),
    }
    assert any(each == replace(calls.SERVICES, namespace="shop") for each in reader.calls)
    by_address = asked(reader, "DescribeNetworkInterfaces")
    assert all({"Name": "vpc-id", "Values": [VPC]} in each["Filters"] for each in by_address)


def test_files_that_do_not_say_what_was_asked_count_by_what_they_list() -> None:
    """A person's own outputs: only what is in none of them is still asked for."""
    document = cluster(3)
    reader = Reader(document)
    every = [replace(each, source="file.json", whole=False) for each in capture(reader, WEB)]
    (again,) = needed(every, WEB)
    assert isinstance(again, CloudCall)
    assert again.action == "DescribeListeners"  # of which a file may have some only
    every = [replace(each, whole=each.ask == again) for each in every]
    of_groups = [
        each for each in every if not (isinstance(each.ask, CloudCall) and each.ask.action == "DescribeInstances")
    ]
    rows = [{"InstanceSet": document["instances"], "TotalCount": 3}]
    nameless = [*of_groups, Answer(CloudCall.of("cvm", "2017-03-12", "DescribeInstances"), tuple(rows), source="f")]
    assert needed(nameless, WEB) == ()
    one = Answer(replace(calls.SERVICES, namespace="shop"), ({"kind": "List", "items": [service()]},), source="f")
    assert replace(calls.SERVICES, namespace="shop", name="web") not in needed([one], WEB)
    still = needed([each for each in every if each.ask != calls.rules_of("sg-pod")], WEB)
    assert still == (calls.rules_of("sg-pod"),)
