"""Every action, asked by the vendor's own SDK over HTTP, answers with the fields and types of the SDK's models."""

import json
import warnings
from collections.abc import Iterator

import pytest

from drilllib.cloud.tencent.call import ACTIONS
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, NODE_GROUP, POD_GROUP, default_lab
from tests.cloud.conformance import objections
from tests.cloud.helpers import REGION, ask, new_api, sdk, served

pytest.importorskip("tencentcloud.vpc")

CLUSTER, POOL = "cls-lab00001", "np-lab00001"
RULE = {"Protocol": "TCP", "Port": "22", "CidrBlock": "198.51.100.0/24", "Action": "ACCEPT"}
PLACED = {**RULE, "PolicyIndex": 0}
NATIVE = {
    "Scaling": {"MinReplicas": 1, "MaxReplicas": 2, "CreatePolicy": "ZonePriority"},
    "SubnetIds": ["subnet-nodes001"],
    "InstanceChargeType": "POSTPAID_BY_HOUR",
    "SystemDisk": {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50},
    "InstanceTypes": ["SA2.MEDIUM2"],
    "SecurityGroupIds": [NODE_GROUP],
    "Replicas": 1,
    "MachineType": "NativeCVM",
}
NEW_POOL = {"ClusterId": CLUSTER, "Name": "front", "Type": "Native", "Native": NATIVE}
VIRTUAL_POOL = "np-virtual1"
NEW_VIRTUAL_POOL = {
    "ClusterId": CLUSTER,
    "Name": "super",
    "Labels": [{"Name": "drill", "Value": "super"}],
    "Taints": [{"Key": "k", "Value": "v", "Effect": "NoSchedule"}],
    "VirtualNodes": [{"DisplayName": "one", "SubnetId": "subnet-pods0001"}],
}


def rules(*policies: dict, **more: str) -> dict:
    return {"SecurityGroupId": NODE_GROUP, "SecurityGroupPolicySet": {"Ingress": list(policies), **more}}


