"""The provider's recorded requests (tests/cloud/recorded) are those of terraform/ as it stands: else record anew."""

from typing import Any

import pytest
from configuration import Written, resources

from tests.cloud.recording import APPLY, HEALTHY, recorded

GROUP, RULE_SET = "tencentcloud_security_group", "tencentcloud_security_group_rule_set"
POOL = "tencentcloud_kubernetes_native_node_pool"
GIVEN = {"cluster_id": "cls-lab00001", "subnet_ids": ["subnet-nodes001"]}


def requests(phase: str, action: str) -> list[dict[str, Any]]:
    """What was sent, with the place of a group's id in the configuration instead of the id that it had."""
    created = [each for each in recorded()[APPLY] if each.action == "CreateSecurityGroup"]
    keys = [each.request["GroupName"].removeprefix("drill-") for each in created]
    made = [each.answer["SecurityGroup"]["SecurityGroupId"] for each in created]
    ids = {group_id: f"{GROUP}.{key}.id" for key, group_id in zip(keys, made, strict=True)}
    return [_named(each.request, ids) for each in recorded()[phase] if each.action == action]


def _named(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _named(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [_named(each, ids) for each in value]
    return ids.get(value, value) if isinstance(value, str) else value


def of_kind(kind: str, **given: Any) -> list[Written]:
    return [each for each in resources(**GIVEN, **given).values() if each.kind == kind]


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def sent(block: Written) -> dict[str, Any]:
    """A block as the API would be sent it: arguments and blocks in camel case, what is empty left out."""
    arguments = {camel(name): value for name, value in block.arguments.items() if value is not None}
    inner: dict[str, Any] = {}
    for each in block.blocks:
        inner.setdefault(camel(each.kind), []).append(sent(each))
    single = {name: found if name in ("Labels", "DataDisks") else found[0] for name, found in inner.items()}
    return filled({**arguments, **single})


def filled(value: Any) -> Any:
    """Without what is empty: the provider sends some empty texts, and the API takes both alike."""
    if isinstance(value, dict):
        return {name: filled(each) for name, each in value.items() if each != ""}
    return [filled(each) for each in value] if isinstance(value, list) else value


def test_the_groups_are_those_that_were_recorded() -> None:
    wanted = [(each.arguments["name"], each.arguments["description"]) for each in of_kind(GROUP)]
    found = [(each["GroupName"], each["GroupDescription"]) for each in requests(APPLY, "CreateSecurityGroup")]

    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize(("phase", "state"), [(APPLY, "broken"), (HEALTHY, "healthy")])
def test_the_rules_are_those_that_were_recorded(phase: str, state: str) -> None:
    wanted = {
        each.arguments["security_group_id"]: [[sent(rule) for rule in each.each(way)] for way in ("ingress", "egress")]
        for each in of_kind(RULE_SET, drill_state=state)
    }
    found = {
        each["SecurityGroupId"]: [each["SecurityGroupPolicySet"].get(way, []) for way in ("Ingress", "Egress")]
        for each in requests(phase, "ModifySecurityGroupPolicies")
    }

    assert found == wanted


def test_the_pools_are_those_that_were_recorded() -> None:
    by_name = {each["Name"]: filled(each) for each in requests(APPLY, "CreateNodePool")}

    assert by_name == {each["Name"]: each for each in map(sent, of_kind(POOL))}
