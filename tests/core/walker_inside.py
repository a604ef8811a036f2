"""
Clients that are nodes or pods of the cluster (section 10 of docs/model.md): who asks, which way, and what loops.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass, replace

from reference import PRIVATE, parsed_address
from walker_clb import Asked, transport
from walker_cluster import (
    SWITCHED_OFF,
    Document,
    Node,
    addresses_of,
    addresses_of_host,
    addresses_of_object,
    addresses_of_pod,
    family,
    has_network_acl,
    instance_at,
    instance_called,
    is_complete,
    is_node,
    kind_of,
    node_called,
    node_name,
    node_of,
    objects,
)
from walker_endpoints import DROPS, NOT_KNOWN, REFUSES, choose, why_none
from walker_packets import OPEN, PASSED, Packet, Source, anything, check, doubtful, some_of, source_at_target, stop
from walker_paths import SUPER, at_pod, interface_check, local_check, node_check, own_address, standing, standing_of_pod
from walker_pods import Pod, groups_of_pod, has_own_interface, interfaces_at, is_here, pod_at, pod_called
from walker_requests import DROP, PASS, REFUSE, UNKNOWN, UNREAD, Step, Way

PREVENTS = "service.cloud.tencent.com/prevent-loopback"


@dataclass(frozen=True)
class Insider:
    """Who asks: the node that it is, or that it runs on, and the pod; *pod* is None where a node asks."""

    address: str
    node: Node
    pod: Pod | None = None


def insider_at(document: Document, client: str) -> Insider | None:
    """Who has an address of the cluster; None where that is not known, or a machine that is off would ask."""
    pods = [item for item in objects(document, "Pod") if client in addresses_of_pod(item)]
    hosts = {text for item in objects(document, "Pod") for text in addresses_of_host(item)}
    if is_node(document, client) or client in hosts:
        found = Insider(client, node_asking(document, client))
    elif len(pods) == 1:
        pod = pod_called(document, pods[0], client)
        if not pod.node:
            return None
        found = Insider(client, node_with_name(document, pod.node), pod)
    else:
        return None
    return None if found.node.state in SWITCHED_OFF else found


def node_asking(document: Document, client: str) -> Node:
    """The instance with an address, else that of the node of its name."""
    name = node_name(document, [client])
    instance = instance_at(document, client) or instance_called(document, name)
    return made(
        document, instance, name or (node_name(document, addresses_of(instance)) if instance else None), [client]
    )


def node_with_name(document: Document, name: str) -> Node:
    """The node that a pod is on."""
    told = node_called(document, name)
    texts = [text for text in addresses_of_object(told) if ":" in text or text[0].isdigit()] if told else []
    every = [item for item in objects(document, "Pod") if item["spec"].get("nodeName") == name]
    texts += [text for item in every for text in sorted(addresses_of_host(item)) if text not in texts]
    return made(document, instance_called(document, name), name, texts)


def made(document: Document, instance: dict | None, name: str | None, texts: list[str]) -> Node:
    """A node that asks; where its instance was not read it has the addresses that Kubernetes tells."""
    own = addresses_of(instance) if instance else texts
    called = name or (instance or {}).get("InstanceName") or (instance or {}).get("InstanceId") or own[0]
    return Node(
        called=called,
        kubernetes=name,
        groups=(instance or {}).get("SecurityGroupIds"),
        addresses=[parsed_address(text) for text in own],
        asked=parsed_address(own[0]) if own else parsed_address("0.0.0.0"),
        state=(instance or {}).get("InstanceState"),
        object=node_called(document, name),
    )


# Which way.

TO_BALANCER, NOBODY_KNOWS = "by way of the CLB", "nobody knows"


def mode_of(document: Document) -> str | None:
    """Iptables or ipvs, where that is told, and alike wherever it is."""
    cluster = document.get("cluster") or {}
    settings = cluster.get("ClusterNetworkSettings") or {}
    told = {(each.get("KubeProxyMode") or "").lower() for each in (cluster, settings)} - {""}
    told |= {{True: "ipvs", False: "iptables"}[settings["Ipvs"]]} if settings.get("Ipvs") is not None else set()
    return told.pop() if len(told) == 1 and told <= {"iptables", "ipvs"} else None


def entries_of(service: dict) -> list[dict] | None:
    """What a Service's status says of its load balancer; None where it was not read."""
    return ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress")


