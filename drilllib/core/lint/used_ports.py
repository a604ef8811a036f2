"""
Ports that somebody is asked on where a group is bound: a rule for one of them is no mistake, whatever else it misses.

A group is often bound to several places, and what is of no use at one may be needed at another.
"""

from collections.abc import Iterator

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import GLOBAL_ROUTE, Node, Target
from drilllib.core.snapshot.snapshot import Snapshot


def is_used(snapshot: Snapshot, group: str, transport: str, port: int) -> bool:
    """Is anybody known to be asked on that port at a CLB, a node or a pod with the group, or may a CLB be?"""
    return (
        _at_clb(snapshot, group, transport, port)
        or any(_at_node(snapshot, each, transport, port) for each in snapshot.nodes if group in (each.groups or ()))
        or _at_pod(snapshot, group, transport, port)
    )


def _at_clb(snapshot: Snapshot, group: str, transport: str, port: int) -> bool:
    """A CLB whose listeners were not read, or not all, may listen on any port."""
    for balancer in snapshot.load_balancers:
        listeners = snapshot.listeners(balancer.balancer_id)
        if group in (balancer.groups or ()) and (
            listeners is None
            or snapshot.may_lack_listeners(balancer.balancer_id)
            or any(each.transport == transport and each.port <= port <= each.last_port for each in listeners)
        ):
            return True
    return False


def _at_node(snapshot: Snapshot, node: Node, transport: str, port: int) -> bool:
    """A NodePort, a pod on the node's network or with a hostPort, a target there, or any behind its interface."""
    if snapshot.kubernetes.service_on_node_port(transport, port):
        return True
    if snapshot.is_routed and any(_endpoints(snapshot, transport, port)):
        return True
    for pod in snapshot.kubernetes.pods_on(node.name, node.addresses):
        if (pod.host_network and pod.listens(transport, port)) or (transport, port) in pod.host_ports:
            return True
    return any(
        target.kind == GLOBAL_ROUTE or target.instance_id == node.instance_id or target.address in node.addresses
        for target in _targets(snapshot, transport, port)
    )


def _at_pod(snapshot: Snapshot, group: str, transport: str, port: int) -> bool:
    """An address of an interface with the group, where a pod says that it listens, or that is sent to there."""
    asked = {target.address for target in _targets(snapshot, transport, port)}
    asked |= set(_endpoints(snapshot, transport, port))
    for address in snapshot.interfaces.addresses:
        interface = snapshot.interfaces.at(address)
        if interface and group in (interface.groups or ()) and not snapshot.interfaces.is_node(address):
            pod = snapshot.kubernetes.pod_at(address, port, transport)
            if address in asked or (pod is not None and pod.listens):
                return True
    return False


def _endpoints(snapshot: Snapshot, transport: str, port: int) -> Iterator[Address]:
    """The addresses behind NodePorts that are sent to on that port."""
    for each, number in snapshot.kubernetes.node_ports():
        for family in (4, 6) if each == transport else ():
            found = snapshot.kubernetes.endpoints(transport, number, family) or ()
            yield from (endpoint.address for endpoint in found if endpoint.port == port)


def _targets(snapshot: Snapshot, transport: str, port: int) -> Iterator[Target]:
    """The targets that listeners of a protocol register with that port."""
    for balancer in snapshot.load_balancers:
        for listener in snapshot.listeners(balancer.balancer_id) or ():
            for one in listener.by_rule if listener.transport == transport else ():
                yield from (target for target in one.targets or () if target.port == port)
