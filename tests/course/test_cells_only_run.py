"""Who only runs the cells of a lesson from top to bottom, and writes nothing, meets no error and finishes nothing."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")
pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")
pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.lesson import cloud, labs
from drilllib.lesson.labs import LAB
from drilllib.views.phrases.catalog import LANGUAGES, say
from tests.cloud.test_original_drill import NO_KUBECTL

NOTEBOOKS = Path(__file__).parents[2] / "notebooks" / "en"


def outputs(name: str) -> list[str]:
    """What the cells of a notebook show, run here one after the other."""
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    shown = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            shown.append(repr(_run("".join(cell["source"]), names)))
    return shown


def _run(source: str, names: dict[str, Any]) -> object:
    """The cell's last value, as a kernel would display it."""
    *lines, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        lines, last = [*lines, last], None
    exec(compile(ast.Module(lines, []), "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None


@pytest.fixture(autouse=True)
def nobody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's kernel on a machine without real packets."""
    monkeypatch.setenv("DRILL_LANG", "en")
    for name in ("DRILL_HEADLESS", "DRILL_SOLVE", LAB):
        monkeypatch.delenv(name, raising=False)
    for module in (labs, cloud):
        monkeypatch.setattr(module, "no_real_packets", lambda: "this test does without")


def test_lesson_04_stays_open() -> None:
    shown = outputs("04-investigation")

    assert sum("Nothing was stated yet" in text for text in shown) == 3
    assert sum("still to be written" in text for text in shown) == 3
    assert any("Not yet" in text for text in shown)
    assert not any("✓ That is it" in text or "HTTP/1.1 200" in text for text in shown)


def test_lesson_07_names_no_fault() -> None:
    shown = outputs("07-real-packets")

    assert sum("Nothing was captured yet" in text for text in shown) == 3
    assert sum("This would tell the cause" in text for text in shown) == 3
    assert not any("✓" in text for text in shown)


@NO_KUBECTL
def test_lesson_08_is_not_done() -> None:
    shown = outputs("08-cloud")

    assert sum("nothing was run" in text for text in shown) == 6
    assert not any("✓" in text or "HTTP/1.1 200" in text for text in shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "cell", "key"),
    [
        ("04-investigation", "lesson.verify()", "repair_passed"),
        ("08-cloud", "cloud.verify()", "repair_passed"),
        ("08-cloud", "cloud.verify_gone()", "gone"),
    ],
)
def test_the_stored_runs_are_verified(name: str, cell: str, key: str, language: str) -> None:
    """`verify` raises nothing, so that a stored run that is wrong would look like any other."""
    notebook = json.loads((NOTEBOOKS.parent / language / f"{name}.ipynb").read_text(encoding="utf-8"))
    (found,) = [each for each in notebook["cells"] if "".join(each["source"]) == cell]

    assert "".join(found["outputs"][0]["data"]["text/plain"]).splitlines()[0] == say(language, key)
