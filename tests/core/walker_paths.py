"""
The ways from a load balancer to a pod and what is asked on each (sections 4 to 6 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import replace

from reference import parsed_address
from walker_cluster import (
    SWITCHED_OFF,
    Document,
    Node,
    has_network_acl,
    is_complete,
    is_elsewhere,
    is_lost,
    is_pod_target,
    kind_of,
    node_called,
    node_of,
)
from walker_endpoints import DROPS, NOT_KNOWN, REFUSES, Endpoint, choose, why_none
from walker_insiders import node_by_name
from walker_listening import listens
from walker_nodeports import GETS_IT, UNUSED, fate_of_port, is_external, is_outside, owner_of_nodeport
from walker_packets import OPEN, PASSED, Packet, Source, check, doubtful, some_of, stop, waived_by
from walker_pods import (
    Pod,
    groups_of_pod,
    has_own_interface,
    is_here,
    is_on_its_nodes_network,
    is_routed,
    pod_at,
    state_of_node,
)
from walker_policies import enforced, lets_in
from walker_requests import (
    DROP,
    LOST_NODE,
    LOST_PLACE,
    NO_POD,
    NOT_READY,
    NOT_RUNNING,
    PASS,
    REFUSE,
    REFUTED,
    UNDECLARED,
    UNOWNED,
    UNREAD,
    Step,
    Way,
)
from walker_running import is_any_idle, is_unready, nothing_runs

# What ends probes as well as requests: at a node, and at a pod where no other may have answered.
OF_NODES = ("INSTANCE_NOT_RUNNING", "NODEPORT_NOT_IN_USE", "NO_LOCAL_ENDPOINT", "NO_ENDPOINTS")
OF_NAMES = ("PORT_NAME_DIFFERS", "TARGET_PORT_NAME_UNKNOWN")
OF_PODS = ("INSTANCE_NOT_RUNNING", "PORT_NOT_LISTENING")
SUPER = "eklet-"  # how names of super nodes begin


def ways_from_target(document: Document, target: dict, packet: Packet, passes: bool | None) -> list[Way]:
    """Every way from a target on; *passes* says whether the target's own groups have no say, None that nobody knows."""
    if is_pod_target(document, target):
        return [way_into_pod(document, target, packet, passes)]
    if kind_of(target) != "CVM" or is_elsewhere(document, target):
        return [[UNREAD]]
    node = node_of(document, target)
    entry = [waived_by(node_check(document, node, "ingress", packet.source, packet), passes), *standing(document, node)]
    if packet.unasked:
        entry[0] = PASSED
    elif packet.or_else:
        entry[0] = doubtful(entry[0])
    if node.state in SWITCHED_OFF:
        return [entry]
    if is_outside(document, node):
        return [[*entry, UNOWNED]]
    return [[*entry, *way] for way in ways_behind_node(document, node, packet)]


def standing(document: Document, node: Node) -> list[Step]:
    """What may stop a packet at a node besides its groups: its subnet's network ACL, and an instance that is off."""
    steps = [OPEN] if has_network_acl(document, node.addresses) else []
    if node.state in SWITCHED_OFF:
        return [*steps, stop(DROP, ("node", node.called), "INSTANCE_NOT_RUNNING")]
    steps += [LOST_NODE] if is_lost(node.object) else []
    return [*steps, OPEN] if node.state not in (None, "", "RUNNING") else steps


def node_check(document: Document, node: Node, direction: str, peer: Source, packet: Packet) -> Step:
    """The groups of a node's primary interface."""
    return check(document, ("node", node.called), direction, node.groups, peer, packet.protocol, packet.port)


def way_into_pod(document: Document, target: dict, packet: Packet, passes: bool | None) -> Way:
    """A pod that is registered itself: its interface's groups, then what is behind them, where anything was read."""
    pod = pod_at(document, target["PrivateIpAddresses"][0], packet.protocol, packet.port)
    is_known = pod.namespace is not None
    is_idle = is_any_idle(document, pod.address)
    behind = (
        at_pod(document, pod, packet, packet, here=False, is_idle=is_idle) if is_known else behind_nobody(document, pod)
    )
    return [waived_by(interface_check(document, pod, packet), passes), *behind]


