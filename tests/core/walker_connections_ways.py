"""
What a connection meets from one end to the other (sections 3 and 4 of docs/connections.md).

By the same author as walker_connections_ends.py, and as apart from the engine. What the old questions share with
these (a node's ports, kube-proxy's choice, what stands at a pod) is in the first walker's modules.
"""

from dataclasses import dataclass, replace

from reference import parsed_address
from walker_cluster import Document, family, instance_at, is_complete, objects
from walker_connections_ends import NODE, OUTSIDE, POD, End, is_super
from walker_connections_lists import (
    ELSEWHERE,
    NOBODY_KNOWS,
    SAME,
    Connection,
    around_source,
    is_itself,
    is_shared,
    kept_in,
    leaving,
    relation,
    stands_alone,
    without_public_address,
)
from walker_endpoints import DROPS, NOT_KNOWN, REFUSES, Endpoint, choose, why_none
from walker_insiders import all_nodes_have_addresses
from walker_insiders_ways import rewritten as rewritten_inside
from walker_nodeports import GETS_IT, UNUSED, fate_of_port, is_external, is_outside, owner_of_nodeport
from walker_packets import OPEN, PASSED, Packet, check, doubtful, is_public, some_of, stop
from walker_paths import (
    at_pod,
    in_pod,
    interface_check,
    local_check,
    maybe_leaving,
    node_check,
    own_address,
    standing,
    standing_of_pod,
    ways_behind_node,
)
from walker_pods import Pod, interfaces_at, is_here, is_routed
from walker_requests import DROP, PASS, REFUSE, UNOWNED, UNREAD, Step, Way
from walker_running import is_any_idle

# A pod's own address.


def way_to_pod(asked: Connection, pod: Pod, port: int, *, is_idle: bool) -> Way:
    """From the source's egress list to what listens in the pod."""
    where, packet = relation(asked, pod), asked.packet(port)
    shared = not stands_alone(asked.document, pod)
    gates = gates_of(asked, pod, packet, where, shared=shared)
    stays = where == SAME and shared and is_shared(asked.document, asked.source)
    start = [*kept_in(asked), *([] if stays else around_source(asked))]
    here = {SAME: True, ELSEWHERE: False, NOBODY_KNOWS: None}[where]
    behind = at_pod(asked.document, pod, packet, packet, here=here, is_idle=is_idle)
    if where == SAME and (asked.source.kind == NODE or is_itself(asked, pod)):
        behind = without_policies(asked, pod, packet, is_idle=is_idle)
    return [*start, *gates, *without_public_address(asked, pod.address), *behind]


def without_policies(asked: Connection, pod: Pod, packet: Packet, *, is_idle: bool) -> Way:
    """What stands at a pod for packets of its own node, which NetworkPolicies always let in."""
    cluster = {**(asked.document.get("cluster") or {}), "networkpolicy": {"enforced": False}}
    return at_pod({**asked.document, "cluster": cluster}, pod, packet, packet, here=True, is_idle=is_idle)


def gates_of(asked: Connection, pod: Pod, packet: Packet, where: str, *, shared: bool) -> list[Step]:
    """The lists on the way to a pod."""
    out, entering = leaving(asked, pod.address, packet.port), interface_check(asked.document, pod, packet)
    if where == ELSEWHERE:
        return [*out, entering]
    if where == SAME and shared and is_shared(asked.document, asked.source):
        return []
    return list(map(doubtful, [*out, entering]))


# A node's port.


def ways_to_node(asked: Connection, door: End, address: str, port: int) -> list[Way]:
    """To a NodePort, or to what listens on a node."""
    document, node = asked.document, replace(door.node, asked=parsed_address(address))
    service, item = owner_of_nodeport(document, asked.protocol, port)
    here = asked.source.kind != OUTSIDE and is_one_machine(asked.source, door)
    if here and is_shared(document, asked.source):
        return [[*kept_in(asked), *way] for way in ways_at_home(asked, node, service, item, port)]
    out = leaving(asked, address, port)
    entering = node_check(document, node, "ingress", some_of([asked.address]), asked.packet(port))
    gates = list(map(doubtful, [*out, entering])) if here else [*out, entering]
    start = [*kept_in(asked), *around_source(asked), *gates, *without_public_address(asked, address)]
    around = standing(document, node)
    if any(step.effect == DROP for step in around):
        return [[*start, *around]]
    if is_outside(document, node):
        return [[*start, *around, UNOWNED]]
    if is_left_open(asked, service):
        return [[*start, *around, UNREAD]]
    return [[*start, *around, *way] for way in ways_behind_node(document, node, asked.packet(port))]


