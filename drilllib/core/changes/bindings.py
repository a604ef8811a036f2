"""The groups of a resource: how they are read and set, and what to go back to where somebody else changed them."""

from collections.abc import Mapping, Sequence
from typing import Any

from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.calls import CLB, CVM, VPC
from drilllib.core.changes.change import Binding
from drilllib.errors import UnknownNameError, quoted

# How a kind of resource is asked for: API, action, the parameter for ids, the list in the answer, the field of groups.
_READS = {
    "lb": (CLB, "DescribeLoadBalancers", "LoadBalancerIds", "LoadBalancerSet", "SecureGroups"),
    "ins": (CVM, "DescribeInstances", "InstanceIds", "InstanceSet", "SecurityGroupIds"),
    "eni": (VPC, "DescribeNetworkInterfaces", "NetworkInterfaceIds", "NetworkInterfaceSet", "GroupSet"),
}


def kind_of(resource: str) -> str:
    """
    ``lb``, ``ins`` or ``eni``.

    Raises:
        UnknownNameError: The id is of another kind.
    """
    kind = resource.partition("-")[0]
    if kind not in _READS:
        raise UnknownNameError(
            "Groups are not bound to {resource}",
            remedy="Give an id that begins with lb-, ins- or eni-",
            resource=quoted(resource),
        )
    return kind


def read_call(resource: str, region: str = "") -> CloudCall:
    """The call that tells the groups of a resource. Raises UnknownNameError."""
    api, action, ids, _, _ = _READS[kind_of(resource)]
    asked: dict[str, Any] = {ids: [resource]}
    return CloudCall.of(*api, action, region, **asked)


def groups_in(resource: str, page: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The groups in the answer to `read_call`; None where the resource is not in it."""
    _, _, _, rows, field = _READS[kind_of(resource)]
    return next((tuple(each.get(field) or ()) for each in page.get(rows) or ()), None)


def write_calls(change: Binding) -> tuple[CloudCall, ...]:
    """
    The calls from *before* to *after*; none where they are equal. Raises UnknownNameError.

    No such call takes a version. Where groups only go, or come below the others, each is unbound or bound by a call of
    its own, which leaves alone what somebody else binds meanwhile; another order takes the one call that sets the list.
    """
    if sets_whole_list(change):
        return (_set(change),)
    comes, goes = _comes(change), _goes(change)
    return (*(_one(change, each, binds=True) for each in comes), *(_one(change, each, binds=False) for each in goes))


def sets_whole_list(change: Binding) -> bool:
    """Does it take the call that sets the whole list?"""
    kept = tuple(each for each in change.before if each in change.after)
    return kept != change.after[: len(kept)]


def is_bound(change: Binding, present: Sequence[str]) -> bool:
    """Is the change to be seen in *present*, whatever others bind below?"""
    if sets_whole_list(change):
        return tuple(present) == change.after
    return set(_comes(change)) <= set(present) and not set(_goes(change)) & set(present)


def _comes(change: Binding) -> list[str]:
    return [each for each in change.after if each not in change.before]


def _goes(change: Binding) -> list[str]:
    return [each for each in change.before if each not in change.after]


def _set(change: Binding) -> CloudCall:
    """Exactly these groups in this order."""
    name, groups, region = change.resource, list(change.after), change.region
    kind = kind_of(name)
    if kind == "lb":
        return CloudCall.of(*CLB, "SetLoadBalancerSecurityGroups", region, LoadBalancerId=name, SecurityGroups=groups)
    if kind == "ins":
        return CloudCall.of(*CVM, "ModifyInstancesAttribute", region, InstanceIds=[name], SecurityGroups=groups)
    action = "ModifyNetworkInterfaceAttribute"
    return CloudCall.of(*VPC, action, region, NetworkInterfaceId=name, SecurityGroupIds=groups)


def _one(change: Binding, group: str, *, binds: bool) -> CloudCall:
    """One group more, below the others, or one less."""
    name, region, verb = change.resource, change.region, "Associate" if binds else "Disassociate"
    kind = kind_of(name)
    if kind == "lb":
        action, way = "SetSecurityGroupForLoadbalancers", "ADD" if binds else "DEL"
        return CloudCall.of(*CLB, action, region, SecurityGroup=group, OperationType=way, LoadBalancerIds=[name])
    if kind == "ins":
        return CloudCall.of(*CVM, f"{verb}SecurityGroups", region, InstanceIds=[name], SecurityGroupIds=[group])
    action = f"{verb}NetworkInterfaceSecurityGroups"
    return CloudCall.of(*VPC, action, region, NetworkInterfaceIds=[name], SecurityGroupIds=[group])


def unbound(change: Binding, present: Sequence[str]) -> tuple[str, ...]:
    """The groups *present* without *change*: ours go, those that we unbound come back, all others stay."""
    if set(present) <= {*change.before, *change.after}:
        gone = {each for each in change.before if each in change.after and each not in present}
        return tuple(each for each in change.before if each not in gone)
    found = [each for each in present if each in change.before or each not in change.after]
    for place, each in enumerate(change.before):
        if each not in found and each not in change.after:
            above = [one for one in change.before[:place] if one in found]
            found.insert(found.index(above[-1]) + 1 if above else 0, each)
    return tuple(found)


def chained(changes: Sequence[Binding]) -> Binding:
    """Changes of one resource, in the order they were made, as one."""
    return Binding(changes[0].resource, changes[0].before, changes[-1].after, changes[0].region)
