"""
How answers grow with nodes and pods: at most with the paths that differ, and not with the pairs of a node and a pod.

Every node is a target, every pod an endpoint, the pods spread over the nodes. With one cause all pods refuse the nodes;
with ten, nodes and pods are of five kinds each, which fail in different ways. Every ratio is to the default lab with
the same cause.
"""

from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from time import process_time
from typing import Any

from bench.sets import Row
from bench.table import duration
from drilllib.core.drills.default_lab import (
    BALANCER,
    CLIENT,
    CLIENT_BLOCK,
    EVERYTHING,
    NODE_GROUP,
    NODE_PORT,
    POD_GROUP,
    SERVICE,
    default_lab,
    policy,
)
from drilllib.core.fix.proposals import fix
from drilllib.core.overview import overview
from drilllib.core.reach.clients import reach
from drilllib.core.rules.addresses import address_at
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_rules
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.views.text.trace import trace_text

SIZES = ((1, 1), (10, 10), (100, 100), (1_000, 1), (1, 1_000), (1_000, 1_000))
QUESTION = Question(client=CLIENT, service=SERVICE)
COLUMNS = (
    "targets and pods",
    *("trace", "ratio", "first", "with reading", "reach", "ratio", "fix", "ratio", "redraw", "ratio", "lines"),
)
ROUNDS = 5
LONG = 0.25  # seconds of rounds for each question
FEW = 40  # objects of Kubernetes, up to which there are ten times as many rounds: what is short is measured worst
Document = dict[str, Any]


def crowd(nodes: int, pods: int, causes: int, *, all_read: bool = False) -> Document:
    """The default lab with so many target nodes and pods; *causes* is 1 or 10, of which two are lists not read."""
    document = default_lab()
    (listener,) = document["listeners"][BALANCER]
    service = next(item for item in document["kubernetes"] if item["kind"] == "Service")
    targets = [_target(place) for place in range(nodes)]
    listener["Rules"][0]["Targets"] = targets
    document["subnets"] = [{"SubnetId": "subnet-all00001", "CidrBlock": "10.0.0.0/8"}]
    document["instances"] = [_instance(place, causes) for place in range(nodes)]
    document["network_interfaces"] = [_interface(place, causes) for place in range(pods)]
    found = [item for place in range(nodes) for item in [_node(place)]]
    found += [_pod(place, nodes, causes) for place in range(pods)]
    document["kubernetes"] = [service, *found, *_slices(pods, nodes)]
    document["security_groups"] |= _groups(causes, _group([], [EVERYTHING]) if all_read else _UNREAD)
    return document


_UNREAD: Document = {"SecurityGroupPolicySet": None}


def _groups(causes: int, last: Document) -> Document:
    """With one cause the pods' group is empty; with ten, groups of either side fail in several ways, or are *last*."""
    admit, nodes = policy("ACCEPT", "TCP", CLIENT_BLOCK, str(NODE_PORT)), policy("ACCEPT", "TCP", "10.0.0.0/8", "80")
    nobody, everybody = policy("DROP", "ALL", "0.0.0.0/0", "ALL"), EVERYTHING
    if causes == 1:
        return {POD_GROUP: _group([], [everybody])}
    return {
        _name(NODE_GROUP, 0): _group([admit], [everybody]),
        _name(NODE_GROUP, 1): _group([nobody, admit], [everybody]),
        _name(NODE_GROUP, 2): _group([policy("ACCEPT", "TCP", CLIENT_BLOCK, "80")], [everybody]),
        _name(NODE_GROUP, 3): _group([admit], [nobody]),
        _name(NODE_GROUP, 4): last,
        _name(POD_GROUP, 0): _group([nodes], [everybody]),
        _name(POD_GROUP, 1): _group([], [everybody]),
        _name(POD_GROUP, 2): _group([policy("DROP", "TCP", "10.0.0.0/8", "ALL"), nodes], [everybody]),
        _name(POD_GROUP, 3): last,
        _name(POD_GROUP, 4): _group([nodes], [everybody]),
    }


def _group(ingress: list[Document], egress: list[Document]) -> Document:
    return {"SecurityGroupPolicySet": {"Version": "1", "Ingress": ingress, "Egress": egress}}


def _name(group: str, kind: int) -> str:
    return f"{group}{kind}"


def _address(block: str, place: int) -> str:
    return str(IPv4Address(block) + place)


def _target(place: int) -> Document:
    named = {"InstanceId": f"ins-{place:08}", "PrivateIpAddresses": [_address("10.1.0.0", place)]}
    return {"Type": "CVM", **named, "Port": NODE_PORT, "Weight": 10}


def _instance(place: int, causes: int) -> Document:
    group = NODE_GROUP if causes == 1 else _name(NODE_GROUP, place % 5)
    named = {"InstanceId": f"ins-{place:08}", "PrivateIpAddresses": [_address("10.1.0.0", place)]}
    return {**named, "InstanceName": f"node-{place}", "SecurityGroupIds": [group]}


def _node(place: int) -> Document:
    address = {"type": "InternalIP", "address": _address("10.1.0.0", place)}
    status = {"addresses": [address], "conditions": [{"type": "Ready", "status": "True"}]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"node-{place}"}, "status": status}


