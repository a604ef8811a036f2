"""Security groups: create, list, rename, delete. API: VPC 2017-03-12."""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.actions import associations, policies
from drilllib.cloud.tencent.actions.filters import field, filtered, key_value_tags, page, require_one_way
from drilllib.cloud.tencent.actions.ids import require_few, require_ids
from drilllib.cloud.tencent.actions.policies import POLICY_SET
from drilllib.cloud.tencent.call import Call, action, part
from drilllib.cloud.tencent.errors import ApiError, missing, not_found
from drilllib.cloud.tencent.schema import FILTERS, TAGS
from drilllib.core.rules.quotas import (
    GROUPS_PER_INTERFACE,
    REFERENCES_PER_GROUP,
    RULES_EXPANDED,
    RULES_PER_DIRECTION,
)

VPC = ("vpc", "2017-03-12")
GROUPS_PER_REGION = 50  # 213/15379
INSTANCES_PER_GROUP = 2000  # the same
LONGEST_NAME, LONGEST_DESCRIPTION = 60, 100
_NEW = {"GroupName": str, "GroupDescription?": str, "ProjectId?": str, "Tags?": TAGS}
Group = dict[str, Any]


def group_of(call: Call, group_id: str) -> Group:
    """The group with that id. Raises ApiError where it is malformed or unknown."""
    require_ids("sg", "SecurityGroupId", [group_id])
    found: Group | None = (call.document.get("security_groups") or {}).get(group_id)
    if found is None:
        raise not_found("security group", group_id)
    return found


def shown(group_id: str, group: Mapping[str, Any]) -> dict[str, Any]:
    """The SecurityGroup object: without the rules."""
    created = group.get("CreatedTime") or ""
    return {
        "SecurityGroupId": group_id,
        "SecurityGroupName": group.get("SecurityGroupName") or "",
        "SecurityGroupDesc": group.get("SecurityGroupDesc") or "",
        "ProjectId": group.get("ProjectId") or "0",
        "IsDefault": bool(group.get("IsDefault")),
        "CreatedTime": created,
        "TagSet": group.get("TagSet") or [],
        "UpdateTime": group.get("UpdateTime") or created,
    }


@action(*VPC, "CreateSecurityGroup", _NEW, writes=True)
def create(call: Call) -> Mapping[str, Any]:
    """A new group has no rules, and lets nothing in or out."""
    return _created(call, {"Version": "0", "Ingress": [], "Egress": []})


@action(*VPC, "CreateSecurityGroupWithPolicies", {**_NEW, "SecurityGroupPolicySet": POLICY_SET}, writes=True)
def create_with_policies(call: Call) -> Mapping[str, Any]:
    """The same, with rules in one or both directions; its Version is 0 all the same (inferred)."""
    empty = {"Version": "0", "Ingress": [], "Egress": []}
    lists = policies.inserted(call, empty, call.params["SecurityGroupPolicySet"])
    policies.require_quota(call, "sg-new", lists)
    return _created(call, {**empty, **lists})


