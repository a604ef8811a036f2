"""
The rules of security groups: listed, inserted, deleted, replaced, set. API: VPC 2017-03-12.

Every change adds 1 to the Version. A Version that is given and is not the current one is refused, except where
`_require_version_of_set` says otherwise.
"""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions import policies
from drilllib.cloud.tencent.actions.groups import VPC, group_of
from drilllib.cloud.tencent.actions.policies import DIRECTIONS, POLICY_SET, Lists, Policy
from drilllib.cloud.tencent.call import Call, action
from drilllib.cloud.tencent.errors import ApiError, left_out
from drilllib.cloud.tencent.schema import FILTERS

_SET = {"SecurityGroupId": str, "SecurityGroupPolicySet": POLICY_SET}
_NOTHING = {"Version": "0", "Ingress": [], "Egress": []}


def _policy_set(call: Call) -> dict[str, Any]:
    """The rules of the group that is asked about; to be changed by `_set_lists` only."""
    group = group_of(call, call.params["SecurityGroupId"])
    return group.get("SecurityGroupPolicySet") or _NOTHING


def _version(policy_set: Mapping[str, Any]) -> int:
    text = str(policy_set.get("Version") or "0")
    return int(text) if text.isascii() and text.isdecimal() else 0


def _set_lists(call: Call, lists: Lists) -> Mapping[str, Any]:
    """Keep *lists* in the place of the old ones of these directions, under the next Version."""
    old = _policy_set(call)
    version = str(_version(old) + 1)
    group_of(call, call.params["SecurityGroupId"])["SecurityGroupPolicySet"] = {
        **_NOTHING,
        **old,
        **lists,
        "Version": version,
    }
    return {}


def _require_version(call: Call, *also: int) -> None:
    """Raises ApiError where a Version was given and is not the current one, nor that and one of *also* together."""
    given, current = call.params.get("SecurityGroupPolicySet", {}).get("Version"), _version(_policy_set(call))
    if given is not None and given not in {str(current + each) for each in (0, *also)}:
        raise ApiError("UnsupportedOperation.VersionMismatch", f"The Version is {current}, and {given} was given.")


def _require_quota(call: Call, lists: Lists) -> None:
    every = {name: policies.listed(_policy_set(call), name) for name in DIRECTIONS} | lists
    policies.require_quota(call, call.params["SecurityGroupId"], every)


@action(*VPC, "CreateSecurityGroupPolicies", _SET, writes=True, settled=True)
def create(call: Call) -> Mapping[str, Any]:
    """Insert rules of one direction: index 0 is the top, no index the bottom."""
    sent = call.params["SecurityGroupPolicySet"]
    current = _policy_set(call)
    policies.one_direction(sent)
    _require_version(call)
    lists = policies.inserted(call, current, sent)
    _require_quota(call, lists)
    return _set_lists(call, lists)


@action(*VPC, "DeleteSecurityGroupPolicies", _SET, writes=True, settled=True)
def delete(call: Call) -> Mapping[str, Any]:
    """Delete rules of one direction, by index or by content."""
    current = _policy_set(call)
    direction, sent = policies.one_direction(call.params["SecurityGroupPolicySet"])
    _require_version(call)
    return _set_lists(call, {direction: policies.without(policies.listed(current, direction), sent)})


_ORIGINAL = {"OriginalSecurityGroupPolicySet?": POLICY_SET}  # kept by the vendor for its audit log


@action(*VPC, "ReplaceSecurityGroupPolicy", {**_SET, **_ORIGINAL}, writes=True, settled=True)
def replace_one(call: Call) -> Mapping[str, Any]:
    """Put one rule in the place of the one at its index."""
    _, sent = policies.one_direction(call.params["SecurityGroupPolicySet"])
    if len(sent) != 1:
        raise ApiError("InvalidParameterValue.LimitExceeded", "Only one rule can be replaced at a time.")
    return _replaced(call)


@action(*VPC, "ReplaceSecurityGroupPolicies", {**_SET, **_ORIGINAL, "UpdateType?": str}, writes=True, settled=True)
def replace_several(call: Call) -> Mapping[str, Any]:
    """The same for several rules of one direction. Moving rules (UpdateType Priority, Both) is left out."""
    kind = call.params.get("UpdateType", "Policy")
    if kind in ("Priority", "Both"):
        raise left_out(f"the UpdateType `{kind}`")
    if kind != "Policy":
        raise ApiError("InvalidParameterValue", "`UpdateType` has to be Policy, Priority or Both.")
    return _replaced(call)


