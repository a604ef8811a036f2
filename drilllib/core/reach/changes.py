"""Who fares otherwise in another snapshot: clients as exact sets, nodes and pods by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from drilllib.core.connection.question import Connection
from drilllib.core.plain import plain
from drilllib.core.reach.clients import Reach, example_client
from drilllib.core.reach.doors import reach_inside, reach_outside, sources_of
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import TooComplexError

MOST = 20_000  # connections of nodes and pods that are compared
Fates = Mapping[Verdict, FlowSet]


@dataclass(frozen=True, slots=True)
class ClientChange:
    """Clients whose requests fare otherwise than before."""

    before: Verdict
    after: Verdict
    clients: FlowSet

    def to_dict(self) -> dict[str, Any]:
        """Both verdicts, the clients as blocks and one of them."""
        sources = {"sources": list(blocks_of(self.clients)), "example": example_client(self.clients)}
        return {"before": self.before, "after": self.after, **sources}


@dataclass(frozen=True, slots=True)
class SourceChange:
    """Nodes and pods whose connections fare otherwise than before, as ``node/NAME`` and ``pod/NAMESPACE/NAME``."""

    before: Verdict
    after: Verdict
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoorDiff:
    """What changes for those who ask for one port of a door that is in both snapshots, from outside and inside."""

    door: str
    port: int | None
    protocol: str
    outside: tuple[ClientChange, ...]
    inside: tuple[SourceChange, ...]

    def __bool__(self) -> bool:
        return bool(self.outside or self.inside)

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        outside = [each.to_dict() for each in self.outside]
        return {**plain(self, "door", "port", "protocol", "inside"), "outside": outside}


def client_changes(before: Fates, after: Fates) -> Iterator[ClientChange]:
    """Which clients changed from which verdict to which."""
    for old, new in product(Verdict, Verdict):
        clients = before[old] & after[new]
        if old is not new and clients:
            yield ClientChange(old, new, clients)


def changes_at_doors(before: Snapshot, after: Snapshot, doors: Iterable[Connection]) -> tuple[DoorDiff, ...]:
    """
    What changes at these doors, their clients left out; those where nothing does are left out.

    Nodes and pods are those that are in both snapshots, and so are addresses outside.

    Raises:
        InvalidInputError, UnknownNameError: A door cannot be asked for, or is not in one of the snapshots.
        TooComplexError: The rules overlap in too many ways, or more than `MOST` connections are to be compared.
    """
    asked = tuple(doors)
    names = {*sources_of(before)}
    sources = [each for each in sources_of(after) if each in names]
    if len(asked) * len(sources) > MOST:
        raise TooComplexError(
            "{sources} nodes and pods have {count} connections to compare, more than {most}",
            remedy="Compare one door: --to pod/NAMESPACE/NAME --port N",
            sources=len(sources),
            count=len(asked) * len(sources),
            most=MOST,
        )
    found = (_at_door(before, after, each, sources) for each in asked)
    return tuple(each for each in found if each)


def doors_in_both(before: Snapshot, after: Snapshot) -> Iterator[Connection]:
    """Every port of every Service by its ClusterIP, and every port that a pod declares, in both snapshots."""
    others = {(each.door, each.port, each.protocol) for each in _doors_of(before)}
    yield from (each for each in _doors_of(after) if (each.door, each.port, each.protocol) in others)


def _doors_of(snapshot: Snapshot) -> Iterator[Connection]:
    for service in snapshot.kubernetes.services:
        for port in service.ports if service.cluster_address else ():
            yield Connection(client="", door=f"svc/{service.name}", port=port.port, protocol=port.transport)
    pods = {name.removeprefix("pod/") for name in sources_of(snapshot) if name.startswith("pod/")}
    for name in sorted(pods):
        for transport, number in sorted(snapshot.kubernetes.pods[name].declared):
            if transport in ("TCP", "UDP"):
                yield Connection(client="", door=f"pod/{name}", port=number, protocol=transport)


def _at_door(before: Snapshot, after: Snapshot, asked: Connection, sources: Sequence[str]) -> DoorDiff:
    old, new = (_fates(each, asked, sources) for each in (before, after))
    changed: dict[tuple[Verdict, Verdict], list[str]] = {}
    for source in (each for each in old if each in new and old[each] is not new[each]):
        changed.setdefault((old[source], new[source]), []).append(source)
    inside = tuple(SourceChange(*ends, tuple(named)) for ends, named in changed.items())
    outside = tuple(client_changes(*(_by_verdict(reach_outside(each, asked)) for each in (before, after))))
    return DoorDiff(asked.door, asked.port, asked.protocol or "TCP", outside, inside)


def _fates(snapshot: Snapshot, asked: Connection, sources: Sequence[str]) -> dict[str, Verdict]:
    """The verdict of each source."""
    classes = reach_inside(snapshot, asked, sources)
    return {source: each.trace.verdict for each in classes for source in each.sources}


def _by_verdict(reached: Iterable[Reach]) -> Fates:
    """The addresses outside, of all families, by verdict."""
    found = dict.fromkeys(Verdict, EMPTY)
    for each in reached:
        for verdict in Verdict:
            found[verdict] |= each.clients(verdict)
    return found
