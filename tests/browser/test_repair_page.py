"""How the check at a lesson's end looks and reads: in both themes, on a narrow page, without eyes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_looks import FAINT, found, in_both_themes, violations
from tests.thorough import thorough

CHECKS = """
from drilllib import Lesson
lesson = Lesson("group-3")
lesson.insert("sg-node0001", "ACCEPT ALL 0.0.0.0/0 ALL")
display(lesson.verify(), Lesson("healthy").verify())
"""
# Lines of the checks that are wider than their box.
CUT = """() => [...document.querySelectorAll('.drill-repair, .drill-repair div, .drill-repair p')]
  .filter((each) => each.getClientRects().length && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent.slice(0, 60))"""


@thorough
@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=thorough)])
def test_a_check_is_whole_legible_and_has_nothing_that_axe_objects_to(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    opened(CHECKS, language=language)
    checks = page.locator(".drill-repair")
    expect(checks).to_have_count(2)
    expect(checks.first).to_contain_text("TCP 198.51.100.7 → node-a 10.0.35.11:22")
    for width in (1300, 900, 600):
        page.set_viewport_size({"width": width, "height": 1000})
        assert found(page, CUT) == [], width

    faint = FAINT.replace(".drill-panel", ".drill-repair")
    seen = in_both_themes(page, lambda: (found(page, faint), violations(page, ".drill-repair")))

    assert seen == {"light": ([], {}), "dark": ([], {})}
    assert said == []
