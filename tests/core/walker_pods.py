"""
Pods: endpoints, policies and interfaces, looked up in the plain document.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from walker_cluster import (
    Document,
    addresses_of_interface,
    addresses_of_pod,
    family,
    groups_of_node,
    instance_at,
    is_node,
    objects,
)

SERVICE_LABEL = "kubernetes.io/service-name"
SUPER_NODE = "eklet-"


@dataclass(frozen=True)
class Pod:
    """
    A pod, as its endpoint and its Pod object show it together.

    *node* is None when neither names it, *object* when the Pod was not read, *namespace* when nothing that was read has
    the address.
    """

    name: str
    address: str
    namespace: str | None = None
    node: str | None = None
    object: dict | None = None


# Endpoints.


def slices_of(document: Document, service: dict) -> list[dict]:
    """The EndpointSlices that belong to a Service."""
    namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
    return [
        item
        for item in objects(document, "EndpointSlice")
        if item["metadata"]["namespace"] == namespace
        and (item["metadata"].get("labels") or {}).get(SERVICE_LABEL) == name
    ]


def pod_of_endpoint(document: Document, namespace: str, endpoint: dict) -> Pod:
    """The pod behind an endpoint: by its reference, else the one Pod with its address."""
    address, reference = endpoint["addresses"][0], endpoint.get("targetRef")
    pods = [item for item in objects(document, "Pod") if item["metadata"]["namespace"] == namespace]
    behind = [item for item in pods if is_behind(item, reference, address)]
    found = behind[0] if len(behind) == 1 else None
    name = reference["name"] if reference else found["metadata"]["name"] if found else address
    return Pod(f"{namespace}/{name}", address, namespace, node_named(document, address, found), found)


def node_named(document: Document, address: str, pod: dict | None) -> str | None:
    """Where the pod with an address runs: what an EndpointSlice says, else the Pod."""
    named = [endpoint.get("nodeName") for _, endpoint in endpoints_at(document, address)]
    return next((name for name in named if name), pod["spec"].get("nodeName") if pod else None)


def is_behind(pod: dict, reference: dict | None, address: str) -> bool:
    """Whether a Pod is the one that an endpoint refers to, or has its address where it refers to none."""
    return pod["metadata"]["name"] == reference["name"] if reference else address in addresses_of_pod(pod)


def ready_pods(document: Document, service: dict, port: dict, version: int) -> list[tuple[Pod, int]]:
    """The ready endpoints of one port of a Service in one family, each with the port it is served on."""
    found = []
    for piece in slices_of(document, service):
        numbers = [item["port"] for item in piece.get("ports") or [] if item.get("name", "") == port.get("name", "")]
        for endpoint in piece.get("endpoints") or []:
            ready = (endpoint.get("conditions") or {}).get("ready") is not False
            if ready and numbers and family(endpoint["addresses"][0]) == version:
                found.append((pod_of_endpoint(document, piece["metadata"]["namespace"], endpoint), numbers[0]))
    return found


def why_no_pods(document: Document, service: dict, port: dict, version: int) -> str:
    """Why a port has no ready endpoint: there are none, or their port has another name than the Service's."""
    found = set()
    for piece in slices_of(document, service):
        endpoints = piece.get("endpoints") or []
        ready = [item for item in endpoints if (item.get("conditions") or {}).get("ready") is not False]
        if any(family(item["addresses"][0]) == version for item in ready):
            found |= {item.get("name", "") for item in piece.get("ports") or []} or {None}
    if not found or port.get("name", "") in found:
        return "NO_ENDPOINTS"
    others = {item.get("name", "") for item in service["spec"]["ports"] if item is not port}
    left_out = isinstance(port.get("targetPort"), str) and found - {None} <= others
    return "TARGET_PORT_NAME_UNKNOWN" if left_out else "PORT_NAME_DIFFERS"


def endpoints_at(document: Document, address: str) -> Iterator[tuple[str, dict]]:
    """The endpoints with an address, each with its namespace."""
    for piece in objects(document, "EndpointSlice"):
        for endpoint in piece.get("endpoints") or []:
            if address in endpoint["addresses"]:
                yield piece["metadata"]["namespace"], endpoint


def pod_at(document: Document, address: str) -> Pod:
    """The pod that is registered as a target: by the Pod's address, else by the endpoint's."""
    for item in objects(document, "Pod"):
        if address in addresses_of_pod(item):
            namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
            return Pod(f"{namespace}/{name}", address, namespace, node_named(document, address, item), item)
    endpoint = next(endpoints_at(document, address), None)
    return pod_of_endpoint(document, *endpoint) if endpoint else Pod(address, address)


def listens(pod: Pod, protocol: str, port: int) -> bool:
    """Whether a pod listens: on what its containers declare for the protocol; on everything if they declare nothing."""
    containers = pod.object["spec"]["containers"] if pod.object else []
    declared = [item for container in containers for item in container.get("ports") or []]
    return not declared or (protocol, port) in {
        (item.get("protocol", "TCP"), item["containerPort"]) for item in declared
    }


# Groups.


def policy_selects(document: Document, pod: Pod) -> bool:
    """Whether some SecurityGroupPolicy of its namespace selects a pod by its labels, or may do so."""
    policies = objects(document, "SecurityGroupPolicy")
    specs = [item["spec"] for item in policies if item["metadata"]["namespace"] == pod.namespace]
    if pod.object is None:
        return bool(specs)
    labels = set((pod.object["metadata"].get("labels") or {}).items())
    selectors = [(spec.get("podSelector") or {}).get("matchLabels") or {} for spec in specs]
    return any(set(selector.items()) <= labels for selector in selectors)


def interface_of(document: Document, address: str) -> dict | None:
    """The interface that carries an address; None when it was not read."""
    interfaces = document.get("network_interfaces") or []
    return next((item for item in interfaces if address in addresses_of_interface(item)), None)


def groups_of_pod(document: Document, pod: Pod) -> list[str] | None:
    """Those of its node where it is on the node's own network, else of its interface; None: not known."""
    instance, interface = instance_at(document, pod.address), interface_of(document, pod.address)
    if instance:
        return instance.get("SecurityGroupIds")
    if interface and interface.get("GroupSet") is not None:
        return interface["GroupSet"]
    if is_node(document, pod.address):
        return None
    if pod.namespace is None or policy_selects(document, pod) or (pod.node or "").startswith(SUPER_NODE):
        return None
    return groups_from_setting(document, pod)


def groups_from_setting(document: Document, pod: Pod) -> list[str] | None:
    """What the add-on binds: nothing, its list, or with an empty list the groups of the pod's own node."""
    setting = (document.get("cluster") or {}).get("eniipamd")
    if setting is None:
        return None
    if not setting.get("enableSecurityGroups"):
        return []
    return setting.get("securityGroups") or groups_of_node(document, pod.node)


def has_own_interface(document: Document, pod: Pod) -> bool:
    """Whether a pod has an interface for itself: exclusive mode, a trunk, or a policy that selects it or may."""
    if is_node(document, pod.address):
        return False
    mode = (document.get("cluster") or {}).get("VpcCniType") or "tke-route-eni"
    interface = interface_of(document, pod.address) or {}
    return mode == "tke-direct-eni" or interface.get("EniType") == 2 or policy_selects(document, pod)
