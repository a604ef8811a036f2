"""
What the Terraform provider 1.83.25 sends that our own configuration, whose calls are recorded, does not make it send:
tags, single rules, a rule set that names a group or loses a direction, a pool with data disks that is changed.

Noted from runs of Terraform 1.11 and the unmodified provider against a recording endpoint, and retold here request by
request. The checks are those of the provider's own code: what it compares, what it reads without looking.
"""

from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from tests.cloud.helpers import REGION, ask, new_api, refusal_of

CLUSTER = "cls-lab00001"
NATIVE = {
    "Scaling": {"MinReplicas": 1, "MaxReplicas": 1, "CreatePolicy": "ZonePriority"},
    "SubnetIds": ["subnet-nodes001"],
    "InstanceChargeType": "POSTPAID_BY_HOUR",
    "SystemDisk": {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50, "Encrypt": "", "KmsKeyId": ""},
    "InstanceTypes": ["SA2.MEDIUM2"],
    "AutoRepair": False,
    "HealthCheckPolicyName": "",
    "HostNamePattern": "",
    "RuntimeRootDir": "",
    "EnableAutoscaling": False,
    "Replicas": 1,
    "DataDisks": [
        {
            "DiskType": "CLOUD_PREMIUM",
            "FileSystem": "ext4",
            "DiskSize": 50,
            "AutoFormatAndMount": True,
            "DiskPartition": "",
            "MountTarget": "/data",
            "Encrypt": "",
            "KmsKeyId": "",
            "SnapshotId": "",
            "ThroughputPerformance": 0,
        }
    ],
    "MachineType": "NativeCVM",
}


@pytest.fixture
def api() -> TencentApi:
    return new_api()


def vpc(api: TencentApi, action: str, **params: Any) -> dict[str, Any]:
    return ask(api, "vpc", action, params)


def tke(api: TencentApi, action: str, **params: Any) -> dict[str, Any]:
    return ask(api, "tke", action, {"ClusterId": CLUSTER, **params})


def read_group(api: TencentApi, group_id: str) -> tuple[str, str, int, dict[str, str]]:
    """A refresh of tencentcloud_security_group: name, description, project, tags."""
    group = vpc(api, "DescribeSecurityGroups", SecurityGroupIds=[group_id])["SecurityGroupSet"][0]
    asked = {"ServiceType": "cvm", "ResourcePrefix": "sg", "ResourceIds": [group_id], "ResourceRegion": REGION}
    tags = ask(api, "tag", "DescribeResourceTagsByResourceIds", {**asked, "Offset": 0, "Limit": 20})["Tags"]
    found = {tag["TagKey"]: tag["TagValue"] for tag in tags if tag["ResourceId"] == group_id}
    return group["SecurityGroupName"], group["SecurityGroupDesc"], int(group["ProjectId"]), found


