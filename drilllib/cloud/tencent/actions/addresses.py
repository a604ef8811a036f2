"""Elastic addresses (EIP), to be read only. API: VPC 2017-03-12; what the local cloud keeps as `cloud.addresses`."""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.actions.filters import field, filled, filtered, key_value_tags, page, require_one_way
from drilllib.cloud.tencent.actions.groups import VPC
from drilllib.cloud.tencent.actions.ids import require_few
from drilllib.cloud.tencent.call import Call, action
from drilllib.cloud.tencent.schema import FILTERS

_ADDRESS: dict[str, Any] = {
    "AddressName": "",
    "AddressStatus": "BIND",
    "AddressIp": "",
    "InstanceId": None,
    "InstanceType": None,
    "CreatedTime": "2026-01-01T00:00:00Z",
    "NetworkInterfaceId": None,
    "PrivateAddressIp": None,
    "IsArrears": False,
    "IsBlocked": False,
    "IsEipDirectConnection": False,
    "AddressType": "EIP",
    "CascadeRelease": False,
    "EipAlgType": {"Ftp": False, "Sip": False},
    "InternetServiceProvider": "BGP",
    "LocalBgp": False,
    "Bandwidth": 1,
    "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
    "TagSet": [],
    "DeadlineDate": None,
    "Egress": "",
    "AntiDDoSPackageId": "",
    "RenewFlag": "",
    "BandwidthPackageId": "",
    "UnVpcId": "",
    "DedicatedClusterId": "",
    "EipVisibleOnEni": False,
}
_FILTERS = {
    "address-id": field("AddressId"),
    "address-ip": field("AddressIp"),
    "instance-id": field("InstanceId"),
    "instance-type": field("InstanceType"),
    "private-ip-address": field("PrivateAddressIp"),
    "network-interface-id": field("NetworkInterfaceId"),
}


@action(*VPC, "DescribeAddresses", {"AddressIds?": [str], "Filters?": FILTERS, "Offset?": int, "Limit?": int})
def describe(call: Call) -> Mapping[str, Any]:
    """Addresses by id or by filter; a page has 20 of them unless Limit says otherwise, ids or not."""
    require_one_way(call, "AddressIds")
    wanted = call.params.get("AddressIds") or []
    require_few("AddressIds", wanted)
    every = [filled(each, _ADDRESS) for each in (call.document.get("cloud") or {}).get("addresses") or ()]
    chosen = [each for each in every if not wanted or each["AddressId"] in wanted]
    found = filtered(call, chosen, _FILTERS, key_value_tags())
    return {"AddressSet": page(call, found), "TotalCount": len(found)}
