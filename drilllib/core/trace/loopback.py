"""
A client inside the cluster that asks a private CLB: like any other, but that its packets may come back to its node.

Linux drops what comes in from an address of its own, so a target on the client's node does not answer it, and a CLB
sends nothing to a target that has the client's own address [CLB-LOOP].
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_network

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.snapshot.resources import Frontend, Listener, LoadBalancer, Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.attempt import Attempt
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.inside import Insider, Loop, egress_doubts_of
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.origin import from_address, from_anywhere
from drilllib.core.trace.path import Hop
from drilllib.core.trace.walker import Walker

_STATES: Mapping[Loop | None, str] = {Loop.CLIENT: "Dead", Loop.CLIENT_HIDDEN: "Unknown"}


class LoopbackWalker(Walker):
    """Walks the attempts of a client inside by way of the CLB."""

    def __init__(
        self, snapshot: Snapshot, balancer: LoadBalancer, frontend: Frontend, listener: Listener, insider: Insider
    ) -> None:
        super().__init__(snapshot, balancer, frontend, replace(listener))  # whose targets are known otherwise
        self.insider = insider

    def facts(self, target: Target) -> TargetFacts:
        """All about one target, and whether the client's packets loop there."""
        facts = super().facts(target)
        return replace(facts, loop=self._loop(facts))

    def _loop(self, facts: TargetFacts) -> Loop | None:
        own, client, address = self.insider.node.name, self.insider.address, facts.address
        source, _ = self._source_at_target(client, address.version)
        if not (facts.target.is_node or facts.target.is_pod):
            return None
        if address == client:
            return Loop.CLIENT if source.address == client else Loop.CLIENT_HIDDEN
        if ip_network(client) not in source.blocks:
            return None
        if facts.node is not None and (client in facts.node.node.addresses or (own and own == facts.node.node.name)):
            return Loop.SURE if source.address == client else Loop.MAYBE
        place = facts.node.node.name if facts.node else facts.pod.pod.node_name if facts.pod else None
        return None if own and place and own != place else Loop.MAYBE

    def own_states(self, targets: Sequence[TargetFacts]) -> Mapping[str, str]:
        """Those that have the client's own address are sent nothing; where the CLB hides that, nobody documents it."""
        return {each.target.name: _STATES[each.loop] for each in targets if each.loop in _STATES}

    def clb_hop(self, client: Address) -> Hop:
        """The CLB's own groups; what the client sends has to get there first."""
        hop = super().clb_hop(client)
        return replace(hop, doubts=(*self._leaving(), *hop.doubts))

    def _leaving(self) -> tuple[Fact, ...]:
        """What may keep packets with the client: its own groups, its subnet, its node."""
        pod, vip = self.insider.pod, self.frontend.address
        as_node, as_pod = self.standing.of_node(self.insider.node), self.standing.of_pod(pod) if pod else None
        gate, doubts = (as_pod.gate, as_pod.doubts_outside) if as_pod else (as_node.gate, as_node.doubts)
        doubts += egress_doubts_of(self.snapshot, self.insider)
        peer = from_address(vip) if vip else from_anywhere(4, fact(FactCode.VIP, balancer=self.frontend.name))
        check = self.keeper.ask(gate, Direction.EGRESS, peer, self.transport, self.listener.port)
        if check.action is Action.ACCEPT:
            return doubts
        return (fact(FactCode.CLIENT_EGRESS, client=self.insider.label, vip=self.frontend.name), *doubts)

    def _at_target(self, attempt: Attempt) -> Hop:
        hop, facts = super()._at_target(attempt), attempt.facts
        if not attempt.before or attempt.unknown or facts.loop is None:
            return hop
        if attempt.loops:
            taken = (*hop.assumptions, Assumption.LOOPED_PACKETS_ARE_DROPPED)
            return replace(hop, problem=Reason.PACKET_LOOPS_BACK, assumptions=taken)
        client, target = self.insider.label, facts.target.name
        gap = fact(FactCode.TARGET_MAY_LOOP, client=client, target=target)
        if facts.loop in _STATES:
            gap = fact(FactCode.TARGET_IS_CLIENT, balancer=self.balancer.balancer_id, target=target)
        return replace(hop, doubts=(*hop.doubts, gap))
