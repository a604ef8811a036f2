"""
What becomes of an insider's packets: answered on its own node, or by way of the CLB (section 10 of docs/model.md).

By the same author as walker_insiders.py, and as apart from the engine.
"""

from dataclasses import dataclass, replace

from reference import Address, parsed_address
from walker_clb import Asked
from walker_cluster import family, has_network_acl, is_pod_target, kind_of, node_of, target_family
from walker_endpoints import DROPS, NOT_KNOWN, REFUSES, Endpoint, choose, why_none
from walker_insiders import Insider
from walker_insiders_policies import may_keep_in
from walker_packets import OPEN, Packet, Source, anything, check, doubtful, some_of, source_at_target, stop
from walker_paths import (
    at_pod,
    interface_check,
    local_check,
    maybe_leaving,
    node_check,
    own_address,
    standing,
    standing_of_pod,
)
from walker_pods import Pod, groups_of_pod, interfaces_at, is_here, is_routed, pod_at
from walker_requests import DROP, PASS, REFUSE, UNREAD, Step, Way

# Answered on its own node.


def ways_on_its_node(asked: Asked, insider: Insider, service: dict, port: dict) -> list[Way]:
    """From the node that the client is, or is on, to each endpoint that kube-proxy there may pick, as under Cluster."""
    document, node = asked.document, insider.node
    version, place = family(asked.vip), ("node", node.called)
    entry = before_its_node(asked, insider)
    service = {**service, "spec": {**service["spec"], "externalTrafficPolicy": "Cluster"}}
    choice = choose(document, service, port, node, version)
    if choice.outcome == NOT_KNOWN:
        return [[*entry, UNREAD]]
    if choice.outcome == REFUSES:
        return [[*entry, stop(REFUSE, place, why_none(document, service, port, version))]]
    assert choice.outcome != DROPS
    return [[*entry, *way_to_endpoint(asked, insider, item)] for item in choice.endpoints]


def before_its_node(asked: Asked, insider: Insider) -> Way:
    """What may keep a packet from kube-proxy: its node's subnet, state and condition; around a pod its own subnet."""
    around = standing(asked.document, insider.node)
    if insider.pod is None:
        return around
    guarded = has_network_acl(asked.document, [parsed_address(insider.address)])
    return [OPEN, *around] if guarded or may_keep_in(asked.document, insider.pod) else around


def way_to_endpoint(asked: Asked, insider: Insider, endpoint: Endpoint) -> Way:
    """To one endpoint, with the node's address (or the one of an interface there) in the client's place."""
    document, node, version = asked.document, insider.node, family(asked.vip)
    before = Packet(some_of([insider.address]), asked.protocol, endpoint.number)
    packet = replace(before, source=rewritten(asked, insider, version))
    here = is_here(document, endpoint.pod, node)
    behind = at_pod(document, endpoint.pod, packet, before, here=here, is_idle=endpoint.idle)
    out = leaving_node(asked, insider, endpoint.pod, packet)
    if here:
        around = maybe_leaving(document, endpoint.pod, *out)
        return [*around, local_check(document, endpoint.pod, packet), *behind]
    gates = [*out, interface_check(document, endpoint.pod, packet)]
    return [*(map(doubtful, gates) if here is None else gates), *behind]


def rewritten(asked: Asked, insider: Insider, version: int) -> Source:
    """What a node writes in the client's place: its address; of a pod's packet it may be one of its interface's."""
    own = [str(item) for item in insider.node.addresses if item.version == version]
    if insider.pod is None or is_routed(asked.document, insider.pod):
        return own_address(insider.node, version) if own else anything(version)
    interfaces = interfaces_at(asked.document, insider.address)
    field, key = ("PrivateIpAddressSet", "PrivateIpAddress") if version == 4 else ("Ipv6AddressSet", "Address")
    entries = interfaces[0].get(field) or [] if len(interfaces) == 1 else []
    if not own or not any(item.get("Primary") for item in entries):
        return anything(version)
    return some_of([*own, *(item[key] for item in entries)])


