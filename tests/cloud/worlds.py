"""Worlds with a planted fault, and what a diagnosis of one has to find."""

from collections.abc import Iterator
from typing import Any

from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.blockers import Blocker
from drilllib.practice import library

PLANTED = [(name, seed) for seed in range(2) for name in library.names()]  # 48, of every kind and of none
HOPS = {CauseKind.LISTENER: "clb", CauseKind.WEIGHT: "clb", CauseKind.TARGET_PORT: "pod"}


def world_of(name: str, seed: int) -> World:
    """The world that a drill of practice makes of a seed, at one of its levels."""
    drill = library.drill(name)
    return make_world(drill, seed, drill.levels[seed % len(drill.levels)])


def diagnosed(world: World, snapshot: Snapshot) -> Diagnosis:
    """What is found in *snapshot* for the client that the world is about."""
    return diagnose(snapshot, world.question, [world.question.client])


def stops(found: Diagnosis) -> set[tuple[Any, ...]]:
    """Where requests stop, and by which rule; pods that fare alike count as one."""
    return set(map(_stop, found.clients[0].answer.blockers))


def _stop(each: Blocker) -> tuple[Any, ...]:
    check = each.check
    return str(each.hop), each.reason, check and (check.direction, check.groups, check.group, check.policy_index)


def require_found(world: World, snapshot: Snapshot) -> None:
    """In *snapshot* it is found what was planted in *world*, and what the engine says of the world itself."""
    found, true = diagnosed(world, snapshot), diagnosed(world, world.snapshot)

    assert (found.verdict, stops(found)) == (true.verdict, stops(true))
    for cause in world.causes:
        assert any(_names(each, cause) for each in _blockers(found)), cause
    assert found.repair is not None
    assert true.repair is not None
    assert found.repair.best == true.repair.best  # and whom it lets in besides


def _blockers(found: Diagnosis) -> Iterator[Blocker]:
    """What stops requests, and what stops probes."""
    answer = found.clients[0].answer
    yield from answer.blockers
    yield from (each.blocker for each in answer.health if each.blocker)


def _names(blocker: Blocker, cause: Cause) -> bool:
    if cause.kind is not CauseKind.GROUP:
        return str(blocker.hop) == HOPS.get(cause.kind, "node")
    check = blocker.check
    if check is None or str(check.direction) != str(cause.direction):
        return False
    if cause.rule is None:
        return cause.group in check.groups
    return (check.group, check.policy_index) == (cause.group, cause.rule)
