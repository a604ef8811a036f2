"""Which snapshots a lab of real packets plays: what it would play otherwise than a cloud, it refuses."""

from collections.abc import Iterator

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import parse_client
from drilllib.core.snapshot.resources import OFF, Listener, object_name
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.entry import Entry
from drilllib.core.trace.sources import is_unseen
from drilllib.errors import LabStateError

PARTS = ("load_balancers", "instances", "kubernetes", "security_groups")


def require_playable(snapshot: Snapshot) -> None:
    """
    Do nothing where the snapshot can be played.

    Raises:
        LabStateError: A part of it was not read, or it has something that the lab has no likeness of.
    """
    for part in PARTS:
        if not snapshot.has(part):
            raise missing(fact(FactCode.PART, part=part))
    for feature, owner in _unplayed(snapshot):
        raise LabStateError(
            "A lab of real packets does not play {feature} of {owner}",
            remedy="Use the simulated lab",
            feature=feature,
            owner=owner,
        )
    if snapshot.semantics.tcp_listener_answers_504 and any(each.protocol == "TCP" for _, each in _listeners(snapshot)):
        raise LabStateError(
            "No network behaves as the original drill's text says: a TCP listener cannot answer 504",
            remedy="Use the documented semantics, or the simulated lab",
        )


def require_outside(snapshot: Snapshot, client: str) -> None:
    """
    Do nothing where a client is outside of the cluster.

    Raises:
        LabStateError: It is a node or a pod, whose packets the lab would send another way than kube-proxy does.
    """
    if parse_client(client) in snapshot.insiders.certain:
        raise LabStateError("{client} is an address inside the lab", remedy="Ask from another client", client=client)


def require_client(snapshot: Snapshot, about: Entry) -> None:
    """
    Do nothing where the CLB sees the client's own address, one from outside.

    Raises:
        LabStateError: It is one inside the cluster; or a private client asks a public VIP, and no NAT gateway or EIP
            stands here for the way out.
    """
    require_outside(snapshot, str(about.client))
    if is_unseen(about.balancer, about.frontend, about.client):
        raise LabStateError(
            "{client} is private and {vip} public: no NAT gateway or EIP stands here, by which it would get there",
            remedy="Ask from a public address",
            client=str(about.client),
            vip=about.frontend.name,
        )


def missing(what: Fact) -> LabStateError:
    """The error for a fact without which nothing can be built."""
    return LabStateError(
        "This snapshot cannot be played with real packets: {what} is not known",
        remedy="Add it to the snapshot, or use the simulated lab",
        what=what.message,
    )


def _unplayed(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """A field, and the object that has it."""
    for listener, each in _listeners(snapshot):
        yield from (("RewriteTarget", rule.listener.location_id or "?") for rule in listener.rules if rule.redirect)
        if each.keeps_client:
            yield "SessionExpireTime", each.listener_id
        if each.probe_port and snapshot.kubernetes.service_with_health_check(each.probe_port):
            yield "CheckPort (healthCheckNodePort)", each.listener_id
    yield from (("InstanceState", node.instance_id) for node in snapshot.nodes if node.state in OFF)
    yield from (("spec", object_name(item)) for item in snapshot.kubernetes.of_kind("NetworkPolicy"))
    for service in snapshot.kubernetes.services:
        if any(port.node_port for port in service.ports):
            yield from _of_service(snapshot, service)


def _of_service(snapshot: Snapshot, service: Service) -> Iterator[tuple[str, str]]:
    if service.sticky:
        yield "sessionAffinity", service.name
    if service.traffic_policy is None:
        raise missing(fact(FactCode.TRAFFIC_POLICY, service=service.name))
    for port in service.ports:
        for family in (4, 6) if port.node_port else ():
            for each in snapshot.kubernetes.candidates(port.transport, port.node_port or 0, family) or ():
                if each.conditions.zones or each.conditions.nodes:
                    yield "hints", service.name


def _listeners(snapshot: Snapshot) -> Iterator[tuple[Listener, Listener]]:
    """Every listener, with each of its forwarding rules as a listener."""
    for balancer in snapshot.load_balancers:
        for listener in snapshot.listeners(balancer.balancer_id) or ():
            yield from ((listener, each) for each in listener.by_rule)
