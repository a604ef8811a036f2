"""Whatever moment the grader is killed at, no grade is lost and none is there twice; its pool ends with it."""

import os
import signal
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from drilllib.classes import grader
from drilllib.classes.handed_in import collect
from drilllib.classes.place import Place
from drilllib.classes.store import Store
from tests.classes import postgres
from tests.classes.rooms import class_in, played, practice_of, tasks_of
from tests.classes.signing import signed_as
from tests.thorough import how_many

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
MOMENTS, LEARNERS = 50, 24
SHARED = """\
schema: drilllib/class/1
name: monday
roster: monday.csv
drills: [{drill: rule-order, level: 1, worlds: 1}]
"""


@pytest.fixture
def place(tmp_path: Path, store: str) -> Place:
    """A class of which everybody has handed in an attempt at the same world."""
    learners = [f"l{number:02}" for number in range(LEARNERS)]
    place = class_in(tmp_path, SHARED, learners)
    log = played(practice_of(tmp_path, "l00") / "1.jsonl", tasks_of(tmp_path, "l00")[0])
    for each in learners[1:]:
        (practice_of(tmp_path, each) / "1.jsonl").write_bytes(signed_as(log, practice_of(tmp_path, each)))
    assert collect(place, [tmp_path / "starts"]).new == LEARNERS
    return place


def forget(place: Place) -> None:
    """No grade is kept."""
    if isinstance(place.grades, Path):
        place.grades.unlink(missing_ok=True)
    else:
        postgres.emptied(place.grades.url)


def child(place: Place, pipe: int) -> None:
    """Grade, each chunk that is kept acknowledged by a byte; never returns."""
    try:
        grader.grade_all(place, workers=2, told=lambda done, _: os.write(pipe, bytes([done])) and None)
    finally:
        os._exit(0)


def killed_after(place: Place, chunks: int, seconds: float) -> int:
    """Grade in a process of its own, killed so long after so many chunks were acknowledged: how many logs were."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read)
        child(place, write)
    os.close(write)
    told = b""
    while len(told) < chunks and (more := os.read(read, 1)):
        told += more
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(read, 100):  # until the pool, which has the pipe too, has ended
        told += more
    os.close(read)
    return told[-1] if told else 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing can be forked here")
def test_no_grade_is_lost_or_doubled_at_whatever_moment_it_is_killed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At moments all over a run; then it is graded to the end, and what was kept is not graded again."""
    monkeypatch.setattr(grader, "CHUNK", 2)
    random, seen = Random(22), Counter[bool]()
    moments = how_many(4, thorough=MOMENTS // 3, long=MOMENTS)
    for moment in range(moments):
        forget(place)
        acknowledged = killed_after(place, moment % (LEARNERS // 2), random.random() * 0.04)
        with Store(place.grades) as store:
            kept = Counter(each.learner for each in store.verdicts())
        assert acknowledged <= kept.total() <= acknowledged + 2
        assert set(kept.values()) <= {1}
        assert grader.grade_all(place, workers=1).total() == LEARNERS - kept.total()
        with Store(place.grades) as store:
            found = [(each.learner, each.passed) for each in store.verdicts()]
        assert found == [(learner, True) for learner in place.plan.learners]
        seen[0 < kept.total() < LEARNERS] += 1
    print(f"killed at {moments} moments, in the middle of its work at {seen[True]}")
    assert seen[True] >= moments // 2


def test_two_graders_do_not_meet(place: Place) -> None:
    with grader._alone(place), pytest.raises(grader.LabStateError, match="is being graded at the moment"):
        grader.grade_all(place, workers=1)
    assert grader.grade_all(place, workers=1).total() == LEARNERS
