"""
A Service's endpoints, and which of them a node uses (section 5 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

import re
from dataclasses import dataclass

from walker_cluster import Document, Node, family, objects
from walker_pods import Pod, is_here, pod_of_endpoint, who_declares
from walker_running import does_not_serve

SERVICE_LABEL = "kubernetes.io/service-name"
TOPOLOGY = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")
ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of one port; *number* is where it is served."""

    pod: Pod
    number: int | None
    ready: bool
    terminating: bool
    unsure: bool
    idle: bool
    zones: frozenset[str]
    nodes: frozenset[str]


@dataclass(frozen=True)
class Choice:
    """What kube-proxy on a node does: it uses these endpoints, or it drops, refuses, or nobody knows."""

    outcome: str
    endpoints: tuple[Endpoint, ...] = ()


USED, DROPS, REFUSES, NOT_KNOWN = "used", "drops", "refuses", "not known"


def slices_of(document: Document, service: dict) -> list[dict]:
    """The EndpointSlices that belong to a Service."""
    namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
    return [
        item
        for item in objects(document, "EndpointSlice")
        if item["metadata"]["namespace"] == namespace
        and (item["metadata"].get("labels") or {}).get(SERVICE_LABEL) == name
    ]


def ports_of(piece: dict) -> list[dict]:
    """The ports of a slice: null is an empty list, and one whose number is null is not there."""
    return [served for served in piece.get("ports") or [] if served.get("port", "not read") is not None]


def endpoints_of(document: Document, service: dict, port: dict) -> list[Endpoint] | None:
    """All endpoints of one port of a Service, of both families; None where they were not read."""
    slices, found = slices_of(document, service), []
    for piece in slices:
        if "ports" not in piece or "endpoints" not in piece:
            return None
        for served in ports_of(piece):
            if (served.get("name") or "") != (port.get("name") or ""):
                continue
            asked = port.get("protocol") or "TCP", served.get("port")
            found += [endpoint_of(document, piece, item, *asked) for item in piece["endpoints"] or []]
    return found if slices else None


def endpoints_of_all_ports(document: Document, service: dict) -> list[Endpoint] | None:
    """All endpoints of a Service on every port that its slices list, whatever that is called; None: not read."""
    slices = slices_of(document, service)
    if not slices or any("ports" not in piece or "endpoints" not in piece for piece in slices):
        return None
    return [
        endpoint_of(document, piece, item, "TCP", served.get("port"))
        for piece in slices
        for served in ports_of(piece)
        for item in piece["endpoints"] or []
    ]


def lacks_number(document: Document, service: dict, port: dict) -> bool:
    """Whether an EndpointSlice does not say where this port is served."""
    every = [served for piece in slices_of(document, service) for served in ports_of(piece)]
    return any((item.get("name") or "") == (port.get("name") or "") and "port" not in item for item in every)


def endpoint_of(document: Document, piece: dict, item: dict, protocol: str, number: int | None) -> Endpoint:
    """One endpoint as it stands in its slice."""
    conditions, hints = item.get("conditions") or {}, item.get("hints") or {}
    ready = conditions.get("ready") is not False
    serving, terminating = conditions.get("serving"), conditions.get("terminating")
    return Endpoint(
        pod=pod_behind(document, piece["metadata"]["namespace"], item, protocol, number),
        number=number,
        ready=ready,
        terminating=bool(serving and terminating),
        unsure=not ready and (serving is None) != (terminating is None),
        idle=does_not_serve(item),
        zones=frozenset(hint["name"] for hint in hints.get("forZones") or []),
        nodes=frozenset(hint["name"] for hint in hints.get("forNodes") or []),
    )


def pod_behind(document: Document, namespace: str, item: dict, protocol: str, number: int | None) -> Pod:
    """Of several pods on a node's network the one that declares the port, else the one that an endpoint means."""
    shared = who_declares(document, item["addresses"][0], protocol, number)
    return shared or pod_of_endpoint(document, namespace, item)


def in_use(endpoints: list[Endpoint]) -> list[Endpoint] | None:
    """The ready ones; where there is none, those that still serve while they are taken down. None: not known."""
    ready = [item for item in endpoints if item.ready]
    if not ready and any(item.unsure for item in endpoints):
        return None
    return ready or [item for item in endpoints if item.terminating]


