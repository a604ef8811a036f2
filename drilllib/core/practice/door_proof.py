"""The proof of a world about a door, by the engine: `core.practice.proof` says what is proved."""

from collections.abc import Iterable, Iterator, Sequence

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.practice.doors import Dropped, connects, dropping
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import Message


def proved_door(world: World, alone: Sequence[World]) -> Iterator[Message]:
    """What speaks against the world; *alone* are those in which every cause but one is mended."""
    if not all(connects(world.reference, each) for each in world.connections):
        yield Message("After the reference repair not all who are served get through")
    met = trace(world.snapshot, world.question).verdict
    if met is Verdict.UNDETERMINED:
        yield Message("It cannot be told what the client meets")
    elif met is Verdict.REACHABLE:
        yield Message("The client gets through, and the targets are as they should be")
    for each in alone:
        if all(connects(each.snapshot, asked) for asked in each.connections):
            yield Message("With {cause} alone nothing is broken", cause=_named(each.causes[0]))
        if not _agrees(each):
            yield Message("The engine finds other rules than {cause}", cause=_named(each.causes[0]))
    if not _agrees(world):
        yield Message("The engine finds other rules than the causes")


def _agrees(world: World) -> bool:
    """Is every list that drops a connection one of a cause's, and each cause found at its first resource?"""
    asked = (each for each in world.connections if isinstance(world.question, Connection))
    found = {place for each in asked for place in dropping(world.snapshot, each)}
    firsts = {_place(each, each.resource) for each in world.causes}
    return firsts <= found <= set(_stated(world.causes))


def _stated(causes: Iterable[Cause]) -> Iterator[Dropped]:
    for cause in causes:
        yield from (_place(cause, each) for each in (cause.resource, *cause.alike))


def _place(cause: Cause, resource: str) -> Dropped:
    return resource, "" if cause.rule is None else cause.group, str(cause.direction), cause.rule


def _named(cause: Cause) -> Message:
    return Message("{kind} at {resource}", kind=cause.kind, resource=cause.resource)