def _replaced(call: Call) -> Mapping[str, Any]:
    current = _policy_set(call)
    direction, sent = policies.one_direction(call.params["SecurityGroupPolicySet"])
    _require_version(call)
    rules = policies.listed(current, direction)
    places = [policies.require_index(each, len(rules)) for each in sent]
    if len(set(places)) < len(places):
        raise ApiError("InvalidParameterValue", "Two rules have the same `PolicyIndex`.")
    for place, each in zip(places, sent, strict=True):
        rules[place] = policies.kept(call, each, f"{direction}.{place}")
    policies.require_different(rules)
    lists = {direction: policies.numbered(rules)}
    _require_quota(call, lists)
    return _set_lists(call, lists)


@action(*VPC, "ModifySecurityGroupPolicies", {**_SET, "SortPolicys?": bool}, writes=True, settled=True)
def set_all(call: Call) -> Mapping[str, Any]:
    """
    Set the lists. Version "0" clears both and ignores whatever else is sent.

    A direction that is not sent stays as it is, because the Terraform provider leaves one out when it is unchanged. The
    order is the one sent, whatever SortPolicys says: how the vendor merges orders without it is not documented.
    """
    sent = call.params["SecurityGroupPolicySet"]
    _policy_set(call)
    if sent.get("Version") == "0":
        return _set_lists(call, {name: [] for name in DIRECTIONS})
    given = [name for name in DIRECTIONS if name in sent]
    if not given:
        raise ApiError("InvalidParameterValue.Empty", "`SecurityGroupPolicySet` has no rules.")
    if any("PolicyIndex" in rule for name in given for rule in sent[name]):
        raise ApiError("InvalidParameterValue", "`PolicyIndex` is not supported here: the order of the list counts.")
    _require_version_of_set(call)
    lists = {}
    for name in given:
        rules = [policies.kept(call, each, f"{name}.{place}") for place, each in enumerate(sent[name])]
        policies.require_different(rules)
        lists[name] = policies.numbered(rules)
    _require_quota(call, lists)
    return _set_lists(call, lists)


def _require_version_of_set(call: Call) -> None:
    """
    The current Version, or the next: the Terraform provider sends what it read plus one.

    The vendor does not list VersionMismatch for this action; any other number is refused all the same (inferred),
    because to pass it would lose somebody's change.
    """
    _require_version(call, 1)


Passes = Callable[[Policy, set[str]], bool]
_FILTERS: Mapping[str, Passes] = {
    "security-group-id": lambda rule, values: rule["SecurityGroupId"] in values,
    "ip": lambda rule, values: any(each in rule["CidrBlock"] or each in rule["Ipv6CidrBlock"] for each in values),
    "address-module": lambda rule, values: bool(values & set(rule["AddressTemplate"].values())),
    "service-module": lambda rule, values: bool(values & set(rule["ServiceTemplate"].values())),
    "protocol-type": lambda rule, values: rule["Protocol"].upper() in {each.upper() for each in values},
    "port": lambda rule, values: "ALL" in values or any(each in rule["Port"] for each in values),
    "poly": lambda rule, values: "ALL" in values or rule["Action"].upper() in values,
    "direction": lambda rule, values: "ALL" in values or rule["direction"] in values,
    "description": lambda rule, values: any(each in rule["PolicyDescription"] for each in values),
}


@action(*VPC, "DescribeSecurityGroupPolicies", {"SecurityGroupId": str, "Filters?": FILTERS})
def describe(call: Call) -> Mapping[str, Any]:
    """Both lists and their Version. Filters leave rules out; those that are left keep their index."""
    policy_set = _policy_set(call)
    lists = {}
    for name, word in zip(DIRECTIONS, ("INBOUND", "OUTBOUND"), strict=True):
        rules = policies.numbered(policies.listed(policy_set, name))
        lists[name] = [rule for rule in map(policies.shown, rules) if _passes(call, {**rule, "direction": word})]
    counts = {f"{name}IPv{family}TotalCount": _count(lists[name], family) for name in DIRECTIONS for family in (4, 6)}
    found = {"Version": str(_version(policy_set)), **lists, "PolicyStatistics": counts}
    return {"SecurityGroupPolicySet": found}


def _passes(call: Call, rule: Policy) -> bool:
    for each in call.params.get("Filters") or ():
        if each["Name"] not in _FILTERS:
            raise ApiError("InvalidParameter.FilterInvalidKey", f"The filter `{each['Name']}` is not supported.")
        if not _FILTERS[each["Name"]](rule, set(each["Values"])):
            return False
    return True


def _count(rules: list[Policy], family: int) -> int:
    """How many rules are of one address family; what names no block counts as IPv4 (inferred)."""
    return sum((family == 6) == bool(rule["Ipv6CidrBlock"]) for rule in rules)