def is_one_machine(source: End, door: End) -> bool:
    """Whether the source is the node, or on it."""
    if source.node.kubernetes is None or door.node.kubernetes is None:
        return source.kind == NODE and source.node.addresses == door.node.addresses
    return source.node.kubernetes == door.node.kubernetes and not is_super(door.node.kubernetes)


def is_left_open(asked: Connection, service: dict | None) -> bool:
    """Whether kube-proxy may take a pod that asks for one of the cluster, under another policy than Cluster."""
    return (
        service is not None and asked.source.kind == POD and service["spec"].get("externalTrafficPolicy") != "Cluster"
    )


def ways_at_home(asked: Connection, node: object, service: dict | None, item: dict | None, port: int) -> list[Way]:
    """The source's own node: what listens there, or kube-proxy in front of a Service."""
    document, place = asked.document, ("node", node.called)
    if is_outside(document, node) or is_external(document, node, asked.protocol, port):
        return [[UNOWNED]]
    around = around_home(asked)
    if service is None:
        fate = fate_of_port(document, node, asked.protocol, port)
        unused = stop(REFUSE, place, "NODEPORT_NOT_IN_USE")
        return [[*standing(document, node), PASSED if fate == GETS_IT else unused if fate == UNUSED else fate]]
    if is_left_open(asked, service):
        return [[*around, UNREAD]]
    as_cluster = {**service, "spec": {**service["spec"], "externalTrafficPolicy": "Cluster"}}
    choice = choose(document, as_cluster, item, node, family(asked.address))
    if choice.outcome == NOT_KNOWN:
        return [[*around, UNREAD]]
    if choice.outcome == REFUSES:
        return [[*around, stop(REFUSE, place, why_none(document, service, item, family(asked.address)))]]
    return [[*around, *way_from_home(asked, endpoint)] for endpoint in choice.endpoints]


def around_home(asked: Connection) -> Way:
    """What may keep a packet from kube-proxy on its own node."""
    around = standing(asked.document, asked.source.node)
    guarded = asked.source.kind == POD and OPEN in standing_of_pod(asked.document, asked.source.pod, here=False)
    return [OPEN, *around] if guarded and OPEN not in around else around


def way_from_home(asked: Connection, endpoint: Endpoint) -> Way:
    """Rewritten on the source's node, to an endpoint there or elsewhere (section 10 of docs/model.md)."""
    document, pod = asked.document, endpoint.pod
    before = asked.packet(endpoint.number)
    packet = replace(before, source=source_from_home(asked))
    here = is_here(document, pod, asked.source.node)
    behind = at_pod(document, pod, packet, before, here=here, is_idle=endpoint.idle)
    out = leaving_home(asked, pod, endpoint.number)
    if here:
        return [*maybe_leaving(document, pod, *out), local_check(document, pod, packet), *behind]
    gates = [*out, interface_check(document, pod, packet)]
    return [*(map(doubtful, gates) if here is None else gates), *behind]


def source_from_home(asked: Connection) -> object:
    """The node's address; of a pod's packet it may be one of its interface's."""
    version = family(asked.address)
    if asked.source.kind == NODE or is_routed(asked.document, asked.source.pod):
        return own_address(asked.source.node, version)
    return rewritten_inside(asked, replace_insider(asked), version)


@dataclass(frozen=True)
class Asker:
    """A source in the words of walker_insiders_ways.py."""

    address: str
    node: object
    pod: Pod | None


def replace_insider(asked: Connection) -> Asker:
    return Asker(asked.address, asked.source.node, asked.source.pod)


def leaving_home(asked: Connection, pod: Pod, port: int) -> list[Step]:
    """The node's egress list; of a pod that asks its interface's, too, and certain only where both say the same."""
    peer = some_of([pod.address])
    node = node_check(asked.document, asked.source.node, "egress", peer, asked.packet(port))
    if asked.source.kind == NODE or is_routed(asked.document, asked.source.pod):
        return [node]
    own = leaving(asked, pod.address, port)[0]
    if node.effect == own.effect and node.effect in (PASS, DROP):
        return [node]
    return [doubtful(node), doubtful(own)]


# A ClusterIP.


