"""
Whether a client is, or may be, a node or a pod of the cluster (section 10 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from reference import PRIVATE, parsed_address, parsed_network
from walker_cluster import (
    Document,
    addresses_of,
    addresses_of_interface,
    addresses_of_object,
    addresses_of_pod,
    instances_here,
    interfaces_here,
    is_complete,
    node_name,
    objects,
)


def may_be_inside(document: Document, client: str) -> bool:
    """Whether a client is not known to be one of the cluster's own, and may be."""
    if client in surely_inside(document):
        return False
    if is_complete(document, "Pod") and is_complete(document, "Node") and have_addresses(document):
        return client not in of_other_machines(document) and any(
            client in addresses_of_interface(item) and may_be_pods(document, item) for item in interfaces(document)
        )
    every = surely_inside(document) | others(document)
    return client in every or is_in_subnets(document, client) or is_near(every, client)


def surely_inside(document: Document) -> set[str]:
    """The addresses of Nodes, by their objects, their instances and the hostIP of Pods, and of Pods."""
    found = {text for node in objects(document, "Node") for text in addresses_of_object(node)}
    for pod in objects(document, "Pod"):
        found |= addresses_of_pod(pod) | ({pod["status"]["hostIP"]} if pod["status"].get("hostIP") else set())
    for instance in instances_here(document):
        found |= set(addresses_of(instance)) if node_name(document, addresses_of(instance)) else set()
    return found


def have_addresses(document: Document) -> bool:
    """Whether each Node object tells an address."""
    return all(addresses_of_object(node) for node in objects(document, "Node"))


def interfaces(document: Document) -> list[dict]:
    return interfaces_here(document)


def may_be_pods(document: Document, interface: dict) -> bool:
    """Whether an interface is not attached to a machine that is no Node."""
    name = (interface.get("Attachment") or {}).get("InstanceId")
    found = [item for item in document.get("instances") or [] if item["InstanceId"] == name]
    return not found or node_name(document, addresses_of(found[0])) is not None


def of_other_machines(document: Document) -> set[str]:
    """The addresses of instances that are no Nodes."""
    found = [addresses_of(item) for item in document.get("instances") or []]
    return {text for texts in found if not node_name(document, texts) for text in texts}


def others(document: Document) -> set[str]:
    """All other addresses of instances, interfaces and endpoints."""
    found = {text for item in instances_here(document) for text in addresses_of(item)}
    found |= {text for item in interfaces(document) for text in addresses_of_interface(item)}
    for piece in objects(document, "EndpointSlice"):
        found |= {text for endpoint in piece.get("endpoints") or [] for text in endpoint["addresses"]}
    return found


def is_in_subnets(document: Document, client: str) -> bool:
    """Whether an address is in a subnet of the snapshot; where none was read, whether it is private."""
    address, subnets = parsed_address(client), document.get("subnets")
    texts = [item.get(field) for item in subnets or [] for field in ("CidrBlock", "Ipv6CidrBlock")]
    blocks = PRIVATE if subnets is None else [parsed_network(text) for text in texts if text]
    return any(address in block for block in blocks)


def is_near(every: set[str], client: str) -> bool:
    """Whether an IPv6 address is in the /56 around one of the cluster's."""
    address = parsed_address(client)
    six = [text for text in every if ":" in text]
    return address.version == 6 and any(address in parsed_network(f"{text}/56") for text in six)
