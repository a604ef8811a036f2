"""
The ways from a load balancer to a pod and what is asked on each (sections 3 to 6 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass, replace

import reference
from reference import Address, parsed_network
from walker_clb import Asked, is_layer7
from walker_cluster import Document, Node, family, kind_of, node_of, objects
from walker_pods import Pod, groups_of_pod, has_own_interface, listens, pod_at, ready_pods, slices_of, why_no_pods
from walker_requests import DROP, PASS, REFUSE, UNKNOWN, Step, Way

KEEP_ALIVE_RANGE = "100.127.0.0/16"
# OPEN: a check that may go either way. UNREAD: what lies here is not known, so that it may also refuse.
PASSED, OPEN, UNREAD = Step(PASS), Step(UNKNOWN), Step(UNKNOWN, about=("unread",))


@dataclass(frozen=True)
class Source:
    """Where a packet comes from: one address, or one of several, as ranges with both ends included."""

    ranges: tuple[tuple[Address, Address], ...]

    @property
    def version(self) -> int:
        return self.ranges[0][0].version


def some_of(texts: list[str]) -> Source:
    """One of several addresses or blocks."""
    blocks = [parsed_network(text) for text in texts]
    return Source(tuple((block[0], block[-1]) for block in blocks))


def anything(version: int) -> Source:
    """Some address of a family."""
    return some_of(["0.0.0.0/0" if version == 4 else "::/0"])


def source_at_target(asked: Asked, version: int) -> Source:
    """Whose address a target of a family sees (section 3): the first row that applies."""
    if asked.balancer.get("SnatPro"):
        own = [item["Ip"] for item in asked.balancer.get("SnatIps") or [] if family(item["Ip"]) == version]
        return some_of(own) if own else anything(version)
    if is_layer7(asked.listener) and asked.listener.get("KeepaliveEnable") == 1:
        return some_of([KEEP_ALIVE_RANGE]) if version == 4 else anything(6)
    return some_of([asked.client]) if asked.version == version else anything(version)


def passes_to_target(asked: Asked) -> bool:
    """Whether targets admit the CLB's traffic unasked; on an IPv6 VIP they always do."""
    return bool(asked.balancer.get("LoadBalancerPassToTarget")) or asked.version == 6


# One check.


def representatives(
    document: Document, listed: list[tuple[str, dict]], direction: str, source: Source
) -> list[Address]:
    """
    One address of each kind that the rules could tell apart.

    Between two neighbouring edges of rules all addresses fare alike, so the first of each stretch will do.
    """
    starts = reference.edges(listed, direction, document, source.version)
    found = []
    for first, last in source.ranges:
        found.append(first)
        found += [start for start in starts if first < start <= last]
    return found


def check(
    document: Document,
    place: tuple[str, str],
    direction: str,
    groups: list[str] | None,
    source: Source,
    protocol: str,
    port: int | None,
) -> Step:
    """Ask an interface's groups about a packet that may come from several addresses; they must all fare alike."""
    if groups is None:
        return OPEN
    if not groups:
        return PASSED
    every = document.get("security_groups") or {}
    listed = [(name, (every.get(name) or {}).get("SecurityGroupPolicySet") or {}) for name in groups]
    packets = [
        reference.Packet(protocol, peer, port)
        for peer in representatives(document, listed, direction.capitalize(), source)
    ]
    answers = [reference.decide(listed, direction.capitalize(), packet, document) for packet in packets]
    actions = {answer.action for answer in answers}
    if actions == {"ACCEPT"}:
        return PASSED
    if actions != {"DROP"}:
        return OPEN
    first = answers[0]
    reason = "NO_RULE_MATCHED" if first.policy_index is None else "RULE_MATCHED"
    cause = (*place, direction, first.group, first.policy_index, reason)
    return Step(DROP, cause, (source, protocol, port))


def stop(effect: str, place: tuple[str, str], reason: str) -> Step:
    """A cause that is no group's doing; at one place it is one cause, whatever port was asked for."""
    return Step(effect, (*place, None, None, None, reason))


# The ways from a target on.


@dataclass(frozen=True)
class Packet:
    """What travels: from where, in which protocol, to which port; *probe*: so that no group is asked about it."""

    source: Source
    protocol: str
    port: int
    probe: bool = False


