"""The grades of classes in a database: each class for itself, a log once, and one line where it cannot be used."""

from pathlib import Path

import pytest

from drilllib.classes.judge import Standing, Verdict
from drilllib.classes.place import Database
from drilllib.classes.store import Store
from drilllib.errors import InvalidInputError
from tests.classes.rooms import class_in

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")


def verdict(learner: str) -> Verdict:
    return Verdict(learner=learner, log=f"{learner}-1", standing=Standing.GRADED, started="2026-11-30T04:00:00Z")


def test_two_classes_in_one_database_do_not_see_each_other(tmp_path: Path, store: str) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with Store(class_in(tmp_path / name).grades) as kept:
            assert list(kept.verdicts()) == []
            kept.add([verdict("alice"), verdict("bob")])
            assert [each.learner for each in kept.verdicts()] == ["alice", "bob"]


def test_what_is_there_already_stays_and_is_there_once(tmp_path: Path, store: str) -> None:
    """As where a grader that was killed has kept more than it was told of."""
    with Store(class_in(tmp_path).grades) as kept, Store(class_in(tmp_path).grades) as again:
        kept.add([verdict("alice")])
        again.add([verdict("alice"), verdict("Bob"), verdict("_c")])
        assert [each.learner for each in kept.verdicts()] == ["Bob", "_c", "alice"]
        assert len(kept.known()) == 3


def test_a_database_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "grades.sqlite").write_text("no database" * 100)
    pytest.importorskip("psycopg", reason="psycopg reads PostgreSQL")
    nobody = Database(f"postgresql:///drills?host={tmp_path}", "drill_0000000000000000")
    for where in (tmp_path / "grades.sqlite", nobody):
        with pytest.raises(InvalidInputError, match=r"The grades in .* cannot be used: ") as error:
            Store(where)
        assert "\n" not in str(error.value)
