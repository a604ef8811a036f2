"""
Pods: who they are, where they run, and which groups stand before them, looked up in the plain document.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from walker_cluster import (
    Document,
    Node,
    addresses_of,
    addresses_of_interface,
    addresses_of_pod,
    instance_at,
    instance_called,
    interfaces_here,
    is_node,
    is_on_host_network,
    node_name,
    objects,
)
from walker_listening import declares
from walker_network import is_global_router, shares_interfaces
from walker_selectors import policy_selects

NETWORKS = "tke.cloud.tencent.com/networks"


@dataclass(frozen=True)
class Pod:
    """
    A pod, as its endpoint and its Pod object show it together.

    *node* is None when neither names it, *object* when the Pod was not read or is one of several, *namespace* when
    nothing that was read has the address; it is empty for one of several Pods.
    """

    name: str
    address: str
    namespace: str | None = None
    node: str | None = None
    object: dict | None = None


def pod_of_endpoint(document: Document, namespace: str, endpoint: dict) -> Pod:
    """The pod behind an endpoint: by its reference, else the one Pod with its address."""
    address, reference = endpoint["addresses"][0], endpoint.get("targetRef")
    pods = [item for item in objects(document, "Pod") if item["metadata"]["namespace"] == namespace]
    behind = [item for item in pods if is_behind(item, reference, address)]
    found = behind[0] if len(behind) == 1 else None
    name = reference["name"] if reference else found["metadata"]["name"] if found else address
    return Pod(f"{namespace}/{name}", address, namespace, node_named(document, address, found), found)


def node_named(document: Document, address: str, pod: dict | None) -> str | None:
    """Where the pod with an address runs: what an EndpointSlice says, else the Pod, else whose address it is."""
    named = [endpoint.get("nodeName") for _, endpoint in endpoints_at(document, address)]
    named.append(pod["spec"].get("nodeName") if pod else None)
    return next((name for name in named if name), None) or node_name(document, [address])


def is_behind(pod: dict, reference: dict | None, address: str) -> bool:
    """Whether a Pod is the one that an endpoint refers to, or has its address where it refers to none."""
    return pod["metadata"]["name"] == reference["name"] if reference else address in addresses_of_pod(pod)


def endpoints_at(document: Document, address: str) -> Iterator[tuple[str, dict]]:
    """The endpoints with an address, each with its namespace."""
    for piece in objects(document, "EndpointSlice"):
        for endpoint in piece.get("endpoints") or []:
            if address in endpoint["addresses"]:
                yield piece["metadata"]["namespace"], endpoint


def sharing(document: Document, address: str) -> list[dict]:
    """The Pods on one node's network that have its address."""
    return [item for item in objects(document, "Pod") if is_on_host_network(item) and address in addresses_of_pod(item)]


def who_declares(document: Document, address: str, protocol: str, port: int | None) -> Pod | None:
    """Of several Pods on one node's network the one that declares a port; None where that is not just one."""
    pods = sharing(document, address)
    declaring = [item for item in pods if port is not None and declares(item, protocol, port)]
    if len(pods) < 2 or len(declaring) != 1:
        return None
    return pod_called(document, declaring[0], address)


def pod_called(document: Document, item: dict, address: str) -> Pod:
    """A Pod object at an address of its own."""
    namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
    return Pod(f"{namespace}/{name}", address, namespace, node_named(document, address, item), item)


def pod_at(document: Document, address: str, protocol: str, port: int) -> Pod:
    """The pod that is registered as a target: by the Pod's address, else by the endpoint's."""
    pods = [item for item in objects(document, "Pod") if address in addresses_of_pod(item)]
    if len(pods) == 1:
        return pod_called(document, pods[0], address)
    if found := who_declares(document, address, protocol, port):
        return found
    meant = {pod.name: pod for pod in (pod_of_endpoint(document, *each) for each in endpoints_at(document, address))}
    told = [pod for pod in meant.values() if pod.object is not None] or list(meant.values())
    if len(told) == 1 or (told and not pods):
        return told[0]
    return Pod(address, address, namespace="" if pods else None)


# Where it is.


def is_here(document: Document, pod: Pod, node: Node) -> bool | None:
    """Whether a pod is on the target's node; None: nobody knows."""
    if node.kubernetes is None:
        return None
    if pod.node is None:
        return False if is_on_a_machine_that_is_no_node(document, pod.address) else None
    return pod.node == node.kubernetes


def is_on_a_machine_that_is_no_node(document: Document, address: str) -> bool:
    """Whether an address is that of an instance which has no name in Kubernetes."""
    instance = instance_at(document, address)
    return instance is not None and node_name(document, addresses_of(instance)) is None


def state_of_node(document: Document, pod: Pod) -> str | None:
    """The state of the instance of a pod's node; None where it was not read."""
    instance = instance_at(document, pod.address) or instance_called(document, pod.node) or {}
    return instance.get("InstanceState")


# Groups.


def interfaces_at(document: Document, address: str) -> list[dict]:
    """The interfaces that carry an address, by their ids: one, unless that of another VPC cannot be told."""
    found = [item for item in interfaces_here(document) if address in addresses_of_interface(item)]
    return list({item["NetworkInterfaceId"]: item for item in found}.values())


def groups_of_pod(document: Document, pod: Pod) -> list[str] | None:
    """Those of its node where it is on the node's own network, else of its interface; None: not known."""
    instance = instance_at(document, pod.address)
    if instance:
        return instance.get("SecurityGroupIds")
    if is_attached(document, pod):
        return None
    if is_routed(document, pod):
        return (instance_called(document, pod.node) or {}).get("SecurityGroupIds")
    found = interfaces_at(document, pod.address)
    return found[0].get("GroupSet") if len(found) == 1 else None


def is_routed(document: Document, pod: Pod) -> bool:
    """Whether a pod stands behind its node's primary interface, with an address of a route: under GlobalRouter."""
    return is_global_router(document) and not is_on_super_node(pod) and not is_attached(document, pod)


def is_on_super_node(pod: Pod) -> bool:
    """By the name that TKE gives super nodes."""
    return (pod.node or "").startswith("eklet-")


def is_attached(document: Document, pod: Pod) -> bool:
    """Whether a pod of a GlobalRouter cluster asks for an interface, of which nothing is known then."""
    annotations = (pod.object or {"metadata": {}})["metadata"].get("annotations") or {}
    is_asked = annotations.get(NETWORKS) in ("tke-route-eni", "tke-direct-eni")
    return is_global_router(document) and is_asked and not is_on_super_node(pod)


def is_on_its_nodes_network(document: Document, pod: Pod) -> bool:
    """Whether the address is a node's, or the Pod says so."""
    return is_node(document, pod.address) or (pod.object is not None and is_on_host_network(pod.object))


def has_own_interface(document: Document, pod: Pod) -> bool:
    """Whether a pod has an interface for itself, or may: not shared, a trunk, or a policy that selects it or may."""
    if is_on_its_nodes_network(document, pod) or is_routed(document, pod):
        return False
    if is_attached(document, pod):
        return True
    trunks = [item for item in interfaces_at(document, pod.address) if item.get("EniType") == 2]
    if trunks or not shares_interfaces(document):
        return True
    policies = objects(document, "SecurityGroupPolicy")
    return any(policy_selects(item, pod.namespace, pod.object) for item in policies)
