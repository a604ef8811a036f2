"""Network interfaces, and the groups bound to them. API: VPC 2017-03-12; part `network_interfaces` of the document."""

from collections.abc import Iterable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions import networks
from drilllib.cloud.tencent.actions.filters import field, filled, filtered, key_value_tags, page, require_one_way
from drilllib.cloud.tencent.actions.groups import VPC
from drilllib.cloud.tencent.actions.ids import require_few, require_groups, require_ids
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import ApiError, missing, not_found
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT
from drilllib.core.rules.quotas import GROUPS_PER_INTERFACE

_INTERFACE = {
    "NetworkInterfaceName": "",
    "NetworkInterfaceDescription": "",
    "SubnetId": "",
    "GroupSet": [],
    "Primary": False,
    "MacAddress": "",
    "State": "AVAILABLE",
    "NetworkInterfaceState": "INUSE",
    "Attachment": None,
    "CreatedTime": "",
    "Ipv6AddressSet": [],
    "TagSet": [],
    "Business": "cvm",
    "CdcId": "",
    "AttachType": 0,
    "ResourceId": "",
}
_ADDRESS = {
    "Primary": False,
    "PublicIpAddress": "",
    "AddressId": "",
    "Description": "",
    "IsWanIpBlocked": False,
    "State": "AVAILABLE",
    "QosLevel": "DEFAULT",
}
_ATTACHMENT = {"InstanceId": "", "DeviceIndex": 1, "InstanceAccountId": "", "AttachTime": ""}
_GROUP_CODES = ("InvalidParameterValue.Malformed", "ResourceNotFound")
_FILTERS = {
    "vpc-id": field("VpcId"),
    "subnet-id": field("SubnetId"),
    "network-interface-id": field("NetworkInterfaceId"),
    "network-interface-name": field("NetworkInterfaceName"),
    "network-interface-description": field("NetworkInterfaceDescription"),
    "attachment.instance-id": field("Attachment", "InstanceId"),
    "groups.security-group-id": field("GroupSet"),
    "address-ipv6": lambda item: [entry["Address"] for entry in item.get("Ipv6AddressSet") or ()],
    "is-primary": field("Primary"),
    "eni-type": field("EniType"),
    "ip-exact-match": lambda item: ["true", "false"],  # says how address-ip is meant, and passes everything
}


@action(
    *VPC,
    "DescribeNetworkInterfaces",
    {"NetworkInterfaceIds?": [str], "Filters?": FILTERS, "Offset?": int, "Limit?": int},
)
def describe(call: Call) -> Mapping[str, Any]:
    """Interfaces by id or by filter. A single address-ip is the end of an address, unless ip-exact-match is true."""
    require_one_way(call, "NetworkInterfaceIds")
    wanted = call.params.get("NetworkInterfaceIds") or []
    require_few("NetworkInterfaceIds", wanted)
    items = _interfaces(call.document, wanted) if wanted else call.document.get("network_interfaces") or ()
    every = [_shown(call.document, item) for item in items]
    found = filtered(call, every, {**_FILTERS, "address-ip": _addresses_meant(call)}, key_value_tags())
    return {"NetworkInterfaceSet": page(call, found), "TotalCount": len(found)}


def _addresses_meant(call: Call) -> Any:
    """What the filter address-ip looks at: the addresses, or, for a single value, what they end in."""
    filters = {each["Name"]: each["Values"] for each in call.params.get("Filters") or ()}
    values = filters.get("address-ip", [])
    exact = len(values) > 1 or [each.lower() for each in filters.get("ip-exact-match", [])][:1] == ["true"]

    def addresses(item: Mapping[str, Any]) -> Iterable[str]:
        texts = [entry["PrivateIpAddress"] for entry in item["PrivateIpAddressSet"]]
        return texts if exact else [value for value in values if any(text.endswith(value) for text in texts)]

    return addresses


