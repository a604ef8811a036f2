"""
Walk one connection attempt, or one health probe, along every way it can go: CLB, NodePort, pod; or CLB, pod.

Who sees which address (facts: CLB security groups 214/14733, listeners 214/32515, client address 214/3728): the CLB's
groups see the client and the listener's port; the target's groups see the client, unless keep-alive, SnatPro or a
change of address family hides it, and the target's port. `cluster` knows what happens behind a node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, at
from drilllib.core.rules.members import is_public
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.snapshot.endpoint_slices import usable
from drilllib.core.snapshot.resources import GLOBAL_ROUTE, Endpoint, Frontend, Listener, LoadBalancer, Target
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.attempt import Attempt
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.evidence import believing
from drilllib.core.trace.gates import PROBE_ORIGIN, Gate, Gatekeeper, doubted, waived
from drilllib.core.trace.kube_proxy import health_check_status, ready_on
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.node import Cluster, Pick, untold
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Check, Hop, Nat, Path, Rewrite, marked, masqueraded
from drilllib.core.trace.pod_policies import PolicyView, ping_doubt
from drilllib.core.trace.sources import Sources

_OFTEN_FILTERED = frozenset((*range(135, 140), 445))  # by carriers [SG-FAQ]


class Walker(Sources):
    """Walks attempts through one listener of one CLB."""

    def __init__(self, snapshot: Snapshot, balancer: LoadBalancer, frontend: Frontend, listener: Listener) -> None:
        self.frontend = frontend
        self.snapshot = snapshot
        self.semantics = snapshot.semantics
        self.balancer = balancer
        self.listener = listener
        self.transport = listener.transport or "TCP"
        self.keeper = Gatekeeper(snapshot)
        self.standing = LocalFacts(snapshot, self.transport)
        self._cluster = Cluster(self.standing, self.keeper, self.transport)
        self._own_gate = Gate(balancer.groups, fact(FactCode.GROUPS, resource=balancer.balancer_id))
        self._clb_hops: dict[Address, Hop] = {}

    def paths(self, target: Target, client: Address, *doubts: Fact) -> tuple[Path, ...]:
        """Every way a client's connection can go once the CLB has picked *target*, of which there are *doubts*."""
        facts = self.facts(target)
        attempt = self.request(replace(facts, doubts=facts.doubts + doubts), client)
        return tuple(self.path(attempt, pick) for pick in self.picks(attempt))

    def probe_paths(self, target: Target) -> tuple[Path, ...]:
        """Every way a health probe of *target* can go. It is forwarded like any flow once the target let it in."""
        attempt = self.probe(self.facts(target))
        return tuple(self.path(attempt, pick) for pick in self.picks(attempt))

    def facts(self, target: Target) -> TargetFacts:
        """All about one target, and what is known of its probes; see `LocalFacts.of_target` for the error."""
        port = self.listener.probe_port or target.port
        facts = self.standing.of_target(target, port)
        has_kube_proxy = self.transport == "TCP" and facts.node is not None and not facts.node.is_no_node
        asks, places = ready_on(self.snapshot, port, self.standing.place_of) if has_kube_proxy else (False, None)
        status = health_check_status(places, facts.node) if asks and facts.node else None
        alive = self._is_alive(facts)
        if not (alive or asks):
            return facts
        answers = alive and self._has_one_way(facts)
        return replace(facts, is_alive=alive, answers=answers, asks_kube_proxy=asks, status=status)

    def observed(self, target: Target) -> str | None:
        """The target's health as the CLB saw it; None where that was not read."""
        return self.snapshot.observed_health(self.balancer.balancer_id, self.listener, target)

    def own_states(self, targets: Sequence[TargetFacts]) -> Mapping[str, str]:
        """The health of those, by their names, that count for these requests as of another one than they have."""
        return {}

    def _is_alive(self, facts: TargetFacts) -> bool:
        """Were probes of its own port answered, as the CLB saw it?"""
        probed = self.transport == "TCP" and self.listener.probe_port in (None, facts.target.port)
        return probed and self.observed(facts.target) == "Alive"

    def _has_one_way(self, facts: TargetFacts) -> bool:
        """Is there just one thing that can answer probes of the target: a pod, or a machine that is surely no node?"""
        port = facts.target.port
        if facts.node is None or not self.standing.service(port):
            return True
        if facts.node.is_no_node:
            return self.snapshot.kubernetes.is_complete("Node")
        endpoints = self.standing.endpoints(port, facts.address.version)
        return endpoints is not None and len(usable(endpoints)) == 1

    def sticks(self, facts: TargetFacts, client: Address) -> Service | None:
        """The Service of a node's port that keeps *client* with one endpoint there; None where none does."""
        service = self.standing.service(facts.target.port) if facts.node else None
        if not service or not service.sticky:
            return None
        source, _ = self._source_at_target(client, facts.address.version)
        return service if source.address is not None or source == self.seen_as(client) else None

    def request(self, facts: TargetFacts, client: Address) -> Attempt:
        """A client's connection, once the CLB has picked that target."""
        first, unknown, port = self.clb_hop(client), self._not_modelled(facts), facts.target.port
        source, assumptions = self._source_at_target(client, facts.address.version)
        if unknown:
            return Attempt(facts, port, source, (first,), None, unknown)
        rewrites = self._balanced(facts, client, source)
        first = first.but(rewrites=rewrites, assumptions=first.assumptions + assumptions)
        return Attempt(facts, port, source, (first,), self._target_check(facts, source))

    def probe(self, facts: TargetFacts) -> Attempt:
        """A health probe of that target."""
        port = self.listener.probe_port or facts.target.port
        unknown, source = self._not_modelled(facts), self._probe_source(facts.address.version)
        check = None if unknown else self.probe_check(facts, self.transport)
        return Attempt(facts, port, source, (), check, unknown)

    def picks(self, attempt: Attempt, among: Sequence[Endpoint] | None = None) -> tuple[Pick, ...]:
        """The endpoints that kube-proxy may pick, as `Cluster.picks`; one pick of none at targets that are no nodes."""
        hop, node = self._at_target(attempt), attempt.facts.node
        if node is None or not attempt.picks_endpoint:
            return ((None, hop),)
        return self._cluster.picks(hop, node, among)

    def path(self, attempt: Attempt, pick: Pick) -> Path:
        """The whole way of one pick."""
        facts = attempt.facts
        name, hops = self._behind(attempt, pick)
        if attempt.before and facts.is_alive:
            hops = tuple(believing(hop, facts) for hop in hops)
        elif not attempt.before and self.listener.probe_source_type is None and attempt.unknown is None:
            others = self._behind(attempt._replace(source=PROBE_ORIGIN), pick)[1]
            both = zip(hops, others, strict=True)
            hops = tuple(self._from_either_source(hop, attempt.source, other) for hop, other in both)
        return Path(target=facts.target.name, endpoint=name, hops=marked((*attempt.before, *hops)))

    def _behind(self, attempt: Attempt, pick: Pick) -> tuple[str | None, tuple[Hop, ...]]:
        """The endpoint of a pick by its name, and the hops behind the CLB."""
        endpoint, hop = pick
        if attempt.picks_endpoint and attempt.facts.node:
            hops = self._cluster.behind(pick, attempt.facts.node, attempt.source)
            return endpoint.name if endpoint else None, hops
        return self._to_target_pod(attempt) if attempt.unknown is None else (None, (hop,))

    def _from_either_source(self, hop: Hop, vip: Origin, other: Hop) -> Hop:
        """
        Where it was not read whether probes come from the VIP, a check of them can be told only where it admits.

        *other* is the hop as probes from the other source meet it.
        """
        checks = tuple(self._either(each, vip) for each in hop.checks)
        doubts = (*hop.doubts, *other.doubts)
        if any(each.policies and each.action is Action.DROP for each in other.checks):
            doubts += (fact(FactCode.PROBE_SOURCE, listener=self.listener.listener_id),)
        return hop.but(checks=checks, doubts=tuple(dict.fromkeys(doubts)))

    def _either(self, check: Check, vip: Origin) -> Check:
        if check.peer != vip or check.direction is Direction.EGRESS:
            return check
        return doubted(check, fact(FactCode.PROBE_SOURCE, listener=self.listener.listener_id))

    def probe_check(self, facts: TargetFacts, protocol: str) -> Check:
        """The target's own groups asked about a probe, or why they are not asked [CLB-HCIP]."""
        source, port = self._probe_source(facts.address.version), self.listener.probe_port or facts.target.port
        check = self.keeper.ask(self._gate_of(facts), Direction.INGRESS, source, protocol, port)
        if source is PROBE_ORIGIN:
            return check
        check = self._passing(check, Assumption.PASS_TO_TARGET_ADMITS_PROBES)
        return self._either(check, source) if self.listener.probe_source_type is None else check

    def ping_doubt(self, facts: TargetFacts) -> Fact | None:
        """What may stop the ping of a pod that is a target, beside its groups."""
        source, pod = self._probe_source(facts.address.version), facts.probed
        sources = [source, PROBE_ORIGIN] if self.listener.probe_source_type is None else [source]
        return ping_doubt(pod, sources) if pod else None

    def clb_hop(self, client: Address) -> Hop:
        """The CLB's own groups, asked about the client and the listener's port. No group: open [CLB-SG]."""
        name, port = self.balancer.balancer_id, self.listener.port
        check = self.keeper.ask(self._own_gate, Direction.INGRESS, self.seen_as(client), self.transport, port)
        if client not in self._clb_hops:
            self._clb_hops[client] = self._clb_hop(client, check, name, port)
        return self._clb_hops[client]

    def _clb_hop(self, client: Address, check: Check, name: str, port: int) -> Hop:
        if check.reason is Reason.NO_GROUP:
            check = replace(check, assumptions=())
        over_eip = self.balancer.is_private and is_public(client)
        if over_eip:
            check = doubted(check, fact(FactCode.GROUPS_APPLY_TO_EIP, balancer=name))
        doubts = []
        if over_eip and not any(map(is_public, self.balancer.vips)):
            doubts.append(fact(FactCode.EIP_OF_BALANCER, balancer=name))
        if port in _OFTEN_FILTERED and (is_public(client) or client.version == 6 or check.peer.is_anyone):
            doubts.append(fact(FactCode.CARRIER_FILTER, port=port))
        address = self.frontend.name
        return Hop(hop=HopKind.CLB, name=name, address=address, port=port, checks=(check,), doubts=tuple(doubts))

    def _passing(self, check: Check, assumption: Assumption) -> Check:
        """A target's own check, which pass-to-target waives; on IPv6 that is always on [CLB-SG]."""
        if self.balancer.pass_to_target or self.frontend.family == 6:
            return waived(check, Reason.PASS_TO_TARGET, assumption)
        if self.balancer.pass_to_target is None:
            return doubted(check, fact(FactCode.PASS_TO_TARGET, balancer=self.balancer.balancer_id))
        return check

    def _not_modelled(self, facts: TargetFacts) -> Fact | None:
        if not facts.target.kind:
            return fact(FactCode.TARGET_KIND, target=facts.target.name)
        is_known = facts.target.is_node or facts.target.is_pod
        if not is_known or (facts.target.kind == GLOBAL_ROUTE and not self.snapshot.is_routed):
            return fact(FactCode.TARGET_TYPE, type=facts.target.kind)
        if facts.address.version == 6 and self.frontend.family == 4:
            return fact(FactCode.IPV6_TARGET)
        return self._elsewhere(facts)

    def _elsewhere(self, facts: TargetFacts) -> Fact | None:
        """A target that is not where it says, or in another VPC, where it sees addresses that are not documented."""
        name, target, node = self.balancer.balancer_id, facts.target.name, facts.node.node if facts.node else None
        if node is not None and node.address_of(facts.address.version) and facts.address not in node.addresses:
            instance = node.instance_id
            return fact(FactCode.TARGET_ADDRESS, target=target, instance=instance, address=facts.address)
        vpc = (node.vpc if node else None) or self.snapshot.interfaces.vpc
        places = tuple(dict.fromkeys((*self.balancer.vpcs, *([vpc] if vpc else []))))
        if not self.balancer.vpcs or len(places) < 2:
            return None
        return fact(FactCode.TARGET_OF_OTHER_VPC, balancer=name, vpc=places[0], target=target, other=places[-1])

    def _at_target(self, attempt: Attempt) -> Hop:
        """The hop at the target itself."""
        facts, checks = attempt.facts, (attempt.check,) if attempt.check else ()
        if attempt.unknown:
            name, address = facts.target.name, str(facts.target.address or "?")
            hop = Hop(hop=HopKind.NODE, name=name, address=address, port=attempt.port)
            return untold(hop, attempt.unknown, Reason.NOT_MODELLED)
        kind, name = (HopKind.NODE, facts.node.node.label) if facts.node else (HopKind.POD, str(facts.address))
        carrier = facts.interface.interface_id if facts.interface else None
        return Hop(
            hop=kind,
            name=name,
            address=str(facts.address),
            port=attempt.port,
            interface="primary" if facts.node else carrier,
            checks=checks,
            doubts=(*facts.doubts, *(facts.node.doubts if facts.node else ())),
        )

    def _gate_of(self, facts: TargetFacts) -> Gate:
        """The groups of the target's own interface."""
        known = facts.node or facts.pod
        if known is not None:
            return known.gate
        if facts.interface is None:
            return Gate(None, _which_pod(facts.address))
        groups = facts.interface.unknown or fact(FactCode.GROUPS, resource=facts.target.name)
        return Gate(facts.interface.groups, groups)

    def _target_check(self, facts: TargetFacts, source: Origin) -> Check:
        """The target's own groups, unless targets admit the CLB's traffic unasked [CLB-SG, pass-to-target]."""
        check = self.keeper.ask(self._gate_of(facts), Direction.INGRESS, source, self.transport, facts.target.port)
        is_node = facts.node is not None
        assumption = Assumption.PASS_TO_TARGET_FIRST_HOP_ONLY if is_node else Assumption.PASS_TO_TARGET_COVERS_PODS
        return self._passing(check, assumption)

    def _balanced(self, facts: TargetFacts, client: Address, source: Origin) -> tuple[Rewrite, ...]:
        before, after = at(self.frontend.name, self.listener.port), at(facts.address, facts.target.port)
        rewrites = [Rewrite(kind=Nat.DNAT, field="destination", before=before, after=after)]
        seen = self.seen_as(client)
        if source != seen:
            rewrites.append(masqueraded(seen, source))
        return tuple(rewrites)

    def _to_target_pod(self, attempt: Attempt) -> tuple[str | None, tuple[Hop, ...]]:
        """A pod that the CLB asks itself: no node in between."""
        facts = attempt.facts
        pod = facts.pod if attempt.port == facts.target.port else facts.probed
        hop = self._at_target(attempt)
        if pod is not None:
            at_pod = self._cluster.pod_hop(pod, PolicyView((attempt.source,)), *hop.checks)
            return pod.pod.name, (at_pod.but(doubts=hop.doubts + at_pod.doubts),)
        return None, (untold(hop, _which_pod(facts.address), Reason.FACT_MISSING),)


def _which_pod(address: Address) -> Fact:
    return fact(FactCode.POD_AT, address=address)
