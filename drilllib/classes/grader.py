"""
Grades all that was handed in and has no grade yet: a pool of processes judges chunks, the parent keeps them.

Whatever ends it, what was kept stays, and the next run does the rest. Two at once do not meet.
"""

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing import connection, parent_process

from drilllib.classes.handed_in import HandedIn, handed_in
from drilllib.classes.judge import Judge, Verdict
from drilllib.classes.place import Place
from drilllib.classes.plan import Plan
from drilllib.classes.secret import Secret
from drilllib.classes.store import Store
from drilllib.errors import InvalidInputError, LabStateError
from drilllib.machine import locks

PATIENCE_S = 3.0
CHUNK = 20  # logs; at a world each they take about a second
Engine = Callable[[Place, Sequence[list[HandedIn]]], Generator[list[Verdict], None, None]]
_WORLD = re.compile(rb'"drill": "([a-z0-9-]+)", "seed": (\d+), "level": (\d+)')
_mine: list[Judge] = []  # of a worker of the pool


def grade_all(
    place: Place,
    *,
    engine: Engine | None = None,
    workers: int | None = None,
    told: Callable[[int, int], None] = lambda done, all_of_them: None,
) -> Counter[str]:
    """
    Judge what was handed in and is not judged by this version of drilllib; *told* hears how many are done, of how many.

    *engine* judges chunks, in whatever order; None: processes of this machine, so many *workers* (one a core). What the
    new ones are, by `Standing`.

    Raises:
        LabStateError: Somebody else grades the class at the moment.
        InvalidInputError: The grades cannot be kept, or a process of the pool was ended.
    """
    counts = Counter[str]()
    with _alone(place), Store(place.grades) as store:
        known = store.known()
        todo = [each for each in handed_in(place) if (each.learner, each.digest) not in known]
        chunks = _chunks(todo)
        every = engine(place, chunks) if engine and chunks else _judged(place, chunks, workers or os.cpu_count() or 1)
        with closing(every):  # also where they cannot be kept: workers and connections end now
            for verdicts in every:
                store.add(verdicts)
                counts.update(str(each.standing) for each in verdicts)
                told(counts.total(), len(todo))
    return counts


def _chunks(todo: Sequence[HandedIn]) -> list[list[HandedIn]]:
    """Logs at the same world stand together: it is made once, where it is not cut into two chunks."""
    ordered = sorted(todo, key=lambda each: (_world(each), each))
    return [ordered[place : place + CHUNK] for place in range(0, len(ordered), CHUNK)]


def _world(log: HandedIn) -> tuple[bytes, ...]:
    """What its first line says, unread and unjudged."""
    try:
        with log.path.open("rb") as file:
            found = _WORLD.search(file.readline(1000))
    except OSError:
        found = None
    return found.groups() if found else ()


def _judged(place: Place, chunks: Sequence[list[HandedIn]], workers: int) -> Generator[list[Verdict], None, None]:
    """Each chunk as soon as it is judged; a pool is worth its start for several only."""
    if workers == 1 or len(chunks) <= 1:
        judge = Judge(place.plan, place.secret)
        for chunk in chunks:
            yield [judge.judged(each) for each in chunk]
        return
    with ProcessPoolExecutor(
        min(workers, len(chunks)), initializer=_begin, initargs=(place.plan, place.secret)
    ) as pool:
        yield from _completed(pool, chunks)


def _completed(pool: Executor, chunks: Sequence[list[HandedIn]]) -> Iterator[list[Verdict]]:
    try:
        for future in as_completed([pool.submit(_chunk, each) for each in chunks]):
            yield future.result()
    except BrokenProcessPool:
        raise InvalidInputError(
            "A process that graded was ended", remedy="Grade once more: what was graded is kept"
        ) from None


def _begin(plan: Plan, secret: Secret) -> None:
    """Of a worker: it ends with its parent, whatever ends that."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _mine[:] = [Judge(plan, secret)]


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _chunk(logs: list[HandedIn]) -> list[Verdict]:
    return [_mine[0].judged(each) for each in logs]


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """
    Nobody else grades the class meanwhile. The kernel lets go of the lock, whatever ends us: of one who was killed
    once his pool has noticed.
    """
    file, until = locks.opened(place.folder), time.monotonic() + PATIENCE_S
    try:
        while (held := file is not None and locks.lock(file) is False) and time.monotonic() < until:
            time.sleep(0.05)
        if held:
            raise LabStateError("The class is being graded at the moment", remedy="Wait for that, or end it")
        yield
    finally:
        if file is not None:
            os.close(file)
