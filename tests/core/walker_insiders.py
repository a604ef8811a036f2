"""
Clients inside the cluster: who asks, and which way (section 10 of docs/model.md).

Written from that page and the facts it names by somebody who had not seen the engine's part, nor the first walker's,
which had one author. What becomes of the packets is in walker_insiders_ways.py; nothing here comes from drilllib.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reference import PRIVATE, parsed_address, parsed_network
from walker_clb import Asked
from walker_cluster import (
    SWITCHED_OFF,
    Document,
    Node,
    addresses_of,
    addresses_of_host,
    addresses_of_interface,
    addresses_of_object,
    addresses_of_pod,
    family,
    instance_at,
    instance_called,
    instances_here,
    interfaces_here,
    is_complete,
    is_node,
    node_called,
    node_name,
    objects,
)
from walker_packets import is_public
from walker_pods import Pod, has_own_interface, pod_called, state_of_node

OUTSIDE, MAYBE, INSIDE = "outside", "maybe", "inside"
TO_THE_CLB, ON_ITS_NODE, NOBODY_KNOWS = "to the CLB", "on its node", "nobody knows"
WITHOUT_VIPS = ("ClusterIP", "NodePort", "ExternalName")  # types of Services that the cloud gives no address
PREVENTS = "service.cloud.tencent.com/prevent-loopback"
SUPER = "eklet-"


# Whether a client is inside.


def standing_of_client(document: Document, client: str) -> str:
    """Outside, inside, or one that may be."""
    address = parsed_address(client)
    if address in parsed(known_inside(document)):
        return INSIDE
    carried = {text for item in interfaces_here(document) for text in addresses_of_interface(item)}
    if is_complete(document, "Node") and is_complete(document, "Pod") and all_nodes_have_addresses(document):
        return MAYBE if address in parsed(spare_of_interfaces(document)) else OUTSIDE
    listed = {text for item in instances_here(document) for text in addresses_of(item)}
    listed |= {text for item in every_endpoint(document) for text in item["addresses"]}
    if address in parsed(listed | carried) or is_in_a_subnet(document, client):
        return MAYBE
    around = parsed(known_inside(document) | listed | carried)
    return MAYBE if any(is_near(address, other) for other in around) else OUTSIDE


def parsed(texts: set[str]) -> set:
    """Addresses; names, which Node objects list as well, are left out."""
    found = set()
    for text in texts:
        try:
            found.add(parsed_address(text))
        except ValueError:
            continue
    return found


def known_inside(document: Document) -> set[str]:
    """The addresses of Nodes (by object, instance, hostIP of a Pod) and of Pods."""
    pods = objects(document, "Pod")
    found = {text for node in objects(document, "Node") for text in addresses_of_object(node)}
    found |= {text for pod in pods for text in addresses_of_pod(pod) | addresses_of_host(pod)}
    nodes = [item for item in instances_here(document) if node_name(document, addresses_of(item)) is not None]
    return found | {text for item in nodes for text in addresses_of(item)}


def every_endpoint(document: Document) -> Iterator[dict]:
    """The endpoints of all EndpointSlices."""
    for piece in objects(document, "EndpointSlice"):
        yield from piece.get("endpoints") or []


def all_nodes_have_addresses(document: Document) -> bool:
    """Whether each Node object tells at least one address."""
    return all(parsed(set(addresses_of_object(node))) for node in objects(document, "Node"))


def spare_of_interfaces(document: Document) -> set[str]:
    """What of interfaces may still be a pod's: of none of a machine that is no Node, and no address of such a one."""
    strangers = [item for item in instances_here(document) if node_name(document, addresses_of(item)) is None]
    ids = {item["InstanceId"] for item in strangers}
    own = {text for item in strangers for text in addresses_of(item)}
    may = [item for item in interfaces_here(document) if (item.get("Attachment") or {}).get("InstanceId") not in ids]
    return {text for item in may for text in addresses_of_interface(item)} - own


def is_in_a_subnet(document: Document, client: str) -> bool:
    """Whether an address is in one of the subnets; where none was read, in one of the private blocks."""
    address, subnets = parsed_address(client), document.get("subnets")
    if not subnets:
        return any(address.version == 4 and address in block for block in PRIVATE)
    blocks = [item.get(field) for item in subnets for field in ("CidrBlock", "Ipv6CidrBlock")]
    return any(address in parsed_network(block) for block in blocks if block)


def is_near(address: object, other: object) -> bool:
    """Whether two IPv6 addresses are in one /56."""
    return address.version == other.version == 6 and int(address) >> 72 == int(other) >> 72


# Who it is.


@dataclass(frozen=True)
class Insider:
    """A client inside: the *node* it is, or is on, and the *pod* it is, None where a node asks."""

    address: str
    node: Node
    pod: Pod | None = None


def insider_at(document: Document, client: str) -> Insider | None:
    """Whom an address belongs to; None where nobody knows, or the machine is switched off."""
    if is_node(document, client):
        found = Insider(client, node_with(document, client, instance_at(document, client)))
        return None if found.node.state in SWITCHED_OFF else found
    pods = [item for item in objects(document, "Pod") if client in addresses_of_pod(item)]
    if len(pods) != 1:
        return None
    pod = pod_called(document, pods[0], client)
    if pod.node is None or state_of_node(document, pod) in SWITCHED_OFF:
        return None
    return Insider(client, node_by_name(document, pod.node), pod)


def node_with(document: Document, address: str, instance: dict | None) -> Node:
    """The node that an address is one of."""
    name = node_name(document, addresses_of(instance) if instance else [address])
    return made(document, name, instance or instance_called(document, name), [address])


