"""The rules of a group: order, versions, duplicates, quotas and refusals, as documented for VPC 2017-03-12."""

from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import NODE_GROUP, default_lab
from tests.cloud.helpers import ask, new_api, refusal_of

GROUP = NODE_GROUP


def rule(port: str, **more: Any) -> dict[str, Any]:
    return {"Protocol": "TCP", "Port": port, "CidrBlock": "198.51.100.0/24", "Action": "ACCEPT", **more}


def sent(*rules: dict[str, Any], direction: str = "Ingress", **more: Any) -> dict[str, Any]:
    """The parameters of a change."""
    return {"SecurityGroupId": GROUP, "SecurityGroupPolicySet": {direction: list(rules), **more}}


def change(api: TencentApi, verb: str, *rules: dict[str, Any], **more: Any) -> None:
    ask(api, "vpc", f"{verb}SecurityGroupPolicies", sent(*rules, **more))


def refused(api: TencentApi, verb: str, *rules: dict[str, Any], **more: Any) -> str:
    """The code of the refusal; the rules have to be as they were."""
    before = read(api)
    code = refusal_of(api, "vpc", f"{verb}SecurityGroupPolicies", sent(*rules, **more))
    assert read(api) == before or not code
    return code


def read(api: TencentApi, **more: Any) -> dict[str, Any]:
    return ask(api, "vpc", "DescribeSecurityGroupPolicies", {"SecurityGroupId": GROUP, **more})[
        "SecurityGroupPolicySet"
    ]


def ports(api: TencentApi) -> list[str]:
    """The ports of the ingress rules from the top."""
    return [each["Port"] for each in read(api)["Ingress"]]


@pytest.fixture
def api() -> TencentApi:
    """The group of the lab's nodes has one ingress rule, port 30713, and Version 1."""
    return new_api()


def test_index_0_is_the_top_and_no_index_the_bottom(api: TencentApi) -> None:
    """The lesson of the Terraform rule resource: it always sends 0, so its last rule is on top."""
    change(api, "Create", rule("1", PolicyIndex=0))
    change(api, "Create", rule("2"))
    change(api, "Create", rule("3", PolicyIndex=1), rule("4", PolicyIndex=1))

    assert ports(api) == ["1", "3", "4", "30713", "2"]
    assert [each["PolicyIndex"] for each in read(api)["Ingress"]] == [0, 1, 2, 3, 4]


def test_a_batch_of_indices_means_the_list_before_the_call(api: TencentApi) -> None:
    """Whoever deletes 0 and 1 one after the other loses the wrong rule."""
    change(api, "Create", rule("1"), rule("2"), rule("3"))
    change(api, "Delete", {"PolicyIndex": 0}, {"PolicyIndex": 2})

    assert ports(api) == ["1", "3"]


