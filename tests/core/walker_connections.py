"""
A connection from any source to any door worked out a second time (docs/connections.md); slow, obvious, and apart.

Written from that page, docs/model.md and the facts by somebody who had not seen the engine's part. It imports nothing
of drilllib, and expects questions that can be answered; refusing the others is tested elsewhere.
"""

from walker import UNDECIDED, Walk, walk
from walker_cluster import Document, family
from walker_connections_ends import (
    NODE,
    OUTSIDE,
    POD,
    SERVICE,
    UNKNOWN,
    VIP,
    End,
    door_of,
    end_of,
    pair,
    source_of,
)
from walker_connections_lists import Connection, is_shared
from walker_connections_ways import pod_door, way_outside, ways_to_node, ways_to_service
from walker_network import is_known_network
from walker_nodeports import owner_of_nodeport
from walker_packets import PASSED, stop
from walker_requests import DROP, UNREAD, Target, Way, blockers_of, requests

MET = {("http", 200): "connected"}


def walk_connection(document: Document, question: dict) -> Walk:
    """The answer to ``{"source", "door", "port", "protocol"}``."""
    protocol = question.get("protocol") or "TCP"
    door = door_of(document, question["door"])
    if door.kind == VIP:
        return by_the_old_question(document, door, question)
    source = source_of(document, question["source"])
    if UNKNOWN in (source.kind, door.kind) or not is_known_network(document):
        return UNDECIDED
    if door.kind == SERVICE:
        return walk_service(document, source, door, question["port"], protocol)
    ours, theirs = pair(source, door)
    asked = Connection(document, source, ours, protocol)
    ways = {
        POD: lambda: pod_door(asked, door, theirs, question["port"]),
        NODE: lambda: ways_to_node(asked, door, theirs, question["port"]),
        OUTSIDE: lambda: [way_outside(asked, door, question["port"])],
    }[door.kind]()
    return met(asked, ways, is_held=door.kind == NODE and holds(asked, question["port"]))


def by_the_old_question(document: Document, door: End, question: dict) -> Walk:
    """A VIP, with the source's address as the client."""
    source, vip = end_of(document, question["source"]), door.addresses[0]
    if not source.addresses:
        return UNDECIDED
    client = next(text for text in source.addresses if family(text) == family(vip))
    asked = {"client": client, "vip": vip, "port": question["port"], "protocol": question.get("protocol")}
    found = walk(document, asked)
    return Walk(found.verdict, found.blockers, found.symptoms)


def walk_service(document: Document, source: End, door: End, number: int, protocol: str) -> Walk:
    """A ClusterIP: from a machine of the cluster, whose kube-proxy picks an endpoint."""
    service = door.service
    if not door.addresses:
        return UNDECIDED
    if source.kind == OUTSIDE:
        asked = Connection(document, source, source.addresses[0], protocol)
        return met(asked, [[stop(DROP, ("outside", source.addresses[0]), "CLUSTER_IP_IS_INTERNAL")]])
    ports = service["spec"].get("ports")
    found = [item for item in ports or [] if (item["port"], item.get("protocol") or "TCP") == (number, protocol)]
    if not found:
        return UNDECIDED
    ours, _ = pair(source, door)
    asked = Connection(document, source, ours, protocol)
    if source.node.kubernetes is None or not is_shared(document, source):
        return met(asked, [[UNREAD]])
    ways = ways_to_service(asked, service, found[0])
    return met(asked, ways, is_held=service["spec"].get("sessionAffinity") == "ClientIP")


def holds(asked: Connection, number: int) -> bool:
    """Whether a NodePort's Service keeps a client with one endpoint."""
    service, _ = owner_of_nodeport(asked.document, asked.protocol, number)
    return service is not None and service["spec"].get("sessionAffinity") == "ClientIP"


def met(asked: Connection, ways: list[Way], *, is_held: bool = False) -> Walk:
    """One attempt at one target, each endpoint one way."""
    verdict, symptoms = requests(PASSED, [Target(ways, "Alive", is_held=is_held)], asked.protocol, False)
    told = frozenset((MET.get(item[:2], item[0]), None, item[2]) for item in symptoms)
    return Walk(verdict, frozenset(blockers_of(ways)), told)