# By service and version: each action with the parameters of a call that succeeds on the lab below.
CALLS = {
    ("vpc", "2017-03-12"): [
        ("CreateSecurityGroup", {"GroupName": "a", "GroupDescription": "b", "Tags": [{"Key": "k", "Value": "v"}]}),
        (
            "CreateSecurityGroupWithPolicies",
            {"GroupName": "a", "GroupDescription": "b", "SecurityGroupPolicySet": {"Ingress": [RULE]}},
        ),
        ("DescribeSecurityGroups", {"SecurityGroupIds": [CLB_GROUP], "Limit": "5", "Offset": "0"}),
        ("DescribeSecurityGroupLimits", {}),
        ("ModifySecurityGroupAttribute", {"SecurityGroupId": CLB_GROUP, "GroupName": "new"}),
        ("DeleteSecurityGroup", {"SecurityGroupId": "sg-unused01"}),
        ("DescribeSecurityGroupAssociationStatistics", {"SecurityGroupIds": [CLB_GROUP]}),
        ("DescribeSecurityGroupReferences", {"SecurityGroupIds": [CLB_GROUP]}),
        ("DescribeAddresses", {"Filters": [{"Name": "instance-id", "Values": [BALANCER]}], "Limit": 100}),
        ("CreateSecurityGroupPolicies", rules(RULE)),
        ("DescribeSecurityGroupPolicies", {"SecurityGroupId": NODE_GROUP}),
        ("ModifySecurityGroupPolicies", rules(RULE)),
        ("DeleteSecurityGroupPolicies", rules({"PolicyIndex": 0})),
        ("ReplaceSecurityGroupPolicy", rules(PLACED)),
        ("ReplaceSecurityGroupPolicies", rules(PLACED)),
        ("DescribeAddressTemplates", {}),
        ("DescribeAddressTemplateGroups", {}),
        ("ModifyAddressTemplateAttribute", {"AddressTemplateId": "ipm-lab00001", "Addresses": ["198.51.100.8"]}),
        ("DescribeServiceTemplates", {}),
        ("DescribeServiceTemplateGroups", {}),
        ("DescribeNetworkInterfaces", {}),
        (
            "AssociateNetworkInterfaceSecurityGroups",
            {"NetworkInterfaceIds": ["eni-podsb001"], "SecurityGroupIds": [NODE_GROUP]},
        ),
        (
            "DisassociateNetworkInterfaceSecurityGroups",
            {"NetworkInterfaceIds": ["eni-podsb001"], "SecurityGroupIds": [POD_GROUP]},
        ),
        (
            "ModifyNetworkInterfaceAttribute",
            {"NetworkInterfaceId": "eni-podsb001", "SecurityGroupIds": [NODE_GROUP]},
        ),
        ("DescribeVpcs", {}),
        ("DescribeSubnets", {}),
    ],
    ("tag", "2018-08-13"): [
        (
            "ModifyResourceTags",
            {"Resource": f"qcs::cvm:{REGION}:uin/:sg/{CLB_GROUP}", "ReplaceTags": [{"TagKey": "a", "TagValue": "b"}]},
        ),
        (
            "DescribeResourceTagsByResourceIds",
            {
                "ServiceType": "cvm",
                "ResourcePrefix": "sg",
                "ResourceIds": ["sg-unused01"],
                "ResourceRegion": REGION,
                "Offset": 0,
                "Limit": 20,
            },
        ),
    ],
    ("cvm", "2017-03-12"): [
        ("DescribeInstances", {"InstanceIds": ["ins-nodea001"]}),
        ("AssociateSecurityGroups", {"SecurityGroupIds": [POD_GROUP], "InstanceIds": ["ins-nodea001"]}),
        ("DisassociateSecurityGroups", {"SecurityGroupIds": [NODE_GROUP], "InstanceIds": ["ins-nodea001"]}),
        ("ModifyInstancesAttribute", {"SecurityGroups": [POD_GROUP], "InstanceIds": ["ins-nodea001"]}),
    ],
    ("clb", "2018-03-17"): [
        ("DescribeLoadBalancers", {"LoadBalancerIds": [BALANCER]}),
        ("DescribeListeners", {"LoadBalancerId": BALANCER}),
        ("DescribeTargets", {"LoadBalancerId": BALANCER}),
        ("DescribeTargetHealth", {"LoadBalancerIds": [BALANCER]}),
        ("SetLoadBalancerSecurityGroups", {"LoadBalancerId": BALANCER, "SecurityGroups": [NODE_GROUP]}),
        (
            "SetSecurityGroupForLoadbalancers",
            {"SecurityGroup": NODE_GROUP, "OperationType": "ADD", "LoadBalancerIds": [BALANCER]},
        ),
        ("ModifyLoadBalancerAttributes", {"LoadBalancerId": BALANCER, "LoadBalancerPassToTarget": True}),
        (
            "ModifyTargetWeight",
            {
                "LoadBalancerId": BALANCER,
                "ListenerId": "lbl-lab00001",
                "LocationId": "loc-lab00001",
                "Targets": [{"InstanceId": "ins-nodea001", "Port": 30713}],
            },
        ),
        ("DescribeLBOperateProtect", {"LoadBalancerIds": [BALANCER]}),
    ],
    ("tke", "2022-05-01"): [
        ("CreateNodePool", NEW_POOL),
        ("DescribeNodePools", {"ClusterId": CLUSTER, "Offset": 0, "Limit": 100}),
        ("ModifyNodePool", {"ClusterId": CLUSTER, "NodePoolId": POOL, "Name": "new"}),
        ("DescribeClusterMachines", {"ClusterId": CLUSTER, "Offset": 0, "Limit": 100}),
        ("DescribeClusterInstances", {"ClusterId": CLUSTER, "Offset": 0, "Limit": 100}),
        ("DeleteNodePool", {"ClusterId": CLUSTER, "NodePoolId": POOL}),
    ],
    ("tke", "2018-05-25"): [
        ("DescribeClusters", {"ClusterIds": [CLUSTER]}),
        ("DescribeClusterKubeconfig", {"ClusterId": CLUSTER, "IsExtranet": True}),
        ("DescribeClusterEndpointStatus", {"ClusterId": CLUSTER}),
        ("DescribeClusterInstances", {"ClusterId": CLUSTER, "Limit": 20}),
        ("DescribeAddon", {"ClusterId": CLUSTER, "AddonName": "eniipamd"}),
        ("DescribeAddonValues", {"ClusterId": CLUSTER, "AddonName": "eniipamd"}),
        ("UpdateAddon", {"ClusterId": CLUSTER, "AddonName": "eniipamd", "RawValues": "e30="}),
        ("CreateClusterVirtualNodePool", {**NEW_VIRTUAL_POOL, "SecurityGroupIds": [POD_GROUP]}),
        ("DescribeClusterVirtualNodePools", {"ClusterId": CLUSTER}),
        ("DescribeClusterVirtualNode", {"ClusterId": CLUSTER, "NodePoolId": VIRTUAL_POOL}),
        ("ModifyClusterVirtualNodePool", {"ClusterId": CLUSTER, "NodePoolId": VIRTUAL_POOL, "Name": "new"}),
        ("DeleteClusterVirtualNodePool", {"ClusterId": CLUSTER, "NodePoolIds": [VIRTUAL_POOL], "Force": True}),
    ],
}
EVERY = [(*service, action, params) for service, calls in CALLS.items() for action, params in calls]


