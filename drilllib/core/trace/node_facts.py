"""
What a walk may know of one node, one pod and one target, as `local_facts` finds it.

Hops are made from these facts and from nothing else that depends on which node or which pod it is. So nodes whose facts
are alike but for their names and addresses fare alike, unless a list of rules tells their addresses apart; `shape`
tells whether they are. A fact added here counts from then on, without a word anywhere else.
"""

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.plain import view
from drilllib.core.rules.addresses import Address, Block
from drilllib.core.snapshot.network_policies import Admission
from drilllib.core.snapshot.pods import Pod
from drilllib.core.snapshot.resources import OFF, Endpoint, Interface, Node, Target
from drilllib.core.trace.gates import Gate
from drilllib.core.trace.inside import Loop
from drilllib.core.trace.origin import Origin, from_address, from_anywhere


@view
class NodeFacts:
    """
    One node. *is_ready*: its Ready condition was not read, or is True or Unknown; *is_read*: its Node object was read.

    *zone* is by its label, *minor* the version of its kube-proxy, 28 for 1.28; each None where that is not told.
    *hint_name* is its name where a topology hint names it, *blocks* are those of NetworkPolicies around it. *pods* are
    on its network, or ask for a port of it. *doubts* may stop a packet there. *is_no_node*: nothing says that it is one
    of the cluster's.
    """

    node: Node
    is_ready: bool
    doubts: tuple[Fact, ...] = ()
    is_read: bool = False
    zone: str | None = None
    minor: int | None = None
    hint_name: str = ""
    blocks: frozenset[Block] = frozenset()
    pods: tuple[Pod, ...] = ()
    is_no_node: bool = False

    @property
    def is_off(self) -> bool:
        """Is the machine switched off, as far as that was read?"""
        return self.node.state in OFF

    @property
    def gate(self) -> Gate:
        """The groups of its primary interface."""
        node = self.node
        if node.groups is not None:
            return Gate(node.groups, None)
        instance = f" ({node.instance_id})" if node.instance_id else ""
        return Gate(node.groups, fact(FactCode.GROUPS, resource=f"{node.label}{instance}"))

    def origin(self, family: int) -> Origin:
        """Its own address as the source of what it forwards."""
        address = self.node.address_of(family)
        if address:
            return from_address(address)
        return from_anywhere(family, fact(FactCode.NODE_ADDRESS, family=family, node=self.node.label))


@view
class PodFacts:
    """
    One pod, asked on one port: its interface, and whether its node's pods share that, None where nothing tells.

    *is_stranger*: nobody names its node, and its address is that of a machine that is no Node, so it is on no Node.
    *shares_ports*: other pods, which were not read, may be on the same node's network, and listen at its address.
    *is_off*: its node's machine is switched off. *admission* is whom its NetworkPolicies let in, None where there are
    none. *is_up* is False where none of its containers runs, *is_ready* where it is said not to be ready, or not to
    serve. *doubts* may stop a packet at the pod, *doubts_outside* one that comes from another node.
    """

    pod: Endpoint
    interface: Interface
    is_shared: bool | None
    doubts: tuple[Fact, ...] = ()
    doubts_outside: tuple[Fact, ...] = ()
    is_stranger: bool = False
    shares_ports: bool = False
    is_off: bool = False
    admission: Admission | None = None
    is_up: bool = True
    is_ready: bool = True

    @property
    def gate(self) -> Gate:
        """The groups of the interface that carries its address."""
        if self.interface.groups is not None:
            return Gate(self.interface.groups, None)
        return Gate(None, self.interface.unknown or fact(FactCode.GROUPS_OF_INTERFACE, pod=self.pod.pod))


@view
class TargetFacts:
    """
    One target of a listener: the node it is on, or the pod that it is, asked on its own port and on that of probes.

    *address* is the instance's first where the target names none, and 0.0.0.0 for a target of a kind that is not
    modelled. *interface* is what was read with the address of a pod that nothing names. *doubts* may stop a packet.
    *is_alive*: the CLB saw probes of its own port answered; *answers*: and by the only pod that can be.
    *asks_kube_proxy*: its probes are answered by kube-proxy itself, with *status*, None where that is not known.
    *loop* is about a client inside the cluster, None where its packets do not come back from there.
    """

    target: Target
    address: Address
    node: NodeFacts | None = None
    pod: PodFacts | None = None
    probed: PodFacts | None = None
    interface: Interface | None = None
    doubts: tuple[Fact, ...] = ()
    is_alive: bool = False
    answers: bool = False
    asks_kube_proxy: bool = False
    status: int | None = None
    loop: Loop | None = None

    @property
    def label(self) -> str:
        """What to call the node or the pod."""
        if self.node:
            return self.node.node.label
        return self.pod.pod.pod if self.pod else str(self.target.address or self.target.name)
