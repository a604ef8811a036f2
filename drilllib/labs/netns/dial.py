"""
A connection between two hosts of a lab, opened for real: from a pod, a node or the client to a pod or a node's port.

The lab's kube-proxy answers what comes to a node from elsewhere, as a CLB's packets do, and knows no ClusterIP; what a
node asks of itself, and addresses outside, it does not play either. The connection is opened by a few lines of Python
(nc is not everywhere), and told in the words of nc.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from drilllib.core.connection.ends import addresses_from, both_ends
from drilllib.core.connection.question import Connection
from drilllib.core.drills.lab import Observation
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import dial
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import LabStateError, quoted
from drilllib.labs.netns.network.client import PATIENCE_S
from drilllib.labs.netns.results import CommandResult

_CODE = """\
import socket, sys
host, port, wait_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
try:
    socket.create_connection((host, port), wait_s).close()
    print("connected")
except TimeoutError:
    print("connect_timeout")
except ConnectionRefusedError:
    print("refused")
"""


class Lab(Protocol):
    """What of a lab of real packets is asked here."""

    def snapshot(self) -> Snapshot: ...

    def status(self) -> dict[str, Any]: ...

    def run(self, host: str, command: Sequence[str] | str, *, timeout_s: float | None = 60) -> CommandResult: ...


def dialled(lab: Lab, question: Connection) -> Observation:
    """
    Open the connection from the host that asks, and say what was met; *seconds* are those of nc.

    Raises:
        InvalidInputError, UnknownNameError: An end of it is not in the lab's snapshot.
        LabStateError: The lab does not play such a connection.
    """
    snapshot, status = lab.snapshot(), lab.status()
    source, door = map(str, both_ends(snapshot, question.client, question.door))
    host = _host(status["addresses"], source)
    if host is None or not _is_played(snapshot, question, door, status["addresses"]):
        raise LabStateError(
            "A lab of real packets does not play {source} to {door}",
            remedy="Use the simulated lab",
            source=quoted(question.client),
            door=quoted(question.label),
        )
    wait_s = f"{PATIENCE_S * status['slowness']:g}"
    said = lab.run(host, [sys.executable, "-I", "-S", "-c", _CODE, door, str(question.port), wait_s])
    return _observation(SymptomKind(said.out.strip() or "other"), door, question.port or 0)


def _observation(kind: SymptomKind, host: str, port: int) -> Observation:
    if kind is SymptomKind.OTHER:
        return Observation(Symptom(kind=kind), "", 0.0)
    waits = kind is SymptomKind.CONNECT_TIMEOUT
    symptom = Symptom(kind=kind) if waits else Symptom(kind=kind, seconds=0.0)
    text = dial.transcript(symptom, host=host, port=port) or ""
    return Observation(symptom, text, float(dial.PATIENCE_S["nc"]) if waits else 0.0)


def _host(addresses: Mapping[str, Sequence[str]], address: str) -> str | None:
    return next((host for host, each in addresses.items() if address in each), None)


def _is_played(snapshot: Snapshot, question: Connection, door: str, addresses: Mapping[str, Sequence[str]]) -> bool:
    """A port of a pod, or of another node than the one that asks or whose pod asks, over TCP."""
    if question.protocol not in (None, "TCP") or question.port is None or question.door.startswith("svc/"):
        return False
    host = _host(addresses, door)
    nodes = {str(address): node.name for node in snapshot.nodes for address in node.addresses}
    if host is None or door not in nodes:
        return host is not None
    return nodes[door] != _node_of(snapshot, question, nodes)


def _node_of(snapshot: Snapshot, question: Connection, nodes: Mapping[str, str | None]) -> str | None:
    """The node that asks, or whose pod asks; None for a client outside."""
    pods = snapshot.kubernetes.pods_at
    for address in addresses_from(snapshot, question.client):
        if str(address) in nodes:
            return nodes[str(address)]
        for pod in pods.get(address, ()):
            return pod.node_name
    return None
