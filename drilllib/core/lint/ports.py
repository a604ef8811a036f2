"""
Ports that were opened in the wrong place, as a snapshot shows it.

A CLB's groups are asked about the listener's port, a node's about the NodePort, a pod's about its own port [CLB-SG,
CLB-RS, ENI-SG]: opening the NodePort on the CLB or on the pod, or the pod's port on the node, lets nobody in. A rule
for health probes is not needed on a CLB: none pass.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.lint.bindings import listeners_of
from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Lists, ReadList
from drilllib.core.lint.texts import finding_about
from drilllib.core.lint.used_ports import is_used
from drilllib.core.lint.world import GroupUse
from drilllib.core.rules.addresses import PROBE_RANGE
from drilllib.core.rules.members import PRIVATE, range_of
from drilllib.core.rules.rules import PROTOCOLS_WITH_PORTS, Action
from drilllib.core.sets.flowsets import FlowSet, Plane, everything, flows_in, flows_of
from drilllib.core.sets.rectangles import RulePosition
from drilllib.core.snapshot.resources import Endpoint, Listener, LoadBalancer, Node, Target
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class MistakenPort:
    """*wrong* was opened where *right* is asked for, both of one transport protocol, on the way to *service*."""

    service: str
    transport: str
    wrong: int
    right: int


def about_ports(snapshot: Snapshot, lists: Lists) -> Iterator[LintFinding]:
    """Findings about the ingress lists of CLBs and nodes; a part that was not read has none."""
    found: dict[tuple[LintCode, RulePosition, MistakenPort], LintFinding] = {}
    for balancer in snapshot.load_balancers:
        listeners = listeners_of(snapshot, balancer) or []
        read = lists.of(balancer.groups) if balancer.groups else None
        for ports in _asked_of_clb(snapshot, balancer, listeners):
            for spot in _mistaken(snapshot, lists, read, ports, everything()):
                found[LintCode.NODEPORT_ON_CLB, spot, ports] = _on_clb(lists, spot, ports, balancer)
        for listener in listeners:
            for node, ports in _asked_of_nodes(snapshot, balancer, listener):
                clients = clients_of(balancer, listener, read, ports.transport, ports.right)
                for spot in _mistaken(snapshot, lists, lists.of(node.groups or ()), ports, clients):
                    found.setdefault((LintCode.POD_PORT_ON_NODE, spot, ports), _on_node(lists, spot, ports, node))
    yield from found.values()


def about_node_ports_of_pods(snapshot: Snapshot, lists: Lists) -> Iterator[LintFinding]:
    """The NodePort's number in the groups of a pod's interface, which are asked about the pod's own port [ENI-SG]."""
    found: dict[tuple[RulePosition, MistakenPort], LintFinding] = {}
    looked: set[tuple[tuple[str, ...], MistakenPort]] = set()
    for transport, number in snapshot.kubernetes.node_ports():
        service = snapshot.kubernetes.service_on_node_port(transport, number)
        for endpoint in _endpoints_behind(snapshot, transport, number):
            interface = snapshot.interfaces.at(endpoint.address)
            if service and interface and interface.groups and not snapshot.interfaces.is_node(endpoint.address):
                ports = MistakenPort(service.name, transport, number, endpoint.port)
                if (interface.groups, ports) in looked:
                    continue
                looked.add((interface.groups, ports))
                for spot in _mistaken(snapshot, lists, lists.of(interface.groups), ports, everything()):
                    found.setdefault((spot, ports), _on_pod(lists, spot, ports, endpoint))
    yield from found.values()


def _endpoints_behind(snapshot: Snapshot, transport: str, number: int) -> Iterator[Endpoint]:
    """The endpoints of a NodePort that do not listen on its number, as far as they were read."""
    for family in (4, 6):
        for each in snapshot.kubernetes.endpoints(transport, number, family) or ():
            as_asked = snapshot.kubernetes.pod_at(each.address, number, transport)
            if each.port != number and not (as_asked and as_asked.listens):
                yield each


def _on_pod(lists: Lists, spot: RulePosition, ports: MistakenPort, endpoint: Endpoint) -> LintFinding:
    facts = {"node_port": ports.wrong, "pod_port": ports.right, "service": ports.service, "pod": endpoint.pod}
    said = Statement("NODEPORT_ON_POD", facts), _remedy("NODEPORT_ON_POD", lists, spot, ports, facts)
    return finding_about(LintCode.NODEPORT_ON_POD, Severity.ERROR, lists.direction, spot, lists.rule(spot), *said)