def test_a_rule_is_deleted_by_content_whatever_its_case_and_description(api: TencentApi) -> None:
    """The provider leaves out what is ALL, and never sends an index."""
    change(api, "Create", rule("22", PolicyDescription="ssh"))
    change(api, "Create", {"Protocol": "ICMP", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT"})
    change(api, "Delete", rule("22", Protocol="tcp", Action="accept"))
    change(api, "Delete", {"Protocol": "icmp", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT", "Port": "ALL"})

    assert ports(api) == ["30713"]
    assert refused(api, "Delete", rule("22")) == "ResourceNotFound"


def test_rules_are_replaced_in_place(api: TencentApi) -> None:
    """One rule, or several, at their own indices."""
    change(api, "Create", rule("1"), rule("2"))
    ask(api, "vpc", "ReplaceSecurityGroupPolicy", sent(rule("9", PolicyIndex=1)))
    change(api, "Replace", rule("8", PolicyIndex=2), rule("7", PolicyIndex=0))

    assert ports(api) == ["7", "9", "8"]
    assert refused(api, "Replace", rule("8", PolicyIndex=0)) == "UnsupportedOperation.DuplicatePolicy"
    assert refused(api, "Replace", rule("5", PolicyIndex=9)) == "InvalidParameterValue.Range"
    assert refused(api, "Replace", rule("5")) == "InvalidParameterValue.Empty"


def test_every_change_adds_one_to_the_version(api: TencentApi) -> None:
    """The provider computes the next one, so it must not skip."""
    versions = [read(api)["Version"]]
    for verb, rules in (("Create", rule("1")), ("Delete", rule("1")), ("Modify", rule("2"))):
        change(api, verb, rules)
        versions.append(read(api)["Version"])

    assert versions == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("verb", "index"), [("Create", {}), ("Delete", {"PolicyIndex": 0}), ("Replace", {})])
def test_a_stale_version_is_refused(api: TencentApi, verb: str, index: dict[str, int]) -> None:
    """It guards an edit against a change that somebody made in between."""
    rules = index or rule("1", PolicyIndex=0)

    assert refused(api, verb, rules, Version="0") == "UnsupportedOperation.VersionMismatch"
    assert refused(api, verb, rules, Version="2") == "UnsupportedOperation.VersionMismatch"
    assert refused(api, verb, rules, Version="1") == ""


@pytest.mark.parametrize(("version", "code"), [("1", ""), ("2", ""), ("", "")])
def test_a_whole_set_is_set_under_the_current_version_or_the_next(api: TencentApi, version: str, code: str) -> None:
    """The provider sends what it read plus one."""
    assert refused(api, "Modify", rule("1"), Version=version) == code
    assert ports(api) == ["1"]


def test_a_whole_set_under_any_other_version_is_refused(api: TencentApi) -> None:
    """Inferred: the vendor does not list the code here, and to pass it would lose somebody's change."""
    assert refused(api, "Modify", rule("1"), Version="7") == "UnsupportedOperation.VersionMismatch"


def test_version_0_clears_both_directions_and_ignores_the_rest(api: TencentApi) -> None:
    """The trap: a fresh group says Version 0, and to send it back clears the group."""
    change(api, "Modify", rule("1"), Version="0")

    found = read(api)
    assert (found["Ingress"], found["Egress"], found["Version"]) == ([], [], "2")


def test_a_direction_that_is_not_sent_stays_and_an_empty_one_is_cleared(api: TencentApi) -> None:
    """The provider sends one direction alone when it changed only that."""
    change(api, "Modify", rule("1"))
    assert len(read(api)["Egress"]) == 1

    change(api, "Modify", rule("1"), Egress=[])
    assert read(api)["Egress"] == []
    assert refused(api, "Modify") == ""


def test_blocks_of_0_0_0_0_become_everything_and_nothing_else_is_rewritten(api: TencentApi) -> None:
    """Documented: 0.0.0.0/8 opens everything, and the answer shows it. Other texts stay, or Terraform sees changes."""
    blocks = ["0.0.0.0/8", "10.1.2.3/8", "10.1.2.3"]
    change(api, "Modify", *(rule("80", CidrBlock=each, Protocol="tcp") for each in blocks))

    found = read(api)["Ingress"]
    assert [each["CidrBlock"] for each in found] == ["0.0.0.0/0", "10.1.2.3/8", "10.1.2.3"]
    assert {each["Protocol"] for each in found} == {"tcp"}


def test_what_is_not_used_may_be_missing_or_empty(api: TencentApi) -> None:
    """The provider sends empty objects and texts for the halves of a choice that are not used."""
    empty = {"ServiceTemplate": {}, "AddressTemplate": {"AddressId": ""}, "Ipv6CidrBlock": "", "SecurityGroupId": ""}
    change(api, "Modify", {"CidrBlock": "0.0.0.0/0", "Action": "DROP", "Protocol": "", **empty})

    (found,) = read(api)["Ingress"]
    assert (found["Protocol"], found["Port"], found["SecurityGroupId"]) == ("ALL", "ALL", "")
    assert found["AddressTemplate"] == {"AddressId": "", "AddressGroupId": ""}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (rule("22", Protocol="22"), "InvalidParameterValue"),
        (rule("22", Protocol="ICMP"), "InvalidParameterValue"),
        (rule("22", Action="ALLOW"), "InvalidParameterValue"),
        (rule("0"), "InvalidParameterValue.Range"),
        (rule("90-80"), "InvalidParameterValue.Range"),
        (rule("22", CidrBlock="10.0.0.0/33"), "InvalidParameterValue.Malformed"),
        (rule("22", CidrBlock="MY_PUBLIC_IP"), "InvalidParameterValue.Malformed"),
        (rule("22", Ipv6CidrBlock="2001:db8::/32"), "InvalidParameter.Coexist"),
        (rule("22", ServiceTemplate={"ServiceId": "ppm-lab00001"}), "InvalidParameter.Coexist"),
        (rule("22", CidrBlock=""), "InvalidParameterValue.Empty"),
        (rule("22", CidrBlock="", SecurityGroupId="sg-nowhere1"), "ResourceNotFound"),
        (rule("22", CidrBlock="", SecurityGroupId="sg-1"), "InvalidParameterValue.Malformed"),
        (rule("22", CidrBlock="", AddressTemplate={"AddressId": "ipm-nowhere1"}), "ResourceNotFound"),
        (rule("30713", CidrBlock="203.0.113.0/24"), "UnsupportedOperation.DuplicatePolicy"),
        (rule("22", PolicyIndex=5), "InvalidParameterValue.Range"),
        (rule("22", Priority=1), "UnsupportedOperation"),
        (rule("22", Peer="everybody"), "UnknownParameter"),
        (rule("22", PolicyIndex="0"), "InvalidParameter"),
        (rule("22", PolicyIndex=True), "InvalidParameter"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rule_that_means_nothing_is_refused(api: TencentApi, wrong: dict[str, Any], code: str) -> None:
    """A port number in the place of the protocol is a mistake of published templates; the provider passes it on."""
    assert refused(api, "Create", wrong) == code


def test_one_direction_a_request(api: TencentApi) -> None:
    """Documented for creating, deleting and replacing."""
    assert refused(api, "Create", rule("1"), Egress=[rule("1")]) == "InvalidParameter.Coexist"
    assert refused(api, "Delete", {"PolicyIndex": 0}, Egress=[{"PolicyIndex": 0}]) == "InvalidParameter.Coexist"
    assert refused(api, "Create") == "InvalidParameterValue.Empty"


def test_ways_that_do_not_mix(api: TencentApi) -> None:
    """Index and content in one deletion, two places in one insertion, an index in a whole set."""
    change(api, "Create", rule("1"))
    assert refused(api, "Delete", {"PolicyIndex": 0}, rule("1")) == "InvalidParameter.Coexist"
    assert refused(api, "Create", rule("2", PolicyIndex=0), rule("3", PolicyIndex=1)) == "InvalidParameterValue"
    assert refused(api, "Modify", rule("2", PolicyIndex=0)) == "InvalidParameterValue"
    assert refused(api, "Create", rule("2"), rule("2")) == "UnsupportedOperation.DuplicatePolicy"
    assert refused(api, "Delete", {"PolicyIndex": 2}) == "InvalidParameterValue.Range"


def test_a_list_holds_a_hundred_rules(api: TencentApi) -> None:
    """213/15379: 100 for each direction."""
    hundred = [rule(str(port)) for port in range(1, 101)]
    change(api, "Modify", *hundred)

    assert refused(api, "Create", rule("101")) == "LimitExceeded.SecurityGroupPolicySet"
    assert refused(api, "Modify", *hundred, rule("101")) == "LimitExceeded.SecurityGroupPolicySet"


def test_a_group_names_ten_others_at_most() -> None:
    """213/15379; a name costs a cloud more than an address."""
    lab = default_lab()
    for number in range(11):
        lab["security_groups"][f"sg-named{number:03}"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    api = new_api(lab)
    named = [rule("80", CidrBlock="", SecurityGroupId=f"sg-named{number:03}") for number in range(11)]

    assert refused(api, "Create", *named) == "LimitExceeded"
    assert refused(api, "Create", *named[:10]) == ""


def test_filters_leave_rules_out_and_keep_their_index(api: TencentApi) -> None:
    """An index that was counted anew would delete the wrong rule."""
    change(api, "Create", rule("53", Protocol="UDP"), rule("80", Action="DROP"))

    def indices(name: str, value: str) -> list[int]:
        filters = [{"Name": name, "Values": [value]}, {"Name": "direction", "Values": ["INBOUND"]}]
        found = read(api, Filters=filters)
        assert found["Egress"] == []
        return [each["PolicyIndex"] for each in found["Ingress"]]

    assert (indices("protocol-type", "UDP"), indices("poly", "DROP"), indices("port", "ALL")) == ([1], [2], [0, 1, 2])
    assert (indices("ip", "203.0.113"), indices("description", "x")) == ([0], [])
    wrong = {"SecurityGroupId": GROUP, "Filters": [{"Name": "colour", "Values": ["red"]}]}
    assert refusal_of(api, "vpc", "DescribeSecurityGroupPolicies", wrong) == "InvalidParameter.FilterInvalidKey"


def test_rules_are_counted_by_family(api: TencentApi) -> None:
    """PolicyStatistics is output only."""
    change(api, "Create", {"Protocol": "TCP", "Port": "80", "Ipv6CidrBlock": "2001:db8::/32", "Action": "ACCEPT"})

    assert read(api)["PolicyStatistics"] == {
        "IngressIPv4TotalCount": 1,
        "IngressIPv6TotalCount": 1,
        "EgressIPv4TotalCount": 1,
        "EgressIPv6TotalCount": 0,
    }


def test_the_engine_reads_what_was_written(api: TencentApi) -> None:
    """The point of all this: a rule made through the API decides the packets of the lab."""
    change(api, "Modify", rule("80"), {"Action": "DROP", "CidrBlock": "0.0.0.0/0"}, Version="1")

    assert [each.text for each in api.snapshot().groups[GROUP].ingress] == [
        "ACCEPT TCP 198.51.100.0/24 80",
        "DROP ALL 0.0.0.0/0 ALL",
    ]


def test_moving_rules_is_left_out_and_says_so(api: TencentApi) -> None:
    """A silent success would be worse."""
    params = {**sent(rule("1", PolicyIndex=0)), "UpdateType": "Priority"}

    assert refusal_of(api, "vpc", "ReplaceSecurityGroupPolicies", params) == "UnsupportedOperation"
