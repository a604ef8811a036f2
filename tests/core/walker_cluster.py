"""
Who is who in the cluster: nodes, pods, endpoints and interfaces, looked up in the plain document.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass

from reference import Address, parsed_address

Document = dict
SERVICE_LABEL = "kubernetes.io/service-name"


def family(text: str) -> int:
    """4 or 6."""
    return parsed_address(text).version


def objects(document: Document, kind: str) -> list[dict]:
    """All Kubernetes objects of a kind."""
    return [item for item in document.get("kubernetes") or [] if item["kind"] == kind]


def same_name(item: dict, namespace: str, name: str) -> bool:
    """Whether an object is the one that is called so."""
    return (item["metadata"]["namespace"], item["metadata"]["name"]) == (namespace, name)


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


def node_name(document: Document, addresses: list[str], instance: dict | None) -> str | None:
    """Kubernetes' name of the node with one of the addresses, else the instance's name."""
    for node in objects(document, "Node"):
        if any(entry["address"] in addresses for entry in node["status"]["addresses"]):
            return node["metadata"]["name"]
    return (instance or {}).get("InstanceName")


def node_of(document: Document, target: dict) -> Node:
    """The node that is registered as a target."""
    instances = document.get("instances") or []
    instance = next((item for item in instances if item["InstanceId"] == target["InstanceId"]), None)
    own = addresses_of(instance) if instance else []
    every = own + list(target.get("PrivateIpAddresses") or [])
    name = node_name(document, every, instance)
    groups = instance.get("SecurityGroupIds") if instance else None
    return Node(name or target["InstanceId"], bool(name), groups, [parsed_address(text) for text in every])


def groups_of_node(document: Document, name: str) -> list[str] | None:
    """The groups of a Kubernetes node's instance; None when not read."""
    for instance in document.get("instances") or []:
        if node_name(document, addresses_of(instance), instance) == name:
            return instance.get("SecurityGroupIds")
    return None


def kind_of(target: dict) -> str:
    """CVM for a node, ENI for a pod; the API spells it in either case."""
    return (target.get("Type") or "CVM").upper()


def target_family(document: Document, target: dict) -> int:
    """The family of the address at which the CLB reaches a target."""
    if target.get("PrivateIpAddresses"):
        return family(target["PrivateIpAddresses"][0])
    return next(item.version for item in node_of(document, target).addresses)


@dataclass(frozen=True)
class Pod:
    """A pod as its EndpointSlice shows it; *node* is None when that was not said, *object* when it was not read."""

    name: str
    address: str
    node: str | None
    object: dict | None


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
    """The pod behind an endpoint: by its reference, else only its address is known."""
    address, reference = endpoint["addresses"][0], endpoint.get("targetRef")
    if not reference:
        return Pod(f"{namespace}/{address}", address, endpoint.get("nodeName"), None)
    pods = objects(document, "Pod")
    found = next((item for item in pods if same_name(item, namespace, reference["name"])), None)
    return Pod(f"{namespace}/{reference['name']}", address, endpoint.get("nodeName"), found)


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


def pod_at(document: Document, address: str) -> Pod:
    """The pod that is registered as a target: by the Pod's address, else by the endpoint's."""
    for item in objects(document, "Pod"):
        if address in {status["ip"] for status in item["status"].get("podIPs") or []} | {item["status"].get("podIP")}:
            metadata = item["metadata"]
            return Pod(f"{metadata['namespace']}/{metadata['name']}", address, item["spec"].get("nodeName"), item)
    for piece in objects(document, "EndpointSlice"):
        for endpoint in piece.get("endpoints") or []:
            if address in endpoint["addresses"]:
                return pod_of_endpoint(document, piece["metadata"]["namespace"], endpoint)
    return Pod(address, address, None, None)


def listens(pod: Pod, protocol: str, port: int) -> bool:
    """Whether a pod listens: on what its containers declare for the protocol; on everything if they declare nothing."""
    containers = pod.object["spec"]["containers"] if pod.object else []
    declared = [item for container in containers for item in container.get("ports") or []]
    return not declared or (protocol, port) in {
        (item.get("protocol", "TCP"), item["containerPort"]) for item in declared
    }


def policy_selects(document: Document, pod: Pod) -> bool:
    """Whether some SecurityGroupPolicy selects a pod by its labels, or may do so by its service account's."""
    if pod.object is None:
        return False
    metadata = pod.object["metadata"]
    labels = set((metadata.get("labels") or {}).items())
    specs = [
        item["spec"]
        for item in objects(document, "SecurityGroupPolicy")
        if item["metadata"]["namespace"] == metadata["namespace"]
    ]
    selectors = [(spec.get("podSelector") or {}).get("matchLabels") or {} for spec in specs]
    return any(set(selector.items()) <= labels for selector in selectors)


def interface_of(document: Document, address: str) -> dict | None:
    """The interface that carries an address; None when it was not read."""
    for interface in document.get("network_interfaces") or []:
        four = [entry["PrivateIpAddress"] for entry in interface.get("PrivateIpAddressSet") or []]
        six = [entry["Address"] for entry in interface.get("Ipv6AddressSet") or []]
        if address in four + six:
            return interface
    return None


def groups_of_pod(document: Document, pod: Pod) -> list[str] | None:
    """As the interface was read; else from the add-on's setting, unless a policy selects the pod; None: not known."""
    interface = interface_of(document, pod.address)
    if interface and interface.get("GroupSet") is not None:
        return interface["GroupSet"]
    setting = (document.get("cluster") or {}).get("eniipamd")
    if policy_selects(document, pod) or setting is None:
        return None
    if not setting.get("enableSecurityGroups"):
        return []
    return setting.get("securityGroups") or groups_of_node(document, pod.node)


def has_own_interface(document: Document, pod: Pod) -> bool:
    """Whether a pod has an interface for itself: exclusive mode, a trunk, or a policy that selects it."""
    mode = (document.get("cluster") or {}).get("VpcCniType") or "tke-route-eni"
    interface = interface_of(document, pod.address) or {}
    return mode == "tke-direct-eni" or interface.get("EniType") == 2 or policy_selects(document, pod)


def is_in_cluster(document: Document, client: str) -> bool:
    """Whether a client is a node or a pod of the cluster."""
    nodes = [entry["address"] for item in objects(document, "Node") for entry in item["status"]["addresses"]]
    nodes += [address for item in document.get("instances") or [] for address in addresses_of(item)]
    return client in nodes + [item["status"].get("podIP") for item in objects(document, "Pod")]