def way_of(asked: Asked, insider: Insider) -> str | tuple[dict, dict]:
    """The CLB, or the Service and its port for which the client's own node answers."""
    mode = mode_of(asked.document)
    services = objects(asked.document, "Service")
    claims = [(service, port) for service in services for port in ports_claimed(service, asked)]
    if mode is None or len(claims) > 1 or any(is_external(service, asked) for service in services):
        return NOBODY_KNOWS
    if not claims:
        known = is_complete(asked.document, "Service") and all(tells_vips(service) for service in services)
        return after_clb(asked) if known else NOBODY_KNOWS
    service, port = claims[0]
    modes = {entry.get("ipMode") or "VIP" for entry in entries_of(service) or [] if entry.get("ip") == asked.vip}
    if modes != {"VIP"}:
        return NOBODY_KNOWS
    if mode == "ipvs":
        bound = (service["metadata"].get("annotations") or {}).get(PREVENTS) == "true"
        return NOBODY_KNOWS if bound else after_clb(asked)
    is_known = asked.listener["Protocol"] != "HTTPS" and port.get("nodePort")
    if insider.pod is not None:
        passes = not insider.pod.node.startswith(SUPER) and not has_own_interface(asked.document, insider.pod)
        is_known = is_known and passes and service["spec"].get("externalTrafficPolicy") == "Cluster"
    return (service, port) if is_known else NOBODY_KNOWS


def ports_claimed(service: dict, asked: Asked) -> list[dict]:
    """The ports that a Service has on the VIP which are the listener's."""
    vips = {parsed_address(entry["ip"]) for entry in entries_of(service) or [] if entry.get("ip")}
    if not asked.vip or parsed_address(asked.vip) not in vips:
        return []
    return [port for port in service["spec"].get("ports") or [] if is_listeners(port, asked)]


def is_listeners(port: dict, asked: Asked) -> bool:
    """Whether a Service's port is that of the listener."""
    return (port["port"], port.get("protocol") or "TCP") == (asked.listener["Port"], transport(asked.listener))


def is_external(service: dict, asked: Asked) -> bool:
    """Whether a Service claims the VIP for itself, on that port."""
    ports = service["spec"].get("ports") or []
    return asked.vip in (service["spec"].get("externalIPs") or []) and any(is_listeners(port, asked) for port in ports)


def tells_vips(service: dict) -> bool:
    """Whether all that a Service has of load balancers is told, with the ports there."""
    entries = entries_of(service)
    if any(entry.get("ip") for entry in entries or []) and service["spec"].get("ports") is None:
        return False
    if service["spec"].get("type") in ("ClusterIP", "NodePort", "ExternalName"):
        return True
    return entries is not None and all(entry.get("ip") or entry.get("hostname") for entry in entries)


def after_clb(asked: Asked) -> str:
    """A private VIP of a private CLB sees the client itself."""
    is_private = asked.vip and family(asked.vip) == 4 and any(parsed_address(asked.vip) in block for block in PRIVATE)
    return TO_BALANCER if is_private and asked.balancer.get("LoadBalancerType") == "INTERNAL" else NOBODY_KNOWS


# By way of the CLB.


def leaving(asked: Asked, insider: Insider) -> Step:
    """Whether what the client sends surely gets to the CLB."""
    document, node, pod = asked.document, insider.node, insider.pod
    groups = groups_of_pod(document, pod) if pod else node.groups
    place = ("pod", pod.name) if pod else ("node", node.called)
    out = check(document, place, "egress", groups, some_of([asked.vip]), asked.protocol, asked.listener["Port"])
    steps = standing_of_pod(document, pod, here=False) if pod else standing(document, node)
    return PASSED if all(step.effect == PASS for step in [out, *steps]) else OPEN


def is_clients_own(asked: Asked, insider: Insider | None, target: dict) -> bool:
    """Whether the CLB leaves a target out: it has the client's address, and would see it."""
    return insider is not None and sees_client(asked, target) and address_of(asked.document, target) == insider.address


def address_of(document: Document, target: dict) -> str:
    """Where the CLB sends to."""
    told = target.get("PrivateIpAddresses")
    return told[0] if told else str(node_of(document, target).asked)


def sees_client(asked: Asked, target: dict) -> bool:
    """Whether a target sees the client's own address, or may."""
    if kind_of(target) not in ("CVM", "ENI") or family(address_of(asked.document, target)) != asked.version:
        return False
    client = parsed_address(asked.client)
    return (client, client) in source_at_target(asked, asked.version).ranges