def _created(call: Call, policy_set: dict[str, Any]) -> Mapping[str, Any]:
    _require_lengths(call)
    groups = part(call.document, "security_groups", dict)
    if len(groups) >= GROUPS_PER_REGION:
        raise ApiError(
            "LimitExceeded", f"There are {len(groups)} security groups, and the quota is {GROUPS_PER_REGION}."
        )
    group_id = call.services.new_id("sg")
    groups[group_id] = {
        "SecurityGroupId": group_id,
        "SecurityGroupName": call.params["GroupName"],
        "SecurityGroupDesc": call.params.get("GroupDescription", ""),
        "ProjectId": call.params.get("ProjectId", "0"),
        "IsDefault": False,
        "CreatedTime": call.time,
        "UpdateTime": call.time,
        "TagSet": [{"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in call.params.get("Tags") or ()],
        "SecurityGroupPolicySet": policy_set,
    }
    return {"SecurityGroup": shown(group_id, groups[group_id])}


def _require_lengths(call: Call) -> None:
    for name, most in (("GroupName", LONGEST_NAME), ("GroupDescription", LONGEST_DESCRIPTION)):
        if len(call.params.get(name, "")) > most:
            raise ApiError("InvalidParameterValue.TooLong", f"`{name}` has more than {most} characters.")


_FILTERS = {
    "security-group-id": field("SecurityGroupId"),
    "project-id": field("ProjectId"),
    "security-group-name": field("SecurityGroupName"),
}
_ORDERS = ("CreatedTime", "UpdateTime")


@action(
    *VPC,
    "DescribeSecurityGroups",
    {
        "SecurityGroupIds?": [str],
        "Filters?": FILTERS,
        "Offset?": str,
        "Limit?": str,
        "OrderField?": str,
        "OrderDirection?": str,
    },
)
def describe(call: Call) -> Mapping[str, Any]:
    """Groups by id or by filter, in the order they were made; an id that is not there is an error."""
    require_one_way(call, "SecurityGroupIds")
    groups = call.document.get("security_groups") or {}
    wanted = call.params.get("SecurityGroupIds") or []
    require_few("SecurityGroupIds", wanted)
    for each in wanted:
        group_of(call, each)
    every = [shown(name, group) for name, group in groups.items() if not wanted or name in wanted]
    found = filtered(call, every, _FILTERS, key_value_tags())
    return {"SecurityGroupSet": page(call, _ordered(call, found)), "TotalCount": len(found)}


def _ordered(call: Call, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    name, direction = call.params.get("OrderField"), call.params.get("OrderDirection", "ASC")
    if direction not in ("ASC", "DESC") or name not in (None, *_ORDERS):
        raise ApiError("InvalidParameterValue", "`OrderField` or `OrderDirection` has a value that is not supported.")
    return sorted(found, key=lambda group: group[name], reverse=direction == "DESC") if name else found


@action(*VPC, "DescribeSecurityGroupLimits", {})
def limits(_: Call) -> Mapping[str, Any]:
    """The quotas of the account, which are the documented ones here."""
    found = {
        "SecurityGroupLimit": GROUPS_PER_REGION,
        "SecurityGroupPolicyLimit": RULES_PER_DIRECTION,
        "ReferedSecurityGroupLimit": REFERENCES_PER_GROUP,
        "SecurityGroupInstanceLimit": INSTANCES_PER_GROUP,
        "InstanceSecurityGroupLimit": GROUPS_PER_INTERFACE,
        "SecurityGroupExtendedPolicyLimit": RULES_EXPANDED,
    }
    return {"SecurityGroupLimitSet": found}


@action(
    *VPC,
    "ModifySecurityGroupAttribute",
    {"SecurityGroupId": str, "GroupName?": str, "GroupDescription?": str},
    writes=True,
    settled=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """A new name or description; an empty description clears it."""
    group = group_of(call, call.params["SecurityGroupId"])
    _require_lengths(call)
    if call.given.get("GroupName") is None and call.given.get("GroupDescription") is None:
        raise missing("GroupName")
    if "GroupName" in call.params:
        group["SecurityGroupName"] = call.params["GroupName"]
    if call.given.get("GroupDescription") is not None:
        group["SecurityGroupDesc"] = call.given["GroupDescription"]
    group["UpdateTime"] = call.time
    return {}


@action(*VPC, "DeleteSecurityGroup", {"SecurityGroupId": str}, writes=True)
def delete(call: Call) -> Mapping[str, Any]:
    """Refused while the group is bound, or named in a rule of another group; the default group stays."""
    group_id = call.params["SecurityGroupId"]
    require_ids("sg", "SecurityGroupId", [group_id], "InvalidSecurityGroupID.Malformed")
    groups = call.document.get("security_groups") or {}
    if group_id not in groups:
        raise not_found("security group", group_id, "InvalidSecurityGroupID.NotFound")
    if groups[group_id].get("IsDefault"):
        raise ApiError("UnsupportedOperation", f"`{group_id}` is the default security group.")
    users = [*associations.bound_to(call.document, group_id), *associations.referring_groups(call.document, group_id)]
    if users:
        raise ApiError("ResourceInUse", f"`{group_id}` is in use by {', '.join(users[:3])}.")
    del groups[group_id]
    return {}
