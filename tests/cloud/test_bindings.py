"""Groups on interfaces, instances and CLBs; health, addresses and the cluster as they are read back."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, NODE_GROUP, POD_GROUP, default_lab
from tests.cloud.helpers import ask, new_api, refusal_of

ENI, NODE_A, CLUSTER = "eni-podsb001", "ins-nodea001", "cls-lab00001"
MORE = [f"sg-more000{n}" for n in range(6)]


@pytest.fixture
def api() -> TencentApi:
    """The default lab with six more groups, and node-a's primary interface."""
    lab = default_lab()
    for each in MORE:
        lab["security_groups"][each] = {"SecurityGroupPolicySet": {"Version": "0", "Ingress": [], "Egress": []}}
    primary = {"NetworkInterfaceId": "eni-nodea001", "Primary": True, "Attachment": {"InstanceId": NODE_A}}
    primary |= {"PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.35.11"}], "GroupSet": [NODE_GROUP]}
    lab["network_interfaces"].append(primary)
    return new_api(lab)


def groups_of(api: TencentApi, resource_id: str) -> tuple[str, ...] | None:
    return api.snapshot().bound_groups()[resource_id]


def on_eni(verb: str, *groups: str, eni: str = ENI) -> tuple[str, dict[str, Any]]:
    return f"{verb}NetworkInterfaceSecurityGroups", {"NetworkInterfaceIds": [eni], "SecurityGroupIds": list(groups)}


def test_groups_are_added_to_and_taken_from_an_interface(api: TencentApi) -> None:
    """Added below those that are there; an interface may be left with none."""
    ask(api, "vpc", *on_eni("Associate", NODE_GROUP, POD_GROUP))
    assert groups_of(api, ENI) == (POD_GROUP, NODE_GROUP)

    ask(api, "vpc", *on_eni("Disassociate", NODE_GROUP, POD_GROUP))
    assert groups_of(api, ENI) == ()


def test_an_interface_takes_a_whole_list_in_its_order(api: TencentApi) -> None:
    """Order is priority, so a list is set, not merged."""
    params = {"NetworkInterfaceId": ENI, "SecurityGroupIds": [NODE_GROUP, POD_GROUP]}
    ask(api, "vpc", "ModifyNetworkInterfaceAttribute", params)

    assert groups_of(api, ENI) == (NODE_GROUP, POD_GROUP)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (on_eni("Associate", NODE_GROUP, eni="eni-nodea001"), "UnsupportedOperation"),
        (on_eni("Associate", *MORE), "LimitExceeded"),
        (on_eni("Associate", "sg-nowhere1"), "ResourceNotFound"),
        (on_eni("Associate", NODE_GROUP, eni="eni-nowhere1"), "ResourceNotFound"),
        (on_eni("Associate", NODE_GROUP, eni="eni"), "InvalidParameterValue.Malformed"),
        (on_eni("Disassociate", "sg"), "InvalidParameterValue.Malformed"),
        (on_eni("Associate", *[NODE_GROUP] * 101), ""),
        (("ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": ENI}), "MissingParameter"),
        (
            ("ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": ENI, "TrunkingFlag": "Enable"}),
            "UnsupportedOperation",
        ),
    ],
    ids=str,
)
def test_an_interface_refuses(api: TencentApi, call: tuple[str, dict[str, Any]], code: str) -> None:
    """The primary interface's groups belong to its instance, and are changed there."""
    before = groups_of(api, ENI)
    assert refusal_of(api, "vpc", *call) == code
    assert not code or groups_of(api, ENI) == before


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"address-ip": ["36.12"]}, [ENI]),
        ({"address-ip": ["36.12"], "ip-exact-match": ["true"]}, []),
        ({"address-ip": ["10.0.36.12"], "ip-exact-match": ["true"]}, [ENI]),
        ({"address-ip": ["10.0.36.12", "10.0.35.11"]}, [ENI, "eni-nodea001"]),
        ({"is-primary": ["true"]}, ["eni-nodea001"]),
        ({"eni-type": ["0"]}, [ENI]),
        ({"attachment.instance-id": ["ins-nodeb001"]}, [ENI]),
        ({"groups.security-group-id": [NODE_GROUP]}, ["eni-nodea001"]),
    ],
    ids=str,
)
def test_interfaces_are_found(api: TencentApi, filters: dict[str, list[str]], expected: list[str]) -> None:
    """The trap: a single address is only the end of one, so that 0.36.12 finds 10.0.36.12, too."""
    params = {"Filters": [{"Name": name, "Values": values} for name, values in filters.items()]}
    found = ask(api, "vpc", "DescribeNetworkInterfaces", params)["NetworkInterfaceSet"]

    assert [each["NetworkInterfaceId"] for each in found] == expected