def create_group(api: TencentApi, name: str, description: str, tags: dict[str, str]) -> str:
    """Tags go in twice."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    made = vpc(api, "CreateSecurityGroup", GroupName=name, GroupDescription=description, Tags=listed)
    group_id = made["SecurityGroup"]["SecurityGroupId"]
    replace = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    resource = f"qcs::cvm:{REGION}:uin/:sg/{group_id}"
    ask(api, "tag", "ModifyResourceTags", {"Resource": resource, "ReplaceTags": replace})
    return group_id


def delete_group(api: TencentApi, group_id: str) -> None:
    """All five counters have to be there and to be 0 before the deletion is asked for."""
    params = {"SecurityGroupIds": [group_id]}
    row = ask(api, "vpc", "DescribeSecurityGroupAssociationStatistics", params)[
        "SecurityGroupAssociationStatisticsSet"
    ][0]
    assert [row[name] for name in ("CVM", "CLB", "CDB", "ENI", "SG")] == [0] * 5
    vpc(api, "DeleteSecurityGroup", SecurityGroupId=group_id)


def read_rules(api: TencentApi, group_id: str) -> dict[str, Any]:
    return vpc(api, "DescribeSecurityGroupPolicies", SecurityGroupId=group_id)["SecurityGroupPolicySet"]


def test_a_group_is_made_read_changed_and_destroyed(api: TencentApi) -> None:
    """tencentcloud_security_group, with tags."""
    group_id = create_group(api, "drill-node", "", {"env": "drill"})
    assert read_group(api, group_id) == ("drill-node", "", 0, {"env": "drill"})

    vpc(api, "ModifySecurityGroupAttribute", SecurityGroupId=group_id, GroupDescription="new")
    resource = f"qcs::cvm:{REGION}:uin/:sg/{group_id}"
    change = {
        "Resource": resource,
        "ReplaceTags": [{"TagKey": "a", "TagValue": "b"}],
        "DeleteTags": [{"TagKey": "env"}],
    }
    ask(api, "tag", "ModifyResourceTags", change)
    assert read_group(api, group_id) == ("drill-node", "new", 0, {"a": "b"})

    delete_group(api, group_id)
    assert refusal_of(api, "vpc", "DescribeSecurityGroups", {"SecurityGroupIds": [group_id]}) == "ResourceNotFound"


def single(index: int = 0, **fields: Any) -> dict[str, Any]:
    """A rule as tencentcloud_security_group_rule sends it: always with an index, and with empty halves."""
    empty = {"ServiceTemplate": {}, "AddressTemplate": {}, "PolicyDescription": ""}
    return {"PolicyIndex": index, **empty, "Action": "ACCEPT", **fields}


SINGLES = [
    single(Protocol="TCP", Port="22", CidrBlock="0.0.0.0/0", PolicyDescription="ssh"),
    single(Protocol="TCP", Port="80,443", CidrBlock="10.0.0.0/8"),
    single(Protocol="ICMP", CidrBlock="10.0.35.11"),
    single(CidrBlock="100.64.0.0/10", Action="DROP"),
]


@pytest.mark.parametrize("rule", SINGLES, ids=["ssh", "list", "icmp", "all"])
def test_a_single_rule_is_found_again_and_deleted(api: TencentApi, rule: dict[str, Any]) -> None:
    """tencentcloud_security_group_rule compares field by field, and crashes where SecurityGroupId is missing."""
    group_id = create_group(api, "drill", "d", {})
    params = {"SecurityGroupId": group_id}
    vpc(api, "CreateSecurityGroupPolicies", **params, SecurityGroupPolicySet={"Ingress": [rule]})

    (found,) = read_rules(api, group_id)["Ingress"]
    assert found["SecurityGroupId"] == ""
    assert (found["Protocol"], found["Port"]) == (rule.get("Protocol", "ALL"), rule.get("Port", "ALL"))
    assert all(found[name] == rule[name] for name in ("CidrBlock", "Action", "PolicyDescription"))

    gone = {name: value for name, value in rule.items() if value and name != "PolicyIndex"}
    vpc(api, "DeleteSecurityGroupPolicies", **params, SecurityGroupPolicySet={"Ingress": [gone]})
    assert read_rules(api, group_id)["Ingress"] == []


def test_single_rules_end_up_in_the_reverse_order_of_their_arrival(api: TencentApi) -> None:
    """Each is inserted at the top: why this project's own configuration uses the rule set."""
    group_id = create_group(api, "drill", "d", {})
    for rule in SINGLES:
        params = {"SecurityGroupId": group_id, "SecurityGroupPolicySet": {"Ingress": [rule]}}
        vpc(api, "CreateSecurityGroupPolicies", **params)

    assert [each["Port"] for each in read_rules(api, group_id)["Ingress"]] == ["ALL", "ALL", "80,443", "22"]


