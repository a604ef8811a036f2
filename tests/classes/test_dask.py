"""A class graded on Dask has the rows that the pool gives, byte for byte, whatever becomes of workers meanwhile."""

import os
import pickle
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drilllib.classes import dask_engine, grader
from drilllib.classes.handed_in import collect, handed_in
from drilllib.classes.judge import Examined, Judge, Standing, Verdict
from drilllib.classes.place import Place
from drilllib.classes.store import Store
from drilllib.cli import main
from drilllib.errors import InvalidInputError
from tests.classes.rooms import class_in, played, practice_of, tasks_of
from tests.classes.signing import signed_as
from tests.thorough import THOROUGH, thorough

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
distributed = pytest.importorskip("distributed", reason="Dask is not installed")
LEARNERS = [f"l{number:02}" for number in range(12)]
SHARED = """\
schema: drilllib/class/1
name: monday
roster: monday.csv
drills: [{drill: rule-order, level: 1, worlds: 1}, {drill: node-source, level: 1}]
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A class with honest attempts, and with one that is copied, one that was edited and one that was left."""
    monkeypatch.setattr(grader, "CHUNK", 2)
    monkeypatch.setattr(dask_engine, "AHEAD", 1)
    place = class_in(tmp_path, SHARED, LEARNERS)
    log = played(practice_of(tmp_path, "l00") / "1.jsonl", tasks_of(tmp_path, "l00")[0])
    for each in LEARNERS[1:]:
        (practice_of(tmp_path, each) / "1.jsonl").write_bytes(signed_as(log, practice_of(tmp_path, each)))
    left = played(practice_of(tmp_path, "l01") / "2.jsonl", tasks_of(tmp_path, "l01")[1], finished=False)
    (practice_of(tmp_path, "l02") / "2.jsonl").write_bytes(left.read_bytes())
    edited, copied = practice_of(tmp_path, "l03") / "1.jsonl", practice_of(tmp_path, "l04") / "2.jsonl"
    edited.write_bytes(edited.read_bytes().replace(b'"price": 1', b'"price": 0'))
    copied.write_bytes(log.read_bytes())
    collect(place, [tmp_path / "starts"])
    return place


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler with two workers; with THOROUGH=1 in processes of their own, which take seconds to start."""
    security = distributed.Security.temporary()
    own = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with distributed.LocalCluster(**own, host="127.0.0.1", security=security, processes=THOROUGH) as cluster:
        yield cluster


@pytest.fixture
def engine(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> grader.Engine:
    """What grades by these workers; the key of TLS is told to who connects, as Dask's own configuration would."""
    connect = partial(distributed.Client, security=cluster.security)
    monkeypatch.setattr(distributed, "Client", connect)
    return partial(dask_engine.judged, scheduler=cluster.scheduler_address)


def rows(place: Place) -> list[Verdict]:
    with Store(place.grades) as store:
        found = list(store.verdicts())
    place.grades.unlink()
    return found


def test_the_rows_are_those_of_the_pool(place: Place, engine: grader.Engine) -> None:
    counts = grader.grade_all(place, workers=1)
    by_pool = rows(place)
    assert grader.grade_all(place, engine=engine) == counts
    assert rows(place) == by_pool
    assert set(counts) >= {Standing.GRADED, Standing.COPIED, Standing.EDITED, Standing.UNFINISHED}


@thorough
def test_a_worker_that_is_killed_loses_nothing(place: Place, engine: grader.Engine, cluster: Any) -> None:
    grader.grade_all(place, workers=1)
    by_pool, killed = rows(place), list[int]()

    def kill(done: int, _: int) -> None:
        if not killed:
            with distributed.Client(cluster) as client:
                killed.append(min(client.run(os.getpid).values()))
            os.kill(killed[0], signal.SIGKILL)

    grader.grade_all(place, engine=engine, told=kill)
    assert killed
    assert rows(place) == by_pool


@thorough
def test_workers_with_another_drilllib_are_told(place: Place, engine: grader.Engine, cluster: Any) -> None:
    """Else the rows of two engines would stand there as one's."""
    with distributed.Client(cluster) as client:
        client.run(setattr, dask_engine, "__version__", "0.0.9")
        try:
            with pytest.raises(InvalidInputError, match="A worker has drilllib"):
                grader.grade_all(place, engine=engine)
        finally:
            client.run(setattr, dask_engine, "__version__", dask_engine.__version__)


def test_no_secret_goes_to_a_worker(place: Place) -> None:
    """Neither the class's nor a learner's key, in whatever form; what goes there is enough for the grade."""
    judge = Judge(place.plan, place.secret)
    sent = [each for each in map(judge.examined, handed_in(place)) if isinstance(each, Examined)]
    assert len(sent) == len(LEARNERS) - 1
    data = pickle.dumps(sent)
    secrets = [place.secret.key(each) for each in LEARNERS] + [(place.folder / "secret").read_text().strip()]
    assert not [each for each in secrets if each.encode() in data or bytes.fromhex(each) in data]


def test_a_scheduler_that_is_not_there_is_told_in_one_line(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dask_engine, "PATIENCE_S", 0.2)
    name = str(place.folder.with_suffix(".yaml"))
    assert main(["class", "grade", name, "--scheduler", "tcp://127.0.0.1:9", "--lang", "en"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "tcp://127.0.0.1:9" in line
    assert main(["class", "grade", name, "--engine", "pool", "--scheduler", "tcp://127.0.0.1:9"]) == 2


@thorough
def test_without_a_scheduler_it_starts_workers_of_its_own(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    grader.grade_all(place, workers=1)
    by_pool = rows(place)
    name = str(place.folder.with_suffix(".yaml"))
    assert main(["class", "grade", name, "--engine", "dask", "--workers", "2", "--lang", "en"]) == 1
    assert capsys.readouterr().out.startswith("Judged now: 15.")
    assert rows(place) == by_pool