def _asked_of_clb(snapshot: Snapshot, balancer: LoadBalancer, listeners: Sequence[Listener]) -> Iterator[MistakenPort]:
    """Each NodePort behind the CLB that it does not listen on itself, and the listener's port that leads there."""
    taken = {(listener.transport, listener.port) for listener in listeners}
    pairs = [
        MistakenPort("", listener.transport, target.port, listener.port)
        for listener in listeners
        for target in listener.targets or ()
        if listener.transport and target.is_node
    ]
    for service in snapshot.services_on(balancer):
        for port in service.ports:
            if port.node_port is not None and (port.transport, port.port) in taken:
                pairs.append(MistakenPort("", port.transport, port.node_port, port.port))
    return (pair for pair in dict.fromkeys(pairs) if (pair.transport, pair.wrong) not in taken)


def _asked_of_nodes(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener
) -> Iterator[tuple[Node, MistakenPort]]:
    """
    Each node that is a target and whose groups are asked about the client itself, with the pods' ports behind it.

    Pass-to-target waives the question, on IPv6 always; SnatPro and keep-alive put another source in its place. Under
    GlobalRouter a node's groups are asked about its pods' ports as well.
    """
    if not keeps_clients(snapshot, balancer, listener) or listener.transport is None or snapshot.is_routed:
        return
    for target in listener.targets or ():
        node = snapshot.node_of_instance(target.instance_id) if target.is_node else None
        service = snapshot.kubernetes.service_on_node_port(listener.transport, target.port)
        if node is not None and node.groups and service is not None:
            for port in _pod_ports(snapshot, service, listener.transport, target):
                yield node, MistakenPort(service.name, listener.transport, port, target.port)


def keeps_clients(snapshot: Snapshot, balancer: LoadBalancer, listener: Listener) -> bool:
    """Are the targets' groups certainly asked, and about the client's own address? See `_asked_of_nodes`."""
    if snapshot.not_modelled(balancer, listener):
        return False
    asked = balancer.pass_to_target is False and any(vip.version == 4 for vip in balancer.vips)
    hidden = balancer.snat_pro or (listener.layer == 7 and listener.keepalive is not False)
    return asked and not hidden


def _pod_ports(snapshot: Snapshot, service: Service, transport: str, target: Target) -> Iterable[int]:
    """The ports that pods behind a NodePort are asked on; the Service's own where no endpoint is there to tell."""
    known = (snapshot.kubernetes.endpoints(transport, target.port, family) for family in (4, 6))
    ports = {endpoint.port for endpoints in known for endpoint in endpoints or ()}
    for port in service.ports:
        if not ports and (port.transport, port.node_port) == (transport, target.port):
            ports = {port.target_port} if port.target_port is not None else set()
    return sorted(ports - {target.port})


def clients_of(
    balancer: LoadBalancer, listener: Listener, read: ReadList | None, transport: str, number: int
) -> FlowSet:
    """
    Whom the CLB's groups let in, at the port that a target is asked about: everybody, where they let in nobody yet.

    Clients of a public CLB have public addresses; what has a private one there is another node or pod.
    """
    place = transport, (number, number)
    admitted = read.possible.only(transport, listener.port) if read else FlowSet()
    ranges = [(family, *each) for family in (4, 6) for each in admitted.addresses(family)]
    clients = flows_in(ranges, *place) if ranges else everything()
    return clients if balancer.is_private else clients - flows_of(PRIVATE, *place)


def _mistaken(
    snapshot: Snapshot, lists: Lists, read: ReadList | None, ports: MistakenPort, clients: FlowSet
) -> Iterator[RulePosition]:
    """The rules opened instead, of groups that are bound nowhere where the wrong port is the right one."""
    for spot in _opened_instead(lists, read, ports, clients):
        if not is_used(snapshot, spot[0], ports.transport, ports.wrong):
            yield spot


def _opened_instead(
    lists: Lists, read: ReadList | None, ports: MistakenPort, clients: FlowSet
) -> Iterator[RulePosition]:
    """The rules that admit some of *clients* at the wrong port, none of whom any rule admits at the right one."""
    if read is None or ports.transport not in PROTOCOLS_WITH_PORTS:  # of SCTP no rule can speak
        return
    right = read.possible.only(ports.transport, ports.right)
    for spot in dict.fromkeys(accepting(read, ports.transport, ports.wrong)):
        sources = decided_at(lists, read, spot, ports.transport, ports.wrong)
        admitted = flows_in(sources, ports.transport, (ports.right, ports.right)) & clients
        if admitted and not admitted & right:
            yield spot


