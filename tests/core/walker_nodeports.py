"""
Who gets what comes to a node's port (section 5 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from reference import parsed_address
from walker_cluster import (
    SWITCHED_OFF,
    Document,
    Node,
    addresses_of_host,
    instance_at,
    is_complete,
    is_on_host_network,
    objects,
)
from walker_endpoints import SERVICE_LABEL
from walker_listening import containers_of, declares
from walker_requests import DROP, NOT_READY, NOT_RUNNING, UNOWNED, UNREAD, Step
from walker_running import is_unready, nothing_runs

NODE_PORTS = range(30000, 32768)
GETS_IT, UNUSED = "a pod on the node's network", "nobody"


def owner_of_nodeport(document: Document, protocol: str, port: int) -> tuple[dict | None, dict | None]:
    """The Service, and its port, that has the NodePort for the protocol."""
    for service in objects(document, "Service"):
        for item in service["spec"].get("ports") or []:
            if (item.get("nodePort"), item.get("protocol") or "TCP") == (port, protocol):
                return service, item
    return None, None


def fate_of_port(document: Document, node: Node, protocol: str, port: int) -> str | Step:
    """What becomes of a packet to a port that no Service has."""
    if document.get("kubernetes") is None:
        return UNREAD
    pods = [item for item in objects(document, "Pod") if is_on(item, node)]
    if getting := [item for item in pods if is_on_host_network(item) and declares(item, protocol, port)]:
        machine = instance_at(document, str(node.asked)) or {}
        is_off = machine.get("InstanceState") in SWITCHED_OFF
        return nobody_answers(getting) if is_off else what_gets_it(getting)
    if any(names_host_port(item, protocol, port) for item in pods):
        return UNREAD
    is_told = is_complete(document, "Service") and not may_be_owned(document)
    return UNUSED if is_told and port in NODE_PORTS else UNOWNED


def is_external(document: Document, node: Node, protocol: str, port: int) -> bool:
    """Whether a Service claims the address that a node is asked by, with that port of its own."""
    claims = [
        item["spec"].get("ports") or []
        for item in objects(document, "Service")
        if str(node.asked) in (item["spec"].get("externalIPs") or [])
    ]
    return any((item["port"], item.get("protocol") or "TCP") == (port, protocol) for ports in claims for item in ports)


def what_gets_it(pods: list[dict]) -> str | Step:
    """Of several pods those in which something runs go first, and of these the ready ones."""
    running = [item for item in pods if not nothing_runs(item)]
    if any(not is_unready(item, is_idle=False) for item in running):
        return GETS_IT
    return NOT_READY if running else NOT_RUNNING


def nobody_answers(pods: list[dict]) -> Step:
    """The machine at their address is switched off, whether the target names it or not; the first of them is asked."""
    first = min(pods, key=lambda item: (nothing_runs(item), is_unready(item, is_idle=False)))
    name = f"{first['metadata']['namespace']}/{first['metadata']['name']}"
    return Step(DROP, ("pod", name, None, None, None, "INSTANCE_NOT_RUNNING"))


def is_outside(document: Document, node: Node) -> bool:
    """Whether a target is not known as one of the cluster's nodes: no Node object, and no Pod, says that it is."""
    if node.kubernetes is not None or document.get("kubernetes") is None:
        return False
    there = [
        item
        for item in objects(document, "Pod")
        if any(parsed_address(text) in node.addresses for text in addresses_of_host(item))
    ]
    return not any(is_on_host_network(item) or has_host_port(item) for item in there)


def has_host_port(pod: dict) -> bool:
    """Whether a container asks for some port of its node."""
    return any(item.get("hostPort") for container in containers_of(pod) for item in container.get("ports") or [])


def is_on(pod: dict, node: Node) -> bool:
    """Whether a Pod runs on a node, by its node's name or by an address that it shares with it."""
    by_name = node.kubernetes is not None and pod["spec"].get("nodeName") == node.kubernetes
    return by_name or any(parsed_address(text) in node.addresses for text in addresses_of_host(pod))


def names_host_port(pod: dict, protocol: str, port: int) -> bool:
    """Whether a container asks for a port of its node."""
    every = [item for container in containers_of(pod) for item in container.get("ports") or []]
    return any((item.get("protocol") or "TCP", item.get("hostPort")) == (protocol, port) for item in every)


def may_be_owned(document: Document) -> bool:
    """Whether a Service, of those here or one that an EndpointSlice names, may have a NodePort that was not read."""
    services = objects(document, "Service")
    names = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in services}
    slices = objects(document, "EndpointSlice")
    labelled = {
        (item["metadata"]["namespace"], (item["metadata"].get("labels") or {}).get(SERVICE_LABEL)) for item in slices
    }
    named = {(namespace, name) for namespace, name in labelled if name}
    return bool(named - names) or any(leaves_one_untold(item["spec"]) for item in services)


def leaves_one_untold(spec: dict) -> bool:
    """Whether a Service that may have NodePorts does not say one of them."""
    if spec.get("type") in ("ClusterIP", "ExternalName") or spec.get("allocateLoadBalancerNodePorts") is False:
        return False
    ports = spec.get("ports")
    return ports is None or any(not item.get("nodePort") for item in ports)
