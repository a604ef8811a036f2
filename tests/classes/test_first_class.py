"""The ten minutes of docs/classes.md, typed as they stand there in an empty folder, and what is told about deleting."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drilllib.cli import main
from tests.thorough import thorough

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
DOCS = Path(__file__).parents[2] / "docs" / "classes.md"


def commands(heading: str = "From nothing to a class in ten minutes") -> list[str]:
    section = DOCS.read_text("utf-8").partition(f"## {heading}")[2]
    return re.findall(r"^\$ (.+)$", section.partition("```console")[2].partition("```")[0], re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("sh") is None:
        pytest.skip("no shell here; the commands are for Linux and macOS")
    return typed(tmp_path_factory.mktemp("class"), commands())


def typed(found: Path, lines: list[str]) -> Path:
    """The folder after these lines were typed in it."""
    (found / "bin").mkdir()
    drill = found / "bin" / "drill"
    drill.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m drilllib "$@"\n', "utf-8")
    drill.chmod(0o755)
    root = str(DOCS.parents[1])
    path = f"{found / 'bin'}:{os.environ['PATH']}"
    surroundings = {**os.environ, "PATH": path, "PYTHONPATH": root, "LC_ALL": "C.UTF-8"}
    script = "\n".join(lines)
    ran = subprocess.run(["sh", "-c", script], cwd=found, env=surroundings, capture_output=True, text=True)
    assert "drill class: " not in ran.stderr, ran.stderr
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return found


def test_the_commands_do_what_is_said(folder: Path) -> None:
    assert len(commands()) == 9
    page = (folder / "board.html").read_text("utf-8")
    assert "<td>nothing is wrong</td>" in page
    assert "<b class=drill-no>not passed" in page
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["standing"], row["passed"], row["stated"]) == ("graded", "0", "nothing")


def test_no_name_is_kept_but_in_the_roster(folder: Path) -> None:
    """As the table of what is kept says."""
    holding = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and b"Liddell" in path.read_bytes()
    ]
    assert holding == ["monday.csv"]


def test_who_is_deleted_is_shown_no_more(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster, name = folder / "monday.csv", str(folder / "monday.yaml")
    roster.write_text("learner,name\nbob,Bob Cratchit\n", "utf-8")
    shutil.rmtree(folder / "monday.class" / "handed-in" / "alice")
    for verb in (["board", name], ["grade", name, "--json"], ["export", name, "--as", "csv", "--names"]):
        capsys.readouterr()
        assert main(["class", *verb]) == 0
        assert "alice" not in capsys.readouterr().out, verb
    (folder / "monday.class" / "grades.sqlite").unlink()
    main(["class", "grade", name])
    left = [path for path in (folder / "monday.class").rglob("*") if path.is_file() and b"alice" in path.read_bytes()]
    assert left == []


@thorough
def test_the_commands_of_a_study_do_what_is_said(tmp_path: Path) -> None:
    if shutil.which("sh") is None:
        pytest.skip("no shell here; the commands are for Linux and macOS")
    (tmp_path / "monday.csv").write_text("learner,name\nalice,Alice Liddell\n", "utf-8")
    typed(tmp_path, commands("A study"))
    assert "# Taking part in a study: monday" in (tmp_path / "consent.md").read_text("utf-8")
    assert len((tmp_path / "events.jsonl").read_text("utf-8").splitlines()) == 1  # nobody has played yet
