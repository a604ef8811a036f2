"""Classes to try things with: a file, a roster, and attempts of learners who play by their start."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from drilllib.classes.handed_out import hand_out
from drilllib.classes.place import Place, made
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.looks import Look, LookKind
from drilllib.practice.session import Session
from drilllib.practice.start import Task, read_start
from drilllib.practice.worlds import find_world

CLASS = """\
schema: drilllib/class/1
name: monday
roster: monday.csv
drills:
  - {drill: rule-order, level: 1}
  - {drill: node-source, level: 1, tries: 2}
"""
STORE = ""  # a line more of each class's file; the fixture `store` puts it there
LEARNERS = ("alice", "bob", "carol")
Stated = Callable[[World], Sequence[Cause]]


def file_of(folder: Path, text: str = CLASS, learners: Sequence[str] = LEARNERS) -> str:
    """The name of a class's file in the folder, its roster beside it."""
    (folder / "monday.csv").write_text("learner,name\n" + "".join(f"{each},\n" for each in learners), "utf-8")
    (folder / "monday.yaml").write_text(text + STORE, "utf-8")
    return str(folder / "monday.yaml")


def class_in(folder: Path, text: str = CLASS, learners: Sequence[str] = LEARNERS) -> Place:
    """A class that was made and handed out, into `starts` of the folder."""
    place = made(file_of(folder, text, learners))
    hand_out(place, folder / "starts")
    return place


def practice_of(folder: Path, learner: str) -> Path:
    """Where a learner's logs are."""
    return folder / "starts" / learner / "practice"


def clock(hour: int = 4) -> Callable[[], str]:
    """A clock that goes on by a second each time it is looked at."""
    seconds: Iterator[int] = count()
    return lambda: f"2026-11-30T{hour:02}:00:{next(seconds) % 60:02}Z"


def world_of(task: Task) -> World:
    """The world of a task."""
    return find_world(Header(drill=task.drill, seed=task.seed, level=task.level, engine="", world="", started=""))


def tasks_of(folder: Path, learner: str) -> tuple[Task, ...]:
    """What is set to a learner."""
    return read_start(practice_of(folder, learner) / "start.json").tasks


def played(
    path: Path,
    task: Task,
    *,
    stated: Stated = lambda world: world.causes,
    repaired: bool = True,
    finished: bool = True,
    hour: int = 4,
) -> Path:
    """A log of an attempt at the task: three looks, a statement, and the reference repair or none."""
    world = world_of(task)
    with Session.begin(world, path, clock=clock(hour)) as session:
        for kind, at in ((LookKind.CURL, "client"), (LookKind.HEALTH, ""), (LookKind.KUBECTL, "pods")):
            session.look(Look(kind, at))
        session.state(stated(world))
        if repaired:
            session.edit(world.reference)
        if finished:
            session.finish()
    return path
