"""The course in a browser tab: every lesson runs there, and says what it says elsewhere."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drilllib.course.normalise import normalise
from tests.site.lite_page import SOLVING
from tests.thorough import LONG, thorough

ROOT = Path(__file__).parents[2]
LESSONS = ("00-start", "01-clb", "02-node", "03-pod", "04-investigation", "05-practice", "06-exact", "09-tickets")
USUAL = "en/01-clb"
MORE = ("zh/04-investigation", "en/06-exact", "zh/09-tickets")  # in CI, too; a lesson takes half a minute
EVERY = [f"{language}/{lesson}" for lesson in LESSONS for language in ("en", "zh")]
ALL = [pytest.param(name, marks=() if name == USUAL else thorough) for name in (EVERY if LONG else (USUAL, *MORE))]


def passing() -> list[tuple[re.Pattern[str], str]]:
    """What nbval takes out of an output before it compares."""
    rules = (ROOT / "tests" / "nbval.cfg").read_text(encoding="utf-8")
    found = re.findall(r"^regex: (.*)\nreplace: (.*)$", rules, re.MULTILINE)
    return [(re.compile(regex), instead) for regex, instead in found]


def said(notebook: dict[str, Any]) -> list[list[Any]]:
    """What each code cell says. A picture counts as one: the program that draws it is another in a browser."""
    patterns = passing()

    def calm(text: str | list[str]) -> str:
        found = "".join(text)
        for pattern, instead in patterns:
            found = pattern.sub(instead, found)
        return found

    def of(output: dict[str, Any]) -> Any:
        if output["output_type"] == "stream":
            return output["name"], calm(output["text"])
        data = output.get("data", {})
        return output["output_type"], {
            kind: "a picture" if kind == "image/svg+xml" else calm(text) for kind, text in sorted(data.items())
        }

    cells = normalise(notebook)["cells"]
    return [[of(output) for output in cell["outputs"]] for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("name", ALL)
def test_a_lesson_runs_and_says_what_is_stored(lite: Callable, name: str) -> None:
    stored = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    with lite() as page:
        page.open(name)
        page.execute(SOLVING)
        page.run_all()
        found = page.notebook()

    assert [cell["source"] for cell in found["cells"]] == ["".join(cell["source"]) for cell in stored["cells"]]
    assert said(found) == said(stored)