def behind_nobody(document: Document, pod: Pod) -> Way:
    """What may stop a packet to an address without a pod."""
    steps = standing_of_pod(document, pod, here=False)
    return steps if any(step.effect == DROP for step in steps) else [*steps, NO_POD]


def ways_behind_node(document: Document, node: Node, packet: Packet) -> list[Way]:
    """kube-proxy on a node: from the NodePort to the endpoints (section 5)."""
    place, version = ("node", node.called), packet.source.version
    if is_external(document, node, packet.protocol, packet.port):
        return [[UNOWNED]]
    service, port = owner_of_nodeport(document, packet.protocol, packet.port)
    if service is None:
        fate = fate_of_port(document, node, packet.protocol, packet.port)
        unused = stop(REFUSE, place, "NODEPORT_NOT_IN_USE")
        return [[PASSED if fate == GETS_IT else unused if fate == UNUSED else fate]]
    choice = choose(document, service, port, node, version)
    if choice.outcome == NOT_KNOWN:
        return [[UNREAD]]
    if choice.outcome == REFUSES:
        return [[stop(REFUSE, place, why_none(document, service, port, version))]]
    if choice.outcome == DROPS:
        return [[stop(DROP, place, "NO_LOCAL_ENDPOINT")]]
    after = packet
    if service["spec"].get("externalTrafficPolicy") == "Cluster":
        after = replace(packet, source=own_address(node, version), unasked=False, or_else=None)
    return [way_to_pod(document, node, item, after, packet) for item in choice.endpoints]


def own_address(node: Node, version: int) -> Source:
    """What a node writes in the source's place: its first address of the family."""
    return some_of([str(next(address for address in node.addresses if address.version == version))])


def way_to_pod(document: Document, node: Node, endpoint: Endpoint, packet: Packet, before: Packet) -> Way:
    """From a node to one endpoint: over the network to another node's pod, or straight into a pod of its own."""
    is_rewritten = before is not packet
    pod, packet = endpoint.pod, replace(packet, port=endpoint.number)
    before = replace(before, port=endpoint.number) if is_rewritten else packet
    here = is_here(document, pod, node)
    behind = at_pod(document, pod, packet, before, here=here, is_idle=endpoint.idle)
    leaving = node_check(document, node, "egress", some_of([pod.address]), packet)
    if here:
        return [*maybe_leaving(document, pod, leaving), local_check(document, pod, packet), *behind]
    entering = interface_check(document, pod, packet)
    if here is None:
        return [doubtful(leaving), doubtful(entering), *behind]
    return [leaving, entering, *behind]


def interface_check(document: Document, pod: Pod, packet: Packet) -> Step:
    """The groups of the interface that carries the pod's address."""
    if packet.unasked:
        return PASSED
    groups = groups_of_pod(document, pod)
    found = check(document, ("pod", pod.name), "ingress", groups, packet.source, packet.protocol, packet.port)
    return doubtful(found) if packet.or_else else found


def maybe_leaving(document: Document, pod: Pod, *out: Step) -> list[Step]:
    """What is sent to an interface of a pod's own may leave its node and come back: nobody knows."""
    return list(map(doubtful, out)) if has_own_interface(document, pod) else []


def local_check(document: Document, pod: Pod, packet: Packet) -> Step:
    """A pod on the same node: not asked on shared interfaces; on its own one nobody knows, unless it would pass."""
    if packet.unasked or not has_own_interface(document, pod):
        return PASSED
    return PASSED if interface_check(document, pod, packet).effect == PASS else OPEN


def at_pod(document: Document, pod: Pod, packet: Packet, before: Packet, *, here: bool | None, is_idle: bool) -> Way:
    """What may stop a packet at a pod after the groups: network ACL, its node, NetworkPolicies, and that it listens."""
    steps = standing_of_pod(document, pod, here=here is True)
    if any(step.effect == DROP for step in steps):
        return steps
    return [*steps, *policies_step(document, pod, packet, before, here), in_pod(document, pod, packet, is_idle=is_idle)]


def in_pod(document: Document, pod: Pod, packet: Packet, *, is_idle: bool) -> Step:
    """Whether it listens, and runs, and is ready: the first that ends the attempt, where a refusal is certain."""
    found = listening(document, pod, packet)
    if found.effect == REFUSE:
        return found
    if nothing_runs(pod.object):
        return NOT_RUNNING
    return NOT_READY if found is PASSED and is_unready(pod.object, is_idle=is_idle) else found