def _shown(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    """The NetworkInterface object. The first address is the primary one where none says so."""
    found = filled(item, {**_INTERFACE, "VpcId": networks.vpc_id(document), "Zone": networks.zone(document)})
    first_is_primary = not any("Primary" in entry for entry in item["PrivateIpAddressSet"])
    found["PrivateIpAddressSet"] = [
        filled(entry, {**_ADDRESS, "Primary": first_is_primary and place == 0})
        for place, entry in enumerate(item["PrivateIpAddressSet"])
    ]
    if found["Attachment"]:
        found["Attachment"] = filled(found["Attachment"], _ATTACHMENT)
    return filled(found, {"EniType": 1 if found["Primary"] else 0})


def _interfaces(document: Document, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The interfaces with these ids. Raises ApiError where one is malformed or unknown."""
    by_id = {item["NetworkInterfaceId"]: item for item in document.get("network_interfaces") or ()}
    found = []
    for each in dict.fromkeys(ids):
        require_ids("eni", "NetworkInterfaceIds", [each])
        if each not in by_id:
            raise not_found("network interface", each)
        found.append(by_id[each])
    return found


_BINDING = {"NetworkInterfaceIds": [str], "SecurityGroupIds": [str]}


def _binding(call: Call) -> tuple[list[dict[str, Any]], list[str]]:
    """The interfaces and the groups of a request. The primary ones are refused: they go with their instance."""
    ids, groups = call.params["NetworkInterfaceIds"], list(dict.fromkeys(call.params["SecurityGroupIds"]))
    require_few("NetworkInterfaceIds", ids)
    require_few("SecurityGroupIds", groups)
    interfaces = _interfaces(call.document, ids)
    require_groups(call.document, groups, "SecurityGroupIds", *_GROUP_CODES)
    for item in interfaces:
        _require_secondary(item)
    return interfaces, groups


def _require_secondary(item: Mapping[str, Any]) -> None:
    if item.get("Primary"):
        raise ApiError("UnsupportedOperation", f"`{item['NetworkInterfaceId']}` is the primary one of its instance.")


def _require_room(groups: list[str]) -> None:
    if len(groups) > GROUPS_PER_INTERFACE:
        raise ApiError("LimitExceeded", f"{len(groups)} groups are more than {GROUPS_PER_INTERFACE} at one interface.")


@action(*VPC, "AssociateNetworkInterfaceSecurityGroups", _BINDING, writes=True)
def associate(call: Call) -> Mapping[str, Any]:
    """Bind groups besides those that are bound, below them."""
    interfaces, groups = _binding(call)
    new = [list(dict.fromkeys([*(item.get("GroupSet") or ()), *groups])) for item in interfaces]
    for each in new:
        _require_room(each)
    for item, each in zip(interfaces, new, strict=True):
        item["GroupSet"] = each
    return {}


@action(*VPC, "DisassociateNetworkInterfaceSecurityGroups", _BINDING, writes=True)
def disassociate(call: Call) -> Mapping[str, Any]:
    """Unbind groups; an interface may be left with none, and one that was not bound is no error (inferred)."""
    interfaces, groups = _binding(call)
    for item in interfaces:
        item["GroupSet"] = [each for each in item.get("GroupSet") or () if each not in groups]
    return {}


@action(
    *VPC,
    "ModifyNetworkInterfaceAttribute",
    {
        "NetworkInterfaceId": str,
        "NetworkInterfaceName?": str,
        "NetworkInterfaceDescription?": str,
        "SecurityGroupIds?": [str],
        "TrunkingFlag?": LEFT_OUT,
    },
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """A new name or description, or exactly these groups in this order."""
    names = [name for name in ("NetworkInterfaceName", "NetworkInterfaceDescription") if name in call.params]
    groups = call.params.get("SecurityGroupIds")
    if not names and groups is None:
        raise missing("SecurityGroupIds")
    (item,) = _interfaces(call.document, [call.params["NetworkInterfaceId"]])
    if groups is not None:
        _require_secondary(item)
        groups = list(dict.fromkeys(groups))
        require_groups(call.document, groups, "SecurityGroupIds", *_GROUP_CODES)
        _require_room(groups)
        item["GroupSet"] = groups
    item.update({name: call.params[name] for name in names})
    return {}
