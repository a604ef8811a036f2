"""
The two ends of a connection: who asks, and what is asked (sections 1 and 2 of docs/connections.md).

Written from that page, from docs/model.md and from the facts they name by somebody who had not seen the engine's part.
Nothing here comes from drilllib.
"""

from dataclasses import dataclass

from reference import parsed_address
from walker_clb import vips_of
from walker_cluster import (
    SWITCHED_OFF,
    Document,
    Node,
    addresses_of,
    addresses_of_object,
    addresses_of_pod,
    family,
    instance_at,
    instance_called,
    is_node,
    node_called,
    objects,
)
from walker_insiders import INSIDE, MAYBE, SUPER, made, node_by_name, node_with, standing_of_client
from walker_pods import Pod, is_on_its_nodes_network, pod_called, state_of_node

OUTSIDE, NODE, POD, SERVICE, VIP, UNKNOWN = "outside", "node", "pod", "service", "vip", "unknown"


@dataclass(frozen=True)
class End:
    """
    One end: *kind*, and what it is.

    *addresses* are those it may have, in order. *maybe_inside*: an outside address that may be a node's or pod's.
    *node* is the node it is, or the pod's; None where that is not known.
    """

    kind: str
    addresses: tuple[str, ...] = ()
    node: Node | None = None
    pod: Pod | None = None
    service: dict | None = None
    maybe_inside: bool = False


NOBODY_KNOWS = End(UNKNOWN)


def source_of(document: Document, text: str) -> End:
    """Who asks; one that may be inside, or that is switched off, leaves the whole question open."""
    found = end_of(document, text)
    if found.maybe_inside or (found.kind == POD and found.node is None):
        return NOBODY_KNOWS
    return NOBODY_KNOWS if is_silent(document, found) else found


def end_of(document: Document, text: str) -> End:
    """What a source's text names."""
    return named(document, text) or at_address(document, text)


def is_silent(document: Document, end: End) -> bool:
    """Whether it is a super node, which asks nothing and has no ports, or its machine is switched off."""
    if end.kind == NODE:
        return is_super(end.node.kubernetes) or end.node.state in SWITCHED_OFF
    return end.kind == POD and state_of_node(document, end.pod) in SWITCHED_OFF


def is_super(name: str | None) -> bool:
    """By the name that TKE gives super nodes."""
    return (name or "").startswith(SUPER)


def door_of(document: Document, text: str) -> End:
    """What is asked."""
    found = named(document, text) or by_vip(document, text) or by_cluster_ip(document, text)
    found = found or at_address(document, text)
    if found.kind == NODE and text.startswith("pod/"):
        pod = object_called(document, "Pod", text.removeprefix("pod/"))
        found = at_address(document, sorted(in_order(pod), key=family)[0])
    return NOBODY_KNOWS if found.kind == NODE and is_super(found.node.kubernetes) else found


def named(document: Document, text: str) -> End | None:
    """``node/NAME``, ``pod/NAMESPACE/NAME`` or ``svc/NAMESPACE/NAME``."""
    kind, _, name = text.partition("/")
    if kind == "node":
        return node_named(document, name)
    if kind == "pod":
        return pod_end(document, object_called(document, "Pod", name))
    return service_end(object_called(document, "Service", name)) if kind == "svc" else None


def object_called(document: Document, kind: str, name: str) -> dict:
    """An object of Kubernetes by ``NAMESPACE/NAME``."""
    return next(
        item
        for item in objects(document, kind)
        if f"{item['metadata']['namespace']}/{item['metadata']['name']}" == name
    )


def node_named(document: Document, name: str) -> End:
    """By its name in Kubernetes, else by its instance's id."""
    instance = next((item for item in document.get("instances") or [] if item["InstanceId"] == name), None)
    if instance is not None and not is_called(document, name):
        return node_end(node_with(document, addresses_of(instance)[0], instance))
    return node_end(made(document, name, instance_called(document, name), told_by_pods(document, name)))


def is_called(document: Document, name: str) -> bool:
    """Whether Kubernetes calls a node so."""
    return node_called(document, name) is not None


def told_by_pods(document: Document, name: str) -> list[str]:
    """The address that Pods on a node give it."""
    pods = [item for item in objects(document, "Pod") if item["spec"].get("nodeName") == name]
    return sorted({item["status"]["hostIP"] for item in pods if item["status"].get("hostIP")})[:1]


def node_end(node: Node) -> End:
    """A node, with all of its addresses."""
    return End(NODE, tuple(map(str, node.addresses)), node)


def pod_end(document: Document, item: dict) -> End:
    """A pod; one on its node's network is its node from here on."""
    texts = sorted(in_order(item), key=family)
    pod = pod_called(document, item, texts[0])
    if is_on_its_nodes_network(document, pod):
        instance = instance_at(document, texts[0])
        return node_end(node_with(document, texts[0], instance))
    if sum(texts[0] in addresses_of_pod(other) for other in objects(document, "Pod")) > 1:
        return NOBODY_KNOWS
    return End(POD, tuple(texts), node_by_name(document, pod.node) if pod.node else None, pod)


def in_order(pod: dict) -> list[str]:
    """The addresses of a Pod: its podIP first."""
    first = pod["status"].get("podIP")
    listed = [entry["ip"] for entry in pod["status"].get("podIPs") or []]
    return [*([first] if first else []), *(text for text in listed if text != first)]


def at_address(document: Document, text: str) -> End:
    """A node's or a pod's address, or one that is nobody's here, or may be."""
    standing = standing_of_client(document, text)
    if standing != INSIDE:
        return End(OUTSIDE, (text,), maybe_inside=standing == MAYBE)
    if is_node(document, text):
        found = node_with(document, text, instance_at(document, text))
        rest = [str(address) for address in found.addresses if address != parsed_address(text)]
        return End(NODE, (text, *rest), found)
    pods = [item for item in objects(document, "Pod") if text in addresses_of_pod(item)]
    return NOBODY_KNOWS if len(pods) != 1 else pod_end(document, pods[0])


def by_vip(document: Document, text: str) -> End | None:
    """The VIP of a CLB."""
    every = [vip for item in document.get("load_balancers") or [] for vip in vips_of(item)]
    return End(VIP, (text,)) if text in every else None


def by_cluster_ip(document: Document, text: str) -> End | None:
    """The ClusterIP of one Service."""
    found = [item for item in objects(document, "Service") if text in cluster_ips(item)]
    return End(SERVICE, (text,), service=found[0]) if len(found) == 1 else None


def service_end(service: dict) -> End:
    """A Service by its ClusterIP."""
    return End(SERVICE, tuple(cluster_ips(service)), service=service)


def cluster_ips(service: dict) -> list[str]:
    """All that were read, each once."""
    spec = service["spec"]
    if spec.get("clusterIP") == "None":
        return ["None"]
    return list(dict.fromkeys(text for text in (spec.get("clusterIP"), *(spec.get("clusterIPs") or [])) if text))


def pair(source: End, door: End) -> tuple[str, str] | None:
    """The first address of one family that both ends have, IPv4 before IPv6; None: there is none."""
    for version in (4, 6):
        ours = [text for text in source.addresses if family(text) == version]
        theirs = [text for text in door.addresses if family(text) == version]
        if ours and theirs:
            return ours[0], theirs[0]
    return None


def addresses_told(node: dict) -> list[str]:
    """What a Node object says, without its names."""
    return [text for text in addresses_of_object(node) if text[0].isdigit() or ":" in text]
