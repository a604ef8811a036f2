"""Security groups themselves: ids, pages, filters, tags, and what stands in the way of a deletion."""

from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, default_lab
from tests.cloud.helpers import REGION, ask, new_api, refusal_of


def make(api: TencentApi, name: str, **more: Any) -> str:
    params = {"GroupName": name, "GroupDescription": "", **more}
    return ask(api, "vpc", "CreateSecurityGroup", params)["SecurityGroup"]["SecurityGroupId"]


def listed(api: TencentApi, **params: Any) -> list[str]:
    return [each["SecurityGroupName"] for each in ask(api, "vpc", "DescribeSecurityGroups", params)["SecurityGroupSet"]]


def counts(api: TencentApi, group_id: str) -> dict[str, int]:
    params = {"SecurityGroupIds": [group_id]}
    (row,) = ask(api, "vpc", "DescribeSecurityGroupAssociationStatistics", params)[
        "SecurityGroupAssociationStatisticsSet"
    ]
    return {name: row[name] for name in ("CVM", "CLB", "ENI", "CDB", "SG", "TotalCount")}


@pytest.fixture
def api() -> TencentApi:
    return new_api(seed=1)


def test_a_new_group_has_no_rules_and_lets_nothing_through(api: TencentApi) -> None:
    """No rule at all means that everything is denied, both ways."""
    found = ask(api, "vpc", "DescribeSecurityGroupPolicies", {"SecurityGroupId": make(api, "new")})

    policy_set = found["SecurityGroupPolicySet"]
    assert (policy_set["Version"], policy_set["Ingress"], policy_set["Egress"]) == ("0", [], [])


