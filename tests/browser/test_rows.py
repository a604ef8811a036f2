"""A rule's row: nothing of it is cut, its buttons stay where they are, and what is said of it is true."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from drilllib.views.phrases.catalog import say
from tests.thorough import thorough

PANEL = """
from drilllib import Lesson
lesson = Lesson('first-steps')
lesson.insert('sg-clb00001', 'DROP TCP 198.51.100.128/25 1000-20000', at=0)
lesson.panel('sg-clb00001', reveal=3)
"""
WIDTHS = (1600, 1300, 800)
LEFTS = """() => [...document.querySelectorAll('.drill-list .drill-tools')]
  .filter((each) => each.getClientRects().length).map((each) => Math.round(each.getBoundingClientRect().left))"""
CUT = """() => [...document.querySelectorAll('.drill-rule code')].filter((each) => each.getClientRects().length)
  .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)"""
BROKEN = """() => {
  const found = [], text = document.querySelector('.drill-transcript').firstChild;
  for (const word of text.data.matchAll(/\\S+/g)) {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    if (range.getClientRects().length > 1) found.push(word[0]);
  }
  return found;
}"""


@thorough
@pytest.mark.parametrize("language", [pytest.param("zh", marks=thorough), "en"])
def test_a_rule_is_whole_and_its_buttons_do_not_move(page: Page, opened: Callable, said: list, language: str) -> None:
    """Whether a chip stands beside them or not."""
    opened(PANEL, language=language)
    tick = page.locator(".drill-list:visible li input:not(:checked)").first
    aside = say(language, "ui_aside")
    tick.hover()
    expect(page.locator(".drill-why:visible")).to_have_text(aside)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(200)
        before = page.evaluate(LEFTS)
        assert page.evaluate(CUT) == [], width
        tick = page.locator(".drill-list:visible li input").first
        tick.click()
        expect(page.locator(".drill-busy")).to_have_text("")
        page.wait_for_timeout(500)
        assert page.evaluate(LEFTS) == before, width
        if tick.is_checked():
            expect(page.locator(".drill-why:visible")).not_to_have_text(aside)
    assert said == []


def test_a_transcript_breaks_between_words_only(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL)
    expect(page.locator(".drill-transcript")).to_contain_text("192.0.2.10 port 80")
    for width in (*WIDTHS, 1000, 700):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(200)
        assert page.evaluate(BROKEN) == [], width
    assert said == []
