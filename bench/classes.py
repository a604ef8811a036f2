"""
A class: attempts of simulated learners handed in, graded and on the board, against the floor of reading the files.

Learners are of five kinds: who states anything and repairs nothing, who says that nothing is wrong, who always blames
the CLB's groups and is lucky with the repair, who finds the cause by halving the way and leaves it, who repairs it.
`CLASS_SIZES="1000"` says how many learners, `CLASS_WORLDS="each 50"` how many worlds of a drill, `CLASS_WORKERS=1` by
how many processes they are graded. Making up what learners did is not measured.
"""

import json
import os
import resource
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random

from bench.table import duration, seconds_of
from drilllib.classes.board import board
from drilllib.classes.dask_engine import judged
from drilllib.classes.grader import grade_all
from drilllib.classes.handed_in import collect
from drilllib.classes.handed_out import hand_out
from drilllib.classes.place import GRADES, Place, made
from drilllib.classes.store import Store
from drilllib.classes.tally import counted
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.attempt import Action, Changed, Finished, Looked, Stated
from drilllib.core.practice.lines import action_dict
from drilllib.core.practice.looks import Look, LookKind, offered, see
from drilllib.core.practice.replay import header_of
from drilllib.core.practice.signed import mac_of, with_mac
from drilllib.core.practice.statements import statable
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.patch import difference
from drilllib.practice.library import drill, names
from drilllib.practice.start import Start, Task
from drilllib.views.text.looks import evidence_text
from tests.core.solver_by_looks import Solver

DRILLS = 12
SIZES = tuple(int(each) for each in os.environ.get("CLASS_SIZES", "25 50").split())
WORLDS = tuple(None if each == "each" else int(each) for each in os.environ.get("CLASS_WORLDS", "each 10").split())
WORKERS = int(os.environ.get("CLASS_WORKERS", "0")) or None  # one a core
KINDS = ("random", "nothing wrong", "always the CLB", "halving, no repair", "halving")
_TIMES = ("hand-out", "hand-in", "grading", "each", "CPU each", "of reading", "on Dask")
COLUMNS = ("class", "attempts", *_TIMES, "passed", "again", "board")


def rows() -> Iterator[tuple[str, ...]]:
    """Classes with a world for everybody, then those in which worlds are shared."""
    for worlds in WORLDS:
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                yield _row(Path(folder), size, worlds)


def _row(folder: Path, size: int, worlds: int | None) -> tuple[str, ...]:
    place, attempts = _class(folder, size, worlds), size * DRILLS
    handed_out = seconds_of(lambda: hand_out(place, folder / "starts"))
    _play(folder, place)
    taken = seconds_of(lambda: collect(place, [folder / "starts"]))
    floor = seconds_of(lambda: [each.read_bytes() for each in place.handed_in.rglob("*.jsonl")])
    before = _cpu_seconds()
    graded = seconds_of(lambda: grade_all(place, workers=WORKERS))
    cpu = _cpu_seconds() - before
    again = seconds_of(lambda: grade_all(place))
    shown = seconds_of(lambda: _board(place))
    with Store(place.grades) as store:
        passed = sum(each.passed for each in store.verdicts())
    dask = _on_dask(place) if size == SIZES[-1] and worlds is None else None
    what = f"{size} x {DRILLS}, " + ("a world each" if worlds is None else f"{worlds} worlds a drill")
    times = (
        duration(handed_out),
        duration(taken),
        duration(graded),
        duration(graded / attempts),
        duration(cpu / attempts),
    )
    last = dask or "", str(passed), duration(again), duration(shown)
    return what, str(attempts), *times, f"{graded / floor:.0f}x", *last


