"""How the panel looks, and how it reads without eyes: nothing clipped, nothing overlapping, nothing axe objects to."""

import re
import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from drilllib.core.drills.faults import FAULTS
from tests.thorough import thorough
from tests.waits import PATIENCE_S

PANEL = "from drilllib import Lesson\nLesson({!r}).panel(reveal=3)"
EVERY_FAULT = f"""
from drilllib import Lesson
for name in {list(FAULTS)}:
    display(Lesson(name).panel(reveal=3))
"""
# Two targets of which one is stopped, on a cluster whose names are as long as they get.
CROWDED = """
from drilllib.core.trace.answer import Question
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.phrases.language import language
from drilllib.views.panel.panel import DrillPanel
document = open_fault("healthy").to_dict()
rule = document["listeners"]["lb-lab00001"][0]["Rules"][0]
node, target = document["instances"][0], rule["Targets"][0]
other = {"InstanceId": "ins-long0000001", "PrivateIpAddresses": ["10.100.200.201"]}
document["instances"].append({**node, **other, "SecurityGroupIds": ["sg-clb00001", "sg-pod00001"]})
status = {"addresses": [{"type": "InternalIP", "address": "10.100.200.201"}]}
document["kubernetes"].append({"kind": "Node", "metadata": {"name": "node-long"}, "status": status})
rule["Targets"].append({**target, **other})
panel = DrillPanel(SimulatedLab(Snapshot(document)), Question(client=CLIENT, service=SERVICE, port=80), language())
panel
"""
LONG = """
from drilllib import Lesson
from drilllib.core.rules.policies import rule_from_text
lesson = Lesson("healthy")
rules = [rule_from_text(f"ACCEPT TCP 10.{n // 256}.{n % 256}.0/24 1000-2000") for n in range(511)]
lesson.lab.replace_rules("sg-node0001", "ingress", [*rules, *lesson.lab.rules("sg-node0001", "ingress")])
lesson.panel("sg-node0001", reveal=3)
"""
THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab ' + theme})"
IS_DARK = "dark => document.body.dataset.jpThemeLight === String(!dark)"

