"""
Hypotheses: what could be wrong behind a ticket, and what the looks so far leave of that.

At levels with one fault a hypothesis is out once a look shows something else than it would. Where there may be several
faults, each changes what the others would show. What stands in the objects themselves shows all the same: there a
hypothesis is out whose own difference from the healthy world is not to be seen. Of packets it is out where they get
further than it would let them.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from enum import StrEnum

from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.question import Connection
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.looks import Evidence, Look, LookKind, offered, see
from drilllib.core.practice.rows import Row
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.path import SymptomKind
from drilllib.errors import InvalidInputError

SEVERAL = 3  # the level from which a world may have more than one fault
OF_OBJECTS = (LookKind.HEALTH, LookKind.RULES, LookKind.GROUPS, LookKind.KUBECTL)  # at least for the most part


class CausePlace(StrEnum):
    """Where on a request's way a cause is, in the order met. Codes are never renamed, only added."""

    SOURCE = "source"
    """What may leave who asks, of a connection to a door."""
    ENTRY = "entry"
    """What the node lets in whose NodePort is asked directly."""
    CLB = "clb"
    NODE = "node"
    SERVICE = "service"
    POD = "pod"
    DOOR = "door"
    """What the far end of a connection lets in."""
    NOWHERE = "nowhere"
    """Nothing is wrong."""


_PLACES = {
    CauseKind.LISTENER: CausePlace.CLB,
    CauseKind.WEIGHT: CausePlace.CLB,
    CauseKind.STOPPED: CausePlace.NODE,
}
_BY_PREFIX = {"lb": CausePlace.CLB, "ins": CausePlace.NODE, "eni": CausePlace.POD}


def place_of(cause: Cause, world: World) -> CausePlace:
    """Where the cause is: of a group by the interface that it is bound to, at a door also by its direction."""
    if isinstance(world.question, Connection):
        return _of_connection(cause, world, world.question)
    if cause.kind is CauseKind.GROUP:
        return _BY_PREFIX[cause.resource.partition("-")[0]]
    return _PLACES.get(cause.kind, CausePlace.SERVICE)


def _of_connection(cause: Cause, world: World, asked: Connection) -> CausePlace:
    if cause.direction is Direction.EGRESS:
        return CausePlace.SOURCE
    door = both_ends(world.snapshot, asked.client, asked.door)[1]
    is_node = world.snapshot.interfaces.is_node(door)
    at_door = world.snapshot.interfaces.resource_at(door) in (cause.resource, *cause.alike)
    return CausePlace.ENTRY if is_node and at_door else CausePlace.DOOR


def first_place(world: World) -> CausePlace:
    """Where the first of the world's causes is that a request comes to."""
    order = list(CausePlace)
    return min((place_of(each, world) for each in world.causes), key=order.index, default=CausePlace.NOWHERE)


class Hypotheses:
    """
    What could be wrong, each as the world that has it alone; one is the healthy world.

    *worlds* are those that a drill, a seed and a level could have been; the first is the one that it is, be it with
    several causes. What a look would show of each is found once, when it is asked for.
    """

    def __init__(self, worlds: Sequence[World]) -> None:
        self.world = worlds[0]
        self.worlds = tuple(each for each in worlds if len(each.causes) < 2)
        self.looks = offered(self.world.snapshot, self.world.question)
        self._healthy = next(place for place, each in enumerate(self.worlds) if not each.causes)
        self.true = tuple(filter(self._is_true, self.all))
        self._seen: dict[tuple[int, Look], tuple[Row, ...]] = {}

    @property
    def telling(self) -> tuple[Look, ...]:
        """The looks that tell hypotheses apart: where there may be several faults, those at the objects themselves."""
        several = self.world.level >= SEVERAL
        return tuple(look for look in self.looks if not several or look.kind in OF_OBJECTS)

    @property
    def all(self) -> tuple[int, ...]:
        """Every hypothesis, by its place in *worlds*."""
        return tuple(range(len(self.worlds)))

    def shown(self, place: int, look: Look) -> tuple[Row, ...]:
        """What the look would show of one hypothesis; nothing where that cannot be told."""
        key = place, look
        if key not in self._seen:
            with suppress(InvalidInputError):
                self._seen[key] = see(self.worlds[place].snapshot, self.world.question, look).seen
        return self._seen.setdefault(key, ())

    def of_world(self, look: Look) -> Evidence:
        """What it shows of the world as it is."""
        return see(self.world.snapshot, self.world.question, look)

    def left(self, among: Iterable[int], *evidence: Evidence) -> tuple[int, ...]:
        """Those hypotheses *among* some that no evidence rules out; never one that is true."""
        return tuple(
            place for place in among if place in self.true or not any(self._is_out(place, it) for it in evidence)
        )

    def _is_true(self, place: int) -> bool:
        """Is it what the world has, or one of the things that it has?"""
        causes, own = self.worlds[place].causes, self.world.causes
        return causes == own or (bool(causes) and causes[0] in own)

    def _is_out(self, place: int, evidence: Evidence) -> bool:
        look, seen = evidence.look, evidence.seen
        shown, healthy = self.shown(place, look), self.shown(self._healthy, look)
        if shown in (seen, ()):
            return False
        if self.world.level < SEVERAL or place == self._healthy or seen == healthy:
            return True
        if look.kind not in OF_OBJECTS:
            return not _got(seen) & _got(healthy) <= _got(shown)
        its, usual, now = map(_of_objects, (shown, healthy, seen))
        return not (its - usual <= now and now.isdisjoint(usual - its))

    def parts(self, among: Sequence[int], look: Look) -> list[list[int]]:
        """Hypotheses in classes that the look does not tell apart; all in one where it cannot be told of some."""
        found: dict[tuple[Row, ...], list[int]] = {}
        for place in among:
            found.setdefault(self.shown(place, look), []).append(place)
        return [list(among)] if () in found else list(found.values())


def _of_objects(rows: Iterable[Row]) -> frozenset[Row]:
    """What stands in the objects, whatever becomes of packets."""
    return frozenset(Row(each.about, tuple(cell for cell in each.cells if cell[0] != "health")) for each in rows)


def _got(rows: Iterable[Row]) -> frozenset[tuple[str, ...]]:
    """How far requests got: where a first packet was seen, and whether the CLB itself answered."""
    packets = {(each["way"], each["source"], each["destination"]) for each in rows if each["flags"] in ("S", "UDP")}
    answered = {("answered",) for each in rows if each["kind"] == SymptomKind.HTTP}
    return frozenset(packets | answered)