def policies_step(document: Document, pod: Pod, packet: Packet, before: Packet, here: bool | None) -> list[Step]:
    """What NetworkPolicies do; *before* is the packet as it was when it came to the node."""
    if here is not False and (here is None or before is not packet):
        asked = [before] if here else [before, packet]
        return [] if all(lets_in(document, pod, item) for item in asked) else [OPEN]
    found = lets_in(document, pod, packet)
    if found:
        return []
    is_certain = found is False and not packet.or_else and enforced(document)
    is_certain = is_certain and pod.object and not is_on_its_nodes_network(document, pod)
    is_placed = pod.node is not None and not pod.node.startswith(SUPER)
    return [stop(DROP, ("pod", pod.name), "NETWORK_POLICY_DENIES") if is_certain and is_placed else OPEN]


def standing_of_pod(document: Document, pod: Pod, *, here: bool) -> list[Step]:
    """What may stop any packet: the network ACL that one from elsewhere comes through, and a node that does not run."""
    is_local = here and not has_own_interface(document, pod)
    around = [parsed_address(pod.address)]
    if is_routed(document, pod) and pod.node is not None:
        around += node_by_name(document, pod.node).addresses
    steps = [OPEN] if not is_local and has_network_acl(document, around) else []
    state = state_of_node(document, pod)
    if state in SWITCHED_OFF:
        return [*steps, stop(DROP, ("pod", pod.name), "INSTANCE_NOT_RUNNING")]
    steps += [LOST_PLACE] if not is_local and is_place_lost(document, pod) else []
    return [*steps, OPEN] if not is_local and state not in (None, "", "RUNNING") else steps


def is_place_lost(document: Document, pod: Pod) -> bool:
    """Whether contact with a pod's node is lost, or the node is gone from a list that is complete."""
    node = node_called(document, pod.node)
    is_gone = pod.node is not None and node is None and is_complete(document, "Node")
    is_gone = is_gone and not pod.node.startswith(SUPER)
    return is_gone or is_lost(node)


def listening(document: Document, pod: Pod, packet: Packet) -> Step:
    """Whether the pod takes the connection; what it does not declare it refuses only where a switch says so."""
    found = listens(pod.object, packet.protocol, packet.port)
    if not (document.get("semantics") or {}).get("containers_declare_all_ports"):
        return PASSED if found is not False else UNDECLARED
    shares = is_on_its_nodes_network(document, pod) and not is_complete(document, "Pod")
    if found is None or (not found and shares):
        return UNDECLARED
    return PASSED if found else stop(REFUSE, ("pod", pod.name), "PORT_NOT_LISTENING")


def with_something_listening(ways: list[Way]) -> list[Way]:
    """The ways to a target that was observed Alive: behind a single one something is known to listen."""
    if len(ways) != 1:
        return ways
    evident = (LOST_PLACE, UNDECLARED, NOT_READY, UNOWNED, NO_POD)
    return [[PASSED if step in evident else step for step in ways[0]]]


def is_behind_node(step: Step) -> bool:
    """Whether it is a drop by the node's egress list, by a pod's groups, or by its policies."""
    is_denied = step.cause[-1:] == ("NETWORK_POLICY_DENIES",)
    return step.effect == DROP and (is_denied or step.cause[:3:2] in (("node", "egress"), ("pod", "ingress")))


def contradicted(ways: list[Way], *, is_single: bool, is_rewritten: bool) -> list[Way]:
    """
    The ways to a target that was observed Alive: whatever would have ended its probes decides nothing.

    *is_rewritten* says that behind the target probes and requests alike come from a node's own address.
    """
    ways = [[step for step in way if step is not LOST_NODE] for way in ways]
    if is_single and is_rewritten:
        ways = [[OPEN if is_behind_node(step) else step for step in way] for way in ways]
    denied = {("node", reason) for reason in (*OF_NODES, *OF_NAMES)}
    denied |= {("pod", reason) for reason in OF_PODS} if is_single else set()
    return [
        [REFUTED if step.cause and (step.cause[0], step.cause[-1]) in denied else step for step in way] for way in ways
    ]
