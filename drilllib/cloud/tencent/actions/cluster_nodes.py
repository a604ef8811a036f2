"""
The nodes of the cluster as the newer API lists them: native ones with their groups. API: TKE 2022-05-01.

A native machine that is no CVM instance (eks-) is in no answer of CVM: only here its groups can be read.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.actions import machines, networks
from drilllib.cloud.tencent.actions.clusters import require_cluster
from drilllib.cloud.tencent.actions.filters import field, filtered, page
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT

_SINCE = "2026-01-01T00:00:00Z"
_DISK = {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50, "AutoFormatAndMount": False, "FileSystem": "", "MountTarget": ""}
_FILTERS = {
    "InstanceIds": field("InstanceId"),
    "InstanceType": field("NodeType"),
    "NodePoolIds": field("NodePoolId"),
    "VagueIpAddress": field("LanIP"),
}


@action(
    *("tke", "2022-05-01", "DescribeClusterInstances"),
    {"ClusterId": str, "Filters?": FILTERS, "Offset?": int, "Limit?": int, "SortBy?": LEFT_OUT, "NeedTags?": LEFT_OUT},
)
def describe(call: Call) -> Mapping[str, Any]:
    """The machines of the cluster: native ones (InstanceType Native), and plain ones (Regular)."""
    require_cluster(call)
    every = [_node(call.document, item) for item in call.document.get("instances") or ()]
    found = filtered(call, every, _FILTERS)
    return {"InstanceSet": page(call, found), "TotalCount": len(found), "Errors": []}


def _node(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    pool = machines.pool_of(item)
    native = bool(pool) or not item["InstanceId"].startswith("ins-")
    return {
        "InstanceId": item["InstanceName"] if pool else item["InstanceId"],
        "InstanceRole": "WORKER",
        "FailedReason": "",
        "InstanceState": "running",
        "Unschedulable": False,
        "CreatedTime": item.get("CreatedTime") or _SINCE,
        "LanIP": item["PrivateIpAddresses"][0],
        "NodePoolId": pool,
        "Native": _native(document, item) if native else None,
        "Regular": None if native else {"InstanceAdvancedSettings": None, "AutoscalingGroupId": "", "Tags": []},
        "Super": None,
        "External": None,
        "NodeType": "Native" if native else "Regular",
    }


def _native(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    network, kind = item.get("VirtualPrivateCloud") or {}, item.get("InstanceType") or ""
    made_up = dict.fromkeys(("RenewFlag", "PayMode", "WanIp", "OsImage", "ResourceId"), "")
    return {
        "MachineName": item.get("InstanceName") or item["InstanceId"],
        "MachineState": "Running",
        "Zone": (item.get("Placement") or {}).get("Zone") or networks.zone(document),
        "InstanceChargeType": "POSTPAID_BY_HOUR",
        "CreatedAt": item.get("CreatedTime") or _SINCE,
        "LoginStatus": None,
        "IsProtectedFromScaleIn": False,
        "DisplayName": item.get("InstanceName") or "",
        "CPU": item.get("CPU") or 2,
        "GPU": 0,
        "Memory": item.get("Memory") or 2,
        "SystemDisk": _DISK,
        "InternetAccessible": {"MaxBandwidthOut": 0, "ChargeType": "", "BandwidthPackageId": ""},
        "InstanceFamily": kind.partition(".")[0],
        "LanIp": item["PrivateIpAddresses"][0],
        "InstanceType": kind,
        "ExpiredTime": None,
        "KeyIds": [],
        "GPUParams": None,
        "DataDisks": [],
        "SecurityGroupIDs": list(item.get("SecurityGroupIds") or ()),
        "VpcId": network.get("VpcId") or networks.vpc_id(document),
        "SubnetId": network.get("SubnetId") or "",
        "MachineType": "NativeCVM" if item["InstanceId"].startswith("ins-") else "Native",
        "InstanceId": item["InstanceId"],
        "Tags": [],
        "IsMigrated": False,
        **made_up,
    }
