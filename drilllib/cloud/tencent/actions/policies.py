"""
The rules of a group, which the API calls policies: their parameters, how they are kept and shown, and what an insertion
or a deletion makes of a list of them.

Semantics: SecurityGroupPolicy and SecurityGroupPolicySet of VPC 2017-03-12, and the actions that change them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drilllib.cloud.tencent.actions import associations
from drilllib.cloud.tencent.actions.ids import require_ids
from drilllib.cloud.tencent.call import Call
from drilllib.cloud.tencent.errors import ApiError, not_found, together
from drilllib.cloud.tencent.schema import LEFT_OUT
from drilllib.core.rules import quotas
from drilllib.core.rules.policies import group_from_policy_set, rule_from_policy
from drilllib.core.snapshot.names import read_directory
from drilllib.errors import InvalidRuleError

Policy = dict[str, Any]
Lists = dict[str, list[Policy]]
POLICY = {
    "PolicyIndex?": int,
    "Protocol?": str,
    "Port?": str,
    "ServiceTemplate?": {"ServiceId?": str, "ServiceGroupId?": str},
    "CidrBlock?": str,
    "Ipv6CidrBlock?": str,
    "SecurityGroupId?": str,
    "AddressTemplate?": {"AddressId?": str, "AddressGroupId?": str},
    "Action?": str,
    "PolicyDescription?": str,
    "ModifyTime?": str,  # output only; taken and not kept, so that what was read can be sent back
    "Priority?": LEFT_OUT,  # how it relates to PolicyIndex is not documented
}
POLICY_SET = {
    "Version?": str,
    "Ingress?": [POLICY],
    "Egress?": [POLICY],
    "PolicyStatistics?": {
        "IngressIPv4TotalCount?": int,
        "IngressIPv6TotalCount?": int,
        "EgressIPv4TotalCount?": int,
        "EgressIPv6TotalCount?": int,
    },
}
DIRECTIONS = ("Ingress", "Egress")
_PEERS = ("CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "AddressTemplate")
_PARTS = {
    "AddressId": "address_templates",
    "AddressGroupId": "address_template_groups",
    "ServiceId": "service_templates",
    "ServiceGroupId": "service_template_groups",
}


def kept(call: Call, sent: Mapping[str, Any], place: str) -> Policy:
    """
    A rule as it is kept: every field as it was sent, except that 0.0.0.0/n becomes 0.0.0.0/0 and ALL is written out.

    Raises:
        ApiError: The rule means nothing, gives two peers, or names what is not there.
    """
    policy = {name: value for name, value in sent.items() if name not in ("PolicyIndex", "ModifyTime")}
    peers = [name for name in _PEERS if name in policy]
    if len(peers) > 1:
        raise together(f"{place}.{peers[0]}", peers[1])
    if "ServiceTemplate" in policy and ("Protocol" in policy or "Port" in policy):
        raise together(f"{place}.ServiceTemplate", "Protocol and Port")
    if not peers or "Action" not in policy:
        raise ApiError("InvalidParameterValue.Empty", f"`{place}` has no {'Action' if peers else 'peer'}.")
    if "ServiceTemplate" not in policy:
        policy = {"Protocol": "ALL", "Port": "ALL"} | policy
    _require_readable(policy, place)
    _require_there(call, policy, place)
    if policy.get("CidrBlock", "").startswith("0.0.0.0/"):
        policy["CidrBlock"] = "0.0.0.0/0"
    return {**policy, "ModifyTime": call.time}


def _require_readable(policy: Policy, place: str) -> None:
    """Raises ApiError where the engine cannot read the rule; the codes are inferred from the vendor's lists."""
    try:
        rule_from_policy(policy)
    except InvalidRuleError as error:
        field = error.problem.partition(" ")[0]
        kind = {"CidrBlock": ".Malformed", "Ipv6CidrBlock": ".Malformed", "Port": ".Range"}.get(field, "")
        raise ApiError(f"InvalidParameterValue{kind}", f"`{place}`: {error}") from None


def _require_there(call: Call, policy: Policy, place: str) -> None:
    """Raises ApiError where a group or a template that the rule names is malformed or unknown."""
    group_id = policy.get("SecurityGroupId")
    require_ids("sg", f"{place}.SecurityGroupId", [group_id] if group_id else [])
    if group_id and group_id not in (call.document.get("security_groups") or {}):
        raise not_found("security group", group_id)
    for field in ("AddressTemplate", "ServiceTemplate"):
        for name, value in policy.get(field, {}).items():
            if value not in (call.document.get(_PARTS[name]) or {}):
                raise not_found(f"{place}.{field}", value)


