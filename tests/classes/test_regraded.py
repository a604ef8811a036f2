"""A newer drilllib grades all anew; what is another grade then is told, with the version before, and why."""

import json
from pathlib import Path

import pytest

from drilllib.classes import grader, store
from drilllib.classes.handed_in import collect
from drilllib.classes.judge import Standing, Verdict
from drilllib.classes.place import Place
from drilllib.classes.regraded import regraded
from drilllib.classes.store import Store
from drilllib.cli import main
from tests.classes.rooms import class_in, played, practice_of, tasks_of

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")


@pytest.fixture
def place(tmp_path: Path, store: str) -> Place:
    """A class in which alice passed, and bob repaired nothing."""
    place = class_in(tmp_path)
    played(practice_of(tmp_path, "alice") / "1.jsonl", tasks_of(tmp_path, "alice")[0])
    played(practice_of(tmp_path, "bob") / "1.jsonl", tasks_of(tmp_path, "bob")[0], repaired=False)
    collect(place, [tmp_path / "starts"])
    return place


def as_by(place: Place, version: str, monkeypatch: pytest.MonkeyPatch, **other: object) -> None:
    """The class as that version has graded it: as this one does, but for the *other* parts of bob's grade."""
    grader.grade_all(place, workers=1)
    with Store(place.grades) as kept:
        now = list(kept.verdicts())
        with monkeypatch.context() as then:
            then.setattr(store, "__version__", version)
            kept.add([_but(each, other) if each.learner == "bob" else each for each in now])


def _but(verdict: Verdict, other: dict[str, object]) -> Verdict:
    values = {name: getattr(verdict, name) for name in Verdict.__dataclass_fields__}
    return Verdict(**{**values, **other})


def test_the_same_grades_are_not_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    as_by(place, "0.0.9", monkeypatch)
    with Store(place.grades) as kept:
        assert len(list(kept.earlier())) == 2
        assert list(regraded(kept)) == []


def test_another_grade_is_told_with_the_newest_version_before(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.0.10 is newer than 0.0.9, which said otherwise still."""
    as_by(place, "0.0.9", monkeypatch, standing=Standing.UNGRADED)
    as_by(place, "0.0.10", monkeypatch, repaired=True, passed=True)
    with Store(place.grades) as kept:
        (found,) = regraded(kept)
    assert (found.now.learner, found.engine, found.differs) == ("bob", "0.0.10", ("repaired",))


def test_the_command_tells_what_and_why(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(place.folder.with_suffix(".yaml"))
    as_by(place, "0.0.9", monkeypatch, repaired=True, passed=True)
    assert main(["class", "grade", name, "--lang", "en"]) == 0
    head, line, reason, *_ = capsys.readouterr().out.partition("\n\n")[2].splitlines()
    assert head == "Graded otherwise than before: 1 log(s)."
    assert line.startswith("  bob, rule-order, ")
    assert "0.0.9" in line
    assert "do not get through" in reason
    assert main(["class", "grade", name, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["repaired"] for each in told["regraded"]] == [[True, False]]
    assert {each["engine"] for each in told["logs"]} == {store.__version__}


def test_a_world_that_is_another_now_is_told_as_that(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_by(place, "0.0.9", monkeypatch, standing=Standing.UNGRADED, told="its world is not the same now")
    main(["class", "grade", str(place.folder.with_suffix(".yaml")), "--lang", "zh"])
    line = capsys.readouterr().out.splitlines()[-1]
    assert "bob" in line
    assert "0.0.9" in line