# Everything in the panels that sticks out of its box: texts of a picture, and elements whose text is wider than they.
STICKING_OUT = """() => {
  const found = [];
  for (const group of document.querySelectorAll('.drill-hop')) {
    if (!group.getClientRects().length) continue;
    const box = group.querySelector('.drill-box').getBoundingClientRect();
    for (const text of group.querySelectorAll('text')) {
      if (!text.getClientRects().length) continue;
      const inner = text.getBoundingClientRect();
      if (inner.left < box.left || inner.right > box.right || inner.bottom > box.bottom) found.push(text.textContent);
    }
  }
  for (const each of document.querySelectorAll('.drill-panel, .drill-panel *')) {
    if (each.closest('svg') || !each.getClientRects().length) continue;
    if (each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline') {
      found.push(each.className + ': ' + each.textContent.slice(0, 60));
    }
  }
  return found;
}"""
# Boxes and arrow texts of one picture that lie on each other.
OVERLAPPING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('.drill-picture svg')) {
    if (!svg.getClientRects().length) continue;
    const parts = [...svg.querySelectorAll('.drill-hop .drill-box, text')]
      .filter((part) => part.matches('.drill-box') || !part.closest('.drill-hop'))
      .map((part) => [part, part.getBoundingClientRect()]);
    parts.forEach(([one, a], place) => parts.slice(place + 1).forEach(([other, b]) => {
      const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
      if (!apart) found.push((one.textContent || 'box') + ' / ' + (other.textContent || 'box'));
    }));
  }
  return found;
}"""


# Texts whose contrast with what is behind them is below 4.5, with the ratio. axe-core takes all text in a JupyterLab
# notebook for clipped, and so checks none.
FAINT = """() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (each) => {
    const hop = each.closest('.drill-hop');
    const band = hop && each.matches('.drill-ink-on') && hop.querySelector('.drill-band');
    const fill = hop && getComputedStyle(band || hop.querySelector('.drill-box')).fill;
    if (fill && fill !== 'none' && each.tagName === 'text') return parse(fill);
    for (let box = each; box; box = box.parentElement) {
      const colour = parse(getComputedStyle(box).backgroundColor);
      if (colour[3] > 0) return colour;
    }
    return [255, 255, 255, 1];
  };
  const opacity = (each) => { let all = 1;
    for (let box = each; box; box = box.parentElement) all *= Number(getComputedStyle(box).opacity); return all; };
  const found = [];
  for (const each of document.querySelectorAll('.drill-panel *')) {
    const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const off = each.closest(':disabled, [aria-disabled="true"]');
    if (!own || !each.getClientRects().length || off || opacity(each) === 0) continue;
    const style = getComputedStyle(each), paper = behind(each);
    const ink = parse(each.tagName === 'text' ? style.fill : style.color);
    const [a, b] = [light(over([...ink.slice(0, 3), ink[3] * opacity(each)], paper)), light(paper)].sort();
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(each.textContent.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return found;
}"""


def darken(page: Page) -> None:
    page.evaluate(THEME, "Dark")
    page.wait_for_function(IS_DARK, arg=True)


def found(page: Page, script: str) -> list[str]:
    """What a script of these finds once the page has come to rest, which takes a busy machine a while."""
    page.wait_for_timeout(300)
    end = time.monotonic() + PATIENCE_S / 4
    while (seen := page.evaluate(script)) and time.monotonic() < end:
        page.wait_for_timeout(100)
    return seen


@thorough
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_clipped_or_overlaps(page: Page, opened: Callable, said: list, language: str) -> None:
    """Every fault's panel, wide and narrow; nothing is faint in either theme."""
    opened(
        EVERY_FAULT + CROWDED, language=language
    )  # one cell: JupyterLab keeps those that are far away out of the page
    expect(page.locator(".drill-panel")).to_have_count(len(FAULTS) + 1)
    for width in (1600, 1300, 900, 600):
        page.set_viewport_size({"width": width, "height": 1000})
        assert found(page, STICKING_OUT) == [], width
        assert found(page, OVERLAPPING) == [], width
    assert found(page, FAINT) == []
    darken(page)
    assert found(page, FAINT) == []
    assert said == []


@thorough
def test_axe_finds_nothing_beyond_jupyterlabs_own(page: Page, opened: Callable) -> None:
    """Contrast, names, roles, states: with a rule form open, a box pressed and an error shown; then a plain page."""
    page.set_viewport_size({"width": 1300, "height": 3000})
    opened(PANEL.format("two-groups"))
    page.get_by_text("Add a rule").filter(visible=True).first.click()
    page.locator("form").nth(2).get_by_role("textbox").nth(1).fill("nobody")
    page.locator("[data-hop=node-node-a]:visible text").first.click()
    expect(page.locator(".drill-error").filter(has_text="nobody")).to_be_visible()
    whole = in_both_themes(page, lambda: with_nothing_in_the_panel(page))
    opened("1 + 1")
    plain = in_both_themes(page, lambda: violations(page))
    for theme, seen in whole.items():
        assert set(seen) <= set(plain[theme]), theme


def in_both_themes(page: Page, look: Callable[[], dict]) -> dict[str, dict]:
    """What is seen in the light, and then in the dark."""
    seen = {}
    for theme, is_dark in (("light", False), ("dark", True)):
        page.evaluate(THEME, theme.capitalize())
        page.wait_for_function(IS_DARK, arg=is_dark)
        seen[theme] = look()
    return seen


def with_nothing_in_the_panel(page: Page) -> dict[str, list[str]]:
    """The violations of the whole page, of which none is in the panel."""
    assert found(page, FAINT) == []
    assert violations(page, ".drill-panel") == {}
    return violations(page)


def violations(page: Page, within: str | None = None) -> dict[str, list[str]]:
    """What axe-core objects to on the page or in a part of it, each with the elements it is about."""
    seen = Axe().run(page, context=within).response["violations"]
    return {each["id"]: [node["html"][:150] for node in each["nodes"]] for each in seen}


@thorough
def test_a_list_of_512_rules_stays_one_stop_for_the_tab_key(page: Page, opened: Callable, said: list) -> None:
    opened(LONG)
    rows = page.locator(".drill-list").first.locator("li")
    expect(rows).to_have_count(512)

    stops = "list => [...list.querySelectorAll('input, button')].filter((each) => each.tabIndex >= 0).length"
    assert page.locator(".drill-list").first.evaluate(stops) == 4  # a checkbox and its three buttons
    rows.first.get_by_role("checkbox").focus()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    expect(page.locator(".drill-outcome")).to_contain_text("504")
    expect(rows.last).to_have_class(re.compile("drill-aside"))
    expect(rows.last.get_by_role("checkbox")).to_be_focused()
    assert said == []


def test_an_intermittent_service_is_seen_at_a_glance(page: Page, opened: Callable, said: list) -> None:
    """Two lanes, one of which ends at the node."""
    opened(CROWDED)
    picture = page.locator(".drill-path")

    expect(picture.locator(".drill-stopped")).to_have_count(1)
    expect(picture).to_contain_text("delivered")
    expect(picture).to_contain_text("stopped here")
    assert said == []
