"""
Who can reach any door of a cluster, from outside and from inside (docs/connections.md, section 7).

Outside it is the exact set of addresses, kept apart as `clients` keeps them: what the lists on the way tell apart is
traced by one address of each part. Inside every node and every pod is traced by itself, and those that fare alike are
told together. So what is said of many is what `trace` says of each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from drilllib.core.connection.follow import door_of, families_of, trace
from drilllib.core.connection.question import Connection
from drilllib.core.plain import plain
from drilllib.core.reach.clients import (
    ANY_CLIENT,
    ClientClass,
    Reach,
    cuts_of,
    halves,
    inside_clients,
    maybe_inside,
    merged,
    one_of,
    possible_clients,
    reach,
)
from drilllib.core.rules.addresses import parse_client
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.shape import shape

_OF_A_REQUEST = ("service", "vip", "port", "protocol", "scheme", "host", "path")


@dataclass(frozen=True, slots=True)
class SourceClass:
    """
    Nodes and pods that fare alike, as ``node/NAME`` and ``pod/NAMESPACE/NAME``, and the trace of the first.

    Others of them may be stopped at other places of the same kind, or lack other facts of the same kind.
    """

    sources: tuple[str, ...]
    trace: Trace

    def to_dict(self) -> dict[str, Any]:
        """How they fare and why, all of them, and an example."""
        told = plain(self.trace, "verdict", "reason")
        symptom = self.trace.symptom and self.trace.symptom.to_dict()
        gaps = list(map(str, self.trace.gaps))
        return {**told, "symptom": symptom, "gaps": gaps, "sources": list(self.sources), "example": self.sources[0]}


@dataclass(frozen=True, slots=True)
class DoorReach:
    """
    Who reaches one port of a *door*: *outside* addresses, an answer for each address family of the door, and *inside*.

    *outside* is empty where the door is no part of the cluster: how others get there is not in a snapshot.
    """

    door: str
    port: int | None
    protocol: str
    outside: tuple[Reach, ...]
    inside: tuple[SourceClass, ...]
    assumptions: tuple[Assumption, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        told = plain(self, "door", "port", "protocol", "assumptions")
        return {
            **told,
            "outside": list(map(_outside_dict, self.outside)),
            "inside": [it.to_dict() for it in self.inside],
        }


def _outside_dict(found: Reach) -> dict[str, Any]:
    told = {name: value for name, value in found.to_dict().items() if name not in _OF_A_REQUEST}
    return {"family": found.family, **told}


def reach_door(snapshot: Snapshot, door: str, port: int | None = None, protocol: str | None = None) -> DoorReach:
    """
    Who can open a connection to a door.

    Args:
        snapshot: the moment that is asked about.
        door: as of a `Connection`: ``pod/NAMESPACE/NAME``, ``node/NAME``, ``svc/NAMESPACE/NAME`` or an address.
        port: 1 to 65535; may be left out for a Service that has one.
        protocol: TCP or UDP; TCP where it is left out.

    Raises:
        InvalidInputError: The door, the port or the protocol cannot be used.
        UnknownNameError: The door is not in the snapshot.
        TooComplexError: The rules on the way overlap in too many ways, or thousands of paths differ.
    """
    question = Connection(client="", door=door, port=port, protocol=protocol)
    answers = list(_answers(snapshot, question, sources_of(snapshot)))
    outside = reach_outside(snapshot, question)
    traces = [answer for _, answer in answers] + [each.trace for found in outside for each in found.classes]
    asked = next((each.question for each in traces), question)
    taken = tuple(sorted({code for each in traces for code in each.assumptions}))
    return DoorReach(door, asked.port, asked.protocol or "TCP", outside, tuple(_alike(answers)), taken)


def reach_inside(snapshot: Snapshot, question: Connection, sources: Iterable[str]) -> tuple[SourceClass, ...]:
    """
    How some nodes and pods fare that ask for what *question* asks for; its client is left out of it.

    Those without an address of the door's family, and the door itself, are left out. See `reach_door` for the errors.
    """
    return tuple(_alike(_answers(snapshot, question, sources)))


def reach_outside(snapshot: Snapshot, question: Connection) -> tuple[Reach, ...]:
    """How all addresses outside fare, an answer for each family of the door; none where it is outside itself."""
    return tuple(_outside(snapshot, question))


def sources_of(snapshot: Snapshot) -> Iterator[str]:
    """Every node and pod that asks for itself: no super node, no pod on its node's network, none without an address."""
    names = {*snapshot.kubernetes.nodes, *snapshot.kubernetes.names_by_address.values()}
    placed = (name for name in sorted(names) if snapshot.interfaces.node_called(name).addresses)
    yield from (f"node/{name}" for name in placed if not name.startswith(SUPER_NODE))
    pods, is_node = snapshot.kubernetes.pods, snapshot.interfaces.is_node
    yield from (
        f"pod/{name}"
        for name in sorted(pods)
        if pods[name].addresses and not pods[name].host_network and not any(map(is_node, pods[name].addresses))
    )


def _answers(snapshot: Snapshot, question: Connection, sources: Iterable[str]) -> Iterator[tuple[str, Trace]]:
    """What becomes of each node and pod but the door itself; those without an address of its family are left out."""
    families = {*families_of(snapshot, question.door)}
    for source in sources:
        if source != question.door and families.intersection(families_of(snapshot, source)):
            yield source, trace(snapshot, replace(question, client=source))


def _alike(answers: Iterable[tuple[str, Trace]]) -> Iterator[SourceClass]:
    """Those of one fate, in the order of the first of each."""
    found: dict[Any, tuple[Trace, list[str]]] = {}
    for source, answer in answers:
        key = answer.verdict, answer.reason, answer.symptoms, shape(answer.gaps)
        found.setdefault(key, (answer, []))[1].append(source)
    for answer, sources in found.values():
        yield SourceClass(tuple(sources), answer)


def _outside(snapshot: Snapshot, question: Connection) -> Iterator[Reach]:
    """The addresses outside, for each family of the door."""
    for family in families_of(snapshot, question.door):
        door = door_of(snapshot, question.door, family)
        if door is not None and door.vip:
            asked = Question(client="", vip=str(door.address), port=question.port, protocol=question.protocol)
            yield from reach(snapshot, asked)
        elif door is None or door.is_inside:
            yield _from(snapshot, question, family)


def _from(snapshot: Snapshot, question: Connection, family: int) -> Reach:
    """The addresses of one family, each part traced by one of them."""
    inside = inside_clients(snapshot, family)
    clients = possible_clients(family) - inside
    told = clients - maybe_inside(snapshot, family)
    sample = trace(snapshot, replace(question, client=str(one_of(told or clients, ANY_CLIENT[family]))))
    parts = [clients]
    for cut in cuts_of(snapshot, sample.paths, parse_client(sample.question.client), family):
        parts = [part for each in parts for part in halves(each, cut) if part]
    classes = (
        ClientClass(part, trace(snapshot, replace(question, client=str(one_of(part, sample.question.client)))))
        for part in parts
    )
    return Reach(sample.question, tuple(merged(classes)), inside)
