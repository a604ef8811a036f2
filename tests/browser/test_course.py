"""The lessons themselves in a real JupyterLab, in both languages, as `drill course` hands them out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from drilllib.course.copies import copy_notebooks, notebook_names
from tests.thorough import thorough
from tests.waits import wait_until

# What the cells of the open notebook put out, also those that are scrolled away and so not on the page.
OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
  .filter((cell) => cell.type === 'code').map((cell) => cell.outputs.toJSON())"""
RUN_ABOVE = "() => window.jupyterapp.commands.execute('notebook:run-all-above')"
RUN_BELOW = "() => window.jupyterapp.commands.execute('notebook:run-all-below')"
EDIT = """async (text) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const cells = [...content.model.cells];
  const at = cells.findIndex((cell) => cell.type === 'code' && cell.sharedModel.source.includes(text));
  content.activeCellIndex = at;
  await content.scrollToItem(at);
  content.mode = 'edit';
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
TITLE = {"zh": "还没有通过", "en": "Not yet"}
NEIGHBOUR = "TCP 203.0.113.11 → CLB 192.0.2.10:80"


def lessons() -> list[object]:
    """Every one in both languages; without THOROUGH one of them, for clicks are tested with cells of their own."""
    few = [("02-node", "zh")]
    every = [(name, language) for name in notebook_names() for language in ("zh", "en")]
    return [pytest.param(*each, marks=() if each in few else thorough) for each in every]


@pytest.mark.parametrize(("name", "language"), lessons())
def test_a_lesson_runs_from_top_to_bottom(
    page: Page, shown: Callable, folder: Path, said: list, name: str, language: str
) -> None:
    copy_notebooks(folder)

    shown(f"{language}/{name}.ipynb")

    outputs = [output for cell in page.evaluate(OUTPUTS) for output in cell]
    assert [output for output in outputs if output["output_type"] in ("error", "stderr")] == []
    assert len(outputs) >= 5
    assert said == []


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=thorough)])
def test_lesson_01_is_repaired_in_the_panel_and_notices_when_it_is_too_open(
    page: Page, shown: Callable, folder: Path, said: list, language: str
) -> None:
    """A 200 is not enough: the check names a neighbour who gets in, and no cell puts in another rule."""
    copy_notebooks(folder)
    shown(f"{language}/01-clb.ipynb", run=False)
    panel = page.locator(".jp-CodeCell", has_text="lesson.panel(")
    panel.locator(".jp-InputArea-editor").click()
    page.evaluate(RUN_ABOVE)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
    page.locator(".drill-add summary").first.click()
    fields = page.locator("form").first.get_by_role("textbox")
    fields.nth(0).fill("80")
    fields.nth(1).fill("0.0.0.0/0")
    fields.nth(1).press("Enter")
    expect(page.locator(".drill-outcome")).to_contain_text("200 OK")

    panel.locator(".jp-InputArea-editor").click()
    page.evaluate(RUN_BELOW)

    check = page.locator(".drill-repair")
    expect(check).to_contain_text(TITLE[language])
    expect(check).to_contain_text(NEIGHBOUR)
    assert not [each for cell in page.evaluate(OUTPUTS) for each in cell if each["output_type"] == "error"]
    assert said == []


def test_lesson_01_is_repaired_by_the_line_that_the_learner_writes(
    page: Page, shown: Callable, folder: Path, said: list
) -> None:
    """As it comes, the cell changes nothing and says so; with the rule written in, the check is green."""
    copy_notebooks(folder)
    shown("en/01-clb.ipynb")
    assert wait_until(lambda: "still to be written" in printed(page) and TITLE["en"] in printed(page))

    page.wait_for_function(IDLE)  # while cells run, the notebook moves on to the next
    page.evaluate(EDIT, "lesson.insert(")
    expect(page.locator(".jp-mod-active .cm-focused")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('lesson.insert("sg-clb00001", "ACCEPT TCP 203.0.113.10 80")')
    page.evaluate(RUN_BELOW)  # this cell, too

    assert wait_until(lambda: "Verified" in printed(page))
    assert said == []


def printed(page: Page) -> str:
    """The texts of all outputs, also of cells that JupyterLab keeps out of the page while they are far away."""
    outputs = (output for cell in page.evaluate(OUTPUTS) for output in cell)
    return "\n".join(str(output.get("data", {}).get("text/plain", "")) for output in outputs)