EVERYTHING = {"Action": "ACCEPT", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "Port": "ALL"}
SSH = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": "0.0.0.0/0", "Port": "22"}
FROM_GROUP = {"Action": "ACCEPT", "Protocol": "TCP", "Port": "80", "SecurityGroupId": "sg-node0001"}


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """No difference in the plan. A group as the peer is read back only where Ipv6CidrBlock is there."""
    names = ("Action", "Protocol", "CidrBlock", "Port", "SecurityGroupId", "PolicyDescription")
    plain = [{name: each.get(name, "") for name in names} for each in wanted]
    return all("Ipv6CidrBlock" in each for each in found) and plain == [
        {name: each[name] for name in names} for each in found
    ]


def test_a_rule_set_that_names_a_group_loses_a_direction(api: TencentApi) -> None:
    """Its rules go by index, then the other direction is sent with the Version that was read plus two."""
    group_id = create_group(api, "drill", "d", {})
    of_group = {"SecurityGroupId": group_id}
    rules = {"Ingress": [SSH, FROM_GROUP], "Egress": [EVERYTHING]}
    vpc(api, "ModifySecurityGroupPolicies", **of_group, SecurityGroupPolicySet=rules)
    found = read_rules(api, group_id)
    assert same(found["Ingress"], [SSH, FROM_GROUP])
    assert same(found["Egress"], [EVERYTHING])

    gone = {"Egress": [{"PolicyIndex": 0}]}
    vpc(api, "DeleteSecurityGroupPolicies", **of_group, SecurityGroupPolicySet=gone)
    left = {"Ingress": [FROM_GROUP, SSH], "Version": str(int(found["Version"]) + 2)}
    vpc(api, "ModifySecurityGroupPolicies", **of_group, SecurityGroupPolicySet=left, SortPolicys=True)
    found = read_rules(api, group_id)
    assert (same(found["Ingress"], [FROM_GROUP, SSH]), found["Egress"]) == (True, [])
    delete_group(api, group_id)


def read_pool(api: TencentApi, pool_id: str) -> dict[str, Any]:
    filters = [{"Name": "NodePoolsId", "Values": [pool_id]}]
    return tke(api, "DescribeNodePools", Filters=filters, Offset=0, Limit=100)["NodePools"][0]


def machines(api: TencentApi, pool_id: str) -> list[dict[str, Any]]:
    found = tke(api, "DescribeClusterMachines", Offset=0, Limit=100)["Machines"]
    return [each for each in found if each["MachineName"].startswith(pool_id)]


def create_pool(api: TencentApi, group_id: str, name: str = "drill-front", **native: Any) -> str:
    sent = {**NATIVE, "SecurityGroupIds": [group_id], **native}
    labels = [{"Name": "drill", "Value": "front"}]
    params = {"Name": name, "Type": "Native", "Labels": labels, "DeletionProtection": False, "Unschedulable": False}
    return tke(api, "CreateNodePool", **params, Native=sent)["NodePoolId"]


def test_a_pool_with_disks_is_read_as_it_was_sent_and_changed(api: TencentApi) -> None:
    """The whole object is sent again; another pool's machines stay."""
    group_id = create_group(api, "drill-node", "d", {})
    other, pool_id = create_pool(api, group_id, "other"), create_pool(api, group_id)
    read = read_pool(api, pool_id)["Native"]
    assert {name: read[name] for name in ("DataDisks", "InstanceTypes", "SubnetIds")} == {
        name: NATIVE[name] for name in ("DataDisks", "InstanceTypes", "SubnetIds")
    }
    assert not {"InternetAccessible", "InstanceChargePrepaid"} & set(read)
    assert refusal_of(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": group_id}) == "ResourceInUse"

    native = {name: value for name, value in NATIVE.items() if name not in ("RuntimeRootDir", "MachineType")}
    labels = [{"Name": "drill", "Value": "back"}]
    change = {"Name": "new", "Labels": labels, "DeletionProtection": False, "Unschedulable": False}
    tke(api, "ModifyNodePool", NodePoolId=pool_id, **change, Native={**native, "Replicas": 3})
    pool = read_pool(api, pool_id)
    assert (pool["Name"], pool["Labels"], len(machines(api, pool_id))) == ("new", labels, 3)
    assert len(machines(api, other)) == 1
