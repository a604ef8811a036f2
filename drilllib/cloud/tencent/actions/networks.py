"""VPCs and subnets, to be read only. API: VPC 2017-03-12; parts `vpcs` and `subnets` of the document."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from drilllib.cloud.tencent.actions.filters import field, filled, filtered, key_value_tags, page, require_one_way
from drilllib.cloud.tencent.actions.groups import VPC
from drilllib.cloud.tencent.actions.ids import require_few, require_ids
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import not_found
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT
from drilllib.core.snapshot.shapes import is_address

LAB_VPC = {"VpcId": "vpc-lab00001", "VpcName": "lab", "CidrBlock": "10.0.0.0/16"}
NOT_FOR_HOSTS = 3  # addresses of a subnet that the vendor keeps: the first two and the last
_VPC = {
    "VpcName": "",
    "CidrBlock": "",
    "IsDefault": False,
    "EnableMulticast": False,
    "CreatedTime": "",
    "DnsServerSet": ["183.60.83.19", "183.60.82.98"],
    "DomainName": "",
    "DhcpOptionsId": "",
    "EnableDhcp": True,
    "Ipv6CidrBlock": "",
    "TagSet": [],
    "AssistantCidrSet": [],
    "EnableRouteVpcPublish": False,
    "Ipv6CidrBlockSet": [],
    "EnableRouteVpcPublishIpv6": False,
}
_SUBNET = {
    "SubnetName": "",
    "CidrBlock": "",
    "IsDefault": False,
    "EnableBroadcast": False,
    "RouteTableId": "",
    "CreatedTime": "",
    "Ipv6CidrBlock": "",
    "NetworkAclId": "",
    "IsRemoteVpcSnat": False,
    "TagSet": [],
    "CdcId": "",
    "IsCdcSubnet": 0,
}


def vpcs(document: Document) -> list[dict[str, Any]]:
    """The VPCs of the document, or the lab's where it has none."""
    return document.get("vpcs") or [LAB_VPC]


def vpc_id(document: Document) -> str:
    """The VPC of what does not say which one it is in."""
    return str(vpcs(document)[0]["VpcId"])


def zone(document: Document) -> str:
    """The zone of what does not say which one it is in."""
    return f"{document.get('region') or 'ap-guangzhou'}-1"


def used_addresses(document: Document) -> set[str]:
    """Every private address that an instance, an interface, a pod or a node has."""
    found = {each for item in document.get("instances") or () for each in item["PrivateIpAddresses"]}
    for item in document.get("network_interfaces") or ():
        found |= {entry["PrivateIpAddress"] for entry in item["PrivateIpAddressSet"]}
    for item in document.get("kubernetes") or ():
        status = item.get("status") or {}
        found |= {entry["address"] for entry in status.get("addresses") or () if entry["type"] == "InternalIP"}
        found |= {status["podIP"]} if status.get("podIP") else set()
    return found


def free_addresses(document: Document, subnet: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of a subnet that nobody has, from the lowest; without the first two and the last."""
    block, used = IPv4Network(subnet["CidrBlock"]), used_addresses(document)
    first, last = int(block.network_address) + 2, int(block.broadcast_address) - 1
    texts = (str(IPv4Address(number)) for number in range(first, last + 1))
    return (text for text in texts if text not in used)


@action(*VPC, "DescribeVpcs", {"VpcIds?": [str], "Filters?": FILTERS, "Offset?": str, "Limit?": str})
def describe_vpcs(call: Call) -> Mapping[str, Any]:
    """VPCs by id or by filter."""
    filters = {"vpc-id": field("VpcId"), "vpc-name": field("VpcName"), "is-default": field("IsDefault")}
    every = [filled(item, _VPC) for item in vpcs(call.document)]
    found = _chosen(call, every, "vpc", "VpcId", {**filters, "cidr-block": field("CidrBlock")})
    return {"VpcSet": page(call, found), "TotalCount": len(found)}


@action(
    *VPC,
    "DescribeSubnets",
    {
        "SubnetIds?": [str],
        "Filters?": FILTERS,
        "Offset?": str,
        "Limit?": str,
        "MaxResults?": LEFT_OUT,
        "NextToken?": LEFT_OUT,
    },
)
def describe_subnets(call: Call) -> Mapping[str, Any]:
    """Subnets by id or by filter."""
    used = used_addresses(call.document)
    every = [_shown_subnet(call.document, item, used) for item in call.document.get("subnets") or ()]
    names = {"vpc-id": "VpcId", "subnet-id": "SubnetId", "subnet-name": "SubnetName", "zone": "Zone"}
    names |= {"cidr-block": "CidrBlock", "is-default": "IsDefault"}
    found = _chosen(call, every, "subnet", "SubnetId", {name: field(each) for name, each in names.items()})
    return {"SubnetSet": page(call, found), "TotalCount": len(found)}


def _shown_subnet(document: Document, item: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
    block = IPv4Network(item["CidrBlock"], strict=False) if item.get("CidrBlock") else None
    total = max(0, block.num_addresses - NOT_FOR_HOSTS) if block else 0
    numbers = (IPv4Address(each) for each in used if ":" not in each and is_address(each))  # a status may say anything
    taken = sum(each in block for each in numbers) if block else 0
    places = {"VpcId": vpc_id(document), "SubnetId": "", "Zone": zone(document)}
    counts = {"TotalIpAddressCount": total, "AvailableIpAddressCount": max(0, total - taken)}
    return filled(item, {**places, **_SUBNET, **counts})


def _chosen(
    call: Call, every: list[dict[str, Any]], prefix: str, name: str, filters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    require_one_way(call, f"{name}s")
    wanted = call.params.get(f"{name}s") or []
    require_few(f"{name}s", wanted)
    require_ids(prefix, f"{name}s", wanted)
    for each in set(wanted) - {item[name] for item in every}:
        raise not_found(name, each)
    return filtered(call, [item for item in every if not wanted or item[name] in wanted], filters, key_value_tags())