def ways_to_service(asked: Connection, service: dict, port: dict) -> list[Way]:
    """kube-proxy on the source's node picks an endpoint; the source keeps its address."""
    document, node = asked.document, asked.source.node
    version, place = family(asked.address), ("node", node.called)
    policy = service["spec"].get("internalTrafficPolicy") or "Cluster"
    inside = {**service, "spec": {**service["spec"], "externalTrafficPolicy": policy}}
    start = [*kept_in(asked), *standing(document, node)]
    choice = choose(document, inside, port, node, version)
    if choice.outcome == NOT_KNOWN:
        return [[*start, UNREAD]]
    if choice.outcome == REFUSES:
        return [[*start, stop(REFUSE, place, why_none(document, service, port, version))]]
    if choice.outcome == DROPS:
        return [[*start, stop(DROP, place, "NO_LOCAL_ENDPOINT")]]
    return [[*start, *way_to_pod(asked, item.pod, item.number, is_idle=item.idle)] for item in choice.endpoints]


# An outside address.


def way_outside(asked: Connection, door: End, port: int) -> Way:
    """Out: the source's egress list, and an ingress list where one that was read has the address; never reached."""
    address = door.addresses[0]
    groups = groups_at(asked.document, address)
    gates = leaving(asked, address, port)
    if groups is not NO_ONE:
        place = ("outside", called_at(asked.document, address))
        peer = some_of([asked.address])
        gates.append(check(asked.document, place, "ingress", groups, peer, asked.protocol, port))
    is_open = door.maybe_inside and not all_are_told(asked.document)
    is_open = is_open or (has_kube_proxy(asked) and may_be_a_services(asked.document, address))
    gates = list(map(doubtful, gates)) if is_open else gates
    return [*kept_in(asked), *around_source(asked), *gates, UNREAD]


def all_are_told(document: Document) -> bool:
    """Whether all nodes, with their addresses, and all pods are here."""
    return is_complete(document, "Node") and is_complete(document, "Pod") and all_nodes_have_addresses(document)


def has_kube_proxy(asked: Connection) -> bool:
    """Whether the source is on a node, or may be."""
    is_stranger = asked.source.kind == NODE and asked.source.node.kubernetes is None
    return asked.source.kind != OUTSIDE and not (is_stranger and is_complete(asked.document, "Node"))


def may_be_a_services(document: Document, address: str) -> bool:
    """Whether kube-proxy may take packets to an address for those of a Service, before any group is asked."""
    services = objects(document, "Service")
    if any(address in addresses_of_service(item) for item in services):
        return True
    if is_public(address) or groups_at(document, address) is not NO_ONE:
        return False
    return not is_complete(document, "Service") or any(hides_its_address(item, address) for item in services)


def addresses_of_service(service: dict) -> list[str | None]:
    """All that kube-proxy knows a Service by."""
    spec, shown = service["spec"], ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    return [
        spec.get("clusterIP"),
        *(spec.get("clusterIPs") or []),
        *(spec.get("externalIPs") or []),
        *(item.get("ip") for item in shown),
    ]


def hides_its_address(service: dict, address: str) -> bool:
    """Whether a ClusterIP of a Service that has one was not read: of two families one is told."""
    both, kind = service["spec"].get("clusterIPs"), service["spec"].get("type")
    known = service["spec"].get("clusterIP") or (both or [None])[0]
    if both:
        return False
    return kind != "ExternalName" if not known else known != "None" and family(known) != family(address)


NO_ONE = ("no one",)


def called_at(document: Document, address: str) -> str:
    """The id of the instance or the one interface that has an address."""
    instance, found = instance_at(document, address), interfaces_at(document, address)
    if instance is not None:
        return instance["InstanceId"]
    return found[0]["NetworkInterfaceId"] if len(found) == 1 else address


def groups_at(document: Document, address: str) -> list[str] | tuple | None:
    """Those of the instance or the interface that has an address; None: not read, NO_ONE: none that was read has it."""
    instance = instance_at(document, address)
    if instance is not None:
        return instance.get("SecurityGroupIds")
    found = interfaces_at(document, address)
    if not found:
        return NO_ONE
    return found[0].get("GroupSet") if len(found) == 1 else None


def pod_door(asked: Connection, door: End, address: str, port: int) -> list[Way]:
    """A pod by its own address."""
    pod = replace(door.pod, address=address)
    if is_itself(asked, pod):
        is_idle = is_any_idle(asked.document, address)
        return [[in_pod(asked.document, pod, asked.packet(port), is_idle=is_idle)]]
    return [way_to_pod(asked, pod, port, is_idle=is_any_idle(asked.document, address))]