def _cpu_seconds() -> float:
    """What this process has taken, and those that it waited for: other work on the machine is not in it."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _on_dask(place: Place) -> str:
    """How long workers of Dask take here, their start in it; the rows have to be those that are there."""
    with Store(place.grades) as store:
        known = list(store.verdicts())
    (place.folder / GRADES).unlink()
    taken = seconds_of(lambda: grade_all(place, engine=judged))
    with Store(place.grades) as store:
        if list(store.verdicts()) != known:
            raise SystemExit("Dask and the pool give other rows")
    return duration(taken)


def _board(place: Place) -> None:
    with Store(place.grades) as store:
        board(place.plan, counted(place.plan, store.verdicts()))


def _class(folder: Path, size: int, worlds: int | None) -> Place:
    """A class of that many learners."""
    items = [{"drill": each, **({"worlds": worlds} if worlds else {})} for each in names()[:DRILLS]]
    document = {"schema": "drilllib/class/1", "name": "bench", "roster": "bench.csv", "drills": items}
    (folder / "bench.json").write_text(json.dumps(document), "utf-8")
    (folder / "bench.csv").write_text("learner\n" + "".join(f"l{each:05}\n" for each in range(size)), "utf-8")
    return made(str(folder / "bench.json"))


def _play(folder: Path, place: Place) -> None:
    """Everybody plays everything."""
    for number, learner in enumerate(place.plan.learners):
        start = place.secret.start(place.plan, learner)
        for task in start.tasks:
            log = folder / "starts" / learner / "practice" / f"{task.drill}.jsonl"
            log.write_text(_log(start, task, KINDS[number % len(KINDS)]), "ascii")


def _log(start: Start, task: Task, kind: str) -> str:
    """The learner's signed log of the task."""
    world = _world(task)
    header = {**_header(task), "learner": start.learner}
    actions = [*_looks(kind, task), Stated(tuple(_stated(kind, task))), *_repair(kind, world), Finished()]
    told = [{"n": n, "at": f"2026-11-30T04:00:{n:02}Z", **action_dict(each)} for n, each in enumerate(actions, 1)]
    lines, before = list[str](), ""
    for text in map(json.dumps, (header, *told)):
        before = mac_of(start.secret, before, text.encode())
        lines.append(with_mac(text, before) + "\n")
    return "".join(lines)


@lru_cache(maxsize=1024)  # of worlds that are shared all, of others the last
def _world(task: Task) -> World:
    return make_world(drill(task.drill), task.seed, task.level)


@lru_cache(maxsize=1024)  # of worlds that are shared all, of others the last
def _header(task: Task) -> dict[str, object]:
    return header_of(_world(task), "bench", "2026-11-30T04:00:00Z").to_dict()


@lru_cache(maxsize=1024)  # of worlds that are shared all, of others the last
def _halved(task: Task) -> tuple[tuple[Look, ...], tuple[Cause, ...]]:
    """What the solver of the tests looks at, which reads only what looks print, and what it states."""
    world, taken = _world(task), list[Look]()

    def look(kind: str, place: str) -> str:
        taken.append(Look(LookKind(kind), place))
        return evidence_text(see(world.snapshot, world.question, taken[-1]), "en")

    menu: dict[str, list[str]] = {kind: [] for kind in LookKind}
    for each in offered(world.snapshot, world.question):
        menu[each.kind].append(each.place)
    ticket = world.ticket["en"]
    found = Solver(f"{ticket['title']}. {ticket['text']}", menu, look).solve()
    causes = (
        Cause(
            kind=CauseKind(each.kind),
            resource=each.resource,
            group=each.group,
            direction=Direction(each.direction) if each.direction else None,
            rule=each.rule,
        )
        for each in found
    )
    return tuple(taken), tuple(causes)


def _looks(kind: str, task: Task) -> Iterator[Looked]:
    looks = _halved(task)[0] if kind.startswith("halving") else (Look(LookKind.CURL, "client"),)
    return (Looked(each, each.price) for each in looks)


def _stated(kind: str, task: Task) -> Sequence[Cause]:
    world, draws = _world(task), Random(task.seed)
    if kind.startswith("halving"):
        return _halved(task)[1]
    if kind == "nothing wrong":
        return ()
    resources = [each for each in statable(world.snapshot)[CauseKind.GROUP] if kind == "random" or each[:3] == "lb-"]
    resource = draws.choice(resources)
    group = draws.choice(world.snapshot.bound_groups()[resource] or ("",))
    return (Cause(kind=CauseKind.GROUP, resource=resource, group=group, direction=Direction.INGRESS),)


def _repair(kind: str, world: World) -> Iterator[Action]:
    change = difference(world.snapshot.to_dict(), world.reference.to_dict())
    if kind in ("always the CLB", "halving") and change:
        yield Changed(0, change)
