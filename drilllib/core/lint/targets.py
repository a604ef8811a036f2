"""
What keeps clients from targets though some rule is written for them: rules for the VIP, and DROPs of an earlier group.

Targets see the clients' own addresses, so a rule for the CLB's VIP admits none of them [CLB-FAQ]; a group that is bound
before another one decides first [SG-ORD]. What a NodePort's number does in a pod's group is here too: nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from drilllib.core.lint.bindings import listeners_of
from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Lists, ReadList
from drilllib.core.lint.ports import accepting, clients_of, decided_at, keeps_clients
from drilllib.core.lint.texts import finding_about
from drilllib.core.rules.rules import Action, Decision, decide
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import FlowSet, flows_in, flows_of
from drilllib.core.sets.rectangles import RulePosition
from drilllib.core.snapshot.resources import Listener, LoadBalancer, Target
from drilllib.core.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class AskedTarget:
    """Targets with the same groups and port, called by the first: *read* is asked about *clients* there."""

    label: str
    balancer: LoadBalancer
    listener: Listener
    port: int
    targets: Sequence[Target]
    read: ReadList
    clients: FlowSet

    @property
    def transport(self) -> str:
        """TCP or UDP."""
        return self.listener.transport or "TCP"


def about_targets(snapshot: Snapshot, lists: Lists) -> Iterator[LintFinding]:
    """Findings about the ingress lists of targets, each rule once; a part that was not read has none."""
    found: dict[tuple[LintCode, RulePosition], LintFinding] = {}
    for balancer in snapshot.load_balancers:
        clb = lists.of(balancer.groups) if balancer.groups else None
        for listener in listeners_of(snapshot, balancer) or ():
            asked = list(_asked(snapshot, lists, balancer, listener, clb))
            closed = [(each, spot, by) for each in asked for spot, by in _closed_before(lists, each)]
            everywhere = {target for each, _, _ in closed for target in each.targets} == set(_in_use(listener))
            for each, spot, by in closed:
                one = _cancelled(lists, each, spot, by, everywhere=everywhere)
                found.setdefault((one.code, spot), one)
            for each in asked:
                for spot, one in _for_vip(lists, each):
                    found.setdefault((one.code, spot), one)
    yield from found.values()


def _in_use(listener: Listener) -> list[Target]:
    return [each for each in listener.targets or () if each.weight != 0]


def _asked(
    snapshot: Snapshot, lists: Lists, balancer: LoadBalancer, listener: Listener, clb: ReadList | None
) -> Iterator[AskedTarget]:
    """The targets that take requests, as far as the groups of their interfaces were read; those alike together."""
    if not keeps_clients(snapshot, balancer, listener) or listener.transport is None:
        return
    alike: dict[tuple[tuple[str, ...], int], list[tuple[str, Target]]] = {}
    for target in _in_use(listener):
        label, groups = _groups_of(snapshot, target)
        if groups:
            alike.setdefault((groups, target.port), []).append((label, target))
    for (groups, port), named in alike.items():
        read = lists.of(groups)
        if read is not None:
            clients = clients_of(balancer, listener, clb, listener.transport, port)
            yield AskedTarget(named[0][0], balancer, listener, port, [each for _, each in named], read, clients)


def _groups_of(snapshot: Snapshot, target: Target) -> tuple[str, tuple[str, ...]]:
    """What to call a target, and the groups of its interface; none where they were not read."""
    if target.is_node:
        node = snapshot.node_of_instance(target.instance_id)
        return (node.label, node.groups or ()) if node else ("", ())
    interface = snapshot.interfaces.at(target.address) if target.is_pod and target.address else None
    return target.name, (interface.groups or ()) if interface else ()


def _for_vip(lists: Lists, each: AskedTarget) -> Iterator[tuple[RulePosition, LintFinding]]:
    """Rules that admit nobody but the VIP at the target's port: an error while no client is admitted beside."""
    transport, port = each.transport, each.port
    vips = flows_of([ip_network(vip) for vip in each.balancer.vips], transport, (port, port))
    admitted = bool((each.clients - vips) & each.read.possible.only(transport, port))
    for spot in dict.fromkeys(accepting(each.read, transport, port)):
        sources = flows_in(decided_at(lists, each.read, spot, transport, port), transport, (port, port))
        if sources and sources <= vips and not (admitted and each.listener.probe_source_type != 1):
            key = "TARGET_PORT_FOR_VIP.beside" if admitted else "TARGET_PORT_FOR_VIP"
            severity = Severity.INFO if admitted else Severity.ERROR
            facts = {"balancer": each.balancer.balancer_id, "target": each.label, "port": port}
            said = Statement(key, facts), Statement(f"{key}.remedy", facts)
            code = LintCode.TARGET_PORT_FOR_VIP
            yield spot, finding_about(code, severity, lists.direction, spot, lists.rule(spot), *said)


def _closed_before(lists: Lists, each: AskedTarget) -> Iterator[tuple[RulePosition, Decision]]:
    """
    Rules of a later group that admit clients, all of whom a DROP of an earlier one takes at this target.

    A rule that has no effect at any place is told as such (`ACCEPT_CANCELLED`).
    """
    transport, port = each.transport, each.port
    for spot in dict.fromkeys(accepting(each.read, transport, port)):
        home = decided_at(lists, lists.home(spot[0]), spot, transport, port)
        meant = flows_in(home, transport, (port, port)) & each.clients
        if not meant or meant & each.read.possible or all(spot in one.parts.dead for one in lists.having(spot[0])):
            continue
        decision = decide(each.read.groups, lists.direction, boxes(meant)[0].example)
        if decision.action is Action.DROP and decision.group:  # of an earlier one: within its own the rule decides
            yield spot, decision


def _cancelled(lists: Lists, each: AskedTarget, spot: RulePosition, by: Decision, *, everywhere: bool) -> LintFinding:
    rules: Sequence[RulePosition] = [(by.group or "", by.policy_index or 0)]
    facts = {"target": each.label, "port": each.port, "rules": lists.named(rules)}
    key = "ACCEPT_CANCELLED_ON_TARGET" if everywhere else "ACCEPT_CANCELLED_ON_TARGET.one"
    return LintFinding(
        code=LintCode.ACCEPT_CANCELLED_ON_TARGET,
        severity=Severity.ERROR if everywhere else Severity.WARNING,
        group=spot[0],
        direction=lists.direction,
        policy_index=spot[1],
        rule=lists.rule(spot).text,
        covered_by=tuple(rules),
        evidence=Statement(key, {**facts, "listener": each.listener.listener_id}),
        remedy=Statement("CANCELLED.elsewhere", {"rules": lists.named(rules)}),
    )
