"""The course in a browser tab: every lesson runs there, and says what it says elsewhere."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from drilllib.course.normalise import normalise
from tests.site.lite_page import SOLVING, LitePage
from tests.thorough import LONG, thorough

ROOT = Path(__file__).parents[2]
LESSONS = (
    *("00-start", "01-clb", "02-node", "03-pod", "04-investigation", "05-practice", "06-exact", "09-tickets"),
    *("20-pod-to-pod", "21-pod-egress", "22-nodeport", "23-private-clb", "24-node-to-pod"),
    *("25-super-node", "26-global-router", "27-global-router-node", "28-global-router-clb", "29-super-node-clb"),
)
USUAL = ("zh", "01-clb")
CI = (USUAL, ("zh", "09-tickets"), ("en", "02-node"), ("en", "20-pod-to-pod"))
EVERY = [(language, lesson) for language in ("zh", "en") for lesson in LESSONS] if LONG else CI
ALL = [pytest.param(*each, marks=() if each == USUAL else thorough, id="/".join(each)) for each in EVERY]


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


@pytest.mark.parametrize(("tab", "lesson"), ALL, indirect=["tab"])
def test_a_lesson_runs_and_says_what_is_stored(tab: LitePage, lesson: str, request: pytest.FixtureRequest) -> None:
    """And asks nobody but the site."""
    name = f"{request.node.callspec.params['tab']}/{lesson}"
    stored = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    tab.open_beside(name)
    tab.execute(SOLVING)
    tab.run_all()
    found = tab.notebook()

    assert [cell["source"] for cell in found["cells"]] == ["".join(cell["source"]) for cell in stored["cells"]]
    assert said(found) == said(stored)
    assert tab.outside == []


@pytest.mark.parametrize("tab", ["zh"], indirect=True)
def test_what_cells_and_pages_ask_of_others_is_noticed(tab: LitePage) -> None:
    """Long after the start, by the page and by its Python: else the test above could not fail."""
    other = "http://127.0.0.2:9"
    tab.page.evaluate("(url) => fetch(url).catch(() => {})", f"{other}/page")
    asked = tab.execute(f"from pyodide.http import pyfetch\nawait pyfetch('{other}/python')")
    noticed, tab.outside = tab.outside, []
    assert noticed == [f"{other}/page", f"{other}/python"]
    assert "Failed to fetch" in asked
