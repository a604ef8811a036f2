"""A lesson that is only run through, with nothing written, is not passed; with its solutions written in, it is."""

import ast
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from drilllib.lesson import record

BUILD = runpy.run_path(str(Path(__file__).parents[2] / "notebooks" / "build.py"))
SOURCES = Path(__file__).parents[2] / "notebooks" / "source"
LESSONS = ["00-start", "01-clb", "02-node", "03-pod", "05-practice", "06-exact"]
SCENARIOS = [*record.SCENARIOS.values()]


def verified(name: str) -> list[bool]:
    """What each `verify()` of the lesson says, when its cells are run from the top."""
    found: list[bool] = []
    scope: dict[str, Any] = {}
    for cell in BUILD["read_source"]((SOURCES / f"{name}.md").read_text(encoding="utf-8")):
        tree = ast.parse(cell.get("code", ""))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), scope)
        shown = eval(compile(ast.Expression(last.value), name, "eval"), scope) if isinstance(last, ast.Expr) else None
        if ".verify()" in cell.get("code", ""):
            found.append(shown.passed)
    return found


def graded() -> list[str]:
    """What the cells of lesson 09 print, run from the top."""
    scope: dict[str, Any] = {}
    said = []
    for cell in BUILD["read_source"]((SOURCES / "09-tickets.md").read_text(encoding="utf-8")):
        tree = ast.parse(cell.get("code", ""))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "09", "exec"), scope)
        if isinstance(last, ast.Expr):
            said.append(repr(eval(compile(ast.Expression(last.value), "09", "eval"), scope)))
    return [*said, scope["practice"].session.stage]


def test_an_attempt_is_not_ended_nor_stated_by_running_it_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its log is where a learner's is, and it can be gone on with."""
    (tmp_path / ".drilllib.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRILL_SOLVE", raising=False)
    monkeypatch.delenv("DRILL_HEADLESS", raising=False)

    *_, stage = graded()

    assert stage == "look"
    (log,) = (tmp_path / "practice").glob("*.jsonl")
    assert [json.loads(line).get("action") for line in log.read_text().splitlines()] == [None, "look", "look"]
    *_, stage = graded()
    assert stage == "look"
    assert len([*(tmp_path / "practice").glob("*.jsonl")]) == 1, "run again, it goes on"


@pytest.mark.parametrize("seed", range(1, 7))
def test_an_attempt_is_passed_with_the_reference(seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As `drill run -p seed=2` does; nothing is kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRILL_HEADLESS", "1")
    monkeypatch.setenv("DRILL_LANG", "en")
    read = BUILD["read_source"]
    monkeypatch.setitem(BUILD, "read_source", lambda text: read(text.replace("seed = 1 ", f"seed = {seed} ")))

    *_, last, stage = graded()

    assert (stage, last.splitlines()[0]) == ("graded", "passed")
    assert [*tmp_path.iterdir()] == []


BOTH = [*((name, listener) for name in LESSONS for listener in ("HTTP", "TCP")), *((name, "") for name in SCENARIOS)]


@pytest.mark.parametrize(("name", "listener"), BOTH)
def test_a_lesson_is_not_passed_by_running_it_through(
    name: str, listener: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else a learner could finish the course without a thought; nor does any cell fail for want of one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRILL_SOLVE", raising=False)
    monkeypatch.delenv("DRILL_HEADLESS", raising=False)
    use_listener(monkeypatch, listener)

    assert verified(name)[-1] is False


@pytest.mark.parametrize(("name", "listener"), BOTH)
def test_a_lesson_is_passed_with_its_solutions(
    name: str, listener: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRILL_HEADLESS", "1")
    use_listener(monkeypatch, listener)

    assert set(verified(name)[-1:]) == {True}


def use_listener(monkeypatch: pytest.MonkeyPatch, listener: str) -> None:
    """As `-p listener=TCP` does."""
    read = BUILD["read_source"]

    def changed(text: str) -> list[dict[str, str]]:
        return read(text.replace('listener = "HTTP"', f'listener = "{listener}"'))

    monkeypatch.setitem(BUILD, "read_source", changed)