def on_instance(verb: str, *groups: str, instance: str = NODE_A) -> tuple[str, dict[str, Any]]:
    return f"{verb}SecurityGroups", {"InstanceIds": [instance], "SecurityGroupIds": list(groups)}


def test_one_group_a_call_on_an_instance(api: TencentApi) -> None:
    """Appended last in priority; the primary interface has the same groups."""
    ask(api, "cvm", *on_instance("Associate", POD_GROUP))
    interfaces = ask(api, "vpc", "DescribeNetworkInterfaces", {"NetworkInterfaceIds": ["eni-nodea001"]})
    (instance,) = ask(api, "cvm", "DescribeInstances", {"InstanceIds": [NODE_A]})["InstanceSet"]

    assert groups_of(api, NODE_A) == (NODE_GROUP, POD_GROUP)
    assert interfaces["NetworkInterfaceSet"][0]["GroupSet"] == [NODE_GROUP, POD_GROUP]
    assert instance["LatestOperationState"] == "SUCCESS"
    ask(api, "cvm", *on_instance("Disassociate", NODE_GROUP))
    assert groups_of(api, NODE_A) == (POD_GROUP,)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (on_instance("Associate", NODE_GROUP, POD_GROUP), "InvalidParameterValue.LimitExceeded"),
        (on_instance("Associate", "sg-nowhere1"), "InvalidSecurityGroupId.NotFound"),
        (on_instance("Associate", "sg"), "InvalidSgId.Malformed"),
        (on_instance("Associate", NODE_GROUP, instance="ins-nowhere1"), "InvalidInstanceId.NotFound"),
        (on_instance("Associate", NODE_GROUP, instance="node-a"), "InvalidInstanceId.Malformed"),
        (on_instance("Disassociate", POD_GROUP), "FailedOperation.SecurityGroupActionFailed"),
        (
            ("ModifyInstancesAttribute", {"InstanceIds": [NODE_A], "SecurityGroups": MORE}),
            "LimitExceeded.AssociateUSGLimitExceeded",
        ),
        (
            ("ModifyInstancesAttribute", {"InstanceIds": [NODE_A], "SecurityGroups": MORE[:1], "InstanceName": "x"}),
            "InvalidParameter.Coexist",
        ),
        (("ModifyInstancesAttribute", {"InstanceIds": [NODE_A]}), "MissingParameter"),
        (
            ("DescribeInstances", {"InstanceIds": [f"ins-{n:08}" for n in range(101)]}),
            "InvalidParameterValue.LimitExceeded",
        ),
    ],
    ids=str,
)
def test_an_instance_refuses(api: TencentApi, call: tuple[str, dict[str, Any]], code: str) -> None:
    """CVM has codes of its own: Id here is ID in VPC."""
    assert refusal_of(api, "cvm", *call) == code
    assert groups_of(api, NODE_A) == (NODE_GROUP,)


def test_a_clb_takes_a_whole_list_and_none_unbinds_all(api: TencentApi) -> None:
    """A CLB without a group is open to everybody."""
    ask(api, "clb", "SetLoadBalancerSecurityGroups", {"LoadBalancerId": BALANCER, "SecurityGroups": MORE[:2]})
    assert groups_of(api, BALANCER) == tuple(MORE[:2])

    ask(api, "clb", "SetLoadBalancerSecurityGroups", {"LoadBalancerId": BALANCER})
    assert groups_of(api, BALANCER) == ()


