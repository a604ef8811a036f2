"""A session on labs that change by themselves or cannot be graded, and on disks that are full."""

import os
from pathlib import Path

import pytest

from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, LabStateError, TooComplexError
from drilllib.labs.simulated import SimulatedLab
from drilllib.practice.session import Session, Stage
from tests.core.hand_made_worlds import NODE_CAUSE, node_world
from tests.core.repair_tables import NODE
from tests.practice.test_session import HERE, RULE, begun, clock, lines, repair


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attempt.jsonl"


class OddLab(SimulatedLab):
    """A lab that has something of its own from the start, and that others change, too."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot.with_parts(region="ap-elsewhere"))


def test_what_a_lab_has_of_its_own_is_nobodys_repair(path: Path) -> None:
    """A cloud's controllers fill in what the world's snapshot leaves out: the statement is still to come."""
    lab = OddLab(node_world().snapshot)
    with Session.begin(node_world(), path, lab, worlds=HERE, clock=clock) as session:
        assert session.stage is Stage.LOOK
        session.state([NODE_CAUSE])
        assert session.changed() is False
        repair(session)
        assert session.finish().passed
    assert [(each["action"], each.get("by")) for each in lines(path)[1:3]] == [("change", "lab"), ("state", None)]


def test_what_is_changed_elsewhere_is_kept_whoever_did_it(path: Path) -> None:
    """With kubectl, tccli or Terraform: the log has what has become otherwise."""
    lab = OddLab(node_world().snapshot)
    with Session.begin(node_world(), path, lab, worlds=HERE, clock=clock) as session:
        session.state([NODE_CAUSE])
        rules = lab.rules(NODE, Direction.INGRESS)
        lab.replace_rules(NODE, Direction.INGRESS, (RULE, *rules))

        assert session.changed() is True
        assert session.stage is Stage.REPAIR
        lab.replace_rules(NODE, Direction.INGRESS, rules)
        assert not session.finish().repaired
    with Session.resume(path, worlds=HERE) as over:
        assert over.stage is Stage.GRADED


def test_what_is_changed_before_the_statement_leaves_no_diagnosis(path: Path) -> None:
    """To see what a repair does is more than a look."""
    lab = OddLab(node_world().snapshot)
    with Session.begin(node_world(), path, lab, worlds=HERE, clock=clock) as session:
        lab.replace_rules(NODE, Direction.INGRESS, (RULE, *lab.rules(NODE, Direction.INGRESS)))
        session.changed()
        with pytest.raises(LabStateError, match="The repair has begun"):
            session.state([NODE_CAUSE])

        grade = session.finish()
    assert (grade.localised, grade.repaired, grade.restrained) == (False, True, True)


def test_a_grade_that_cannot_be_told_costs_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt goes on, and can be finished once the reason is gone."""

    def too_complex(*_: object) -> None:
        raise TooComplexError("Too many ways", remedy="Fewer rules")

    with begun(path) as session:
        session.state([NODE_CAUSE])
        before = path.read_bytes()
        with monkeypatch.context() as broken:
            broken.setattr("drilllib.practice.session.grade_of", too_complex)
            with pytest.raises(TooComplexError):
                session.finish()
        assert path.read_bytes() == before
        repair(session)
        assert session.finish().passed


def test_a_log_that_cannot_be_written_leaves_nothing_half_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the step is refused in one line, nothing of it stays, and the next one is kept."""
    with begun(path) as session:
        before = path.read_bytes()
        with monkeypatch.context() as full:
            write = os.write
            full.setattr(os, "write", lambda handle, line: write(handle, line[:10]))
            with pytest.raises(InvalidInputError, match="cannot be kept in"):
                session.state([NODE_CAUSE])
        assert path.read_bytes() == before
        assert session.stage is Stage.LOOK
        session.state([NODE_CAUSE])
    assert [each["n"] for each in lines(path)[1:]] == [1]
