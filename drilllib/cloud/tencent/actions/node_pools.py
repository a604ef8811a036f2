"""
Native node pools and their machines. API: TKE 2022-05-01; part `node_pools` of the document.

A pool is kept as it was sent, with the texts that were left out as "", because the Terraform provider compares. Its
scripts are sent in base64 and read back decoded: the provider's code encodes what it reads.
"""

import base64
import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from drilllib.cloud.tencent.actions import machines, networks
from drilllib.cloud.tencent.actions.clusters import require_cluster
from drilllib.cloud.tencent.actions.filters import field, filled, filtered, page
from drilllib.cloud.tencent.actions.ids import require_groups
from drilllib.cloud.tencent.actions.pool_schema import (
    COMMON,
    CREATE_NATIVE,
    DEFAULT_ITEMS,
    DEFAULT_NATIVE,
    UPDATE_NATIVE,
)
from drilllib.cloud.tencent.call import Call, Document, action, part
from drilllib.cloud.tencent.errors import ApiError, left_out, missing, not_found
from drilllib.cloud.tencent.schema import FILTERS

TKE = ("tke", "2022-05-01")
Pool = dict[str, Any]
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_LISTS = ("Labels", "Taints", "Tags", "Annotations")
_PAGE = {"Filters?": FILTERS, "Offset?": int, "Limit?": int}


def _pools(document: Document, cluster_id: str) -> list[Pool]:
    return [item for item in document.get("node_pools") or () if item["ClusterId"] == cluster_id]


def _pool(call: Call) -> Pool:
    require_cluster(call)
    for item in _pools(call.document, call.params["ClusterId"]):
        if item["NodePoolId"] == call.params["NodePoolId"]:
            return item
    raise not_found("node pool", call.params["NodePoolId"])


@action(
    *TKE,
    "CreateNodePool",
    {"ClusterId": str, "Name": str, "Type": str, **COMMON, "Native?": CREATE_NATIVE},
    writes=True,
)
def create(call: Call) -> Mapping[str, Any]:
    """A new pool with its machines; they are there at once, while the pool may say `Creating` for a while."""
    require_cluster(call)
    if call.params["Type"] != "Native":
        raise left_out(f"node pools of the type {call.params['Type']}")
    if "Native" not in call.params:
        raise missing("Native")
    pool = {
        "ClusterId": call.params["ClusterId"],
        "NodePoolId": call.services.new_id("np"),
        "Name": call.params["Name"],
        "Type": "Native",
        **{name: [] for name in _LISTS},
        **_filled_items({name: call.params[name] for name in _LISTS if name in call.params}),
        **{name: call.params.get(name, False) for name in ("DeletionProtection", "Unschedulable")},
        "CreatedAt": f"{call.services.now():{_TIME}}",
        "Native": filled(_filled_items(call.params["Native"]), copy.deepcopy(DEFAULT_NATIVE)),
    }
    _require_sense(call, pool)
    machines.scaled(call, pool, pool["Native"]["Replicas"])
    part(call.document, "node_pools", list).append(pool)
    return {"NodePoolId": pool["NodePoolId"]}