def _interface(place: int, causes: int) -> Document:
    group = POD_GROUP if causes == 1 else _name(POD_GROUP, place % 5)
    addresses = [{"PrivateIpAddress": _address("10.2.0.0", place)}]
    return {"NetworkInterfaceId": f"eni-{place:08}", "PrivateIpAddressSet": addresses, "GroupSet": [group]}


def _pod(place: int, nodes: int, causes: int) -> Document:
    port = 8080 if causes == 10 and place % 5 == 4 else 80
    spec = {
        "nodeName": f"node-{_on(place, nodes)}",
        "containers": [{"name": "web", "ports": [{"containerPort": port}]}],
    }
    status = {"phase": "Running", "podIP": _address("10.2.0.0", place)}
    metadata = {"name": f"web-{place}", "namespace": "shop", "labels": {"app": "web"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def _on(place: int, nodes: int) -> int:
    """The node of a pod: some have two or three, some none."""
    return (place * 7 + place // 5) % nodes


def _slices(pods: int, nodes: int) -> Iterator[Document]:
    """EndpointSlices of a hundred endpoints, as Kubernetes makes them."""
    for start in range(0, pods, 100):
        endpoints = [_endpoint(place, nodes) for place in range(start, min(start + 100, pods))]
        metadata = {"name": f"web-{start}", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}}
        found = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}
        yield {**found, "addressType": "IPv4", "ports": [{"port": 80, "protocol": "TCP"}], "endpoints": endpoints}


def _endpoint(place: int, nodes: int) -> Document:
    reference = {"kind": "Pod", "name": f"web-{place}", "namespace": "shop"}
    address = [_address("10.2.0.0", place)]
    node = f"node-{_on(place, nodes)}"
    return {"addresses": address, "conditions": {"ready": True}, "nodeName": node, "targetRef": reference}


def _trace(snapshot: Snapshot) -> None:
    trace(snapshot, QUESTION)


def _reach(snapshot: Snapshot) -> None:
    reach(snapshot, Question(service=SERVICE))


def _fix(snapshot: Snapshot) -> None:
    fix(snapshot, Question(service=SERVICE), [IPv4Network(CLIENT_BLOCK)])


def redraw(snapshot: Snapshot) -> None:
    """What a panel does after a click: one list is changed, and everything is asked again."""
    group = next(name for name in snapshot.groups if name.startswith(NODE_GROUP))
    rules = (rule_from_text(f"ACCEPT TCP {CLIENT_BLOCK} {NODE_PORT}"),)
    overview(with_rules(snapshot, group, Direction.INGRESS, rules), QUESTION, list(snapshot.groups))


QUESTIONS: tuple[Callable[[Snapshot], None], ...] = (_trace, _reach, _fix, redraw)


def rows() -> Iterator[Row]:
    """One row a size and number of causes, times and their ratios to those of the default lab."""
    base = _times(shut_lab())
    yield "default lab, group 3 empty", *_cells(base, base), str(_lines(shut_lab()))
    for causes in (1, 10):
        for nodes, pods in SIZES:
            document = crowd(nodes, pods, causes)
            name = f"{nodes:,} x {pods:,}, {'one cause' if causes == 1 else 'ten causes'}"
            yield name, *_cells(_times(document), base), str(_lines(document))
    document = crowd(1_000, 1_000, 10, all_read=True)
    yield "the same, all lists read", *_cells(_times(document), base), str(_lines(document))


def shut_lab() -> Document:
    """One node, one pod, one cause."""
    document = default_lab()
    document["security_groups"][POD_GROUP]["SecurityGroupPolicySet"]["Ingress"] = []
    return document


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor's time that one call takes, whatever else the machine does."""
    started = process_time()
    work()
    return process_time() - started


def _times(document: Document) -> tuple[list[float], float, float]:
    """The fastest of some rounds: of each question on a snapshot asked before, of a first trace, and with reading."""
    first, reading = [], []
    rounds = ROUNDS if len(document["kubernetes"]) > FEW else 10 * ROUNDS
    for _ in range(rounds):
        address_at.cache_clear()
        started = process_time()
        snapshot = Snapshot(document)
        read = process_time()
        _trace(snapshot)
        first.append(process_time() - read)
        reading.append(process_time() - started)
    return [fastest(partial(ask, snapshot), rounds) for ask in QUESTIONS], min(first), min(reading)


def fastest(work: Callable[[], object], rounds: int) -> float:
    """The fastest of so many rounds, or of as many more as fit into `LONG`."""
    times = [_seconds(work) for _ in range(rounds)]
    while sum(times) < LONG:
        times.append(_seconds(work))
    return min(times)


def _cells(found: tuple[list[float], float, float], base: tuple[list[float], float, float]) -> list[str]:
    cells = [[duration(mine), f"{mine / theirs:.1f}x"] for mine, theirs in zip(found[0], base[0], strict=True)]
    others = [f"{duration(mine)} ({mine / theirs:.1f}x)" for mine, theirs in zip(found[1:], base[1:], strict=True)]
    return [*cells[0], *others, *cells[1], *cells[2], *cells[3]]


def _lines(document: Document) -> int:
    """Lines of what `drill trace` prints."""
    return len(trace_text(trace(Snapshot(document), QUESTION), "en").splitlines())
