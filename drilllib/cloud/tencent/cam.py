"""
What CAM calls the right to an action, which is not what the API calls the action; and the refusal of who lacks it.

Names: the vendor's policy pages of CVM, VPC and TKE [215/35499, 457/43416, 598/11097]; an action that is not here has
its own name. Where the vendor's pages disagree, each of the names is enough. The refusal names the account, as the real
one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from drilllib.cloud.tencent.errors import ApiError

UIN = "100000000001"  # of the account; whoever shows a refusal to others has to take it out
_SPELLED = {
    "DescribeSecurityGroupPolicies": ("cvm:DescribeSecurityGroupPolicys",),
    "CreateSecurityGroupPolicies": ("cvm:CreateSecurityGroupPolicy", "cvm:CreateSecurityGroupPolicies"),
    "DeleteSecurityGroupPolicies": ("cvm:DeleteSecurityGroupPolicy", "cvm:DeleteSecurityGroupPolicies"),
    "DescribeSubnets": ("vpc:DescribeSubnetEx", "vpc:DescribeSubnet", "vpc:DescribeSubnets"),
    "DescribeVpcs": ("vpc:DescribeVpcEx", "vpc:DescribeVpcs"),
    "DescribeRouteTables": ("vpc:DescribeRouteTable", "vpc:DescribeRouteTables"),
    "DescribeAddressTemplates": ("vpc:DescribeAddress", "vpc:DescribeAddressTemplates"),
    "DescribeAddressTemplateGroups": ("vpc:DescribeAddressGroups", "vpc:DescribeAddressTemplateGroups"),
    "DescribeServiceTemplates": ("vpc:DescribeService", "vpc:DescribeServiceTemplates"),
    "DescribeServiceTemplateGroups": ("vpc:DescribeServiceGroups", "vpc:DescribeServiceTemplateGroups"),
    "DescribeAddresses": ("cvm:DescribeAddresses", "vpc:DescribeAddresses"),
}
_RESOURCES = {"clb": "clb", "cvm": "instance", "tke": "cluster", "vpc": "eni", "tag": "tag"}
_CODES = {"tke": "UnauthorizedOperation.CamNoAuth"}


def permissions(service: str, action: str) -> tuple[str, ...]:
    """What CAM calls the right to that action, ``cvm:DescribeInstances``; any one of several is enough."""
    if action in _SPELLED and service == "vpc":
        return _SPELLED[action]
    groups = service == "vpc" and "SecurityGroup" in action and "NetworkInterface" not in action
    return (f"{'cvm' if groups else service}:{action}",)


def refusal(service: str, action: str) -> ApiError:
    """Nobody has given the right to that action."""
    right = permissions(service, action)[0]
    owner = right.partition(":")[0]
    resource = "sg" if "SecurityGroup" in right else _RESOURCES.get(owner, owner)
    place = f"qcs::{owner}:gz:uin/{UIN}:{resource}/*"
    said = f"you are not authorized to perform operation ({right})\nresource ({place}) has no permission"
    return ApiError(_CODES.get(service, "UnauthorizedOperation"), said)


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What a CAM policy of version 2.0 lets its user call, whatever the resource is: *allowed* and *denied* actions, in
    which `*` stands for any text.
    """

    allowed: tuple[str, ...]
    denied: tuple[str, ...] = ()

    @classmethod
    def of(cls, policy: Mapping[str, Any]) -> "Policy":
        """The policy of its JSON. Its resource has to be `*`; conditions are not modelled. Raises ValueError."""
        found: dict[str, list[str]] = {"allow": [], "deny": []}
        for statement in policy["statement"]:
            if list(statement["resource"]) != ["*"] or statement.get("condition"):
                raise ValueError("only statements about every resource, without conditions, are modelled")
            found[statement["effect"]] += statement["action"]
        return cls(tuple(found["allow"]), tuple(found["deny"]))

    def allows(self, service: str, action: str) -> bool:
        """May the user call it? What is denied is denied, whatever else allows it."""
        names = permissions(service, action)
        return _any(self.allowed, names) and not _any(self.denied, names)


def _any(patterns: Iterable[str], names: Iterable[str]) -> bool:
    wanted = [each.lower() for each in names]
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in wanted)