def leaving_node(asked: Asked, insider: Insider, pod: Pod, packet: Packet) -> list[Step]:
    """The egress lists on the way to a pod elsewhere: the node's, and of a pod that asks its interface's, too."""
    peer = some_of([pod.address])
    node = node_check(asked.document, insider.node, "egress", peer, packet)
    if insider.pod is None:
        return [node]
    own = leaving_pod(asked, insider.pod, peer, packet.port)
    if node.effect == own.effect and node.effect in (PASS, DROP):
        return [node]
    return [doubtful(node), doubtful(own)]


def leaving_pod(asked: Asked, pod: Pod, peer: Source, port: int) -> Step:
    """The egress list of the groups before a pod."""
    groups = groups_of_pod(asked.document, pod)
    return check(asked.document, ("pod", pod.name), "egress", groups, peer, asked.protocol, port)


# By way of the CLB.


def reaches_the_clb(asked: Asked, insider: Insider) -> bool:
    """Whether what it sends surely gets to the CLB, by its own egress list and what stands around it."""
    vip, port = some_of([asked.vip]), asked.listener["Port"]
    if insider.pod is None:
        packet = Packet(some_of([insider.address]), asked.protocol, port)
        own = node_check(asked.document, insider.node, "egress", vip, packet)
        return own.effect == PASS and not standing(asked.document, insider.node)
    own = leaving_pod(asked, insider.pod, vip, port)
    around = standing_of_pod(asked.document, insider.pod, here=False)
    return own.effect == PASS and not around and not may_keep_in(asked.document, insider.pod)


@dataclass(frozen=True)
class Return:
    """
    What a target does with packets that may come back to where they came from.

    *health* is what a target counts as that has the client's own address: Dead, or Unknown. *drops*: it drops them
    after its groups. *may_drop*: somebody may.
    """

    health: str | None = None
    drops: bool = False
    may_drop: bool = False


def returns_to(asked: Asked, insider: Insider | None, target: dict) -> Return:
    """What section 10 says of one target."""
    if insider is None or not (kind_of(target) == "CVM" or is_pod_target(asked.document, target)):
        return Return()
    document, client = asked.document, parsed_address(insider.address)
    source = source_at_target(asked, target_family(document, target))
    sees_client = not asked.balancer.get("SnatPro") and may_be(source, client)
    node = node_of(document, target) if kind_of(target) == "CVM" else None
    address = node.asked if node else parsed_address(target["PrivateIpAddresses"][0])
    if address == client:
        return Return("Dead" if sees_client and source.is_one else "Unknown", may_drop=True)
    if not sees_client:
        return Return()
    name = node.kubernetes if node else node_of_pod(asked, target)
    unknown = name is None or insider.node.kubernetes is None
    is_its_node = not unknown and name == insider.node.kubernetes
    if node and (client in node.addresses or is_its_node):
        return Return(drops=source.is_one, may_drop=not source.is_one)
    return Return(may_drop=unknown or is_its_node)


def may_be(source: Source, address: Address) -> bool:
    """Whether a source is an address, or may be."""
    return source.version == address.version and any(first <= address <= last for first, last in source.ranges)


def node_of_pod(asked: Asked, target: dict) -> str | None:
    """Where a pod that is a target runs."""
    return pod_at(asked.document, target["PrivateIpAddresses"][0], asked.protocol, target["Port"]).node


def turned_back(asked: Asked, target: dict, ways: list[Way]) -> list[Way]:
    """The way to a node that drops what comes back to it, after its groups; one that is not modelled stays so."""
    if ways == [[UNREAD]]:
        return ways
    return [[ways[0][0], stop(DROP, ("node", node_of(asked.document, target).called), "PACKET_LOOPS_BACK")]]
