"""
The machines of native node pools: an instance and a Node object each, made and removed together.

A machine is called NP-ID-yyyyy, and the Terraform provider finds a pool's machines by that beginning. Its Node is named
by its address, as TKE names nodes unless told otherwise (inferred for native nodes).
"""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions import networks
from drilllib.cloud.tencent.call import Call, Document, part
from drilllib.cloud.tencent.errors import ApiError

Pool = Mapping[str, Any]
Item = dict[str, Any]


def of_pool(document: Document, pool_id: str) -> list[Item]:
    """The instances of a pool, the oldest first."""
    items = document.get("instances") or ()
    return [item for item in items if (item.get("InstanceName") or "").startswith(f"{pool_id}-")]


def pool_of(item: Mapping[str, Any]) -> str:
    """The pool that an instance is of, by its name; "" where it is of none."""
    words = (item.get("InstanceName") or "").split("-")
    return "-".join(words[:2]) if words[0] == "np" and len(words) == 3 else ""


def scaled(call: Call, pool: Pool, count: int) -> None:
    """
    Have the pool so many machines: new ones in its first subnet that has an address left, the newest go first.

    Raises:
        ApiError: There are not enough addresses; nothing has changed.
    """
    own = of_pool(call.document, pool["NodePoolId"])
    new = [] if count <= len(own) else _addresses(call, pool, count - len(own))
    remove(call.document, own[count:])
    for address, subnet in new:
        _add(call, pool, address, subnet)


def _addresses(call: Call, pool: Pool, count: int) -> list[tuple[str, Item]]:
    subnets = {item.get("SubnetId"): item for item in call.document.get("subnets") or ()}
    found: list[tuple[str, Item]] = []
    for subnet_id in pool["Native"]["SubnetIds"]:
        subnet = subnets[subnet_id]
        for address in networks.free_addresses(call.document, subnet):
            if len(found) == count:
                return found
            found.append((address, subnet))
    if len(found) < count:
        raise ApiError("LimitExceeded", f"The subnets have {len(found)} addresses left, and {count} are needed.")
    return found


def _add(call: Call, pool: Pool, address: str, subnet: Mapping[str, Any]) -> None:
    name = call.services.new_id(pool["NodePoolId"], 5)
    is_cvm = pool["Native"]["MachineType"] == "NativeCVM"
    instance_id = call.services.new_id("ins" if is_cvm else "eks")
    vpc = subnet.get("VpcId") or networks.vpc_id(call.document)
    zone = subnet.get("Zone") or networks.zone(call.document)
    kind = (pool["Native"]["InstanceTypes"] or [""])[0]
    part(call.document, "instances", list).append(
        {
            "InstanceId": instance_id,
            "InstanceName": name,
            "InstanceType": kind,
            "InstanceState": "RUNNING",
            "CreatedTime": f"{call.services.now():%Y-%m-%dT%H:%M:%SZ}",
            "PrivateIpAddresses": [address],
            "SecurityGroupIds": list(pool["Native"]["SecurityGroupIds"]),
            "VirtualPrivateCloud": {"VpcId": vpc, "SubnetId": subnet["SubnetId"], "AsVpcGateway": False},
            "Placement": {"Zone": zone, "ProjectId": 0, "HostId": ""},
        }
    )
    part(call.document, "kubernetes", list).append(_node(pool, address, instance_id, kind, zone))


def _node(pool: Pool, address: str, instance_id: str, kind: str, zone: str) -> Item:
    labels = {
        "kubernetes.io/hostname": address,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": kind,
        "topology.kubernetes.io/zone": zone,
        "node.tke.cloud.tencent.com/machineset": pool["NodePoolId"],
        **labels_of(pool),
    }
    return node_object(pool, address, address, labels, {"providerID": f"qcloud:///{zone}/{instance_id}"})


def node_object(pool: Pool, name: str, address: str, labels: Mapping[str, str], spec: Mapping[str, Any]) -> Item:
    """A Node that is Ready, with what its pool says."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {**spec, **_spec(pool)},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def labels_of(pool: Pool) -> dict[str, str]:
    """The labels that the pool gives its nodes."""
    return {label["Name"]: label.get("Value", "") for label in pool.get("Labels") or ()}


def _spec(pool: Pool) -> Item:
    taints = [
        {"key": taint["Key"], "value": taint.get("Value", ""), "effect": taint["Effect"]}
        for taint in pool.get("Taints") or ()
    ]
    return ({"taints": taints} if taints else {}) | ({"unschedulable": True} if pool.get("Unschedulable") else {})


def refreshed(document: Document, old: Pool, new: Pool) -> None:
    """Pass changed labels, taints and Unschedulable of a pool on to its Nodes."""
    addresses = {item["PrivateIpAddresses"][0] for item in of_pool(document, new["NodePoolId"])}
    relabelled(_nodes(document, addresses), old, new)


def relabelled(nodes: list[Item], old: Pool, new: Pool) -> None:
    """The Nodes of a pool follow its labels, taints and Unschedulable."""
    for node in nodes:
        labels = node["metadata"].setdefault("labels", {})
        for name in labels_of(old):
            labels.pop(name, None)
        labels |= labels_of(new)
        kept = {
            name: value for name, value in (node.get("spec") or {}).items() if name not in ("taints", "unschedulable")
        }
        node["spec"] = kept | _spec(new)


def _nodes(document: Document, addresses: set[str]) -> list[Item]:
    return [
        item
        for item in document.get("kubernetes") or ()
        if item["kind"] == "Node"
        and addresses & {each["address"] for each in (item.get("status") or {}).get("addresses") or ()}
    ]


def remove(document: Document, gone: list[Item]) -> None:
    """
    Remove instances with their Nodes and interfaces.

    What ran on them, and the targets of CLBs that they were, is for the cluster's controllers to see to.
    """
    ids = {item["InstanceId"] for item in gone}
    nodes = {id(node) for node in _nodes(document, {item["PrivateIpAddresses"][0] for item in gone})}
    parts: dict[str, Callable[[Item], bool]] = {
        "instances": lambda item: item["InstanceId"] not in ids,
        "network_interfaces": lambda item: (item.get("Attachment") or {}).get("InstanceId") not in ids,
        "kubernetes": lambda item: id(item) not in nodes,
    }
    for name, stays in parts.items():
        if ids and document.get(name) is not None:
            document[name] = [item for item in document[name] if stays(item)]
