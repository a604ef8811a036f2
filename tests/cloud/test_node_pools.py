"""Machines of node pools: an instance, an address, groups and a Node each, as the rest of the cloud sees them."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP
from tests.cloud.helpers import ask, new_api, refusal_of
from tests.cloud.test_cloud_terraform import CLUSTER, NATIVE, create_pool, machines, read_pool, tke


@pytest.fixture
def api() -> TencentApi:
    return new_api()


def nodes(api: TencentApi, pool_id: str) -> list[dict[str, Any]]:
    key = "node.tke.cloud.tencent.com/machineset"
    every = api.snapshot().kubernetes.of_kind("Node")
    return [item for item in every if item["metadata"]["labels"].get(key) == pool_id]


def groups_of_node(api: TencentApi, name: str) -> tuple[str, ...]:
    """As the engine reads them."""
    return next(node.groups for node in api.snapshot().nodes if node.name == name)


def test_a_machine_is_an_instance_and_a_node(api: TencentApi) -> None:
    """Named after the pool, with the next free address of its subnet, the pool's groups and labels."""
    pool_id = create_pool(api, NODE_GROUP, Replicas=2)
    found = machines(api, pool_id)
    instances = ask(
        api, "cvm", "DescribeInstances", {"Filters": [{"Name": "security-group-id", "Values": [NODE_GROUP]}]}
    )

    assert [each["LanIP"] for each in found] == ["10.0.35.2", "10.0.35.3"]
    assert all(each["MachineName"].startswith(f"{pool_id}-") and len(each["MachineName"]) == 17 for each in found)
    assert instances["TotalCount"] == 4
    assert [each["metadata"]["labels"]["drill"] for each in nodes(api, pool_id)] == ["front", "front"]
    assert {each["metadata"]["name"] for each in nodes(api, pool_id)} == {"10.0.35.2", "10.0.35.3"}
    assert groups_of_node(api, "10.0.35.2") == (NODE_GROUP,)


def test_native_machines_that_are_no_cvm_are_unknown_to_cvm(api: TencentApi) -> None:
    """Their ids begin with eks-; only the type NativeCVM can be asked about its groups there."""
    create_pool(api, NODE_GROUP, MachineType="Native")

    assert ask(api, "cvm", "DescribeInstances")["TotalCount"] == 2
    assert len(api.snapshot().nodes) == 3


def test_a_smaller_pool_loses_its_newest_machine_and_what_hangs_on_it(api: TencentApi) -> None:
    """The instance, its Node and its interfaces go together."""
    pool_id = create_pool(api, NODE_GROUP, Replicas=2)
    first, second = machines(api, pool_id)
    with api.state.writing() as document:
        name = second["MachineName"]
        (instance,) = (each["InstanceId"] for each in document["instances"] if each.get("InstanceName") == name)
        eni = {"NetworkInterfaceId": "eni-second01", "Attachment": {"InstanceId": instance}}
        document["network_interfaces"].append({**eni, "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.36.50"}]})

    tke(api, "ModifyNodePool", NodePoolId=pool_id, Native={"Replicas": 1})

    assert machines(api, pool_id) == [first]
    assert len(nodes(api, pool_id)) == 1
    assert ask(api, "vpc", "DescribeNetworkInterfaces")["TotalCount"] == 1


def test_labels_taints_and_cordons_reach_the_nodes(api: TencentApi) -> None:
    """The CLB's targets and the pods' places are chosen by label."""
    pool_id = create_pool(api, NODE_GROUP)
    taint = {"Key": "k", "Value": "v", "Effect": "NoSchedule"}
    labels = [{"Name": "tier", "Value": "web"}]
    tke(api, "ModifyNodePool", NodePoolId=pool_id, Labels=labels, Taints=[taint], Unschedulable=True)

    (node,) = nodes(api, pool_id)
    assert (node["metadata"]["labels"].get("drill"), node["metadata"]["labels"]["tier"]) == (None, "web")
    assert node["spec"]["taints"] == [{"key": "k", "value": "v", "effect": "NoSchedule"}]
    assert node["spec"]["unschedulable"] is True
    assert node["spec"]["providerID"].startswith("qcloud:///")


@pytest.mark.parametrize(("more", "expected"), [({}, NODE_GROUP), ({"UpdateExistedNode": True}, POD_GROUP)])
def test_other_groups_reach_machines_that_are_there_only_on_request(
    api: TencentApi, more: dict[str, Any], expected: str
) -> None:
    """Inferred from the name of the parameter."""
    pool_id = create_pool(api, NODE_GROUP)
    tke(api, "ModifyNodePool", NodePoolId=pool_id, Native={"SecurityGroupIds": [POD_GROUP], **more})

    assert groups_of_node(api, "10.0.35.2") == (expected,)


