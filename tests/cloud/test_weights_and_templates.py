"""What a repair may have to set besides groups: targets' weights, and the members of an address template."""

from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, CLIENT, SERVICE, default_lab
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from tests.cloud.helpers import ask, new_api, refusal_of

TEMPLATE = "ipm-lab00001"


@pytest.fixture
def api() -> TencentApi:
    """The default lab, its clients named by a template at the CLB."""
    lab = default_lab()
    lab["address_templates"] = {TEMPLATE: {"AddressTemplateName": "clients", "AddressSet": ["203.0.113.0/24"]}}
    rule = {"PolicyIndex": 0, "Protocol": "TCP", "Port": "80", "Action": "ACCEPT"}
    rule |= {"AddressTemplate": {"AddressId": TEMPLATE}}
    lab["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [rule]
    return new_api(lab)


def verdict(api: TencentApi) -> Verdict:
    return trace(api.snapshot(), Question(client=CLIENT, service=SERVICE)).verdict


def place(api: TencentApi) -> dict[str, Any]:
    """The first target of the CLB, as DescribeTargets tells where it is."""
    (listener,) = ask(api, "clb", "DescribeTargets", {"LoadBalancerId": BALANCER})["Listeners"]
    (rule,) = listener["Rules"]
    target = rule["Targets"][0]
    asked = {"LoadBalancerId": BALANCER, "ListenerId": listener["ListenerId"], "LocationId": rule["LocationId"]}
    return asked | {"Targets": [{"InstanceId": target["InstanceId"], "Port": target["Port"]}]}


def weights(api: TencentApi) -> list[int]:
    (listener,) = ask(api, "clb", "DescribeTargets", {"LoadBalancerId": BALANCER})["Listeners"]
    return [each["Weight"] for rule in listener["Rules"] for each in rule["Targets"]]


def test_a_target_without_weight_takes_no_traffic_until_it_has_one(api: TencentApi) -> None:
    """A target's own weight comes before the call's, and without either it is 10."""
    assert verdict(api) is Verdict.REACHABLE
    ask(api, "clb", "ModifyTargetWeight", place(api) | {"Weight": 0})
    assert (weights(api), verdict(api)) == ([0], Verdict.UNREACHABLE)
    ask(api, "clb", "ModifyTargetWeight", place(api))
    assert (weights(api), verdict(api)) == ([10], Verdict.REACHABLE)
    (target,) = place(api)["Targets"]
    ask(api, "clb", "ModifyTargetWeight", place(api) | {"Weight": 0, "Targets": [target | {"Weight": 30}]})
    assert weights(api) == [30]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Weight": 101}, "InvalidParameterValue.Range"),
        ({"ListenerId": "lbl-nowhere1"}, "InvalidParameter.ListenerIdNotFound"),
        ({"LocationId": "loc-nowhere1"}, "InvalidParameter.LocationNotFound"),
        ({"LocationId": None}, "MissingParameter"),
        ({"Targets": [{"InstanceId": "ins-nodea001", "Port": 1}]}, "InvalidParameterValue"),
        ({"Targets": [{"Port": 80}]}, "InvalidParameter"),
    ],
    ids=str,
)
def test_a_weight_that_cannot_be_set_changes_nothing(api: TencentApi, change: dict[str, Any], code: str) -> None:
    before = weights(api)
    assert refusal_of(api, "clb", "ModifyTargetWeight", {**place(api), "Weight": 0, **change}) == code
    assert weights(api) == before


def test_the_members_of_a_template_are_replaced(api: TencentApi) -> None:
    asked = {"AddressTemplateId": TEMPLATE}
    ask(api, "vpc", "ModifyAddressTemplateAttribute", {**asked, "Addresses": ["198.51.100.0/24"]})
    assert verdict(api) is Verdict.UNREACHABLE
    noted = [{"Address": "203.0.113.0-203.0.113.127", "Description": "office"}]
    ask(api, "vpc", "ModifyAddressTemplateAttribute", {**asked, "AddressesExtra": noted})
    assert verdict(api) is Verdict.REACHABLE
    ask(api, "vpc", "ModifyAddressTemplateAttribute", {**asked, "AddressTemplateName": "new"})
    (found,) = ask(api, "vpc", "DescribeAddressTemplates", {})["AddressTemplateSet"]
    assert (found["AddressTemplateName"], found["AddressSet"]) == ("new", ["203.0.113.0-203.0.113.127"])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"AddressTemplateId": "ipm-nowhere1", "Addresses": ["198.51.100.7"]}, "ResourceNotFound"),
        ({"AddressTemplateId": TEMPLATE, "Addresses": ["everybody"]}, "InvalidParameterValue.Malformed"),
    ],
    ids=str,
)
def test_a_template_refuses(api: TencentApi, params: dict[str, Any], code: str) -> None:
    assert refusal_of(api, "vpc", "ModifyAddressTemplateAttribute", params) == code
    assert verdict(api) is Verdict.REACHABLE
