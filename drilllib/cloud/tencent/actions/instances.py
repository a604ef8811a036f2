"""CVM instances, and the groups bound to them. API: CVM 2017-03-12; part `instances` of the document."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions import networks
from drilllib.cloud.tencent.actions.filters import field, filled, filtered, key_value_tags, page, require_one_way
from drilllib.cloud.tencent.actions.ids import is_id, require_few, require_groups
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import ApiError, malformed, missing, not_found, together
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT
from drilllib.core.rules.quotas import GROUPS_PER_INTERFACE

CVM = ("cvm", "2017-03-12")
_INSTANCE = {
    "InstanceType": "SA2.MEDIUM2",
    "CPU": 2,
    "Memory": 2,
    "RestrictState": "NORMAL",
    "InstanceName": "",
    "InstanceChargeType": "POSTPAID_BY_HOUR",
    "DataDisks": [],
    "PublicIpAddresses": None,
    "ImageId": "",
    "SystemDisk": {"DiskType": "CLOUD_PREMIUM", "DiskId": "", "DiskSize": 50},
    "InternetAccessible": {"InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR", "InternetMaxBandwidthOut": 0},
    "RenewFlag": None,
    "CreatedTime": "2026-01-01T00:00:00Z",
    "ExpiredTime": None,
    "OsName": "",
    "SecurityGroupIds": [],
    "LoginSettings": {"KeyIds": None},
    "InstanceState": "RUNNING",
    "Tags": [],
    "StopChargingMode": "NOT_APPLICABLE",
    "Uuid": "",
    "LatestOperation": None,
    "LatestOperationState": None,
    "LatestOperationRequestId": None,
    "DisasterRecoverGroupId": "",
    "IPv6Addresses": None,
    "CamRoleName": None,
    "HpcClusterId": "",
    "RdmaIpAddresses": None,
    "DedicatedClusterId": "",
    "IsolatedSource": "NOTISOLATED",
    "DisableApiTermination": False,
    "DefaultLoginUser": "root",
    "DefaultLoginPort": 22,
    "LatestOperationErrorMsg": None,
}
_FILTERS = {
    "instance-id": field("InstanceId"),
    "instance-name": field("InstanceName"),
    "instance-state": field("InstanceState"),
    "private-ip-address": field("PrivateIpAddresses"),
    "security-group-id": field("SecurityGroupIds"),
    "vpc-id": field("VirtualPrivateCloud", "VpcId"),
    "subnet-id": field("VirtualPrivateCloud", "SubnetId"),
    "zone": field("Placement", "Zone"),
}
Change = Callable[[list[str]], list[str]]


def of_cvm(document: Document) -> dict[str, dict[str, Any]]:
    """The instances that CVM knows, by id: native nodes that are no CVM (eks-) are not among them."""
    items = document.get("instances") or ()
    return {item["InstanceId"]: item for item in items if item["InstanceId"].startswith("ins-")}


@action(*CVM, "DescribeInstances", {"InstanceIds?": [str], "Filters?": FILTERS, "Offset?": int, "Limit?": int})
def describe(call: Call) -> Mapping[str, Any]:
    """Instances by id or by filter; one that is not there is left out."""
    require_one_way(call, "InstanceIds")
    wanted = call.params.get("InstanceIds") or []
    _require_ids(wanted)
    items = [item for name, item in of_cvm(call.document).items() if not wanted or name in wanted]
    found = filtered(call, [_shown(call.document, item) for item in items], _FILTERS, key_value_tags("Tags"))
    return {"InstanceSet": page(call, found), "TotalCount": len(found)}


def _require_ids(ids: list[str]) -> None:
    require_few("InstanceIds", ids)
    for each in ids:
        if not is_id("ins", each):
            raise malformed("InstanceIds", each, "InvalidInstanceId.Malformed")


def _shown(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    addresses = item["PrivateIpAddresses"]
    network = {"VpcId": networks.vpc_id(document), "SubnetId": "", "AsVpcGateway": False}
    network |= {"PrivateIpAddresses": addresses, "Ipv6AddressCount": len(item.get("IPv6Addresses") or ())}
    place = {"Zone": networks.zone(document), "ProjectId": 0, "HostId": ""}
    return filled(item, {**_INSTANCE, "VirtualPrivateCloud": network, "Placement": place})


def _instances(call: Call) -> list[dict[str, Any]]:
    """The instances of a request. Raises ApiError where one is malformed or unknown."""
    ids = list(dict.fromkeys(call.params["InstanceIds"]))
    _require_ids(ids)
    known = of_cvm(call.document)
    for each in ids:
        if each not in known:
            raise not_found("instance", each, "InvalidInstanceId.NotFound")
    return [known[each] for each in ids]


def _bind(call: Call, change: Change) -> Mapping[str, Any]:
    """Change the groups of every instance of a request, or of none; the primary interface has the same groups."""
    instances = _instances(call)
    new = [change(list(item.get("SecurityGroupIds") or ())) for item in instances]
    if any(len(groups) > GROUPS_PER_INTERFACE for groups in new):
        code = "LimitExceeded.AssociateUSGLimitExceeded"
        raise ApiError(code, f"An instance can have {GROUPS_PER_INTERFACE} security groups.")
    for item, groups in zip(instances, new, strict=True):
        item["SecurityGroupIds"] = groups
        item |= {"LatestOperationState": "SUCCESS", "LatestOperationRequestId": call.request_id}
        for each in call.document.get("network_interfaces") or ():
            if each.get("Primary") and (each.get("Attachment") or {}).get("InstanceId") == item["InstanceId"]:
                each["GroupSet"] = list(groups)
    return {}


def _require_groups(call: Call, ids: list[str]) -> None:
    require_groups(call.document, ids, "SecurityGroupIds", "InvalidSgId.Malformed", "InvalidSecurityGroupId.NotFound")


def _one_group(call: Call) -> str:
    """The parameter is a list, but takes one group a call."""
    ids: list[str] = call.params["SecurityGroupIds"]
    require_few("SecurityGroupIds", ids, 1)
    if not ids:
        raise missing("SecurityGroupIds")
    _require_groups(call, ids)
    return ids[0]


_BINDING = {"SecurityGroupIds": [str], "InstanceIds": [str]}


@action(*CVM, "AssociateSecurityGroups", _BINDING, writes=True)
def associate(call: Call) -> Mapping[str, Any]:
    """Bind one group, below those that are bound."""
    group_id = _one_group(call)
    return _bind(call, lambda groups: groups if group_id in groups else [*groups, group_id])


@action(*CVM, "DisassociateSecurityGroups", _BINDING, writes=True)
def disassociate(call: Call) -> Mapping[str, Any]:
    """Unbind one group; one that is not bound is an error (inferred)."""
    group_id = _one_group(call)
    for item in _instances(call):
        if group_id not in (item.get("SecurityGroupIds") or ()):
            code = "FailedOperation.SecurityGroupActionFailed"
            raise ApiError(code, f"`{group_id}` is not bound to `{item['InstanceId']}`.")
    return _bind(call, lambda groups: [each for each in groups if each != group_id])


_LEFT_OUT = ("UserData", "CamRoleName", "HostName", "DisableApiTermination", "CamRoleType", "AutoReboot")


@action(
    *CVM,
    "ModifyInstancesAttribute",
    {
        "InstanceIds": [str],
        "InstanceName?": str,
        "SecurityGroups?": [str],
        **{f"{name}?": LEFT_OUT for name in (*_LEFT_OUT, "EnableJumboFrame")},
    },
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """Exactly these groups in this order, or a new name: one of the two a call."""
    name, groups = call.params.get("InstanceName"), call.params.get("SecurityGroups")
    if name is not None and groups is not None:
        raise together("InstanceName", "SecurityGroups")
    if name is not None:
        for item in _instances(call):
            item["InstanceName"] = name
        return {}
    if not groups:
        raise missing("SecurityGroups")
    _require_groups(call, groups)
    return _bind(call, lambda _: list(dict.fromkeys(groups)))
