"""
Nodes and what else the cluster consists of, looked up in the plain document; pods are in walker_pods.py.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass

import walker_network
from reference import Address, parsed_address, parsed_network

Document = dict

SWITCHED_OFF = ("STOPPED", "SHUTDOWN", "LAUNCH_FAILED", "TERMINATED")


def family(text: str) -> int:
    """4 or 6."""
    return parsed_address(text).version


def objects(document: Document, kind: str) -> list[dict]:
    """All Kubernetes objects of a kind."""
    return [item for item in document.get("kubernetes") or [] if item["kind"] == kind]


def same_name(item: dict, namespace: str, name: str) -> bool:
    """Whether an object is the one that is called so."""
    return (item["metadata"]["namespace"], item["metadata"]["name"]) == (namespace, name)


def is_complete(document: Document, kind: str) -> bool:
    """Whether every object of a kind is in the snapshot; an empty part has them all."""
    if document.get("kubernetes") == []:
        return True
    listed = (document.get("complete") or {}).get("kubernetes") or []
    return document.get("kubernetes") is not None and kind in listed


def is_complete_for(document: Document, kind: str, namespace: str | None) -> bool:
    """Whether every object of a kind is in the snapshot, or every one of a namespace where one is named."""
    return is_complete(document, kind) or (namespace is not None and is_complete(document, f"{namespace}/{kind}"))


# Nodes.


@dataclass(frozen=True)
class Node:
    """
    A node that the CLB sends to.

    *kubernetes* is its name there, None where that is not known. *called* is its name in answers. *groups* is None
    when they were not read. *addresses* are its own, in order, and *asked* is the one that the CLB sends to. *object*
    is its Node, None when it was not read.
    """

    called: str
    kubernetes: str | None
    groups: list[str] | None
    addresses: list[Address]
    asked: Address
    state: str | None
    object: dict | None


def addresses_of(instance: dict) -> list[str]:
    """An instance's private addresses of both families."""
    return [*instance["PrivateIpAddresses"], *(instance.get("IPv6Addresses") or [])]


def addresses_of_object(node: dict) -> list[str]:
    """What Kubernetes calls the addresses of a node; names are among them."""
    return [entry["address"] for entry in node["status"]["addresses"]]


def is_on_host_network(pod: dict) -> bool:
    """Whether a Pod uses its node's network."""
    return bool(pod["spec"].get("hostNetwork"))


def addresses_of_host(pod: dict) -> set[str]:
    """What a Pod says about its node's addresses: its hostIP, and its own where it is on the node's network."""
    told = {pod["status"]["hostIP"]} if pod["status"].get("hostIP") else set()
    return told | (addresses_of_pod(pod) if is_on_host_network(pod) else set())


def node_name(document: Document, addresses: list[str]) -> str | None:
    """Kubernetes' name of the node with one of the addresses: by its Node object, else by a Pod on it."""
    for node in objects(document, "Node"):
        if set(addresses_of_object(node)) & set(addresses):
            return node["metadata"]["name"]
    for pod in objects(document, "Pod"):
        if pod["spec"].get("nodeName") and addresses_of_host(pod) & set(addresses):
            return pod["spec"]["nodeName"]
    return None


def node_of(document: Document, target: dict) -> Node:
    """The node that is registered as a target."""
    instance = instance_of(document, target) or {}
    own = addresses_of(instance) if instance else []
    every = own + list(target.get("PrivateIpAddresses") or [])
    name = node_name(document, every)
    found = [item for item in objects(document, "Node") if name and item["metadata"]["name"] == name]
    return Node(
        called=name or instance.get("InstanceName") or target.get("InstanceId") or every[0],
        kubernetes=name,
        groups=instance.get("SecurityGroupIds"),
        addresses=[parsed_address(text) for text in every],
        asked=parsed_address((target.get("PrivateIpAddresses") or own)[0]),
        state=instance.get("InstanceState"),
        object=found[0] if found else None,
    )


def instance_of(document: Document, target: dict) -> dict | None:
    """The instance that a target names; of one that names none only the address is known."""
    instances, name = document.get("instances") or [], target.get("InstanceId")
    return next((item for item in instances if item["InstanceId"] == name), None)


def instance_called(document: Document, name: str | None) -> dict | None:
    """The instance of a node of Kubernetes; None when it was not read."""
    for instance in instances_here(document):
        if name and node_name(document, addresses_of(instance)) == name:
            return instance
    return None


def instance_at(document: Document, address: str) -> dict | None:
    """The instance that has an address, in the cluster's VPC as far as that is known."""
    return next((item for item in instances_here(document) if address in addresses_of(item)), None)


# VPCs.


