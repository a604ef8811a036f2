"""What uses a security group: what it is bound to, and which groups' rules name it. API: VPC 2017-03-12."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drilllib.cloud.tencent.actions.ids import require_few, require_groups
from drilllib.cloud.tencent.call import Call, Document, action

VPC = ("vpc", "2017-03-12")
_IDS = {"SecurityGroupIds": [str]}


def instances_of(document: Document, group_id: str) -> list[str]:
    """The instances it is bound to; their primary interfaces count with them."""
    return [
        item["InstanceId"]
        for item in document.get("instances") or ()
        if group_id in (item.get("SecurityGroupIds") or ())
    ]


def interfaces_of(document: Document, group_id: str) -> list[str]:
    """The interfaces it is bound to, the primary ones left out."""
    items = (item for item in document.get("network_interfaces") or () if not item.get("Primary"))
    return [item["NetworkInterfaceId"] for item in items if group_id in (item.get("GroupSet") or ())]


def balancers_of(document: Document, group_id: str) -> list[str]:
    """The CLBs it is bound to."""
    items = document.get("load_balancers") or ()
    return [item["LoadBalancerId"] for item in items if group_id in (item.get("SecureGroups") or ())]


def bound_to(document: Document, group_id: str) -> list[str]:
    """Everything it is bound to, by id."""
    return [id_ for find in (instances_of, interfaces_of, balancers_of) for id_ in find(document, group_id)]


def referring_groups(document: Document, group_id: str) -> list[str]:
    """The other groups whose rules name it."""
    groups = document.get("security_groups") or {}
    return [name for name, group in groups.items() if name != group_id and group_id in set(_named_in(group))]


def _named_in(group: Mapping[str, Any]) -> Iterator[str]:
    policy_set = group.get("SecurityGroupPolicySet") or {}
    for direction in ("Ingress", "Egress"):
        for policy in policy_set.get(direction) or ():
            if policy.get("SecurityGroupId"):
                yield policy["SecurityGroupId"]


def _group_ids(call: Call) -> Iterable[str]:
    ids = call.params["SecurityGroupIds"]
    require_few("SecurityGroupIds", ids)
    require_groups(call.document, ids, "SecurityGroupIds", "InvalidParameterValue.Malformed", "ResourceNotFound")
    return dict.fromkeys(ids)


@action(*VPC, "DescribeSecurityGroupAssociationStatistics", _IDS)
def statistics(call: Call) -> Mapping[str, Any]:
    """How much each group is used. TotalCount leaves out the rules that name it."""
    rows = [_counted(call.document, each) for each in _group_ids(call)]
    return {"SecurityGroupAssociationStatisticsSet": rows}


def _counted(document: Document, group_id: str) -> dict[str, Any]:
    counts = {
        "CVM": len(instances_of(document, group_id)),
        "CDB": 0,
        "ENI": len(interfaces_of(document, group_id)),
        "CLB": len(balancers_of(document, group_id)),
    }
    used = [{"InstanceType": name, "InstanceCount": count} for name, count in counts.items() if count]
    return {
        "SecurityGroupId": group_id,
        **counts,
        "SG": len(referring_groups(document, group_id)),
        "InstanceStatistics": used,
        "TotalCount": sum(counts.values()),
    }


@action(*VPC, "DescribeSecurityGroupReferences", _IDS)
def references(call: Call) -> Mapping[str, Any]:
    """Which groups' rules name each of these."""
    rows = [
        {"SecurityGroupId": each, "ReferredSecurityGroupIds": referring_groups(call.document, each)}
        for each in _group_ids(call)
    ]
    return {"ReferredSecurityGroupSet": rows}