def _filled_items(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields; the items of the lists among them have the texts back that say nothing."""
    filled_lists = {
        name: [filled(item, defaults) for item in fields[name]]
        for name, defaults in DEFAULT_ITEMS.items()
        if name in fields
    }
    return {**fields, **filled_lists}


def _require_sense(call: Call, pool: Pool) -> None:
    """Raises ApiError where subnets or groups are not there, or the number of machines is none."""
    native, subnets = pool["Native"], {item.get("SubnetId") for item in call.document.get("subnets") or ()}
    unknown = [each for each in native["SubnetIds"] if each not in subnets]
    if unknown or not native["SubnetIds"]:
        raise ApiError("InvalidParameter.Param", f"There is no subnet {', '.join(unknown) or 'given'}.")
    codes = ("InvalidParameter.Param", "InvalidParameter.Param")
    require_groups(call.document, native["SecurityGroupIds"], "SecurityGroupIds", *codes)
    if native["Replicas"] < 0 or native["MachineType"] not in ("", "Native", "NativeCVM"):
        raise ApiError("InvalidParameter.Param", "`Replicas` or `MachineType` has a value that is not supported.")
    for name, script in native["Lifecycle"].items():
        if _decoded(script) is None:
            raise ApiError("InvalidParameter.Param", f"`Native.Lifecycle.{name}` is no text in base64.")


def _decoded(script: str) -> str | None:
    """The text that stands in base64; None where that is none."""
    try:
        return base64.b64decode(script, validate=True).decode("utf-8")
    except ValueError:
        return None


@action(*TKE, "DescribeNodePools", {"ClusterId": str, **_PAGE})
def describe(call: Call) -> Mapping[str, Any]:
    """The pools of a cluster. The filters are called NodePoolsId and NodePoolsName; tags are those of the machines."""
    require_cluster(call)
    filters = {"NodePoolsId": field("NodePoolId"), "NodePoolsName": field("Name")}
    every = [_shown(call, item) for item in _pools(call.document, call.params["ClusterId"])]
    found = filtered(call, every, filters, _tags)
    return {"NodePools": page(call, found), "TotalCount": len(found)}


def _tags(pool: Pool) -> list[tuple[str, str]]:
    return [(tag["Key"], tag.get("Value", "")) for each in pool["Tags"] for tag in each.get("Tags") or ()]


def _shown(call: Call, pool: Pool) -> Pool:
    until = datetime.strptime(f"{pool['CreatedAt']}+0000", f"{_TIME}%z") + timedelta(seconds=call.services.pool_seconds)
    creating = call.services.now() < until
    ready = 0 if creating else len(machines.of_pool(call.document, pool["NodePoolId"]))
    scripts = {name: _decoded(script) for name, script in pool["Native"]["Lifecycle"].items()}
    native = {**pool["Native"], "ReadyReplicas": ready, "Lifecycle": scripts}
    others = dict.fromkeys(("Super", "Regular", "External"))
    return {**pool, "LifeState": "Creating" if creating else "Running", "Native": native, **others}


@action(
    *TKE,
    "ModifyNodePool",
    {"ClusterId": str, "NodePoolId": str, "Name?": str, **COMMON, "Native?": UPDATE_NATIVE},
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """
    What is given replaces what was. Labels, taints and Unschedulable reach the machines that are there; other groups
    only new machines, or all with UpdateExistedNode (inferred from the parameter's name).
    """
    old = _pool(call)
    sent = {name: value for name, value in call.params.get("Native", {}).items() if name != "UpdateExistedNode"}
    plain = {name: call.params[name] for name in call.params if name not in ("ClusterId", "NodePoolId", "Native")}
    new = {**old, **_filled_items(plain), "Native": filled(_filled_items(sent), old["Native"])}
    _require_sense(call, new)
    machines.scaled(call, new, new["Native"]["Replicas"])
    machines.refreshed(call.document, old, new)
    if call.params.get("Native", {}).get("UpdateExistedNode"):
        for item in machines.of_pool(call.document, new["NodePoolId"]):
            item["SecurityGroupIds"] = list(new["Native"]["SecurityGroupIds"])
    old.update(new)
    return {}


@action(*TKE, "DeleteNodePool", {"ClusterId": str, "NodePoolId": str}, writes=True)
def delete(call: Call) -> Mapping[str, Any]:
    """The pool and its machines are gone at once; refused while the pool is protected."""
    pool = _pool(call)
    if pool["DeletionProtection"]:
        raise ApiError("OperationDenied", f"The node pool `{pool['NodePoolId']}` is protected from deletion.")
    machines.remove(call.document, machines.of_pool(call.document, pool["NodePoolId"]))
    call.document["node_pools"] = [item for item in call.document["node_pools"] if item is not pool]
    return {}


@action(*TKE, "DescribeClusterMachines", {"ClusterId": str, **_PAGE})
def describe_machines(call: Call) -> Mapping[str, Any]:
    """The machines of all native pools of a cluster."""
    require_cluster(call)
    pools = _pools(call.document, call.params["ClusterId"])
    every = [(pool, item) for pool in pools for item in machines.of_pool(call.document, pool["NodePoolId"])]
    filters = {"NodePoolsId": lambda pair: [pair[0]["NodePoolId"]], "NodePoolsName": lambda pair: [pair[0]["Name"]]}
    found = [_machine(call.document, *pair) for pair in filtered(call, every, filters)]
    return {"Machines": page(call, found), "TotalCount": len(found)}


def _machine(document: Document, pool: Pool, item: Mapping[str, Any]) -> dict[str, Any]:
    native, kind = pool["Native"], item.get("InstanceType") or ""
    return {
        "MachineName": item["InstanceName"],
        "MachineState": "Running",
        "Zone": (item.get("Placement") or {}).get("Zone") or networks.zone(document),
        "InstanceChargeType": native["InstanceChargeType"],
        "CreatedAt": item.get("CreatedTime") or "",
        "LoginStatus": None,
        "IsProtectedFromScaleIn": False,
        "DisplayName": item["InstanceName"],
        "GPU": 0,
        "CPU": item.get("CPU") or 2,
        "RenewFlag": "",
        "PayMode": "",
        "Memory": item.get("Memory") or 2,
        "SystemDisk": native["SystemDisk"],
        "InternetAccessible": {"MaxBandwidthOut": 0, "ChargeType": "", "BandwidthPackageId": ""},
        "InstanceFamily": kind.partition(".")[0],
        "LanIP": item["PrivateIpAddresses"][0],
        "InstanceType": kind,
        "ExpiredTime": None,
    }