def vpc_of(instance: dict) -> str | None:
    """Where an instance is; None where it does not say."""
    return (instance.get("VirtualPrivateCloud") or {}).get("VpcId") or None


def vpc_of_cluster(document: Document) -> str | None:
    """As the cluster says, else what all its nodes that tell one have in common; None: not known."""
    settings = (document.get("cluster") or {}).get("ClusterNetworkSettings") or {}
    if settings.get("VpcId"):
        return settings["VpcId"]
    named = [item for item in document.get("instances") or [] if node_name(document, addresses_of(item))]
    found = {vpc_of(item) for item in named} - {None}
    return found.pop() if len(found) == 1 else None


def instances_here(document: Document) -> list[dict]:
    """The instances that are not known to be in another VPC than the cluster."""
    own = vpc_of_cluster(document)
    return [item for item in document.get("instances") or [] if own is None or vpc_of(item) in (None, own)]


def interfaces_here(document: Document) -> list[dict]:
    """The interfaces that are not known to be in another VPC than the cluster."""
    own = vpc_of_cluster(document)
    every = document.get("network_interfaces") or []
    return [item for item in every if own is None or not item.get("VpcId") or item["VpcId"] == own]


def is_in_another_vpc(document: Document, balancer: dict, target: dict) -> bool:
    """Whether the CLB names a VPC, and those of CLB and target are not all one."""
    own = {balancer.get("VpcId"), (balancer.get("TargetRegionInfo") or {}).get("VpcId")} - {None, ""}
    instance = instance_of(document, target) if kind_of(target) == "CVM" else None
    there = (vpc_of(instance) if instance else None) or vpc_of_cluster(document)
    return bool(own) and len(own | ({there} if there else set())) > 1


def is_node(document: Document, address: str) -> bool:
    """Whether an address is that of a node, as the instance, the Node object or a Pod says."""
    known = {text for node in objects(document, "Node") for text in addresses_of_object(node)}
    known |= {text for pod in objects(document, "Pod") for text in addresses_of_host(pod)}
    return instance_at(document, address) is not None or address in known


def is_elsewhere(document: Document, target: dict) -> bool:
    """Whether a target names an instance that was read and has other addresses of that family than the target's."""
    instance, told = instance_of(document, target), target.get("PrivateIpAddresses") or []
    if instance is None or not told:
        return False
    own = [text for text in addresses_of(instance) if family(text) == family(told[0])]
    return bool(own) and told[0] not in own


def node_called(document: Document, name: str | None) -> dict | None:
    """The Node object of a name."""
    return next((item for item in objects(document, "Node") if item["metadata"]["name"] == name), None)


def is_lost(node: dict | None) -> bool:
    """Whether Kubernetes has lost contact with a node, or says that its network is not there."""
    conditions = (((node or {}).get("status") or {}).get("conditions")) or []
    told = {(item["type"], item["status"]) for item in conditions}
    return bool(told & {("Ready", "Unknown"), ("NetworkUnavailable", "True")})


# Subnets.


def has_network_acl(document: Document, addresses: list[Address]) -> bool:
    """Whether one of the addresses is in a subnet that names a network ACL."""
    guarded = [item for item in document.get("subnets") or [] if item.get("NetworkAclId")]
    blocks = [item.get(field) for item in guarded for field in ("CidrBlock", "Ipv6CidrBlock")]
    return any(address in parsed_network(block) for block in blocks if block for address in addresses)


# Targets.


def kind_of(target: dict) -> str:
    """CVM for a node, ENI for a pod; the API spells it in either case."""
    return (target.get("Type") or "").upper()


def is_pod_target(document: Document, target: dict) -> bool:
    """Whether a pod is registered itself: by its interface, or under GlobalRouter by its route."""
    routed = walker_network.is_global_router(document)
    return kind_of(target) in (("ENI", "GLOBALROUTE") if routed else ("ENI",))


def target_family(document: Document, target: dict) -> int:
    """The family of the address at which the CLB reaches a target."""
    if target.get("PrivateIpAddresses"):
        return family(target["PrivateIpAddresses"][0])
    return next(item.version for item in node_of(document, target).addresses)


def addresses_of_pod(pod: dict) -> set[str]:
    """The addresses of a Pod object, of both families."""
    status = pod["status"]
    return {entry["ip"] for entry in status.get("podIPs") or []} | {
        status[key] for key in ("podIP",) if status.get(key)
    }


def addresses_of_interface(interface: dict) -> list[str]:
    """The private addresses of an interface, of both families."""
    four = [entry["PrivateIpAddress"] for entry in interface.get("PrivateIpAddressSet") or []]
    return four + [entry["Address"] for entry in interface.get("Ipv6AddressSet") or []]
