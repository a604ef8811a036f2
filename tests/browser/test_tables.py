"""How answers look as tables in JupyterLab: in both themes, on a narrow page, without eyes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.jupyterlab import write_notebook
from tests.browser.test_looks import FAINT, found, in_both_themes, violations
from tests.thorough import thorough

ANSWERS = """
from drilllib import Lesson, scenario_map
lesson, two = Lesson("history"), Lesson("two-groups")
before = lesson.snapshot()
display(lesson.kubectl_get_service(), lesson.load_balancers(), lesson.interfaces(), lesson.delete("sg-node0001", 1, 2))
display(lesson.health(), lesson.decide("sg-node0001", "203.0.113.10", 30713), lesson.reach(), lesson.diff(before))
display(lesson.accepted("sg-node0001"), lesson.lint("sg-node0001"), two.fix("203.0.113.0/24"), scenario_map())
"""
COUNT = 12
# Code that stands on two lines, and words whose letters do.
BROKEN = """() => {
  const found = [...document.querySelectorAll('.drill-out code')].filter((each) => each.getClientRects().length > 1);
  const range = document.createRange(), lines = [];
  const texts = document.createTreeWalker(document.querySelector('.jp-Notebook'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.parentElement.closest('.drill-out') || text.parentElement.closest('style, details:not([open])')) continue;
    for (const word of text.data.matchAll(/[A-Za-z0-9_.\\/]+/g)) {
      range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((each) => Math.round(each.top))).size > 1) lines.push(word[0]);
    }
  }
  return [...found.map((each) => each.textContent), ...lines];
}"""
# Outputs that are wider than their place.
WIDE = """() => [...document.querySelectorAll('.drill-out')]
  .filter((each) => each.scrollWidth > each.parentElement.clientWidth + 1)
  .map((each) => `${each.innerText.slice(0, 60)} ${each.scrollWidth} ${each.parentElement.clientWidth}`)"""
LINES = "each => [each.scrollWidth > each.clientWidth, each.innerText.trim().split('\\n').length]"


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=thorough)])
def test_tables_are_whole_legible_and_have_nothing_that_axe_objects_to(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    page.set_viewport_size({"width": 1300, "height": 4000})  # JupyterLab keeps what is far away out of the page
    opened(ANSWERS, language=language)
    expect(page.locator(".drill-out")).to_have_count(COUNT)
    assert found(page, WIDE) == []
    for width in (600, 900, 1300):  # what is wider than its place is scrolled, which JupyterLab sees to
        page.set_viewport_size({"width": width, "height": 4000})
        assert found(page, BROKEN) == [], width

    faint = FAINT.replace(".drill-panel", ".drill-out")
    seen = in_both_themes(page, lambda: (found(page, faint), violations(page, ".drill-out")))

    assert seen == {"light": ([], {}), "dark": ([], {})}
    assert said == []


def test_what_is_folded_opens_by_keys_and_its_commands_scroll(page: Page, opened: Callable) -> None:
    """A command is longer than the page is wide; it is not broken, and whoever has no mouse reads its end."""
    opened("from drilllib import Lesson\nLesson('group-3').fix('203.0.113.0/24')")
    folded = page.locator(".drill-out summary").filter(has_text="tccli")
    folded.focus()
    page.keyboard.press("Enter")
    command = page.locator(".drill-out pre").filter(has_text="tccli")
    expect(command).to_be_visible()

    page.keyboard.press("Tab")

    expect(command).to_be_focused()
    assert command.evaluate(LINES) == [True, 1]
    assert violations(page, ".drill-out") == {}


@thorough
def test_the_map_opens_a_lesson_by_keys(page: Page, opened: Callable, folder: Path, said: list) -> None:
    """As a link on any page does, in the JupyterLab that the map is in."""
    write_notebook(folder / "en" / "24-node-to-pod.ipynb", "1 + 1")
    opened("from drilllib import scenario_map\nscenario_map()")
    page.locator(".drill-out a", has_text="24-node-to-pod").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".lm-TabBar-tabLabel", has_text="24-node-to-pod.ipynb")).to_be_visible()
    assert said == []