def test_a_new_pool_may_take_its_time() -> None:
    """The provider polls until the state is exactly Running."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    api = new_api(now=lambda: now[0], pool_seconds=60)
    params = {"ClusterId": CLUSTER, "Name": "slow", "Type": "Native"}
    native = {"SubnetIds": ["subnet-nodes001"], "InstanceTypes": ["SA2.MEDIUM2"], "Replicas": 1}
    ask(api, "tke", "CreateNodePool", {**params, "Native": native}, moment=now[0])

    def state() -> str:
        return ask(api, "tke", "DescribeNodePools", {"ClusterId": CLUSTER}, moment=now[0])["NodePools"][0]["LifeState"]

    assert state() == "Creating"
    now[0] += timedelta(seconds=60)
    assert state() == "Running"


def test_a_protected_pool_is_not_deleted(api: TencentApi) -> None:
    """Protection is there against a destroy in the wrong cluster."""
    pool_id = create_pool(api, NODE_GROUP)
    tke(api, "ModifyNodePool", NodePoolId=pool_id, DeletionProtection=True)
    wanted = {"ClusterId": CLUSTER, "NodePoolId": pool_id}

    assert refusal_of(api, "tke", "DeleteNodePool", wanted) == "OperationDenied"
    assert read_pool(api, pool_id)["DeletionProtection"] is True
    gone = {"ClusterId": CLUSTER, "NodePoolId": "np-nowhere1"}
    assert refusal_of(api, "tke", "DeleteNodePool", gone) == "ResourceNotFound"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SubnetIds": ["subnet-nowhere1"]}, "InvalidParameter.Param"),
        ({"SubnetIds": []}, "InvalidParameter.Param"),
        ({"SecurityGroupIds": ["sg-nowhere1"]}, "InvalidParameter.Param"),
        ({"MachineType": "Metal"}, "InvalidParameter.Param"),
        ({"Replicas": 300}, "LimitExceeded"),
        ({"InstanceTypes": None}, "MissingParameter"),
        ({"Password": "secret"}, "UnsupportedOperation"),
        ({"Colour": "red"}, "UnknownParameter"),
    ],
    ids=str,
)
def test_a_pool_that_cannot_be_is_refused_whole(api: TencentApi, changed: dict[str, Any], code: str) -> None:
    """Nothing of it may stay behind."""
    before = api.snapshot().to_dict()
    native = {"SubnetIds": ["subnet-nodes001"], "InstanceTypes": ["SA2.MEDIUM2"], "Replicas": 1, **changed}
    params = {"ClusterId": CLUSTER, "Name": "n", "Type": "Native", "Native": native}

    assert refusal_of(api, "tke", "CreateNodePool", params) == code
    assert api.snapshot().to_dict() == before


def test_a_cloud_has_one_cluster(api: TencentApi) -> None:
    """The one in its document."""
    params = {"ClusterId": "cls-nowhere1"}
    assert refusal_of(api, "tke", "DescribeNodePools", params) == "ResourceNotFound.ClusterNotFound"


SCRIPTS = {"PreInit": "ZWNobyBoZWxsb3dvcmxk", "PostInit": base64.b64encode("echo 完成".encode()).decode()}


def test_scripts_are_sent_in_base64_and_read_back_as_text(api: TencentApi) -> None:
    """The provider encodes what it reads, and compares that with what it sent."""
    pool_id = create_pool(api, NODE_GROUP, Lifecycle=SCRIPTS)
    read = read_pool(api, pool_id)["Native"]["Lifecycle"]
    assert read == {"PreInit": "echo helloworld", "PostInit": "echo 完成"}
    assert {name: base64.b64encode(text.encode()).decode() for name, text in read.items()} == SCRIPTS

    tke(api, "ModifyNodePool", NodePoolId=pool_id, Native={"Lifecycle": {"PreInit": "bHM="}})
    assert read_pool(api, pool_id)["Native"]["Lifecycle"] == {"PreInit": "ls", "PostInit": "echo 完成"}


@pytest.mark.parametrize("script", ["echo hello", "////"])
def test_a_script_that_is_no_text_in_base64_is_refused(api: TencentApi, script: str) -> None:
    native = {"SubnetIds": ["subnet-nodes001"], "InstanceTypes": ["SA2.MEDIUM2"], "Lifecycle": {"PreInit": script}}
    params = {"ClusterId": CLUSTER, "Name": "x", "Type": "Native", "Native": native}

    assert refusal_of(api, "tke", "CreateNodePool", params) == "InvalidParameter.Param"


def test_pools_are_found_by_the_tags_of_their_machines(api: TencentApi) -> None:
    """Whoever made a pool, and did not hear its id, finds it again."""
    tags = [{"ResourceType": "machine", "Tags": [{"Key": "owner", "Value": "us"}]}]
    made = tke(api, "CreateNodePool", Name="ours", Type="Native", Tags=tags, Native=NATIVE)
    create_pool(api, NODE_GROUP)
    found = tke(api, "DescribeNodePools", Filters=[{"Name": "tag:owner", "Values": ["us"]}])

    assert [each["NodePoolId"] for each in found["NodePools"]] == [made["NodePoolId"]]


def test_an_account_is_told_its_quotas(api: TencentApi) -> None:
    """The documented ones, which creating a group holds to."""
    found = ask(api, "vpc", "DescribeSecurityGroupLimits")["SecurityGroupLimitSet"]

    assert (found["SecurityGroupLimit"], found["SecurityGroupPolicyLimit"]) == (50, 100)
