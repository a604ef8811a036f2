"""What a learner can state: every kind of cause, and the things in the snapshot that it can be said of."""

from collections.abc import Mapping

from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.snapshot.snapshot import Snapshot

SERVICE_KINDS = (CauseKind.SELECTOR, CauseKind.NOT_READY, CauseKind.TARGET_PORT, CauseKind.LOCAL_POLICY)


def statable(snapshot: Snapshot) -> Mapping[CauseKind, tuple[str, ...]]:
    """
    The resources of which each kind of cause can be stated, as `Cause.resource` names them.

    A group drops at a CLB (lb-), an instance (ins-) or an interface (eni-). A Service stands as Service/NAMESPACE/NAME.
    The CLB lacks a listener, a listener's targets have no weight, and an instance is stopped.
    """
    services = tuple(f"Service/{name}" for name in snapshot.service_names())
    balancers = tuple(each.balancer_id for each in snapshot.load_balancers)
    listeners = (each.listener_id for name in balancers for each in snapshot.listeners(name) or ())
    return {
        CauseKind.GROUP: tuple(snapshot.bound_groups()),
        **dict.fromkeys(SERVICE_KINDS, services),
        CauseKind.LISTENER: balancers,
        CauseKind.WEIGHT: tuple(listeners),
        CauseKind.STOPPED: tuple(node.instance_id for node in snapshot.nodes if node.instance_id),
    }


def places_of(snapshot: Snapshot) -> Mapping[str, tuple[CauseKind, ...]]:
    """The same the other way round: every resource with what can be stated of it, in the order met."""
    every = statable(snapshot)
    names = dict.fromkeys(name for listed in every.values() for name in listed)
    return {name: tuple(kind for kind, listed in every.items() if name in listed) for name in names}
