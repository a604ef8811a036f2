"""Whatever moment the process that plays is killed at, everything that it had acknowledged is in the log."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Action, Changed, Header
from drilllib.core.practice.looks import Look, LookKind
from drilllib.practice import log as logs
from drilllib.practice.session import Session
from drilllib.practice.worlds import find_world
from tests.thorough import how_many

NAMED = Header(drill="node-source", seed=7, level=1, engine="", world="", started="")
MOMENTS = 50


def clock() -> str:
    return "2026-11-30T04:00:00Z"


def script(world: World) -> Iterator[Callable[[Session], object]]:
    """An attempt, a step after the other: looks, two statements, a change, its undoing, the change again."""
    for kind, place in ((LookKind.CURL, "client"), (LookKind.HEALTH, ""), (LookKind.KUBECTL, "pods")):
        yield partial(Session.look, look=Look(kind, place))
    yield lambda session: session.state([])
    yield lambda session: session.state(world.causes)
    for snapshot in (world.reference, world.snapshot, world.reference):
        yield lambda session, there=snapshot: session.edit(there)
        yield Session.probe
    yield Session.finish


def play(path: Path, acknowledge: Callable[[int], None]) -> None:
    """The whole attempt; *acknowledge* is told of each step once it returned."""
    world = find_world(NAMED)
    with Session.begin(world, path, clock=clock) as session:
        acknowledge(0)
        for number, step in enumerate(script(world), 1):
            step(session)
            acknowledge(number)


def plain(actions: tuple[Action, ...]) -> list[object]:
    """The actions, to be compared: lists and tuples of operations are alike."""
    return [(each.number, list(each.patch)) if isinstance(each, Changed) else each for each in actions]


def child(path: Path, pipe: int) -> None:
    """Play, each step acknowledged by a byte in the pipe; never returns."""
    try:
        play(path, lambda number: os.write(pipe, bytes([number])) and None)
    finally:
        os._exit(0)


def killed_after(path: Path, steps: int, seconds: float) -> int:
    """
    Begin to play in a process of its own; kill it so long after so many steps were acknowledged.

    How many were when it ended, -1 for none; the beginning of the log is the step 0.
    """
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read)
        child(path, write)
    os.close(write)
    told = b""
    while len(told) <= steps - 1 and (more := os.read(read, 1)):
        told += more
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(read, 100):
        told += more
    os.close(read)
    return told[-1] if told else -1


def test_nothing_acknowledged_is_lost_at_whatever_moment_it_is_killed(tmp_path: Path) -> None:
    """At moments all over an attempt; what is left goes on to the end, and passes."""
    whole, random = tmp_path / "whole.jsonl", Random(17)
    play(whole, lambda number: None)
    expected = plain(logs.read(whole).actions)
    seen, moments = set(), how_many(MOMENTS // 2, thorough=MOMENTS)
    for moment in range(moments):
        path = tmp_path / f"{moment}.jsonl"
        acknowledged = killed_after(path, moment % (len(expected) + 1), random.random() * 0.004)
        seen.add(acknowledged)
        if acknowledged >= 0:
            found = plain(logs.read(path).actions)
            assert acknowledged <= len(found) <= acknowledged + 1
            assert found == expected[: len(found)]
            resume(path, len(found))
            assert logs.read(path).finished
    print(f"killed at {moments} moments, after {sorted(seen)} of {len(expected)} steps")
    assert len(seen) > len(expected) // 2


def resume(path: Path, done: int) -> None:
    """Go on with the attempt where it was."""
    world = find_world(NAMED)
    with Session.resume(path, clock=clock) as session:
        for step in list(script(world))[done:]:
            step(session)
        assert session.grade is not None
        assert session.grade.passed