def test_pages_are_asked_for_in_texts(api: TencentApi) -> None:
    """In this service Offset and Limit are texts, and the total is that of all pages."""
    for number in range(23):
        make(api, f"group-{number:02}")

    assert len(listed(api)) == 20
    assert listed(api, Offset="25", Limit="100") == ["group-22"]
    assert listed(api, Offset="3", Limit="2") == ["group-00", "group-01"]
    assert ask(api, "vpc", "DescribeSecurityGroups", {"Limit": "1"})["TotalCount"] == 26


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Limit": 5}, "InvalidParameter"),
        ({"Limit": "many"}, "InvalidParameterValue"),
        ({"Limit": "101"}, "InvalidParameterValue.Range"),
        ({"SecurityGroupIds": ["sg-1"]}, "InvalidParameterValue.Malformed"),
        ({"SecurityGroupIds": ["sg-nowhere1"]}, "ResourceNotFound"),
        ({"SecurityGroupIds": [f"sg-{n:08}" for n in range(101)]}, "InvalidParameterValue.LimitExceeded"),
        (
            {"SecurityGroupIds": [CLB_GROUP], "Filters": [{"Name": "project-id", "Values": ["0"]}]},
            "InvalidParameter.Coexist",
        ),
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameter.FilterInvalidKey"),
        ({"Filters": [{"Values": ["red"]}]}, "MissingParameter"),
        ({"SecurityGroupIds": "sg-clb00001"}, "InvalidParameter"),
        ({"GroupId": "sg-clb00001"}, "UnknownParameter"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_question_has_its_code(api: TencentApi, params: dict[str, Any], code: str) -> None:
    """Above all a parameter that is misspelt: to ignore it would answer another question."""
    assert refusal_of(api, "vpc", "DescribeSecurityGroups", params) == code


def test_groups_are_filtered_by_name_project_and_tag(api: TencentApi) -> None:
    """Values of a filter are alternatives, filters hold together."""
    make(api, "one", Tags=[{"Key": "env", "Value": "test"}])
    make(api, "two", Tags=[{"Key": "env", "Value": "prod"}], ProjectId="7")

    def by(**filters: list[str]) -> list[str]:
        names = {name.replace("_", "-").replace("tag-env", "tag:env"): values for name, values in filters.items()}
        return listed(api, Filters=[{"Name": name, "Values": values} for name, values in names.items()])

    assert by(security_group_name=["one", "two"]) == ["one", "two"]
    assert by(project_id=["7"]) == ["two"]
    assert by(tag_key=["env"]) == ["one", "two"]
    assert by(tag_env=["test"]) == ["one"]
    assert by(tag_env=["test"], project_id=["7"]) == []


def test_a_group_is_renamed_and_its_description_cleared(api: TencentApi) -> None:
    """The provider sends only what changed, and an empty text where a description was removed."""
    group_id = make(api, "old", GroupDescription="something")
    ask(api, "vpc", "ModifySecurityGroupAttribute", {"SecurityGroupId": group_id, "GroupName": "new"})
    ask(api, "vpc", "ModifySecurityGroupAttribute", {"SecurityGroupId": group_id, "GroupDescription": ""})

    (found,) = ask(api, "vpc", "DescribeSecurityGroups", {"SecurityGroupIds": [group_id]})["SecurityGroupSet"]
    assert (found["SecurityGroupName"], found["SecurityGroupDesc"]) == ("new", "")
    assert refusal_of(api, "vpc", "ModifySecurityGroupAttribute", {"SecurityGroupId": group_id}) == "MissingParameter"


def test_limits_of_names_and_of_the_region(api: TencentApi) -> None:
    """60 and 100 characters; 50 groups (213/15379)."""
    long = {"GroupName": "n" * 61, "GroupDescription": ""}
    assert refusal_of(api, "vpc", "CreateSecurityGroup", long) == "InvalidParameterValue.TooLong"
    assert refusal_of(api, "vpc", "CreateSecurityGroup", {"GroupDescription": "d"}) == "MissingParameter"
    for number in range(47):
        make(api, str(number))
    assert refusal_of(api, "vpc", "CreateSecurityGroup", {"GroupName": "n"}) == "LimitExceeded"


@pytest.mark.parametrize(
    ("group_id", "expected"),
    [
        (CLB_GROUP, {"CVM": 0, "CLB": 1, "ENI": 0, "CDB": 0, "SG": 0, "TotalCount": 1}),
        (NODE_GROUP, {"CVM": 2, "CLB": 0, "ENI": 0, "CDB": 0, "SG": 0, "TotalCount": 2}),
        (POD_GROUP, {"CVM": 0, "CLB": 0, "ENI": 1, "CDB": 0, "SG": 0, "TotalCount": 1}),
    ],
)
def test_a_bound_group_is_counted_and_cannot_be_deleted(
    api: TencentApi, group_id: str, expected: dict[str, int]
) -> None:
    """The provider polls the five counters before it deletes."""
    assert counts(api, group_id) == expected
    assert refusal_of(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": group_id}) == "ResourceInUse"


def test_a_group_named_in_a_rule_is_counted_listed_and_kept(api: TencentApi) -> None:
    """TotalCount leaves references out; a group that names itself is in nobody's way."""
    named, naming = make(api, "named"), make(api, "naming")
    peer = {"Protocol": "TCP", "Port": "80", "SecurityGroupId": named, "Action": "ACCEPT"}
    for group_id in (naming, named):
        policies = {"SecurityGroupId": group_id, "SecurityGroupPolicySet": {"Ingress": [peer]}}
        ask(api, "vpc", "CreateSecurityGroupPolicies", policies)

    assert counts(api, named) == {"CVM": 0, "CLB": 0, "ENI": 0, "CDB": 0, "SG": 1, "TotalCount": 0}
    (row,) = ask(api, "vpc", "DescribeSecurityGroupReferences", {"SecurityGroupIds": [named]})[
        "ReferredSecurityGroupSet"
    ]
    assert row["ReferredSecurityGroupIds"] == [naming]
    assert refusal_of(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": named}) == "ResourceInUse"

    ask(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": naming})
    ask(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": named})
    assert (
        refusal_of(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": named}) == "InvalidSecurityGroupID.NotFound"
    )


def test_the_default_group_stays() -> None:
    """It cannot be deleted [SG-OV]."""
    lab = default_lab()
    lab["security_groups"]["sg-default1"] = {"SecurityGroupName": "default", "IsDefault": True}
    api = new_api(lab)

    assert refusal_of(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": "sg-default1"}) == "UnsupportedOperation"
    assert (
        refusal_of(api, "vpc", "DeleteSecurityGroup", {"SecurityGroupId": "sg-1"}) == "InvalidSecurityGroupID.Malformed"
    )


def test_a_group_is_made_with_rules_in_both_directions(api: TencentApi) -> None:
    """The one call that takes both."""
    rule = {"Protocol": "TCP", "Port": "80", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT"}
    params = {
        "GroupName": "n",
        "GroupDescription": "d",
        "SecurityGroupPolicySet": {"Ingress": [rule], "Egress": [rule]},
    }
    made = ask(api, "vpc", "CreateSecurityGroupWithPolicies", params)["SecurityGroup"]

    group = api.snapshot().groups[made["SecurityGroupId"]]
    assert (len(group.ingress), len(group.egress)) == (1, 1)


def test_tags_of_both_doors_end_up_in_one_store(api: TencentApi) -> None:
    """The provider sends tags with the group and again through the tag service, and reads them back there only."""
    group_id = make(api, "tagged", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    resource = f"qcs::cvm:{REGION}:uin/:sg/{group_id}"
    replace = {"Resource": resource, "ReplaceTags": [{"TagKey": "a", "TagValue": "9"}], "DeleteTags": [{"TagKey": "b"}]}
    ask(api, "tag", "ModifyResourceTags", replace)

    asked = {"ServiceType": "cvm", "ResourcePrefix": "sg", "ResourceIds": [group_id], "ResourceRegion": REGION}
    rows = ask(api, "tag", "DescribeResourceTagsByResourceIds", {**asked, "Offset": 0, "Limit": 20})["Tags"]
    assert [(row["TagKey"], row["TagValue"], row["ResourceId"]) for row in rows] == [("a", "9", group_id)]
    assert listed(api, Filters=[{"Name": "tag:a", "Values": ["9"]}]) == ["tagged"]


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("sg-clb00001", "InvalidParameterValue.ResourceDescriptionError"),
        (f"qcs::vpc:{REGION}:uin/:sg/sg-clb00001", "InvalidParameterValue.ResourcePrefixInvalid"),
        (f"qcs::mail:{REGION}:uin/:sg/sg-clb00001", "InvalidParameterValue.ServiceTypeInvalid"),
        (f"qcs::cvm:{REGION}:uin/:sg/sg-nowhere1", "InvalidParameterValue.ResourceIdInvalid"),
        ("qcs::cvm:ap-nowhere:uin/:sg/sg-clb00001", "InvalidParameterValue.RegionInvalid"),
    ],
)
def test_a_resource_that_cannot_be_tagged_has_its_code(api: TencentApi, resource: str, code: str) -> None:
    """The service word of a group is cvm, not vpc."""
    params = {"Resource": resource, "ReplaceTags": [{"TagKey": "a", "TagValue": "1"}]}
    assert refusal_of(api, "tag", "ModifyResourceTags", params) == code
