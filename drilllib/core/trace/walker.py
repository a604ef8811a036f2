"""
Walk one connection attempt, or one health probe, along every way it can go: CLB, NodePort, pod; or CLB, pod.

Who sees which address (facts: CLB security groups 214/14733, listeners 214/32515, client address 214/3728): the CLB's
groups see the client and the listener's port; the target's groups see the client, unless keep-alive, SnatPro or a
change of address family hides it, and the target's port. `cluster` knows what happens behind a node.
"""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Network

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, at
from drilllib.core.rules.members import is_public
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Endpoint, Frontend, Listener, LoadBalancer, Node, Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.gates import (
    PROBE_ORIGIN,
    Gate,
    Gatekeeper,
    doubted,
    waived,
)
from drilllib.core.trace.node import Cluster, node_gate, untold
from drilllib.core.trace.origin import Origin, from_address, from_anywhere
from drilllib.core.trace.path import Check, Hop, Path, Rewrite, marked, masqueraded
from drilllib.errors import InvalidInputError, quoted

KEEPALIVE_ORIGIN = Origin((IPv4Network("100.127.0.0/16"),))


class Walker:
    """Walks attempts through one listener of one CLB."""

    def __init__(self, snapshot: Snapshot, balancer: LoadBalancer, frontend: Frontend, listener: Listener) -> None:
        self.frontend = frontend
        self.snapshot = snapshot
        self.semantics = snapshot.semantics
        self.balancer = balancer
        self.listener = listener
        self.transport = listener.transport or "TCP"
        not_said = listener.probe_source_type is None
        self._keeper = Gatekeeper(snapshot, *([Assumption.PROBE_SOURCE_IS_100_64] if not_said else []))
        self._cluster = Cluster(snapshot, self._keeper, self.transport)

    def paths(self, target: Target, client: Address) -> tuple[Path, ...]:
        """Every way a client's connection can go once the CLB has picked *target*."""
        first, unknown = self.clb_hop(client), self._not_modelled(target)
        if unknown:
            return (self._beyond_model(target, (first,), unknown),)
        source, assumptions = self._source_at_target(client, self._address_of(target).version)
        rewrites = self._balanced(target, client, source)
        first = replace(first, rewrites=rewrites, assumptions=first.assumptions + assumptions)
        check = self._target_check(target, source)
        return self._ways(target, target.port, source, (first,), check)

    def probe_paths(self, target: Target) -> tuple[Path, ...]:
        """Every way a health probe of *target* can go. It is forwarded like any flow once the target let it in."""
        unknown = self._not_modelled(target)
        if unknown:
            return (self._beyond_model(target, (), unknown),)
        port = self.listener.probe_port or target.port
        source = self._probe_source(self._address_of(target).version)
        return self._ways(target, port, source, (), self.probe_check(target, self.transport))

    def probe_check(self, target: Target, protocol: str) -> Check:
        """The target's own groups asked about a probe, or why they are not asked [CLB-HCIP]."""
        source, port = self._probe_source(self._address_of(target).version), self.listener.probe_port or target.port
        check = self._keeper.ask(self._gate_of(target), Direction.INGRESS, source, protocol, port)
        if source is PROBE_ORIGIN or not self._passes_to_target:
            return check
        return waived(check, Reason.PASS_TO_TARGET, Assumption.PASS_TO_TARGET_ADMITS_PROBES)

    def clb_hop(self, client: Address) -> Hop:
        """The CLB's own groups, asked about the client and the listener's port. No group: open [CLB-SG]."""
        name, port = self.balancer.balancer_id, self.listener.port
        gate = Gate(self.balancer.groups, fact(FactCode.GROUPS, resource=name))
        check = self._keeper.ask(gate, Direction.INGRESS, from_address(client), self.transport, port)
        if check.reason is Reason.NO_GROUP:
            check = replace(check, assumptions=())
        if self.balancer.is_private and is_public(client):
            check = doubted(check, fact(FactCode.GROUPS_APPLY_TO_EIP, balancer=name))
        return Hop(hop="clb", name=name, address=self.frontend.name, port=port, checks=(check,))

    @property
    def _passes_to_target(self) -> bool:
        """Do registered targets admit the CLB's traffic unasked? On IPv6 always [CLB-SG]."""
        return self.balancer.pass_to_target or self.frontend.family == 6

    def _not_modelled(self, target: Target) -> Fact | None:
        if target.kind not in ("CVM", "ENI"):
            return fact(FactCode.TARGET_TYPE, type=target.kind)
        if self._address_of(target).version == 6 and self.frontend.family == 4:
            return fact(FactCode.IPV6_TARGET)
        return None

    @staticmethod
    def _beyond_model(target: Target, before: tuple[Hop, ...], unknown: Fact) -> Path:
        """A target that is not modelled: no hop behind the CLB can be told."""
        hop = Hop(hop="node", name=target.name, address=str(target.address or "?"), port=target.port)
        hops = (*before, untold(hop, unknown, Reason.NOT_MODELLED))
        return Path(target=target.name, endpoint=None, hops=marked(hops))

    def _address_of(self, target: Target) -> Address:
        """The target's address; a node's is its instance's first where it names none."""
        if target.address is not None:
            return target.address
        node = self.snapshot.node_of_instance(target.instance_id) if target.kind == "CVM" else None
        if node is None:
            raise InvalidInputError(
                "Target {name} has no address, and its instance is not in the snapshot",
                remedy="Add PrivateIpAddresses to the target, or the instance",
                name=quoted(target.name),
            )
        return node.addresses[0]

    def _node(self, target: Target) -> Node:
        node, address = self.snapshot.node_of_instance(target.instance_id), self._address_of(target)
        return node or Node(self.snapshot.interfaces.node_name_at(address), target.instance_id, (address,), None)

    def _pod(self, target: Target, port: int) -> Endpoint | None:
        """The pod at the target's address; None where nothing that was read has it."""
        return self.snapshot.kubernetes.pod_at(self._address_of(target), port, self.transport)

    def _gate_of(self, target: Target) -> Gate:
        """The groups of the target's own interface."""
        if target.kind == "CVM":
            return node_gate(self._node(target))
        pod, address = self._pod(target, target.port), self._address_of(target)
        if pod is not None:
            return self._cluster.pod_gate(pod)
        interface = self.snapshot.interfaces.at(address)
        groups = fact(FactCode.GROUPS, resource=target.name)
        return Gate(interface.groups, groups) if interface else Gate(None, _which_pod(address))

    def _target_check(self, target: Target, source: Origin) -> Check:
        """The target's own groups, unless targets admit the CLB's traffic unasked [CLB-SG, pass-to-target]."""
        check = self._keeper.ask(self._gate_of(target), Direction.INGRESS, source, self.transport, target.port)
        if not self._passes_to_target:
            return check
        is_node = target.kind == "CVM"
        assumption = Assumption.PASS_TO_TARGET_FIRST_HOP_ONLY if is_node else Assumption.PASS_TO_TARGET_COVERS_PODS
        return waived(check, Reason.PASS_TO_TARGET, assumption)

    def _probe_source(self, family: int) -> Origin:
        """The VIP of the target's family, or 100.64.0.0/10 where that is set or nothing is [CLB-HCIP]."""
        if self.listener.probe_source_type != 0:
            return PROBE_ORIGIN
        vips = (each for each in (self.frontend.address, *self.balancer.vips) if each and each.version == family)
        vip = next(vips, None)
        unread = fact(FactCode.VIP, balancer=self.balancer.balancer_id)
        return from_address(vip) if vip else from_anywhere(family, unread)

    def _source_at_target(self, client: Address, family: int) -> tuple[Origin, tuple[Assumption, ...]]:
        """Layer 4 passes the client through; layer 7 keeps its address too, unless something hides it [CLB-LIS]."""
        if self.balancer.snat_pro:
            ours = [address for address in self.balancer.snat_ips if address.version == family]
            unread = from_anywhere(family, fact(FactCode.SNAT_IPS, balancer=self.balancer.balancer_id))
            return from_address(*ours) if ours else unread, (Assumption.SNATPRO_HIDES_CLIENT,)
        if self.listener.layer == 7 and self.listener.keepalive:
            hidden = from_anywhere(6, fact(FactCode.KEEPALIVE_IPV6))
            return KEEPALIVE_ORIGIN if family == 4 else hidden, ()
        if client.version != family:
            return from_anywhere(family, fact(FactCode.IPV4_OF_CLIENT)), ()
        return from_address(client), (Assumption.LAYER7_KEEPS_CLIENT_ADDRESS,) if self.listener.layer == 7 else ()

    def _balanced(self, target: Target, client: Address, source: Origin) -> tuple[Rewrite, ...]:
        before, after = at(self.frontend.name, self.listener.port), at(self._address_of(target), target.port)
        rewrites = [Rewrite(kind="DNAT", field="destination", before=before, after=after)]
        if source.address != client:
            rewrites.append(masqueraded(from_address(client), source))
        return tuple(rewrites)

    def _ways(
        self, target: Target, port: int, source: Origin, before: tuple[Hop, ...], check: Check
    ) -> tuple[Path, ...]:
        """One path for each endpoint that may be picked, after *before* and *check* at the target."""
        address = str(self._address_of(target))
        if target.kind == "ENI":
            ways: Iterable[tuple[str | None, tuple[Hop, ...]]] = [self._to_target_pod(target, port, check)]
        else:
            node = self._node(target)
            hop = Hop(hop="node", name=node.label, address=address, port=port, interface="primary", checks=(check,))
            ways = self._cluster.ways(hop, node, source)
        return tuple(Path(target=target.name, endpoint=name, hops=marked((*before, *hops))) for name, hops in ways)

    def _to_target_pod(self, target: Target, port: int, check: Check) -> tuple[str | None, tuple[Hop, ...]]:
        """A pod that the CLB asks itself: no node in between."""
        pod, address = self._pod(target, port), self._address_of(target)
        if pod is not None:
            return pod.name, (self._cluster.pod_hop(pod, check),)
        hop = Hop(hop="pod", name=str(address), address=str(address), port=port, checks=(check,))
        return None, (untold(hop, _which_pod(address), Reason.FACT_MISSING),)


def _which_pod(address: Address) -> Fact:
    return fact(FactCode.POD_AT, address=address)
