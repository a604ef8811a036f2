"""
Pools of super nodes: nodes without a machine, on which each pod has an interface of its own. API: TKE 2018-05-25; part
`virtual_node_pools` of the document.

A super node is a Node object called eklet-SUBNET-ID [SUPER]; it has no instance, so no CLB sends to its NodePort. The
groups of its pods are those of their annotation, else the pool's (kube/controllers/super_nodes.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.cloud.tencent.actions import machines, networks
from drilllib.cloud.tencent.actions.clusters import TKE, require_cluster
from drilllib.cloud.tencent.actions.ids import require_groups
from drilllib.cloud.tencent.call import Call, Document, action, part
from drilllib.cloud.tencent.errors import ApiError, left_out, not_found
from drilllib.cloud.tencent.schema import LEFT_OUT, TAGS
from drilllib.core.snapshot.interfaces import SUPER_NODE

Pool = dict[str, Any]
_PART = "virtual_node_pools"
_COMMON = {
    "SecurityGroupIds?": [str],
    "Labels?": [{"Name": str, "Value?": str}],
    "Taints?": [{"Key": str, "Value?": str, "Effect": str}],
    "DeletionProtection?": bool,
    "SubnetAllocationPolicy?": LEFT_OUT,
}
_SPEC = {"DisplayName?": str, "SubnetId": str, "Tags?": TAGS, "Quota?": LEFT_OUT}
_CODES = ("InvalidParameter.Param", "InvalidParameter.Param")


def _pools(call: Call) -> list[Pool]:
    require_cluster(call)
    pools: list[Pool] = call.document.get(_PART) or []
    return [item for item in pools if item["ClusterId"] == call.params["ClusterId"]]


def _pool(call: Call, pool_id: str) -> Pool:
    for item in _pools(call):
        if item["NodePoolId"] == pool_id:
            return item
    raise not_found("node pool", pool_id)


@action(
    *TKE,
    "CreateClusterVirtualNodePool",
    {
        "ClusterId": str,
        "Name": str,
        **_COMMON,
        "SubnetIds?": [str],
        "VirtualNodes?": [_SPEC],
        "OS?": str,
        "AgentPlugin?": LEFT_OUT,
    },
    writes=True,
)
def create(call: Call) -> Mapping[str, Any]:
    """A new pool with the nodes that are asked for, or one in each of its subnets; they are there at once."""
    require_cluster(call)
    if call.params.get("OS", "linux") != "linux":
        raise left_out(f"super nodes of the system {call.params['OS']}")
    asked = call.params.get("VirtualNodes") or [{"SubnetId": each} for each in call.params.get("SubnetIds", ())]
    if not asked:
        raise ApiError("InvalidParameter.Param", "`VirtualNodes` or `SubnetIds` has to name a subnet.")
    pool = {
        "ClusterId": call.params["ClusterId"],
        "NodePoolId": call.services.new_id("np"),
        "Name": call.params["Name"],
        "SubnetIds": list(dict.fromkeys(each["SubnetId"] for each in asked)),
        **_changes(call, {"SecurityGroupIds": [], "Labels": [], "Taints": [], "DeletionProtection": False}),
    }
    places = {each: _addresses(call.document, each) for each in pool["SubnetIds"]}
    nodes = [_node(call, pool, each["SubnetId"], *places[each["SubnetId"]]) for each in asked]
    pool["VirtualNodes"] = [each for each, _ in nodes]
    part(call.document, "kubernetes", list).extend(node for _, node in nodes)
    part(call.document, _PART, list).append(pool)
    return {"NodePoolId": pool["NodePoolId"]}


def _changes(call: Call, before: Mapping[str, Any]) -> Pool:
    """What of a pool can be changed later: as it is given, else as before. Raises ApiError for a group that is not."""
    found = {name: call.params.get(name, value) for name, value in before.items()}
    for name in ("Labels", "Taints"):
        found[name] = [{"Value": "", **each} for each in found[name]]
    require_groups(call.document, found["SecurityGroupIds"], "SecurityGroupIds", *_CODES)
    return found


def _addresses(document: Document, subnet_id: str) -> tuple[str, Iterator[str]]:
    """The zone of a subnet, and its free addresses. Raises ApiError where it is not there."""
    for item in document.get("subnets") or ():
        if item.get("SubnetId") == subnet_id:
            return item.get("Zone") or networks.zone(document), networks.free_addresses(document, item)
    raise ApiError("InvalidParameter.Param", f"There is no subnet {subnet_id}.")


def _node(
    call: Call, pool: Pool, subnet_id: str, zone: str, free: Iterator[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A node as the API lists it, and its Node object. Raises ApiError where no address is left."""
    name, address = call.services.new_id(f"{SUPER_NODE}{subnet_id}"), next(free, None)
    if address is None:
        raise ApiError("LimitExceeded", f"The subnet {subnet_id} has no address left.")
    labels = {"kubernetes.io/hostname": name, "node.kubernetes.io/instance-type": "eklet"}
    labels |= {"topology.kubernetes.io/zone": zone, **machines.labels_of(pool)}
    listed = {"Name": name, "SubnetId": subnet_id, "Phase": "Running"}
    listed |= {"CreatedTime": f"{call.services.now():%Y-%m-%dT%H:%M:%SZ}"}
    return listed, machines.node_object(pool, name, address, labels, {})