def furnished() -> dict:
    """The default lab with one of everything that a list might be empty of."""
    lab = default_lab()
    lab["security_groups"]["sg-unused01"] = {
        "SecurityGroupName": "unused",
        "TagSet": [{"Key": "k", "Value": "v"}],
        "SecurityGroupPolicySet": {"Version": "0", "Ingress": [], "Egress": []},
    }
    lab["cloud"] = {"addresses": [{"AddressId": "eip-lab00001", "AddressIp": "192.0.2.99", "InstanceId": BALANCER}]}
    lab["address_templates"] = {"ipm-lab00001": {"AddressSet": ["198.51.100.7"]}}
    lab["address_template_groups"] = {"ipmg-lab00001": {"AddressTemplateIdSet": ["ipm-lab00001"]}}
    lab["service_templates"] = {"ppm-lab00001": {"ServiceSet": ["TCP:80"]}}
    lab["service_template_groups"] = {"ppmg-lab00001": {"ServiceTemplateIdSet": ["ppm-lab00001"]}}
    api = new_api(lab)
    made = ask(api, "tke", "CreateNodePool", NEW_POOL)["NodePoolId"]
    virtual = ask(api, "tke", "CreateClusterVirtualNodePool", NEW_VIRTUAL_POOL, version="2018-05-25")["NodePoolId"]
    return json.loads(json.dumps(api.snapshot().to_dict()).replace(made, POOL).replace(virtual, VIRTUAL_POOL))


@pytest.fixture
def cloud() -> Iterator[CloudServer]:
    with served(new_api(furnished(), kubeconfig=lambda: "apiVersion: v1\nkind: Config\n")) as server:
        yield server


@pytest.mark.parametrize(("service", "version", "action", "params"), EVERY, ids=[each[2] for each in EVERY])
def test_an_action_answers_as_the_sdk_documents(
    cloud: CloudServer, service: str, version: str, action: str, params: dict
) -> None:
    """The SDK drops fields that it does not know and gives None for those that are missing, without a word."""
    client, models = sdk(service, cloud.address, version=version)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        response = client.call_json(action, params)["Response"]

    assert objections(models, action, response) == []


def test_a_task_can_be_followed_by_the_request_id_of_the_change(cloud: CloudServer) -> None:
    """The vendor's CLB changes go on behind the answer; clients poll until the status is 0."""
    client, models = sdk("clb", cloud.address)
    params = {"LoadBalancerId": BALANCER, "SecurityGroups": [CLB_GROUP]}
    task = client.call_json("SetLoadBalancerSecurityGroups", params)["Response"]["RequestId"]
    response = client.call_json("DescribeTaskStatus", {"TaskId": task})["Response"]

    assert objections(models, "DescribeTaskStatus", response) == []
    assert response["Status"] == 0


def test_every_action_is_held_against_the_sdk() -> None:
    """A new action has to take its place above."""
    held = {(service, version, action) for service, version, action, _ in EVERY}
    assert held | {("clb", "2018-03-17", "DescribeTaskStatus")} == {key for key in ACTIONS if key[0] != "drill"}


def test_a_wrong_answer_is_noticed() -> None:
    """A check that never fails protects nothing."""
    _, models = sdk("vpc", "127.0.0.1:1")
    wrong = {"SecurityGroupSet": [{"SecurityGroupId": 7, "Surprise": 1}], "TotalCount": "1", "RequestId": "r"}

    found = " ".join(objections(models, "DescribeSecurityGroups", wrong))

    assert "Surprise" in found
    assert "SecurityGroupSet[0].SecurityGroupId is 7 and should be str" in found
    assert "SecurityGroupSet[0].IsDefault is missing" in found
    assert "TotalCount is '1' and should be int" in found
