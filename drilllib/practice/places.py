"""What a place is called: people say a machine's name, its instance or its address, and a pod's name or its address."""

from collections.abc import Iterator

from drilllib.core.practice.capture import CLB
from drilllib.core.practice.looks import Look, LookKind
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


def called(snapshot: Snapshot, meant: Question, look: Look) -> Look:
    """
    The look at the one place that is called so; as it is where nothing, or more than one, is.

    *meant* is the request of the Service whose CLB is `clb`.
    """
    if look.kind is LookKind.GROUPS:
        names = _bound(snapshot, meant)
    elif look.kind is LookKind.CAPTURE:
        names = _hosts(snapshot)
    else:
        return look
    found = {place for name, place in names if name == look.place}
    return Look(look.kind, found.pop()) if len(found) == 1 else look


def _bound(snapshot: Snapshot, meant: Question) -> Iterator[tuple[str, str]]:
    """Names of what groups are bound to: a CLB, an instance, an interface."""
    balancer = snapshot.balancer_of_service(snapshot.service(meant.service)) if meant.service else None
    if balancer:
        yield CLB, balancer.balancer_id
    for node in snapshot.nodes:
        for name in (node.name, *map(str, node.addresses)):
            if name and node.instance_id:
                yield name, node.instance_id
    for pod in snapshot.kubernetes.pods.values():
        for address in pod.addresses:
            if interface := snapshot.interfaces.resource_at(address):
                yield from ((name, interface) for name in (pod.name, pod.name.partition("/")[2], str(address)))


def _hosts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Names of where a capture can be made."""
    for node in snapshot.nodes:
        for name in (node.instance_id, *map(str, node.addresses)):
            if name and node.name:
                yield name, node.name
    for pod in snapshot.kubernetes.pods.values():
        for name in (pod.name.partition("/")[2], *map(str, pod.addresses)):
            yield name, pod.name