def decided_at(
    lists: Lists, read: ReadList, spot: RulePosition, transport: str, port: int
) -> list[tuple[int, int, int]]:
    """The far ends of what a rule decides at one port: address family, first and last."""
    return [
        (family, first, last)
        for family in (4, 6)
        for first, last, low, high in read.decided(Plane(transport, family), spot, lists.budget)
        if low <= port <= high
    ]


def accepting(read: ReadList, transport: str, port: int) -> Iterator[RulePosition]:
    """The rules of a list that certainly accept somebody at one port, if none above decides."""
    for family in (4, 6):
        for part in read.parts[Plane(transport, family)]:
            if part.action is Action.ACCEPT and part.certain and part.box[2] <= port <= part.box[3]:
                yield part.spot


def _on_clb(lists: Lists, spot: RulePosition, ports: MistakenPort, balancer: LoadBalancer) -> LintFinding:
    facts = {"node_port": ports.wrong, "port": ports.right, "balancer": balancer.balancer_id}
    said = Statement("NODEPORT_ON_CLB", facts), _remedy("NODEPORT_ON_CLB", lists, spot, ports, facts)
    return finding_about(LintCode.NODEPORT_ON_CLB, Severity.ERROR, lists.direction, spot, lists.rule(spot), *said)


def _on_node(lists: Lists, spot: RulePosition, ports: MistakenPort, node: Node) -> LintFinding:
    facts = {"pod_port": ports.wrong, "node_port": ports.right, "service": ports.service, "node": node.label}
    said = Statement("POD_PORT_ON_NODE", facts), _remedy("POD_PORT_ON_NODE", lists, spot, ports, facts)
    return finding_about(LintCode.POD_PORT_ON_NODE, Severity.ERROR, lists.direction, spot, lists.rule(spot), *said)


def _remedy(code: str, lists: Lists, spot: RulePosition, ports: MistakenPort, facts: Mapping[str, Any]) -> Statement:
    """To write the right port; where the list has that very rule, the API refuses it a second time [API-VPC]."""
    group, old = lists.groups[spot[0]], lists.rule(spot)
    right = [(ports.right,) * 2 if ends == (ports.wrong,) * 2 else ends for ends in old.ports or ()]
    wanted = old.action, old.protocol, old.peer, sorted(right)
    rules = enumerate(group.rules(lists.direction) or ())
    duplicates = [
        index for index, each in rules if (each.action, each.protocol, each.peer, sorted(each.ports or ())) == wanted
    ]
    if duplicates and spot[1] not in duplicates:
        return Statement(
            "WRONG_PORT.twin", {"port": ports.right, "rules": lists.named((spot[0], each) for each in duplicates)}
        )
    return Statement(f"{code}.remedy", facts)


def about_probes(snapshot: Snapshot, lists: Lists, reach: Mapping[str, GroupUse]) -> Iterator[LintFinding]:
    """
    Rules for 100.64.0.0/10 in groups that are bound to public CLBs only: probes do not pass there, clients are public.

    Behind a private CLB the range may be a subnet of the VPC.
    """
    private = {name for each in snapshot.load_balancers if each.is_private for name in each.groups or ()}
    _, first, last = range_of(PROBE_RANGE)
    for spot, rule in lists.rules():
        if reach[spot[0]].only_clb and spot[0] not in private:
            (read, *_) = lists.having(spot[0])
            boxes = [part.box for plane, part in read.parts.by_spot.get(spot, ()) if plane.family == 4]
            inside = boxes and len(boxes) == len(read.parts.by_spot[spot])
            if inside and all(first <= box[0] and box[1] <= last for box in boxes) and spot not in read.parts.dead:
                key = "PROBE_RANGE_ON_CLB" if rule.action is Action.ACCEPT else "PROBE_RANGE_ON_CLB.drop"
                said = Statement(key), Statement("PROBE_RANGE_ON_CLB.remedy")
                yield finding_about(LintCode.PROBE_RANGE_ON_CLB, Severity.WARNING, lists.direction, spot, rule, *said)
