"""Whatever moment a board is killed at that takes logs, what it has acknowledged is kept and graded, once."""

import http.client
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Timer

import pytest

from drilllib.classes import grader
from drilllib.classes.board_server import HAND_IN, BoardServer
from drilllib.classes.drop_box import DropBox
from drilllib.classes.handed_in import handed_in
from drilllib.classes.place import Place
from drilllib.classes.regrade import Regrade
from drilllib.classes.store import Store
from tests.classes.rooms import class_in, played, practice_of, tasks_of
from tests.classes.signing import signed_as
from tests.classes.test_killed_grader import SHARED, forget
from tests.thorough import how_many

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
LEARNERS = [f"l{number:02}" for number in range(12)]
LONGEST_S = 0.01  # after so many logs were acknowledged


def logs_of(folder: Path) -> dict[str, bytes]:
    """A log of each learner, at the world that all have."""
    first = played(practice_of(folder, LEARNERS[0]) / "1.jsonl", tasks_of(folder, LEARNERS[0])[0])
    others = {each: signed_as(first, practice_of(folder, each)) for each in LEARNERS[1:]}
    return {LEARNERS[0]: first.read_bytes(), **others}


def board(place: Place, pipe: int) -> None:
    """Serve, and tell the port; never returns."""
    try:
        with Regrade(place) as grading, BoardServer(place, "en", box=DropBox(place), taken=grading.wake) as server:
            os.write(pipe, server.port.to_bytes(2, "big"))
            Event().wait()
    finally:
        os._exit(1)


def sent(port: int, logs: dict[str, bytes], told: Callable[[int], None]) -> list[str]:
    """Whose logs the board says that it has taken, until it answers no more; *told* hears how many before each."""
    taken: list[str] = []
    with suppress(OSError, http.client.HTTPException):
        for learner, log in logs.items():
            told(len(taken))
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", HAND_IN, log)
            assert connection.getresponse().status == 201
            taken.append(learner)
            connection.close()
        told(len(taken))
    return taken


def killed_after(place: Place, logs: dict[str, bytes], count: int, seconds: float) -> list[str]:
    """A board in a process of its own is sent the logs, and killed so long after it took so many: which it took."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        board(place, write)
    os.close(write)
    port = int.from_bytes(os.read(read, 2), "big")
    killer = Timer(seconds, os.kill, (pid, signal.SIGKILL))
    taken = sent(port, logs, lambda done: killer.start() if done == count else None)
    killer.join()
    os.waitpid(pid, 0)
    os.close(read)
    return taken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing can be forked here")
def test_nothing_that_a_board_took_is_lost_or_doubled_at_whatever_moment_it_is_killed(
    tmp_path: Path, store: str
) -> None:
    """Then everybody sends once more, as one does who had no answer, and the class is graded to the end."""
    place = class_in(tmp_path, SHARED, LEARNERS)
    logs, random, seen = logs_of(tmp_path), Random(24), Counter[str]()
    moments = how_many(2, thorough=10, long=50)
    for moment in range(moments):
        forget(place)
        shutil.rmtree(place.handed_in, ignore_errors=True)
        taken = killed_after(place, logs, moment * 5 % (len(LEARNERS) + 1), random.random() * LONGEST_S)
        kept = {each.learner: each.path.read_bytes() for each in handed_in(place)}
        assert set(taken) <= set(kept) <= {*taken, *LEARNERS[len(taken) : len(taken) + 1]}
        assert kept.items() <= logs.items()
        with Store(place.grades) as grades:
            graded = Counter(each.learner for each in grades.verdicts())
        assert set(graded) <= set(kept)
        assert set(graded.values()) <= {1}
        box = DropBox(place)
        assert [box.take(log).status for log in logs.values()] == [200 if each in kept else 201 for each in LEARNERS]
        assert grader.grade_all(place, workers=1).total() == len(LEARNERS) - graded.total()
        with Store(place.grades) as grades:
            found = [(each.learner, each.passed) for each in grades.verdicts()]
        assert found == [(learner, True) for learner in LEARNERS]
        seen["taking"] += len(kept) < len(LEARNERS)
        seen["grading"] += len(kept) == len(LEARNERS) > graded.total()
    print(f"killed at {moments} moments: while it took logs at {seen['taking']}, graded at {seen['grading']}")
    assert seen.total() >= moments // 2