def test_one_group_is_added_to_and_taken_from_several_clbs(api: TencentApi) -> None:
    """A group that is bound keeps its place."""
    for word, expected in (("ADD", (CLB_GROUP, MORE[0])), ("ADD", (CLB_GROUP, MORE[0])), ("DEL", (CLB_GROUP,))):
        params = {"SecurityGroup": MORE[0], "OperationType": word, "LoadBalancerIds": [BALANCER]}
        ask(api, "clb", "SetSecurityGroupForLoadbalancers", params)
        assert groups_of(api, BALANCER) == expected


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"LoadBalancerId": BALANCER, "SecurityGroups": MORE}, "LimitExceeded"),
        ({"LoadBalancerId": "lb-nowhere1"}, "InvalidParameter.LBIdNotFound"),
        ({"LoadBalancerId": "lb"}, "InvalidParameter.FormatError"),
        ({"LoadBalancerId": BALANCER, "SecurityGroups": ["sg"]}, "InvalidParameter.FormatError"),
        ({"LoadBalancerId": BALANCER, "SecurityGroups": ["sg-nowhere1"]}, "InvalidParameterValue"),
        ({}, "MissingParameter"),
    ],
    ids=str,
)
def test_a_clb_refuses(api: TencentApi, params: dict[str, Any], code: str) -> None:
    """Five groups is what the guide says; the API's own text of 2026 says fifty."""
    assert refusal_of(api, "clb", "SetLoadBalancerSecurityGroups", params) == code
    assert groups_of(api, BALANCER) == (CLB_GROUP,)


def test_attributes_of_a_clb(api: TencentApi) -> None:
    """What is absent stays as it is."""
    ask(api, "clb", "ModifyLoadBalancerAttributes", {"LoadBalancerId": BALANCER, "LoadBalancerPassToTarget": True})
    ask(api, "clb", "ModifyLoadBalancerAttributes", {"LoadBalancerId": BALANCER, "DeleteProtect": True})
    (found,) = ask(api, "clb", "DescribeLoadBalancers", {"LoadBalancerVips": ["192.0.2.10"]})["LoadBalancerSet"]

    assert (found["LoadBalancerPassToTarget"], found["AttributeFlags"]) == (True, ["DeleteProtect"])
    assert api.snapshot().load_balancers[0].pass_to_target


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"SecurityGroup": CLB_GROUP}, 1),
        ({"SecurityGroup": POD_GROUP}, 0),
        ({"WithRs": 1}, 1),
        ({"WithRs": 0}, 0),
        ({"BackendPrivateIps": ["10.0.35.11"]}, 1),
        ({"LoadBalancerIds": ["lb-nowhere1"]}, 0),
        ({"Forward": 0}, 0),
        ({"Filters": [{"Name": "tag:a", "Values": ["b"]}]}, 0),
    ],
    ids=str,
)
def test_clbs_are_found(api: TencentApi, params: dict[str, Any], count: int) -> None:
    """Whoever looks for the CLBs that a group guards asks by the group."""
    assert ask(api, "clb", "DescribeLoadBalancers", params)["TotalCount"] == count