def why_none(document: Document, service: dict, port: dict, version: int) -> str:
    """Why a port has no endpoint in use: there are none, or their port has another name than the Service's."""
    every = [
        piece
        for piece in slices_of(document, service)
        if any(is_ready(item, version) for item in piece["endpoints"] or [])
    ]
    names = {served.get("name") or "" for piece in every for served in ports_of(piece)}
    own = port.get("name") or ""
    if not every or own in names:
        return "NO_ENDPOINTS"
    others = {item.get("name") or "" for item in service["spec"]["ports"] if item is not port}
    left_out = isinstance(port.get("targetPort"), str) and names <= others
    return "TARGET_PORT_NAME_UNKNOWN" if left_out else "PORT_NAME_DIFFERS"


def is_ready(item: dict, version: int) -> bool:
    """Whether an endpoint of a slice is ready and of a family."""
    return (item.get("conditions") or {}).get("ready") is not False and family(item["addresses"][0]) == version


def serves_terminating(document: Document, node: Node) -> bool:
    """Whether kube-proxy is new enough to use endpoints that are taken down; it is where no version was read."""
    info = ((node.object or {}).get("status") or {}).get("nodeInfo") or {}
    cluster = document.get("cluster") or {}
    version = info.get("kubeProxyVersion") or info.get("kubeletVersion") or cluster.get("ClusterVersion")
    numbers = re.match(r"v?(\d+)\.(\d+)", version or "")
    return numbers is None or (int(numbers[1]), int(numbers[2])) >= (1, 26)


def is_alone(document: Document, service: dict, port: dict, version: int) -> bool:
    """Whether one endpoint of a family is in use, whichever node is asked."""
    every = endpoints_of(document, service, port) or []
    return len(in_use([item for item in every if family(item.pod.address) == version]) or []) == 1


def choose(document: Document, service: dict, port: dict, node: Node, version: int) -> Choice:
    """Which endpoints of a family a node uses for packets to a NodePort."""
    every = endpoints_of(document, service, port)
    if every is None or lacks_number(document, service, port):
        return Choice(NOT_KNOWN)
    every = [item for item in every if family(item.pod.address) == version]
    used = in_use(every)
    if used is None:
        return Choice(NOT_KNOWN)
    if not used:
        return Choice(REFUSES)
    if not used[0].ready and not serves_terminating(document, node):
        return Choice(NOT_KNOWN)
    policy = service["spec"].get("externalTrafficPolicy")
    if policy == "Local":
        return choose_local(document, every, used, node)
    return choose_anywhere(service, used, node) if policy == "Cluster" else Choice(NOT_KNOWN)


def choose_local(document: Document, every: list[Endpoint], used: list[Endpoint], node: Node) -> Choice:
    """Those on this node only."""
    if node.kubernetes is None or any(is_here(document, item.pod, node) is None for item in used):
        return Choice(NOT_KNOWN)
    here = in_use([item for item in every if is_here(document, item.pod, node)])
    if here is None:
        return Choice(NOT_KNOWN)
    if not here:
        return Choice(DROPS)
    if not here[0].ready and not serves_terminating(document, node):
        return Choice(NOT_KNOWN)
    return Choice(USED, tuple(here))


def choose_anywhere(service: dict, used: list[Endpoint], node: Node) -> Choice:
    """All in use, or those that topology hints leave."""
    everything = Choice(USED, tuple(used))
    if not used[0].ready or not any(all(hints(item) for item in used) for hints in (zones_of, nodes_of)):
        return everything
    if node.object is None:
        return Choice(NOT_KNOWN)
    zone = (node.object["metadata"].get("labels") or {}).get(ZONE)
    by_node, by_zone = hinted(used, nodes_of, node.kubernetes), hinted(used, zones_of, zone)
    left = by_node or by_zone or tuple(used)
    if left != (by_zone or tuple(used)):
        return Choice(NOT_KNOWN)
    if len(left) < len(used) and not asks_for_topology(service):
        return Choice(NOT_KNOWN)
    return Choice(USED, left)


def zones_of(endpoint: Endpoint) -> frozenset[str]:
    return endpoint.zones


def nodes_of(endpoint: Endpoint) -> frozenset[str]:
    return endpoint.nodes


def hinted(used: list[Endpoint], hints: object, name: str | None) -> tuple[Endpoint, ...]:
    """The endpoints whose hints name the place, where every endpoint has hints; else none."""
    if not all(hints(item) for item in used):
        return ()
    return tuple(item for item in used if name in hints(item))


def asks_for_topology(service: dict) -> bool:
    """By one of two annotations, or by the newer field."""
    annotations = service["metadata"].get("annotations") or {}
    asked = any((annotations.get(name) or "").lower() == "auto" for name in TOPOLOGY)
    return asked or bool(service["spec"].get("trafficDistribution"))
