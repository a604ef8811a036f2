"""
What changes between two moments: flows that groups accept or no longer accept, clients that fare otherwise.

Everything is exact. What is not known on either side is kept apart from what is surely gained or lost.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from typing import Any

from drilllib.core.connection.question import Connection
from drilllib.core.facts import Fact
from drilllib.core.plain import plain
from drilllib.core.reach.changes import ClientChange, DoorDiff, Fates, changes_at_doors, client_changes
from drilllib.core.reach.clients import Reach, reach
from drilllib.core.reach.ports import ports_asked
from drilllib.core.reach.resources import accepted_by_list, facts_of_groups, facts_of_resources
from drilllib.core.rules.rules import Action, Direction, SecurityGroup
from drilllib.core.sets.accepted import Accepted, accepted
from drilllib.core.sets.boxes import blocks_of, boxes
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.verdict import Verdict

SCHEMA = "drilllib/diff/1"
ABSENT = "absent"
Groups = tuple[str, ...] | None  # see `Snapshot.bound_groups`
NOTHING = Accepted(EMPTY, EMPTY)  # what a resource that is not there accepts
_PARTS = {"SecureGroups": "load_balancers", "SecurityGroupIds": "instances", "GroupSet": "network_interfaces"}


@dataclass(frozen=True, slots=True)
class FlowChange:
    """Flows that were decided one way and now are another."""

    before: Action
    after: Action
    flows: FlowSet

    @property
    def kind(self) -> str:
        """``gained``, ``lost``, or ``other`` where one side is undetermined."""
        if Action.UNDETERMINED in (self.before, self.after):
            return "other"
        return "gained" if self.after is Action.ACCEPT else "lost"


@dataclass(frozen=True, slots=True)
class AcceptedDiff:
    """
    What changes for those resources in one direction; no resources where two groups were compared.

    *gaps*: the facts without which flows are undetermined on either side.
    """

    resources: tuple[str, ...]
    direction: Direction
    changes: tuple[FlowChange, ...]
    gaps: tuple[Fact, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Resources and direction, and each kind of change as disjoint boxes."""
        found: dict[str, list[dict[str, Any]]] = {"gained": [], "lost": [], "other": []}
        for each in self.changes:
            ends = {"before": each.before, "after": each.after} if each.kind == "other" else {}
            found[each.kind] += [{**ends, **box.to_dict()} for box in boxes(each.flows)]
        gaps = [str(gap) for gap in self.gaps]
        return {"resources": list(self.resources), "direction": self.direction, **found, "gaps": gaps}


@dataclass(frozen=True, slots=True)
class ServiceDiff:
    """
    What changes for the clients of one port of a Service.

    *vips* are before and after, None where not known. *undetermined*: the clients of whom neither side can tell;
    *gaps* the facts without which they, and those of *changes*, are undetermined.
    """

    service: str
    port: int | None
    protocol: str | None
    vips: tuple[str | None, str | None]
    changes: tuple[ClientChange, ...]
    undetermined: FlowSet
    gaps: tuple[Fact, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        asked = {"service": self.service, "port": self.port, "protocol": self.protocol, "vips": list(self.vips)}
        changes = [each.to_dict() for each in self.changes]
        unknown = {"undetermined": list(blocks_of(self.undetermined)), "gaps": list(map(str, self.gaps))}
        return {**asked, "changes": changes, **unknown}


@dataclass(frozen=True, slots=True)
class Names:
    """Resources and Services that are in only one of two snapshots."""

    resources: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.resources or self.services)

    def to_dict(self) -> dict[str, Any]:
        """Both lists."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """
    All that changes; false where nothing does. *services* also lists ports of which neither side can tell all; *doors*
    are those that were asked about.
    """

    accepted: tuple[AcceptedDiff, ...]
    services: tuple[ServiceDiff, ...] = ()
    added: Names = Names()
    removed: Names = Names()
    doors: tuple[DoorDiff, ...] = ()

    def __bool__(self) -> bool:
        changed = self.accepted or self.added or self.removed or self.doors
        return bool(changed or any(each.changes for each in self.services))

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/diff/1` document."""
        return {"schema": SCHEMA, **plain(self)}


