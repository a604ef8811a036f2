"""A node or a pod that asks: its groups, its address, and what may keep back what it sends, or its replies."""

from dataclasses import dataclass

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption, HopKind
from drilllib.core.trace.gates import Gatekeeper, doubted
from drilllib.core.trace.inside import Insider, egress_doubts_of
from drilllib.core.trace.node import attachment, place_unknown
from drilllib.core.trace.node_facts import NodeFacts, PodFacts
from drilllib.core.trace.origin import Origin, from_address
from drilllib.core.trace.path import Check, Hop

ANY_PORT = 0  # of a hop where a packet begins: its source port does not matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who asks from inside the cluster. *pod* is None for a node; *kept* are policies and the like about its egress."""

    insider: Insider
    node: NodeFacts
    pod: PodFacts | None
    kept: tuple[Fact, ...]
    is_routed: bool

    @property
    def address(self) -> Address:
        """The address that it asks from."""
        return self.insider.address

    @property
    def origin(self) -> Origin:
        """The same as the source of packets."""
        return from_address(self.address)

    @property
    def is_behind_node(self) -> bool:
        """Is it a pod without an interface of its own, behind its node's groups?"""
        return self.is_routed and self.pod is not None and self.pod.interface.interface_id == "primary"

    @property
    def is_on_super_node(self) -> bool:
        """Is it a pod on a super node?"""
        return self.pod is not None and self.pod.pod.node_name.startswith(SUPER_NODE)

    @property
    def is_shared(self) -> bool:
        """Does it surely share its machine's network with the machine's pods?"""
        return self.pod is None or self.pod.is_shared is True

    def hop(self) -> Hop:
        """Where its packets begin, when they stay on its machine."""
        if self.pod is None:
            return Hop(hop=HopKind.NODE, name=self.node.node.label, address=str(self.address), port=ANY_PORT)
        name, own = self.insider.label, self.pod.interface.interface_id
        return Hop(
            hop=HopKind.POD, name=name, address=str(self.address), port=ANY_PORT, interface=own, doubts=self.kept
        )

    def leaving(self, keeper: Gatekeeper, transport: str, peer: Address, port: int, unless: Fact | None = None) -> Hop:
        """Where its packets leave its machine, or may, *unless* that fact says that they stay there."""
        gate = self.pod.gate if self.pod else self.node.gate
        check: Check = keeper.ask(gate, Direction.EGRESS, from_address(peer), transport, port)
        outside = self.pod.doubts_outside if self.pod else self.node.doubts
        hop = self.hop()
        return hop.but(
            interface=hop.interface or "primary",
            checks=(doubted(check, unless) if unless else check,),
            doubts=tuple(dict.fromkeys((*hop.doubts, *outside))),
        )

    def place_of(self, pod: PodFacts) -> tuple[bool | None, Fact | None]:
        """Is a pod on the same machine? None where a fact is missing, or nobody knows whether packets leave that."""
        unknown = place_unknown(self.node.node, pod)
        if unknown is not None:
            return (False, None) if pod.pod.node_name.startswith(SUPER_NODE) else (None, unknown)
        if pod.pod.node_name != self.node.node.name or self.is_on_super_node:
            return False, None
        if self.is_shared and pod.is_shared:
            return True, None
        return None, self.apart() or attachment(pod)

    def is_itself(self, pod: PodFacts) -> bool:
        """Is it that very pod?"""
        ours = self.pod.pod if self.pod else None
        return ours is not None and (ours.pod, ours.address) == (pod.pod.pod, pod.pod.address)

    def is_own_node_of(self, pod: PodFacts) -> bool:
        """Is it the node that a pod is on, whatever way its packets go there?"""
        return self.pod is None and self.node.node.name == pod.pod.node_name != ""

    def apart(self) -> Fact | None:
        """What would tell whether its packets to its own machine leave that; None where they surely do not."""
        return None if self.pod is None or self.is_shared else attachment(self.pod)

    def assumed(self, pod: PodFacts | None = None) -> tuple[Assumption, ...]:
        """What is taken for granted of its packets to a node, or to a *pod*, that is not on its machine."""
        kept = (Assumption.GLOBAL_ROUTER_KEEPS_POD_ADDRESS,) if self.is_behind_node else ()
        beside = pod is not None and self.is_on_super_node and pod.pod.node_name == self.node.node.name
        return (*kept, Assumption.SUPER_NODE_IS_NO_MACHINE) if beside else kept


def sender_of(snapshot: Snapshot, insider: Insider, node: NodeFacts, pod: PodFacts | None, *, routed: bool) -> Sender:
    """What is known of a node or pod that asks."""
    about = () if pod is None else tuple(each for each in pod.doubts if _is_about(each, pod.pod.pod))
    kept = tuple(dict.fromkeys((*about, *egress_doubts_of(snapshot, insider))))
    return Sender(insider=insider, node=node, pod=pod, kept=kept, is_routed=routed)


def _is_about(what: Fact, pod: str) -> bool:
    """Is it about the Pod object itself, not about a policy?"""
    return dict(what.values).get("object") == f"Pod {pod}"