def looped(asked: Asked, insider: Insider, target: dict, ways: list[Way]) -> list[Way]:
    """The ways from a target on, of packets that may come back to the node which sent them."""
    if not sees_client(asked, target) or ways == [[UNREAD]]:
        return ways
    document, own = asked.document, insider.node.kubernetes
    open_ways = [[OPEN, *way] for way in ways]
    if is_clients_own(asked, insider, target):
        return open_ways
    if kind_of(target) == "ENI":
        place = pod_at(document, address_of(document, target), asked.protocol, target["Port"]).node
        return ways if own and place and place != own else open_ways
    node = node_of(document, target)
    if parsed_address(insider.address) in node.addresses or (own and own == node.kubernetes):
        if not source_at_target(asked, asked.version).is_one:
            return open_ways
        # the groups, and what may stop anything there, are asked first
        return [[*ways[0][: 1 + len(standing(document, node))], stop(DROP, ("node", node.called), "PACKET_LOOPS_BACK")]]
    return ways if own and node.kubernetes else open_ways


# On its own node.


def ways_on_own_node(asked: Asked, insider: Insider, service: dict, port: dict) -> list[Way]:
    """kube-proxy on the client's node: from the VIP to the endpoints."""
    document, node = asked.document, insider.node
    place = ("node", node.called)
    before = standing(document, node)
    if insider.pod and has_network_acl(document, [parsed_address(insider.address)]):
        before = [*before, OPEN]
    everywhere = {**service, "spec": {**service["spec"], "externalTrafficPolicy": "Cluster"}}
    choice = choose(document, everywhere, port, node, asked.version)
    if choice.outcome == NOT_KNOWN:
        return [[*before, UNREAD]]
    if choice.outcome == REFUSES:
        return [[*before, stop(REFUSE, place, why_none(document, service, port, asked.version))]]
    assert choice.outcome != DROPS
    packet = Packet(some_of([asked.client]), asked.protocol, 0)
    after = replace(packet, source=new_source(asked, insider))
    return [[*before, *way_to(asked, insider, item, after, packet)] for item in choice.endpoints]


def new_source(asked: Asked, insider: Insider) -> Source:
    """What stands in the client's place behind its node."""
    own = [str(address) for address in insider.node.addresses if address.version == asked.version]
    if insider.pod is None:
        return own_address(insider.node, asked.version) if own else anything(asked.version)
    there = beside(asked, insider.address)
    return some_of([*own, *there]) if own and there else anything(asked.version)


def beside(asked: Asked, address: str) -> list[str]:
    """All addresses of the interface of a pod, where one of them is known to be its own."""
    found = interfaces_at(asked.document, address)
    if len(found) != 1:
        return []
    key, field = ("PrivateIpAddressSet", "PrivateIpAddress") if asked.version == 4 else ("Ipv6AddressSet", "Address")
    entries = found[0].get(key) or []
    return [entry[field] for entry in entries] if any(entry.get("Primary") for entry in entries) else []


def way_to(asked: Asked, insider: Insider, endpoint: object, after: Packet, before: Packet) -> Way:
    """To one endpoint: over the network to another node's pod, or straight into a pod of the client's node."""
    document, node, pod = asked.document, insider.node, endpoint.pod
    after, before = replace(after, port=endpoint.number), replace(before, port=endpoint.number)
    here = is_here(document, pod, node)
    behind = at_pod(document, pod, after, before, here=here, is_idle=endpoint.idle)
    if here:
        return [local_check(document, pod, after), *behind]
    out, entering = going_out(asked, insider, pod, after), interface_check(document, pod, after)
    if here is None:
        return [*map(doubtful, out), doubtful(entering), *behind]
    return [*out, entering, *behind]


def going_out(asked: Asked, insider: Insider, pod: Pod, packet: Packet) -> list[Step]:
    """The egress list of the node's groups; where a pod asks maybe that of its own."""
    document, peer = asked.document, some_of([pod.address])
    of_node = node_check(document, insider.node, "egress", peer, packet)
    if insider.pod is None:
        return [of_node]
    groups = groups_of_pod(document, insider.pod)
    of_pod = check(document, ("pod", insider.pod.name), "egress", groups, peer, packet.protocol, packet.port)
    if of_node.effect == of_pod.effect != UNKNOWN:
        return [of_node]
    return [doubtful(of_node), doubtful(of_pod)]
