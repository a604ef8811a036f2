"""A rule's row: nothing of it is cut, its buttons stay where they are, and what is said of it is true."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from drilllib.views.phrases.catalog import say

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


@pytest.mark.parametrize("language", ["zh", "en"])
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