def sameness(policy: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two rules the same one: all but place, time and description (inferred)."""
    templates = (sorted((policy.get(name) or {}).items()) for name in ("AddressTemplate", "ServiceTemplate"))
    named = [tuple(pair for pair in pairs if pair[1]) for pairs in templates]
    block = policy.get("CidrBlock") or ""
    return (
        policy["Action"].upper(),
        (policy.get("Protocol") or ("" if named[1] else "ALL")).upper(),
        (policy.get("Port") or ("" if named[1] else "ALL")).upper(),
        "0.0.0.0/0" if block.startswith("0.0.0.0/") else block,
        policy.get("Ipv6CidrBlock") or "",
        policy.get("SecurityGroupId") or "",
        *named,
    )


def require_different(policies: Iterable[Mapping[str, Any]]) -> None:
    """Raises ApiError where a list would hold a rule twice."""
    seen = set()
    for policy in policies:
        same = sameness(policy)
        if same in seen:
            raise ApiError(
                "UnsupportedOperation.DuplicatePolicy", f"The rule {' '.join(map(str, same[:4]))} is a duplicate."
            )
        seen.add(same)


def listed(policy_set: Mapping[str, Any], direction: str) -> list[Policy]:
    """The rules of one direction from the top; a list that nobody has read counts as empty."""
    rules = list(policy_set.get(direction) or ())
    numbered = all(isinstance(rule.get("PolicyIndex"), int) for rule in rules)
    return sorted(rules, key=lambda rule: rule["PolicyIndex"]) if numbered else rules


def numbered(rules: Sequence[Policy]) -> list[Policy]:
    """Each rule with its place from the top."""
    return [{**rule, "PolicyIndex": place} for place, rule in enumerate(rules)]


def one_direction(policy_set: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The one direction that a request is about, and its rules. Raises ApiError where there are two, or none."""
    given = [name for name in DIRECTIONS if policy_set.get(name)]
    if len(given) == 2:
        raise together("SecurityGroupPolicySet.Ingress", "SecurityGroupPolicySet.Egress")
    if not given:
        raise ApiError("InvalidParameterValue.Empty", "`SecurityGroupPolicySet` has no rules.")
    return given[0], policy_set[given[0]]


def inserted(call: Call, current: Mapping[str, Any], sent: Mapping[str, Any]) -> Lists:
    """
    The lists with the rules of *sent* in them: at their common PolicyIndex, without one at the bottom.

    The rules of one request stay in their order (inferred).
    """
    found = {}
    for direction in DIRECTIONS:
        if sent.get(direction):
            rules = [kept(call, each, f"{direction}.{place}") for place, each in enumerate(sent[direction])]
            old = listed(current, direction)
            place = _common_index(sent[direction], len(old))
            found[direction] = numbered([*old[:place], *rules, *old[place:]])
            require_different(found[direction])
    return found


def _common_index(sent: Sequence[Mapping[str, Any]], count: int) -> int:
    places = {each.get("PolicyIndex") for each in sent}
    if len(places) > 1:
        raise ApiError("InvalidParameterValue", "All rules of one request must have the same `PolicyIndex`, or none.")
    place = places.pop()
    if place is None:
        return count
    if not 0 <= place <= count:
        raise ApiError("InvalidParameterValue.Range", f"`PolicyIndex` is {place}, and there are {count} rules.")
    return int(place)


def without(old: list[Policy], sent: Sequence[Mapping[str, Any]]) -> list[Policy]:
    """
    The list without the rules of *sent*, all by PolicyIndex in the list as it was before, or all by content.

    Raises:
        ApiError: The two ways are mixed, an index is out of range, or there is no such rule.
    """
    by_index = ["PolicyIndex" in each for each in sent]
    if any(by_index) and (not all(by_index) or any("Action" in each for each in sent)):
        raise together("PolicyIndex", "Action")
    if all(by_index):
        gone = {each["PolicyIndex"] for each in sent}
        if not gone <= set(range(len(old))):
            raise ApiError("InvalidParameterValue.Range", f"A `PolicyIndex` is beyond the {len(old)} rules there are.")
    else:
        gone = {_place_of(old, each) for each in sent}
    return numbered([rule for place, rule in enumerate(old) if place not in gone])


def _place_of(old: Sequence[Policy], sent: Mapping[str, Any]) -> int:
    if "Action" not in sent:
        raise ApiError("InvalidParameterValue.Empty", "A rule to be deleted needs a `PolicyIndex`, or its content.")
    wanted = sameness(sent)
    for place, rule in enumerate(old):
        if sameness(rule) == wanted:
            return place
    raise ApiError("ResourceNotFound", f"There is no rule {' '.join(map(str, wanted[:4]))}.")


def require_quota(call: Call, group_id: str, lists: Mapping[str, Any]) -> None:
    """Raises ApiError where the lists hold more rules, names or members of templates than the vendor grants."""
    templates = {part: call.document.get(part) for part in _PARTS.values()}  # what is bound where does not count
    group = group_from_policy_set(group_id, lists, read_directory(templates))
    on_clb = bool(associations.balancers_of(call.document, group_id))
    for use in quotas.uses_of_group(group, on_clb=on_clb):
        if use.is_over:
            rules = use.code in (quotas.Quota.QUOTA_RULES, quotas.Quota.QUOTA_EXPANDED_RULES)
            code = "LimitExceeded.SecurityGroupPolicySet" if rules else "LimitExceeded"
            if use.code is quotas.Quota.QUOTA_CLB_GROUP_RULES:
                code = "UnsupportedOperation.ClbPolicyExceedLimit"
            raise ApiError(code, f"`{group_id}` would hold {use.count}, and the quota is {use.quota}.")


def shown(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with all the fields that the API gives, "" in those that say nothing."""
    address, service = rule.get("AddressTemplate") or {}, rule.get("ServiceTemplate") or {}
    texts = ("Protocol", "Port", "CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "PolicyDescription", "ModifyTime")
    return {
        "PolicyIndex": rule["PolicyIndex"],
        "Action": rule["Action"],
        **{name: rule.get(name) or "" for name in texts},
        "AddressTemplate": {name: address.get(name) or "" for name in ("AddressId", "AddressGroupId")},
        "ServiceTemplate": {name: service.get(name) or "" for name in ("ServiceId", "ServiceGroupId")},
    }


def require_index(rule: Mapping[str, Any], count: int) -> int:
    """The place of a rule that is to be replaced. Raises ApiError where it is not given, or out of range."""
    place = rule.get("PolicyIndex")
    if place is None:
        raise ApiError("InvalidParameterValue.Empty", "A rule that replaces another needs its `PolicyIndex`.")
    if not 0 <= place < count:
        raise ApiError("InvalidParameterValue.Range", f"`PolicyIndex` is {place}, and there are {count} rules.")
    return int(place)
