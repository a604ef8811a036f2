"""
Which endpoints kube-proxy on one node sends the packets of a NodePort to.

The ready ones, or those that still serve while they terminate; under `Local` the node's own; under `Cluster` those that
topology hints keep for the node, where every one has hints [K8S, KEP-1669, KP-TOPOLOGY].
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.endpoint_slices import are_half_told, have_hints, hinted, usable
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.resources import Endpoint
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.node_facts import NodeFacts

PlaceOf = Callable[[Endpoint], str]
TERMINATING_SINCE = 26  # Kubernetes 1.26


class Choice(NamedTuple):
    """The endpoints one of which gets a packet; else why none does, or with *gap* the fact that would tell."""

    endpoints: Sequence[Endpoint] = ()
    reason: Reason | None = None
    gap: Fact | None = None
    assumptions: tuple[Assumption, ...] = ()


def choose(service: Service, endpoints: Sequence[Endpoint], node: NodeFacts, place_of: PlaceOf) -> Choice:
    """
    Those of all *endpoints*, of one address family, that a node forwards a NodePort of *service* to.

    *place_of* names the node of an endpoint, empty where nobody knows.
    """
    name = service.name.partition("/")[2]
    if are_half_told(endpoints):
        return _untold(fact(FactCode.ENDPOINT_CONDITIONS, service=name))
    if not usable(endpoints):
        return Choice(reason=Reason.NO_ENDPOINTS, assumptions=(Assumption.NO_ENDPOINTS_IS_REFUSED,))
    if service.traffic_policy not in ("Cluster", "Local"):
        return _untold(fact(FactCode.TRAFFIC_POLICY, service=name))
    if _is_too_old(endpoints, node):
        return _untold(fact(FactCode.TERMINATING, service=name))
    return _local(name, endpoints, node, place_of) if service.is_local_only else _near(service, endpoints, node)


def _untold(gap: Fact) -> Choice:
    return Choice(reason=Reason.FACT_MISSING, gap=gap)


def _local(service: str, endpoints: Sequence[Endpoint], node: NodeFacts, place_of: PlaceOf) -> Choice:
    """Under `Local`: the node's own, with the same choice among them."""
    if node.node.name is None:
        return _untold(fact(FactCode.NODE_AT, node=node.node.label))
    somewhere = next((each for each in usable(endpoints) if not place_of(each)), None)
    if somewhere:
        return _untold(fact(FactCode.NODE_OF_POD, pod=somewhere.pod))
    ours = [each for each in endpoints if each.node_name == node.node.name]
    if are_half_told(ours):
        return _untold(fact(FactCode.ENDPOINT_CONDITIONS, service=service))
    return _in_use(service, ours, node) if usable(ours) else Choice(reason=Reason.NO_LOCAL_ENDPOINT)


def _near(service: Service, endpoints: Sequence[Endpoint], node: NodeFacts) -> Choice:
    """Under `Cluster`: those that topology hints keep for the node."""
    name = service.name.partition("/")[2]
    if not have_hints(endpoints):
        return _in_use(name, endpoints, node)
    near = hinted(endpoints, node.zone, node.node.name or "")
    by_zone = hinted(endpoints, node.zone, "")  # what a kube-proxy does that knows no hints for nodes
    asked = service.follows_hints or set(near) == set(usable(endpoints))
    if node.is_read and asked and set(near) == set(by_zone):
        return _in_use(name, near, node)
    return _untold(fact(FactCode.TOPOLOGY_HINTS, node=node.node.label, service=name))


def _in_use(service: str, endpoints: Sequence[Endpoint], node: NodeFacts) -> Choice:
    """The usable ones; that endpoints which terminate are used at all depends on Kubernetes' version."""
    chosen = usable(endpoints)
    if any(each.conditions.ready for each in chosen):
        return Choice(chosen)
    if _is_too_old(endpoints, node):
        return _untold(fact(FactCode.TERMINATING, service=service))
    return Choice(chosen, assumptions=() if node.minor else (Assumption.TERMINATING_ENDPOINTS_SERVE,))


def _is_too_old(endpoints: Sequence[Endpoint], node: NodeFacts) -> bool:
    """Is none of them ready, and this kube-proxy of a version that may not use those that terminate?"""
    old = node.minor is not None and node.minor < TERMINATING_SINCE
    return old and not any(each.conditions.ready for each in endpoints)


def ready_on(snapshot: Snapshot, port: int, place_of: PlaceOf) -> tuple[bool, Mapping[str, bool] | None]:
    """Is that a Service's `healthCheckNodePort`, and on which nodes are its ready endpoints? For the next function."""
    return snapshot.memo.once(("ready on", port), lambda: _ready_on(snapshot.kubernetes, port, place_of))


def _ready_on(objects: KubernetesObjects, port: int, place_of: PlaceOf) -> tuple[bool, Mapping[str, bool] | None]:
    service = objects.service_with_health_check(port)
    found = objects.behind(service.name) if service else None
    if found is None:
        return service is not None, None
    numbered, untold = found
    maybe = {place_of(each): False for each in untold if each.conditions.ready}
    return True, maybe | {place_of(each): True for each in numbered if each.conditions.ready}


def health_check_status(ready_on: Mapping[str, bool] | None, node: NodeFacts) -> int | None:
    """
    What kube-proxy on a node answers on a Service's `healthCheckNodePort`: 200 where it has a ready endpoint, else 503.

    *ready_on* are the nodes of the ready endpoints, empty for one that is not known, each with whether the port's
    number was read for any there; None where those were not read. The answer is None where it is not known [KP-HEALTH].
    """
    if ready_on is None or node.node.name is None:
        return None
    if ready_on.get(node.node.name):
        return 200
    return None if node.node.name in ready_on or "" in ready_on else 503
