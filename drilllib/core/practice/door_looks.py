"""What looks show where a connection to a door is asked about: nc at its source, and tcpdump at its hosts."""

from collections.abc import Iterator
from dataclasses import replace

from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.question import Connection
from drilllib.core.practice.capture import Leg, at_host, leg_of, require_host
from drilllib.core.practice.rows import Row, row
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Path


def dialled_rows(snapshot: Snapshot, question: Connection, answer: Trace) -> Iterator[Row]:
    """The attempt to connect, and what it can meet."""
    address = str(both_ends(snapshot, question.client, question.door)[1])
    asked = {"client": question.client, "door": question.door, "address": address}
    yield row("connection", **asked, port=question.port, protocol=question.protocol)
    for each in answer.symptoms:
        yield row("answer", kind=each.kind, status=each.status, seconds=each.seconds, location=each.location)


def hosts_of_doors(snapshot: Snapshot) -> tuple[str, ...]:
    """Where a capture can be made: each node by its name, each pod as NAMESPACE/NAME; no super node, which is none."""
    machines = [node.name for node in snapshot.nodes if node.name and node.instance_id]
    return (*machines, *snapshot.kubernetes.pods)


def captured_rows(snapshot: Snapshot, question: Connection, answer: Trace, host: str) -> Iterator[Row]:
    """
    What is seen at *host* while the connection of *answer*, which has every path by itself, is tried often enough.

    Raises:
        UnknownNameError: There is no such host.
    """
    require_host(host, hosts_of_doors(snapshot))
    yield row("host", name=host, state="on")
    source = str(both_ends(snapshot, question.client, question.door)[0])
    found = (
        _as_asked(each, snapshot, question, path, host)
        for path in answer.paths
        for each in at_host(snapshot, _leg(path, source, question), "TCP", host)
    )
    yield from dict.fromkeys(found)


def _as_asked(packet: Row, snapshot: Snapshot, question: Connection, path: Path, host: str) -> Row:
    """
    A packet between a pod and its node, before kube-proxy there has put an endpoint in the place of the ClusterIP, or
    after it has taken that back for an answer.
    """
    pod = snapshot.kubernetes.pods.get(question.client.removeprefix("pod/"))
    first = path.hops[0]
    if pod is None or first.hop is not HopKind.NODE or not first.rewrites:
        return packet
    before, after = (getattr(first.rewrites[0], name) for name in ("before", "after"))
    there, back = (True, True) if host == pod.name else (packet["way"] == "In", packet["way"] == "Out")
    cells = {name: packet[name] for name, _ in packet.cells}
    if there and host in (pod.name, pod.node_name) and cells["destination"] == after:
        cells["destination"] = before
    if back and host in (pod.name, pod.node_name) and cells["source"] == after:
        cells["source"] = before
    return row(packet.about, **cells)


def _leg(path: Path, source: str, question: Connection) -> Leg:
    """The connection as it is made: kube-proxy's rewrite on the source's own node happens before a packet is seen."""
    hops = path.hops
    is_inside = question.client.startswith(("node/", "pod/"))
    if is_inside and hops[0].hop is HopKind.NODE and not hops[0].checks and len(hops) > 1 and hops[0].rewrites:
        hops = hops[1:]
    return replace(leg_of(hops, source, path.outcome), is_own=is_inside)