@action(*TKE, "DescribeClusterVirtualNodePools", {"ClusterId": str})
def describe(call: Call) -> Mapping[str, Any]:
    """The pools of a cluster."""
    names = ("NodePoolId", "SubnetIds", "Name", "Labels", "Taints")
    found = [{**{name: item[name] for name in names}, "LifeState": "normal"} for item in _pools(call)]
    return {"TotalCount": len(found), "NodePoolSet": found}


@action(*TKE, "DescribeClusterVirtualNode", {"ClusterId": str, "NodePoolId?": str, "NodeNames?": [str]})
def describe_nodes(call: Call) -> Mapping[str, Any]:
    """The nodes of one pool, or of all, or those that are named."""
    pool_id, names = call.params.get("NodePoolId"), call.params.get("NodeNames")
    pools = [_pool(call, pool_id)] if pool_id else _pools(call)
    every = [node for pool in pools for node in pool["VirtualNodes"]]
    found = [node for node in every if not names or node["Name"] in names]
    return {"Nodes": found, "TotalCount": len(found)}


@action(
    *TKE,
    "ModifyClusterVirtualNodePool",
    {"ClusterId": str, "NodePoolId": str, "Name?": str, **_COMMON},
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """What is given replaces what was, on the nodes that are there too; something has to be given."""
    old = _pool(call, call.params["NodePoolId"])
    if not set(call.params) - {"ClusterId", "NodePoolId"}:
        raise ApiError("InvalidParameter.Param", "At least one parameter has to be changed.")
    names = ("Name", "SecurityGroupIds", "Labels", "Taints", "DeletionProtection")
    new = {**old, **_changes(call, {name: old[name] for name in names})}
    machines.relabelled(_nodes(call.document, [old]), old, new)
    old.update(new)
    return {}


def _nodes(document: Document, pools: list[Pool]) -> list[dict[str, Any]]:
    names = {node["Name"] for pool in pools for node in pool["VirtualNodes"]}
    items = document.get("kubernetes") or ()
    return [item for item in items if item["kind"] == "Node" and item["metadata"]["name"] in names]


@action(
    *TKE,
    "DeleteClusterVirtualNodePool",
    {"ClusterId": str, "NodePoolIds": [str], "Force?": bool},
    writes=True,
)
def delete(call: Call) -> Mapping[str, Any]:
    """The pools and their nodes are gone at once; with pods on them only by force, and never while protected."""
    gone = [_pool(call, each) for each in call.params["NodePoolIds"]]
    names = {node["Name"] for pool in gone for node in pool["VirtualNodes"]}
    items = call.document.get("kubernetes") or ()
    busy = [each for each in items if each["kind"] == "Pod" and (each.get("spec") or {}).get("nodeName") in names]
    if any(pool["DeletionProtection"] for pool in gone) or (busy and not call.params.get("Force")):
        raise ApiError("OperationDenied", "A node pool is protected from deletion, or pods run on its nodes.")
    nodes = {id(each) for each in _nodes(call.document, gone)}
    call.document["kubernetes"] = [item for item in items if id(item) not in nodes]
    call.document[_PART] = [item for item in call.document.get(_PART) or () if not any(item is each for each in gone)]
    return {}