def changes_between(before: Accepted, after: Accepted) -> tuple[FlowChange, ...]:
    """
    The flows that are decided otherwise; none overlap.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    if before == after:
        return ()
    accept, drop, unknown = Action.ACCEPT, Action.DROP, Action.UNDETERMINED
    found = (
        FlowChange(drop, accept, after.sure - before.possible),
        FlowChange(accept, drop, before.sure - after.possible),
        FlowChange(unknown, accept, after.sure & before.unknown),
        FlowChange(accept, unknown, before.sure & after.unknown),
        FlowChange(unknown, drop, before.unknown - after.possible),
        FlowChange(drop, unknown, after.unknown - before.possible),
    )
    return tuple(each for each in found if each.flows)


def difference_of_groups(before: SecurityGroup, after: SecurityGroup) -> Difference:
    """What two groups accept otherwise, in both directions; see `changes_between` for the error."""
    found = []
    for way in Direction:
        changes = changes_between(accepted([before], way), accepted([after], way))
        gaps = _gaps(changes, partial(_facts_of_group, (before, after), way))
        found += [AcceptedDiff((), way, changes, gaps)] if changes else []
    return Difference(tuple(found))


def _facts_of_group(
    groups: tuple[SecurityGroup, SecurityGroup], way: Direction, side: int, flows: FlowSet
) -> Iterator[Fact]:
    return facts_of_groups([groups[side]], way, flows)


def _gaps(changes: Iterable[FlowChange], facts: Callable[[int, FlowSet], Iterable[Fact]]) -> tuple[Fact, ...]:
    """What is missing on the sides, 0 and 1, where flows are undetermined."""
    unknown = (
        (side, each.flows)
        for each in changes
        for side, action in enumerate((each.before, each.after))
        if action is Action.UNDETERMINED
    )
    return tuple(dict.fromkeys(fact for side, flows in unknown for fact in facts(side, flows)))


def difference_of_snapshots(before: Snapshot, after: Snapshot, doors: Iterable[Connection] = ()) -> Difference:
    """
    What changes for every CLB, instance and interface, for the clients of every Service in both, and at *doors*.

    A resource that is in one snapshot only accepts nothing in the other, or what nobody knows where the other's part
    was not read.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    bound = _bound(before, after), _bound(after, before)
    named = before.service_names(), after.service_names()
    common = [name for name in named[0] if name in named[1]]
    read = before.has("kubernetes") and after.has("kubernetes")
    added, removed = (_only(named[1], named[0]), _only(named[0], named[1])) if read else ((), ())
    return Difference(
        accepted=tuple(_of_resources((before, after), bound)),
        services=tuple(one for name in sorted(common) for one in _of_service(before, after, name)),
        added=Names(_only(bound[1], bound[0]), added),
        removed=Names(_only(bound[0], bound[1]), removed),
        doors=changes_at_doors(before, after, doors),
    )


def _bound(mine: Snapshot, other: Snapshot) -> dict[str, Groups]:
    """The groups of every resource; those of the other snapshot count as not read where their part was not read."""
    theirs = bindings(other.to_dict()).items()
    return {name: None for name, (_, field) in theirs if not mine.has(_PARTS[field])} | mine.bound_groups()


def _only(names: Iterable[str], others: Container[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if name not in others))


def _of_resources(
    snapshots: tuple[Snapshot, Snapshot], bound: tuple[dict[str, Groups], dict[str, Groups]]
) -> Iterator[AcceptedDiff]:
    """Resources with equal changes together; lists of groups that many of them share are compared once."""

    @cache
    def changes(lists: tuple[Groups | str, ...], way: Direction) -> tuple[FlowChange, ...]:
        return changes_between(*(_accepted(*each, way) for each in zip(snapshots, lists, strict=True)))

    found: dict[tuple[Direction, tuple[FlowChange, ...]], list[str]] = {}
    for resource, way in product(sorted({*bound[0], *bound[1]}), Direction):
        changed = changes(tuple(side.get(resource, ABSENT) for side in bound), way)
        if changed:
            found.setdefault((way, changed), []).append(resource)
    for (way, changed), resources in found.items():

        def facts(side: int, flows: FlowSet, resources: list[str] = resources, way: Direction = way) -> Iterator[Fact]:
            listed = [(name, bound[side][name]) for name in resources if name in bound[side]]
            return facts_of_resources(snapshots[side], listed, way, flows)

        yield AcceptedDiff(tuple(resources), way, changed, _gaps(changed, facts))


def _accepted(snapshot: Snapshot, groups: Groups | str, way: Direction) -> Accepted:
    return NOTHING if groups is ABSENT else accepted_by_list(snapshot, groups, way)


def _of_service(before: Snapshot, after: Snapshot, name: str) -> Iterator[ServiceDiff]:
    """One part for each port and family, where there is something to tell."""
    question = Question(service=name)
    ports = {*ports_asked(before, question), *ports_asked(after, question)}
    for port, protocol in sorted(ports, key=lambda each: (each[0] or 0, each[1] or "")):
        asked = replace(question, port=port, protocol=protocol)
        old, new = ({one.family: one for one in reach(each, asked)} for each in (before, after))
        for family in _families(old, new):
            sides = [_by_verdict(mine, family, old | new) for mine in (old, new)]
            changes = tuple(client_changes(*sides))
            unknown = sides[0][Verdict.UNDETERMINED] & sides[1][Verdict.UNDETERMINED]
            if changes or unknown:
                vips = _vip(old.get(family)), _vip(new.get(family))
                gaps = _gaps_of_clients(mine[family] for mine in (old, new) if family in mine)
                yield ServiceDiff(name, port, protocol, vips, changes, unknown, gaps)


def _vip(reached: Reach | None) -> str | None:
    return reached.question.vip if reached else None


def _gaps_of_clients(reached: Iterable[Reach]) -> tuple[Fact, ...]:
    """What is missing for the clients of whom nobody can tell."""
    classes = (each.trace for one in reached for each in one.classes)
    return tuple(dict.fromkeys(gap for each in classes if each.verdict is Verdict.UNDETERMINED for gap in each.gaps))


def _families(old: Mapping[int, Reach], new: Mapping[int, Reach]) -> list[int]:
    """The families that either load balancer serves; where one is not known, the other's."""
    known = {family for side in (old, new) for family, each in side.items() if each.question.vip}
    return sorted(known or {*old, *new})


def _by_verdict(mine: Mapping[int, Reach], family: int, either: Mapping[int, Reach]) -> Fates:
    """The clients of one family by verdict; where it is served in the other snapshot only, all fare alike here."""
    if family in mine:
        return {verdict: mine[family].clients(verdict) for verdict in Verdict}
    known = any(each.question.vip for each in mine.values())
    fate = Verdict.UNREACHABLE if known else Verdict.UNDETERMINED
    everyone = either[family].clients(*Verdict)
    return {verdict: everyone if verdict is fate else EMPTY for verdict in Verdict}
