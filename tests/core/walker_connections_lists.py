"""
Which lists a connection is asked by, and what stands where it starts (section 3 of docs/connections.md).

By the same author as walker_connections_ends.py, and as apart from the engine.
"""

from dataclasses import dataclass

from walker_cluster import Document, family, instance_at
from walker_connections_ends import NODE, OUTSIDE, POD, End, is_super
from walker_insiders_policies import may_keep_in
from walker_packets import OPEN, Packet, check, is_public, some_of
from walker_paths import node_check, standing, standing_of_pod
from walker_pods import Pod, groups_of_pod, has_own_interface, interfaces_at, is_on_a_machine_that_is_no_node
from walker_requests import Step, Way

SAME, ELSEWHERE, NOBODY_KNOWS = "same", "elsewhere", "nobody knows"


@dataclass(frozen=True)
class Connection:
    """Who asks, from which address, in which protocol."""

    document: Document
    source: End
    address: str
    protocol: str

    def packet(self, port: int) -> Packet:
        """What arrives where nobody rewrites it."""
        return Packet(some_of([self.address]), self.protocol, port)


# Where the ends stand to each other.


def relation(asked: Connection, pod: Pod) -> str:
    """Whether a pod is on the source's machine."""
    if asked.source.kind == OUTSIDE or is_super(pod.node):
        return ELSEWHERE
    if pod.node is None:
        return ELSEWHERE if is_on_a_machine_that_is_no_node(asked.document, pod.address) else NOBODY_KNOWS
    if asked.source.node.kubernetes is None:
        return NOBODY_KNOWS
    return SAME if pod.node == asked.source.node.kubernetes else ELSEWHERE


def is_shared(document: Document, end: End) -> bool:
    """Whether an end shares its interface with its node; a node counts as shared."""
    return end.kind == NODE or (end.kind == POD and not stands_alone(document, end.pod))


def stands_alone(document: Document, pod: Pod) -> bool:
    """Whether a pod has an interface of its own, or may have."""
    return is_super(pod.node) or has_own_interface(document, pod)


def is_itself(asked: Connection, pod: Pod) -> bool:
    """Whether a pod asks itself."""
    return asked.source.kind == POD and asked.source.pod.name == pod.name


# The lists.


def leaving(asked: Connection, peer: str, port: int) -> list[Step]:
    """The source's egress list, about the far end as the packet leaves."""
    source, far = asked.source, some_of([peer])
    if source.kind == OUTSIDE:
        return []
    if source.kind == NODE:
        return [node_check(asked.document, source.node, "egress", far, asked.packet(port))]
    groups = groups_of_pod(asked.document, source.pod)
    place = ("pod", source.pod.name)
    return [check(asked.document, place, "egress", groups, far, asked.protocol, port)]


def around_source(asked: Connection) -> Way:
    """What may stop a packet where it starts, besides groups, when it leaves its machine."""
    source = asked.source
    if source.kind == OUTSIDE:
        return []
    if source.kind == NODE:
        return standing(asked.document, source.node)
    return standing_of_pod(asked.document, source.pod, here=False)


def kept_in(asked: Connection) -> Way:
    """A pod's NetworkPolicies about egress may stop it, whichever way it goes."""
    is_pod = asked.source.kind == POD
    return [OPEN] if is_pod and may_keep_in(asked.document, asked.source.pod) else []


def without_public_address(asked: Connection, address: str) -> Way:
    """A public client needs a public address at a private one."""
    if asked.source.kind != OUTSIDE or not is_public(asked.address) or is_public(address) or family(address) == 6:
        return []
    instance = instance_at(asked.document, address) or {}
    entries = [
        entry
        for item in interfaces_at(asked.document, address)
        for entry in item.get("PrivateIpAddressSet") or []
        if entry["PrivateIpAddress"] == address
    ]
    has_one = instance.get("PublicIpAddresses") or any(entry.get("PublicIpAddress") for entry in entries)
    return [] if has_one else [OPEN]
