"""
Expectations between workloads, and of who may ask for a door: which nodes, pods and addresses open connections to it.

Every node and every pod that a pattern means is asked about by itself; addresses outside as exact sets.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from drilllib.core.check.expectations import NODE, POD, Expectation
from drilllib.core.check.status import Status, status_against
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.plain import plain
from drilllib.core.reach.clients import Reach, clients_from, example_client
from drilllib.core.reach.doors import reach_inside, reach_outside
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.errors import InvalidInputError, quoted


@dataclass(frozen=True, slots=True)
class DoorCase:
    """Nodes and pods by name, or addresses as blocks, that fare otherwise than meant, and the trace of one of them."""

    status: Status
    sources: tuple[str, ...]
    trace: Trace

    def to_dict(self) -> dict[str, Any]:
        """All of them, and what happens to one."""
        asked, answer = self.trace.question, self.trace
        told = {"verdict": answer.verdict, "reason": answer.reason, "gaps": list(map(str, answer.gaps))}
        blocked = answer.blockers[0].to_dict() if answer.blockers else None
        told = plain(asked, *(name for name in _ASKED if getattr(asked, name, None) is not None)) | told
        return {"status": self.status, "sources": list(self.sources), "example": {**told, "blocker": blocked}}


_ASKED = ("client", "door", "vip", "port", "protocol")


def of_door(snapshot: Snapshot, wanted: Expectation, question: Connection) -> Iterator[DoorCase]:
    """
    Whoever speaks against an expectation about a door.

    Raises:
        InvalidInputError: A pattern or a block fits nothing, or the door cannot be asked for.
        UnknownNameError: The door is not in the snapshot.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    names = _meant(snapshot, wanted)
    for door in _doors(snapshot, question.door):
        asked = replace(question, door=door)
        for each in reach_inside(snapshot, asked, names):
            status = status_against(wanted.kind, each.trace.verdict)
            if status is not Status.HOLDS:
                yield DoorCase(status, each.sources, each.trace)
        if wanted.sources:
            yield from _of_addresses(snapshot, wanted, asked)


def _everybody(snapshot: Snapshot) -> list[str]:
    """Every node and pod that a pattern can mean."""
    nodes = sorted({*snapshot.kubernetes.nodes, *snapshot.kubernetes.names_by_address.values()})
    pods = sorted(name for name, pod in snapshot.kubernetes.pods.items() if pod.addresses)
    return [*(f"{NODE}{name}" for name in nodes if not name.startswith(SUPER_NODE)), *(f"{POD}{it}" for it in pods)]


def _meant(snapshot: Snapshot, wanted: Expectation) -> list[str]:
    """The nodes and pods that ask; a pattern that means none would make every expectation hold."""
    everybody = _everybody(snapshot)
    for pattern in wanted.names:
        _require_fit(everybody, pattern)
    meant = [each for each in everybody if _fits(each, wanted.names) and not _fits(each, wanted.spared)]
    if wanted.names and not meant:
        raise InvalidInputError("except leaves nobody of from", remedy="Write fewer names after except")
    return meant


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


def _require_fit(names: Sequence[str], pattern: str) -> None:
    if not _fits_any(names, pattern):
        raise InvalidInputError(
            "No node and no pod of the snapshot fits {pattern}",
            remedy="Write node/NAME or pod/NAMESPACE/NAME, where * stands for any letters",
            pattern=quoted(pattern),
        )


def _fits_any(names: Iterable[str], pattern: str) -> bool:
    return any(fnmatchcase(each, pattern) for each in names)


def _doors(snapshot: Snapshot, door: str) -> list[str]:
    """The doors that are meant: one, or all nodes or pods that a pattern fits."""
    if "*" not in door or not door.startswith((NODE, POD)):
        return [door]
    everybody = _everybody(snapshot)
    _require_fit(everybody, door)
    return [each for each in everybody if fnmatchcase(each, door)]


def _of_addresses(snapshot: Snapshot, wanted: Expectation, question: Connection) -> Iterator[DoorCase]:
    """The addresses outside that speak against it, by the answers that they get."""
    clients = clients_from(wanted.sources) - clients_from(wanted.excepted)
    reached = reach_outside(snapshot, question)
    if not any(clients & (each.clients(*_all_of(each))) for each in reached):
        raise InvalidInputError(
            "from has no address outside of the cluster that {door} can be asked from",
            remedy="Write blocks outside of the cluster, of the address family of the door; nodes and pods by name",
            door=quoted(question.door),
        )
    for part in (part for each in reached for part in each.classes):
        status, found = status_against(wanted.kind, part.trace.verdict), clients & part.clients
        if found and status is not Status.HOLDS:
            asked = replace(question, client=example_client(found))
            yield DoorCase(status, blocks_of(found), trace(snapshot, asked))


def _all_of(reached: Reach) -> list[Any]:
    return [each.trace.verdict for each in reached.classes]