def test_a_task_runs_for_a_while() -> None:
    """Clients have to poll; 2 is running, 0 is done."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    api = new_api(now=lambda: now[0], task_seconds=3)

    def clb(action: str, params: dict[str, Any]) -> dict[str, Any]:
        return ask(api, "clb", action, params, moment=now[0])

    task = clb("ModifyLoadBalancerAttributes", {"LoadBalancerId": BALANCER, "DeleteProtect": True})["RequestId"]
    assert clb("DescribeTaskStatus", {"TaskId": task})["Status"] == 2
    now[0] += timedelta(seconds=3)
    assert clb("DescribeTaskStatus", {"TaskId": task})["Status"] == 0
    assert refusal_of(api, "clb", "DescribeTaskStatus", {"TaskId": "x"}, moment=now[0]) == "InvalidParameter"


def health(api: TencentApi) -> list[tuple[str, bool]]:
    (balancer,) = ask(api, "clb", "DescribeTargetHealth", {"LoadBalancerIds": [BALANCER]})["LoadBalancers"]
    rules = [rule for item in balancer["Listeners"] for rule in item["Rules"]]
    return [(each["HealthStatusDetail"], each["HealthStatus"]) for rule in rules for each in rule["Targets"]]


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize(("group_id", "expected"), [(CLB_GROUP, "Alive"), (NODE_GROUP, "Alive"), (POD_GROUP, "Dead")])
def test_health_tells_the_pods_group_from_the_nodes(listener: str, group_id: str, expected: str) -> None:
    """The lesson of 504: behind a blocked pod the target is Dead, behind a blocked node it is Alive."""
    api = new_api(default_lab(listener=listener))
    assert health(api) == [("Alive", True)]

    params = {"SecurityGroupId": group_id, "SecurityGroupPolicySet": {"Ingress": []}}
    ask(api, "vpc", "ModifySecurityGroupPolicies", params)
    assert health(api) == [(expected, expected == "Alive")]


def test_what_was_measured_is_worth_more_than_what_was_predicted() -> None:
    """And what was not measured is predicted."""
    assert health(new_api(health=lambda: {("lbl-lab00001", "loc-lab00001", f"{NODE_A}:30713"): "Dead"})) == [
        ("Dead", False)
    ]
    assert health(new_api(health=lambda: {("lbl-lab00001", None, f"{NODE_A}:30713"): "Dead"})) == [("Alive", True)]


def test_a_subnet_counts_its_addresses(api: TencentApi) -> None:
    """253 of a /24 can be had, and two nodes have one each."""
    params = {"Filters": [{"Name": "subnet-id", "Values": ["subnet-nodes001"]}], "Limit": "5"}
    (found,) = ask(api, "vpc", "DescribeSubnets", params)["SubnetSet"]

    assert (found["TotalIpAddressCount"], found["AvailableIpAddressCount"]) == (253, 251)
    assert refusal_of(api, "vpc", "DescribeVpcs", {"VpcIds": ["vpc-nowhere1"]}) == "ResourceNotFound"


def test_targets_and_listeners_are_two_answers(api: TencentApi) -> None:
    """DescribeListeners says nothing of targets."""
    (listener,) = ask(api, "clb", "DescribeListeners", {"LoadBalancerId": BALANCER})["Listeners"]
    (targets,) = ask(api, "clb", "DescribeTargets", {"LoadBalancerId": BALANCER})["Listeners"]

    assert "Targets" not in listener["Rules"][0]
    assert listener["Rules"][0]["LocationId"] == targets["Rules"][0]["LocationId"] == "loc-lab00001"
    assert targets["Rules"][0]["Targets"][0]["InstanceId"] == NODE_A
    wrong = {"LoadBalancerId": BALANCER, "ListenerIds": ["lbl-nowhere1"]}
    assert refusal_of(api, "clb", "DescribeListeners", wrong) == "InvalidParameter.ListenerIdNotFound"


def tke(api: TencentApi, action: str, **params: Any) -> dict[str, Any]:
    return ask(api, "tke", action, {"ClusterId": CLUSTER, **params}, version="2018-05-25")


def test_the_cluster_tells_its_network_and_its_add_on(api: TencentApi) -> None:
    """The network mode stands in the JSON text `Property`; the add-on's setting in base64."""
    (cluster,) = ask(api, "tke", "DescribeClusters", version="2018-05-25")["Clusters"]
    (addon,) = tke(api, "DescribeAddon", AddonName="eniipamd")["Addons"]
    setting = json.loads(base64.b64decode(addon["RawValues"]))["vpcCni"]["securityGroups"]

    assert json.loads(cluster["Property"]) == {"NetworkType": "VPC-CNI", "VpcCniType": "tke-route-eni"}
    assert cluster["ClusterNodeNum"] == 2
    assert setting == {"enableSecurityGroups": True, "securityGroups": [POD_GROUP]}
    assert json.loads(tke(api, "DescribeAddonValues", AddonName="eniipamd")["Values"])["vpcCni"]
    unknown = {"ClusterId": CLUSTER, "AddonName": "cos"}
    assert refusal_of(api, "tke", "DescribeAddon", unknown, version="2018-05-25") == "ResourceNotFound"


def test_there_is_a_kubeconfig_only_where_there_is_an_api_server(api: TencentApi) -> None:
    """An invented one would fail later and elsewhere."""
    wanted = {"ClusterId": CLUSTER}
    code = refusal_of(api, "tke", "DescribeClusterKubeconfig", wanted, version="2018-05-25")

    assert code == "ResourceUnavailable.ClusterState"
    assert tke(api, "DescribeClusterEndpointStatus")["Status"] == "NotFound"
    served = new_api(kubeconfig=lambda: "text")
    assert tke(served, "DescribeClusterKubeconfig", IsExtranet=True)["Kubeconfig"] == "text"
    other = {"ClusterId": "cls-nowhere1"}
    code = refusal_of(api, "tke", "DescribeClusterKubeconfig", other, version="2018-05-25")
    assert code == "ResourceNotFound.ClusterNotFound"
