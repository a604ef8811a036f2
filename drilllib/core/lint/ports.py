"""
MistakenPort that were opened in the wrong place, as a snapshot shows it.

A CLB's groups are asked about the listener's port, a node's about the NodePort [CLB-SG, CLB-RS]: opening the NodePort
on the CLB, or the pod's port on the node, lets nobody in. A rule for health probes is not needed on a CLB: none pass.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.lint.bindings import listeners_of
from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Lists, ReadList
from drilllib.core.lint.texts import finding_about
from drilllib.core.lint.world import GroupUse
from drilllib.core.rules.addresses import PROBE_RANGE
from drilllib.core.rules.members import PRIVATE, range_of
from drilllib.core.rules.rules import Action
from drilllib.core.sets.flowsets import FlowSet, Plane, everything, flows_in, flows_of
from drilllib.core.sets.rectangles import RulePosition
from drilllib.core.snapshot.resources import Listener, LoadBalancer, Node, Target
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
            for spot in _opened_instead(lists, read, ports, everything()):
                found[LintCode.NODEPORT_ON_CLB, spot, ports] = _on_clb(lists, spot, ports, balancer)
        for listener in listeners:
            for node, ports in _asked_of_nodes(snapshot, balancer, listener):
                clients = _clients(balancer, listener, read, ports)
                for spot in _opened_instead(lists, lists.of(node.groups or ()), ports, clients):
                    found.setdefault((LintCode.POD_PORT_ON_NODE, spot, ports), _on_node(lists, spot, ports, node))
    yield from found.values()


def _asked_of_clb(snapshot: Snapshot, balancer: LoadBalancer, listeners: Sequence[Listener]) -> Iterator[MistakenPort]:
    """Each NodePort behind the CLB that it does not listen on itself, and the listener's port that leads there."""
    taken = {(listener.transport, listener.port) for listener in listeners}
    pairs = [
        MistakenPort("", listener.transport, target.port, listener.port)
        for listener in listeners
        for target in listener.targets or ()
        if listener.transport and target.kind == "CVM"
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

    Pass-to-target waives the question, on IPv6 always; SnatPro and keep-alive put another source in its place.
    """
    waived = balancer.pass_to_target or all(vip.version == 6 for vip in balancer.vips)
    if waived or balancer.snat_pro or listener.keepalive or listener.transport is None:
        return
    for target in listener.targets or ():
        node = snapshot.node_of_instance(target.instance_id) if target.kind == "CVM" else None
        service = snapshot.kubernetes.service_on_node_port(listener.transport, target.port)
        if node is not None and node.groups and service is not None:
            for port in _pod_ports(snapshot, service, listener.transport, target):
                yield node, MistakenPort(service.name, listener.transport, port, target.port)


def _pod_ports(snapshot: Snapshot, service: Service, transport: str, target: Target) -> Iterable[int]:
    """The ports that pods behind a NodePort are asked on; the Service's own where no endpoint is there to tell."""
    known = (snapshot.kubernetes.endpoints(transport, target.port, family) for family in (4, 6))
    ports = {endpoint.port for endpoints in known for endpoint in endpoints or ()}
    for port in service.ports:
        if not ports and (port.transport, port.node_port) == (transport, target.port):
            ports = {port.target_port} if port.target_port is not None else set()
    return sorted(ports - {target.port})


def _clients(balancer: LoadBalancer, listener: Listener, read: ReadList | None, ports: MistakenPort) -> FlowSet:
    """
    Whom the CLB's groups let in, at the port that a node is asked about: everybody, where they let in nobody yet.

    Clients of a public CLB have public addresses; what has a private one there is another node or pod.
    """
    place = ports.transport, (ports.right, ports.right)
    admitted = read.possible.only(ports.transport, listener.port) if read else FlowSet()
    ranges = [(family, *each) for family in (4, 6) for each in admitted.addresses(family)]
    clients = flows_in(ranges, *place) if ranges else everything()
    return clients if balancer.is_private else clients - flows_of(PRIVATE, *place)


def _opened_instead(
    lists: Lists, read: ReadList | None, ports: MistakenPort, clients: FlowSet
) -> Iterator[RulePosition]:
    """The rules that admit some of *clients* at the wrong port, none of whom any rule admits at the right one."""
    if read is None:
        return
    right = read.possible.only(ports.transport, ports.right)
    for spot in dict.fromkeys(_accepting(read, ports)):
        sources = [
            (family, first, last)
            for family in (4, 6)
            for first, last, low, high in read.decided(Plane(ports.transport, family), spot, lists.budget)
            if low <= ports.wrong <= high
        ]
        admitted = flows_in(sources, ports.transport, (ports.right, ports.right)) & clients
        if admitted and not admitted & right:
            yield spot


def _accepting(read: ReadList, ports: MistakenPort) -> Iterator[RulePosition]:
    for family in (4, 6):
        for part in read.parts[Plane(ports.transport, family)]:
            if part.action is Action.ACCEPT and part.certain and part.box[2] <= ports.wrong <= part.box[3]:
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