def node_by_name(document: Document, name: str) -> Node:
    """The node that Kubernetes calls so."""
    return made(document, name, instance_called(document, name), [])


def made(document: Document, name: str | None, instance: dict | None, known: list[str]) -> Node:
    """A node, with its instance's addresses; where that was not read, those that Kubernetes or the question tells."""
    item = node_called(document, name)
    told = [text for text in addresses_of_object(item) if parsed({text})] if item else []
    texts = addresses_of(instance) if instance else told or known
    machine = instance or {}
    addresses = [parsed_address(text) for text in texts]
    return Node(
        called=name or machine.get("InstanceName") or machine.get("InstanceId") or known[0],
        kubernetes=name,
        groups=machine.get("SecurityGroupIds"),
        addresses=addresses,
        asked=parsed_address(known[0]) if known else addresses[0] if addresses else None,
        state=machine.get("InstanceState"),
        object=item,
    )


# Which way.


@dataclass(frozen=True)
class Route:
    """The way of an insider's packets; on its node with the Service, and its port, that has the VIP there."""

    way: str
    service: dict | None = None
    port: dict | None = None


UNTOLD = Route(NOBODY_KNOWS)


def mode_of(document: Document) -> str | None:
    """kube-proxy's mode, iptables or ipvs; None where that is not said, or not alike."""
    cluster = document.get("cluster") or {}
    settings = cluster.get("ClusterNetworkSettings") or {}
    told = {{True: "ipvs", False: "iptables"}[settings["Ipvs"]]} if settings.get("Ipvs") is not None else set()
    told |= {text.lower() for text in (settings.get("KubeProxyMode"), cluster.get("KubeProxyMode")) if text}
    return told.pop() if told in ({"iptables"}, {"ipvs"}) else None


def route_of(asked: Asked, insider: Insider) -> Route:
    """Whether kube-proxy on the client's own node takes the packet."""
    document, mode = asked.document, mode_of(asked.document)
    if mode is None or asked.vip is None or is_external_ip(asked):
        return UNTOLD
    holders = [(item, entry) for item in objects(document, "Service") for entry in entries_with(item, asked.vip)]
    found = [(item, entry, port) for item, entry in holders for port in ports_asked(asked, item)]
    if not found:
        return to_the_clb(asked) if is_surely_unknown(document) else UNTOLD
    service, entry, port = found[0]
    if len({id(item) for item, _, _ in found}) > 1 or (entry.get("ipMode") or "VIP") != "VIP":
        return UNTOLD
    if mode == "ipvs":
        binds = (service["metadata"].get("annotations") or {}).get(PREVENTS) == "true"
        return UNTOLD if binds else to_the_clb(asked)
    if asked.listener["Protocol"] == "HTTPS" or not port.get("nodePort") or is_filtered(service, insider.address):
        return UNTOLD
    if insider.pod is not None and not goes_by_its_node(document, service, insider):
        return UNTOLD
    return Route(ON_ITS_NODE, service, port)


def to_the_clb(asked: Asked) -> Route:
    """By way of the CLB, where that sees the client's own address: at private IPv4 VIPs of private CLBs."""
    is_private = asked.balancer.get("LoadBalancerType") == "INTERNAL"
    return Route(TO_THE_CLB) if is_private and family(asked.vip) == 4 and not is_public(asked.vip) else UNTOLD


def entries_with(service: dict, vip: str) -> list[dict]:
    """The entries of a Service's status that have an address."""
    return [item for item in ingress_of(service) or [] if item.get("ip") and same(item["ip"], vip)]


def same(text: str, other: str) -> bool:
    """Whether two texts are one address."""
    return parsed_address(text) == parsed_address(other)


def ingress_of(service: dict) -> list[dict] | None:
    """What the status of a Service lists; None where that was not read."""
    return ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress")


def ports_asked(asked: Asked, service: dict) -> list[dict]:
    """A Service's ports that have the listener's port and protocol."""
    wanted = (asked.listener["Port"], asked.protocol)
    return [
        item for item in service["spec"].get("ports") or [] if (item["port"], item.get("protocol") or "TCP") == wanted
    ]


def is_external_ip(asked: Asked) -> bool:
    """Whether a Service claims the VIP among its externalIPs, with the port."""
    return any(
        any(same(text, asked.vip) for text in item["spec"].get("externalIPs") or []) and ports_asked(asked, item)
        for item in objects(asked.document, "Service")
    )


def is_surely_unknown(document: Document) -> bool:
    """Whether a VIP that no Service has in its status is known to be in none's."""
    return is_complete(document, "Service") and all(map(tells_its_vips, objects(document, "Service")))


def tells_its_vips(service: dict) -> bool:
    """Whether a Service leaves nothing open about its addresses, and the ports that it has there."""
    ingress = ingress_of(service)
    if service["spec"].get("ports") is None and any(item.get("ip") for item in ingress or []):
        return False
    if service["spec"].get("type") in WITHOUT_VIPS:
        return True
    return ingress is not None and all(item.get("ip") or item.get("hostname") for item in ingress)


def is_filtered(service: dict, client: str) -> bool:
    """Whether a Service has ranges of clients, and this one is in none."""
    ranges = service["spec"].get("loadBalancerSourceRanges") or []
    return bool(ranges) and not any(parsed_address(client) in parsed_network(text) for text in ranges)


def goes_by_its_node(document: Document, service: dict, insider: Insider) -> bool:
    """Whether a pod's packets surely pass kube-proxy on its node, and are answered for there."""
    is_super = insider.pod.node.startswith(SUPER)
    is_shared = not has_own_interface(document, insider.pod)
    return not is_super and is_shared and service["spec"].get("externalTrafficPolicy") == "Cluster"