def ways_from_target(document: Document, target: dict, packet: Packet, *, waived: bool) -> list[Way]:
    """Every way from a target on; *waived* says that the target's own groups have no say."""
    if kind_of(target) == "ENI":
        return [way_into_pod(document, target, packet, waived)]
    if kind_of(target) != "CVM":
        return [[UNREAD]]
    node = node_of(document, target)
    version = packet.source.version
    entry = PASSED if waived else node_check(document, node, "ingress", packet.source, packet)
    return [[entry, *way] for way in ways_behind_node(document, node, packet, version)]


def node_check(document: Document, node: Node, direction: str, peer: Source, packet: Packet) -> Step:
    """The groups of a node's primary interface."""
    return check(document, ("node", node.name), direction, node.groups, peer, packet.protocol, packet.port)


def way_into_pod(document: Document, target: dict, packet: Packet, waived: bool) -> Way:
    """A pod that is registered itself: its interface's groups, then whether it listens, where anything was read."""
    pod = pod_at(document, target["PrivateIpAddresses"][0])
    behind = listening(pod, packet) if pod.namespace else UNREAD
    return [PASSED if waived else interface_check(document, pod, packet), behind]


def ways_behind_node(document: Document, node: Node, packet: Packet, version: int) -> list[Way]:
    """kube-proxy on a node: from the NodePort to the endpoints (section 5)."""
    place = ("node", node.name)
    if document.get("kubernetes") is None:
        return [[UNREAD]]
    service, port = owner_of_nodeport(document, packet)
    if service is None:
        return [[stop(REFUSE, place, "NODEPORT_NOT_IN_USE")]]
    if not slices_of(document, service):
        return [[UNREAD]]
    pods = ready_pods(document, service, port, version)
    if not pods:
        return [[stop(REFUSE, place, why_no_pods(document, service, port, version))]]
    if not node.placed:
        return [[UNREAD]]
    if service["spec"].get("externalTrafficPolicy") == "Local":
        pods = [(pod, number) for pod, number in pods if pod.node == node.name]
        if not pods:
            return [[stop(DROP, place, "NO_LOCAL_ENDPOINT")]]
    else:
        packet = replace(packet, source=own_address(node, version), probe=False)
    return [way_to_pod(document, node, pod, replace(packet, port=number)) for pod, number in pods]


def owner_of_nodeport(document: Document, packet: Packet) -> tuple[dict | None, dict | None]:
    """The Service, and its port, that has the NodePort for the protocol."""
    for service in objects(document, "Service"):
        for port in service["spec"]["ports"]:
            if (port.get("nodePort"), port.get("protocol", "TCP")) == (packet.port, packet.protocol):
                return service, port
    return None, None


def own_address(node: Node, version: int) -> Source:
    """What a node writes in the source's place: its first address of the family."""
    return some_of([str(next(address for address in node.addresses if address.version == version))])


def way_to_pod(document: Document, node: Node, pod: Pod, packet: Packet) -> Way:
    """From a node to one endpoint: over the network to another node's pod, or straight into a pod of its own."""
    if pod.node == node.name:
        return [local_check(document, pod, packet), listening(pod, packet)]
    leaving = node_check(document, node, "egress", some_of([pod.address]), packet)
    return [leaving, interface_check(document, pod, packet), listening(pod, packet)]


def interface_check(document: Document, pod: Pod, packet: Packet) -> Step:
    """The groups of the interface that carries the pod's address."""
    groups = groups_of_pod(document, pod)
    return check(document, ("pod", pod.name), "ingress", groups, packet.source, packet.protocol, packet.port)


def local_check(document: Document, pod: Pod, packet: Packet) -> Step:
    """A pod on the same node: not asked on shared interfaces; on its own one nobody knows, unless it would pass."""
    if packet.probe or not has_own_interface(document, pod):
        return PASSED
    return PASSED if interface_check(document, pod, packet).effect == PASS else OPEN


def listening(pod: Pod, packet: Packet) -> Step:
    """Whether the pod takes the connection."""
    if listens(pod, packet.protocol, packet.port):
        return PASSED
    return stop(REFUSE, ("pod", pod.name), "PORT_NOT_LISTENING")
