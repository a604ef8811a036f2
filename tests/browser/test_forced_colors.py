"""Where the system forces its colours (high contrast): words can be read; frames, marks and the focus are seen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.views.picture import graphviz
from tests.browser.test_looks import FAINT, found
from tests.thorough import thorough

PANEL = "from drilllib import Lesson\nlesson = Lesson('two-groups')\ndisplay(lesson.panel(reveal=3))"
ANSWERS = "display(lesson.rules('sg-clb00001'), lesson.verify())"
# What is drawn in a colour that is not the system's.
STRANGE = """() => {
  const system = ['Canvas', 'CanvasText', 'Highlight', 'HighlightText'].map((name) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = name;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  });
  const found = [];
  for (const each of document.querySelectorAll('.drill-path *')) {
    if (!each.getClientRects().length || each.matches('g, svg, defs, title')) continue;
    for (const part of ['fill', 'stroke']) {
      const colour = getComputedStyle(each)[part];
      if (!/none|rgba\\(0, 0, 0, 0\\)/.test(colour) && !system.includes(colour)) {
        found.push(`${each.getAttribute('class')} ${part} ${colour}`);
      }
    }
  }
  return [...new Set(found)];
}"""
# The look of a part of the panel: what is seen of it, and how thick.
LOOK = """each => { const style = getComputedStyle(each);
  return [style.fill, style.stroke, style.strokeWidth, style.strokeDasharray].join(' '); }"""


@pytest.fixture(params=["dark", pytest.param("light", marks=thorough)])
def forced(page: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    page.emulate_media(forced_colors="active", color_scheme=request.param)
    page.set_viewport_size({"width": 1300, "height": 2400})
    yield page
    page.emulate_media(forced_colors="none", color_scheme="light")


def test_the_panel_can_be_read_and_its_stop_is_seen(forced: Page, opened: Callable, said: list) -> None:
    """White words on cards that stayed white were once all that there was."""
    opened(PANEL, ANSWERS)
    expect(forced.locator(".drill-picture svg").first).to_be_visible()
    expect(forced.locator(".drill-out")).to_be_visible()

    assert found(forced, STRANGE) == []
    for place in (".drill-panel", ".drill-out", ".drill-repair"):
        assert found(forced, FAINT.replace(".drill-panel", place)) == [], place
    looks = {state: forced.locator(f".drill-{state} .drill-box").first.evaluate(LOOK) for state in STATES}
    gates = [forced.locator(f".drill-gate-{look}").first.evaluate(LOOK) for look in ("ok", "no", "shut")]
    assert len({*looks.values()}) == len(STATES)
    assert len({*gates}) == 3
    marks = [forced.locator(f".drill-out .drill-{kind}").first for kind in ("ok", "no")]
    assert [mark.evaluate(BORDER) for mark in marks] == ["2px", "4px"], "filled and open: borders stay, grounds go"
    assert said == []


STATES = ("passed", "stopped", "unreached")
BORDER = "each => getComputedStyle(each, '::before').borderTopWidth"


@thorough
def test_what_has_the_focus_is_seen(forced: Page, opened: Callable) -> None:
    opened(PANEL)
    card = forced.locator(".drill-hop[role=button]:visible").first
    before = card.locator(".drill-ring").evaluate(LOOK)
    forced.locator(".drill-top input:visible").first.focus()
    for _ in range(12):
        forced.keyboard.press("Tab")
        if card.evaluate("each => each === document.activeElement"):
            break

    assert card.locator(".drill-ring").evaluate(LOOK) != before
    assert forced.locator(".drill-top input:visible").first.evaluate(OUTLINE) == "none"
    forced.keyboard.press("Shift+Tab")
    assert forced.evaluate(f"() => ({OUTLINE})(document.activeElement)") == "solid"


OUTLINE = "each => getComputedStyle(each).outlineStyle"


@thorough
@pytest.mark.skipif(graphviz.renderer() is None, reason="no Graphviz renderer here, so no picture")
def test_a_picture_in_a_page_keeps_its_own_grounds(forced: Page) -> None:
    """Its colours are not the system's; each text stands on a ground of the same picture."""
    answer = trace(open_fault("group-2"), Question(client=CLIENT, service=SERVICE, port=80))
    drawn = graphviz.svg(answer, "en")
    forced.goto("about:blank")
    forced.set_content(drawn)
    inks = forced.evaluate(INKS)

    assert inks
    assert min(ratio for _, ratio in inks) >= 4.5, inks


# Each text of a picture with its contrast to the card, band or ground of a line on which it stands.
INKS = """() => {
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const grounds = [...document.querySelectorAll('svg path, svg polygon')]
    .filter((each) => !/none|rgba\\(0, 0, 0, 0\\)/.test(getComputedStyle(each).fill));
  return [...document.querySelectorAll('svg text')].map((text) => {
    const box = text.getBoundingClientRect(), y = (box.top + box.bottom) / 2, x = box.left + 1;
    const under = grounds.filter((each) => { const at = each.getBoundingClientRect();
      return at.left <= x && x <= at.right && at.top <= y && y <= at.bottom; }).at(-1);
    const [a, b] = [light(getComputedStyle(text).fill), light(getComputedStyle(under ?? text).fill)].sort();
    return [text.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""
