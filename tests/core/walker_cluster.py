"""
Nodes and what else the cluster consists of, looked up in the plain document; pods are in walker_pods.py.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reference import Address, parsed_address

Document = dict


def family(text: str) -> int:
    """4 or 6."""
    return parsed_address(text).version


def objects(document: Document, kind: str) -> list[dict]:
    """All Kubernetes objects of a kind."""
    return [item for item in document.get("kubernetes") or [] if item["kind"] == kind]


def same_name(item: dict, namespace: str, name: str) -> bool:
    """Whether an object is the one that is called so."""
    return (item["metadata"]["namespace"], item["metadata"]["name"]) == (namespace, name)


# Nodes.


@dataclass(frozen=True)
class Node:
    """
    A node that the CLB sends to. *name* is Kubernetes' where that is known (*placed*), so that pods can be found on it.

    *groups* is None when they were not read. *addresses* are its own, in order.
    """

    name: str
    placed: bool
    groups: list[str] | None
    addresses: list[Address]


def addresses_of(instance: dict) -> list[str]:
    """An instance's private addresses of both families."""
    return [*instance["PrivateIpAddresses"], *(instance.get("IPv6Addresses") or [])]


def addresses_of_object(node: dict) -> list[str]:
    """What Kubernetes calls the addresses of a node; names are among them."""
    return [entry["address"] for entry in node["status"]["addresses"]]


def node_name(document: Document, addresses: list[str], instance: dict | None) -> str | None:
    """Kubernetes' name of the node with one of the addresses, else the instance's name."""
    for node in objects(document, "Node"):
        if set(addresses_of_object(node)) & set(addresses):
            return node["metadata"]["name"]
    return (instance or {}).get("InstanceName")


def node_of(document: Document, target: dict) -> Node:
    """The node that is registered as a target."""
    instance = instance_of(document, target)
    own = addresses_of(instance) if instance else []
    every = own + list(target.get("PrivateIpAddresses") or [])
    name = node_name(document, every, instance)
    groups = instance.get("SecurityGroupIds") if instance else None
    called = name or target.get("InstanceId") or every[0]
    return Node(called, bool(name), groups, [parsed_address(text) for text in every])


def instance_of(document: Document, target: dict) -> dict | None:
    """The instance that a target names; of one that names none only the address is known."""
    instances, name = document.get("instances") or [], target.get("InstanceId")
    return next((item for item in instances if item["InstanceId"] == name), None)


def groups_of_node(document: Document, name: str | None) -> list[str] | None:
    """The groups of a Kubernetes node's instance; None when not read."""
    for instance in document.get("instances") or []:
        if name and node_name(document, addresses_of(instance), instance) == name:
            return instance.get("SecurityGroupIds")
    return None


def instance_at(document: Document, address: str) -> dict | None:
    """The instance that has an address."""
    return next((item for item in document.get("instances") or [] if address in addresses_of(item)), None)


def is_node(document: Document, address: str) -> bool:
    """Whether an address is that of a node, as the instance or the Node object says."""
    known = [addresses_of_object(node) for node in objects(document, "Node")]
    return instance_at(document, address) is not None or any(address in addresses for addresses in known)


# Targets.


def kind_of(target: dict) -> str:
    """CVM for a node, ENI for a pod; the API spells it in either case."""
    return (target.get("Type") or "CVM").upper()


def target_family(document: Document, target: dict) -> int:
    """The family of the address at which the CLB reaches a target."""
    if target.get("PrivateIpAddresses"):
        return family(target["PrivateIpAddresses"][0])
    return next(item.version for item in node_of(document, target).addresses)


# Clients.


def is_in_cluster(document: Document, client: str) -> bool:
    """Whether a client is a node or a pod of the cluster, by whatever says so."""
    return is_node(document, client) or client in pod_addresses(document)


def pod_addresses(document: Document) -> Iterator[str]:
    """The addresses that interfaces, Pods and EndpointSlices give."""
    for interface in document.get("network_interfaces") or []:
        yield from addresses_of_interface(interface)
    for pod in objects(document, "Pod"):
        yield from addresses_of_pod(pod)
    for piece in objects(document, "EndpointSlice"):
        for endpoint in piece.get("endpoints") or []:
            yield from endpoint["addresses"]


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
