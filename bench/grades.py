"""
Grades: what an attempt's log takes, as a ratio to one `trace` of its world in the same run, and beside nbgrader.

nbgrader runs a notebook anew for each submission: 1.2 to 1.4 s each, as its users measure.
"""

import json
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from bench.table import duration, seconds_of
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Action, Changed, Finished, Header, Looked, Stated
from drilllib.core.practice.lines import action_dict
from drilllib.core.practice.looks import Look, LookKind
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_rules
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.request import trace
from drilllib.practice.graded import graded
from drilllib.practice.library import drills
from drilllib.practice.worlds import Worlds

ATTEMPTS, CLASS, FEW = 1000, 25, 40  # attempts in all, attempts at one world, worlds that nobody has graded before
PEER_S = (1.2, 1.4)
COLUMNS = ("grades", "each", "of one trace", "nbgrader takes")


def rows() -> Iterator[tuple[str, ...]]:
    """A class's attempts at some worlds, then attempts at worlds that are new, in whose time they are made."""
    with tempfile.TemporaryDirectory() as folder:
        worlds, logs = Worlds(), list[Path]()
        for number, header in enumerate(_headers(ATTEMPTS // CLASS)):
            for each in range(CLASS):
                logs.append(Path(folder, f"{number}-{each}.jsonl"))
                logs[-1].write_text(_log(worlds, header, each), encoding="ascii")
        traced = _traced([worlds.world(header) for header in _headers(ATTEMPTS // CLASS)])
        for header in _headers(ATTEMPTS // CLASS):
            worlds.yardstick(header)
            worlds.plan(header)
        known = seconds_of(lambda: [graded(path, worlds) for path in logs]) / ATTEMPTS
        new = seconds_of(lambda: [graded(path, Worlds()) for path in logs[::CLASS][:FEW]]) / FEW
    for what, seconds in ((f"{ATTEMPTS} attempts, {CLASS} at a world", known), (f"{FEW}, each at a new world", new)):
        peer = " to ".join(f"{each / seconds:.0f}x" for each in PEER_S)
        yield what, duration(seconds), f"{seconds / traced:.1f}x", peer


def _headers(count: int) -> Iterator[Header]:
    for seed, drill in enumerate(islice(cycle(drills()), count)):
        yield Header(drill=drill.name, seed=seed, level=1 + seed % 3, engine="", world="", started="")


def _traced(worlds: list[World]) -> float:
    """Of one trace; each world is read anew, so that nothing of it is remembered."""
    fresh = [(Snapshot(each.snapshot.to_dict()), each.question) for each in worlds]
    return seconds_of(lambda: [trace(snapshot, question) for snapshot, question in fresh]) / len(fresh)


def _log(worlds: Worlds, header: Header, number: int) -> str:
    """An attempt: four looks, the causes, and the reference, a group opened to everybody, or both."""
    world = worlds.world(header)
    looks = [LookKind.CURL, LookKind.HEALTH, LookKind.KUBECTL, LookKind.KUBECTL]
    actions: list[Action] = [Looked(Look(kind, "client"), 1) for kind in looks]
    actions.append(Stated(world.causes))
    now = world.snapshot
    for then in islice((_opened(now, number), world.reference), number % 2, 2):
        actions.append(Changed(0, difference(now.to_dict(), then.to_dict())))
        now = then
    told = [{"n": place, "at": "", **action_dict(each)} for place, each in enumerate([*actions, Finished()], 1)]
    first = {**header.to_dict(), "world": worlds.digest(header)}
    return "".join(json.dumps(each) + "\n" for each in (first, *told))


def _opened(snapshot: Snapshot, number: int) -> Snapshot:
    name = list(snapshot.groups)[number % len(snapshot.groups)]
    rules = snapshot.group(name).rules(Direction.INGRESS) or ()
    return with_rules(snapshot, name, Direction.INGRESS, (rule_from_text("ACCEPT ALL 0.0.0.0/0 ALL"), *rules))
