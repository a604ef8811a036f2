"""A class's file and roster: what is wrong in them is told with file and line."""

from datetime import date
from pathlib import Path

import pytest

from drilllib.classes.plan import example, read_plan
from drilllib.cli import main
from drilllib.errors import InvalidInputError
from tests.classes.rooms import CLASS, file_of

pytest.importorskip("yaml", reason="a class's file is YAML")


def test_the_example_is_a_class_as_it_stands(tmp_path: Path) -> None:
    plan = read_plan(file_of(tmp_path, example(date(2026, 11, 30))))
    assert [(each.drill, each.level, each.tries) for each in plan.items] == [
        *(("rule-order", 1, 1), ("node-source", 1, 2), ("health-probes", 2, 1)),
    ]
    assert (plan.needed, plan.hints, *plan.learners) == (2, 1, "alice", "bob", "carol")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("drilllib/class/1", "drilllib/class/9", "monday.yaml:1: The class's schema is 'drilllib/class/9'"),
        ("rule-order", "rule-ordre", "monday.yaml:5: class.drills[0].drill: There is no drill 'rule-ordre'"),
        ("level: 1, tries", "level: 4, tries", "monday.yaml:6: class.drills[1].level is 4"),
        ("tries: 2", "tries: 0", "monday.yaml:6: class.drills[1].tries is 0"),
        ("tries: 2", "trys: 2", "monday.yaml:6: class.drills[1].trys is not a field of a class"),
        ("node-source", "rule-order", "monday.yaml:6: class.drills[1].drill is 'rule-order'"),
        ("name: monday", "name: ../monday", "monday.yaml:2: class.name is '../monday'"),
        ("roster:", "closes: 2026-12-01\nroster:", "monday.yaml:3: class.closes is '2026-12-01'"),
        (
            "roster:",
            "opens: 2026-12-02T00:00:00Z\ncloses: 2026-12-01T00:00:00Z\nroster:",
            "monday.yaml:4: class.closes is '2026-12-01T00:00:00Z'",
        ),
        ("drills:", "mastery: {drills: 3}\ndrills:", "monday.yaml:4: class.mastery.drills is 3"),
        ("drills:", "store: mysql://db/x\ndrills:", "monday.yaml:4: class.store is 'mysql://db/x'"),
        ("drills:", "store: postgresql://a:b@db/x\ndrills:", "monday.yaml:4: class.store has a password in it"),
        ("drills:", "store: postgresql://db/x?password=b\ndrills:", "monday.yaml:4: class.store has a password in it"),
        ("drills:", "mastery: {hint: 3}\ndrills:", "monday.yaml:4: class.mastery.hint is not a field"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_plan(file_of(tmp_path, CLASS.replace(old, new)))
    assert f"{tmp_path}/{told}" in str(error.value)


@pytest.mark.parametrize(
    ("roster", "told"),
    [
        ("name\nAlice\n", "monday.csv:1: the roster has 'name' here"),
        ("", "monday.csv:1: the roster has '' here"),
        ("learner\n", "monday.csv:1: the roster has '' here. List a learner a line"),
        ("learner,name\nalice,A\n../bob,B\n", "monday.csv:3: the roster has '../bob' here"),
        ("learner,name\nalice,A\n\nALICE,B\n", "monday.csv:4: the roster has 'ALICE' here. It is in line 2 already"),
        ('name,learner\n"two\nlines",alice\nx,.bob\n', "monday.csv:4: the roster has '.bob' here"),
        ("learner,name\n=cmd,A\n", "monday.csv:2: the roster has '=cmd' here"),
    ],
)
def test_what_is_wrong_in_a_roster_is_told_with_its_line(tmp_path: Path, roster: str, told: str) -> None:
    name = file_of(tmp_path)
    (tmp_path / "monday.csv").write_text(roster, "utf-8")
    with pytest.raises(InvalidInputError) as error:
        read_plan(name)
    assert told in str(error.value)


def test_a_roster_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    """With a byte order mark, capitals, CRLF, columns in another order and further ones."""
    name = file_of(tmp_path)
    (tmp_path / "monday.csv").write_bytes("\ufeffName,Learner,Mail\r\n王芳,2026001,x\r\n,2026002,\r\n".encode())
    learners = read_plan(name).learners
    assert [(each.id, each.name) for each in learners.values()] == [("2026001", "王芳"), ("2026002", "")]


def test_the_command_says_it_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["class", "new", file_of(tmp_path, CLASS.replace("rule-order", "nothing")), "--lang", "zh"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"drill class: {tmp_path}/monday.yaml:5: class.drills[0].drill")
