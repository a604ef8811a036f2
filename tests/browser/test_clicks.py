"""The panel in a real JupyterLab: what a learner clicks, types and sees."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from drilllib.views.phrases.catalog import say
from tests.thorough import thorough

PANEL = "from drilllib import Lesson\nlesson = Lesson({!r})\nlesson.panel({}reveal=3)"
LANGUAGES = ["zh", pytest.param("en", marks=thorough)]  # all the others are in English
WAITS = {"zh": "连接超时", "en": "connect timeout"}


def rule(page: Page, text: str):
    """The rows whose rule has that text."""
    return page.locator(".drill-list .drill-rule").filter(has=page.locator(f"input[aria-label*='{text}']"))


def told(page: Page, text: str, sentence: str) -> None:
    """The reason why a rule does what it does stands in its name, for all who do not see the line below the list."""
    expect(rule(page, text).get_by_role("checkbox").first).to_have_accessible_name(re.compile(re.escape(sentence)))


def outcome(page: Page):
    return page.locator(".drill-outcome")


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_click_changes_rules_path_and_symptom(page: Page, opened: Callable, said: list, language: str) -> None:
    """The whole point: open one rule, watch one packet."""
    opened(PANEL.format("first-steps", ""), language=language)
    expect(outcome(page)).to_contain_text(WAITS[language])
    offered = rule(page, "203.0.113.0/24 80").first
    told(page, "203.0.113.0/24 80", say(language, "ui_aside"))

    offered.get_by_role("checkbox").click()

    expect(outcome(page)).to_contain_text("200 OK")
    expect(page.locator(".drill-transcript")).to_contain_text("Server: nginx")
    expect(offered).to_contain_text(say(language, "ui_decides_here"))
    told(page, "203.0.113.0/24 80", say(language, "ui_decides", action="ACCEPT"))
    expect(page.locator(".drill-across .drill-passed")).to_have_count(3)
    expect(page.locator(".jp-RenderedSVG, .jp-RenderedText").filter(visible=True)).to_have_count(
        0
    )  # one panel is enough
    expect(page.locator(".drill-across .drill-stopped")).to_have_count(0)
    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bad_rule_is_said_beside_its_field_and_a_good_one_is_added(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    opened(PANEL.format("original-drill", "'sg-clb00001', "), language=language)
    page.get_by_text(say(language, "ui_add_rule")).first.click()
    form = page.locator("form").first
    port, peer = form.get_by_role("textbox").nth(0), form.get_by_role("textbox").nth(1)

    peer.fill("203.0.113.0/33")
    port.fill("70000")
    expect(form).to_contain_text(say(language, "peer_wrong", value="'203.0.113.0/33'"))
    expect(form).to_contain_text(say(language, "port_wrong", value="'70000'"))
    expect(peer).to_have_attribute("aria-invalid", "true")
    peer.fill("203.0.113.10/24")
    port.fill("80")
    expect(form).to_contain_text(say(language, "ui_host_bits", block="203.0.113.0/24", address="203.0.113.10"))
    peer.fill("203.0.113.0/24")
    expect(form.locator(".drill-error").filter(has_text=re.compile("."))).to_have_count(0)
    port.press("Enter") if language == "zh" else form.get_by_role("button").click()

    expect(page.locator(".drill-rule").first).to_contain_text(re.compile(r"\[0\]\s*ACCEPT\s*TCP 80\s*203.0.113.0/24"))
    expect(peer).to_have_value("")
    expect(page.locator(".drill-across .drill-stopped")).to_contain_text("NodePort")
    assert said == []


def test_a_rule_that_a_drop_cancels_is_marked_until_it_is_moved_above(page: Page, opened: Callable, said: list) -> None:
    """Sorting a list is a repair, too."""
    opened(PANEL.format("group-2", "'sg-node0001', "))
    void = rule(page, "203.0.113.0/24 30713")
    told(page, "203.0.113.0/24 30713", "void: sg-node0001[2] above drops all of it")
    void.hover()
    expect(page.locator(".drill-why:visible")).to_contain_text("sg-node0001[2] above drops all of it")

    void.get_by_role("button", name="Move up").click()

    expect(outcome(page)).to_contain_text("200 OK")
    expect(void).to_contain_text("[2]")
    expect(void).to_contain_text("decides")
    assert said == []


def test_groups_on_an_interface_change_places(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL.format("two-groups", ""))
    order = page.locator(".drill-order", has_text="node-a")
    page.get_by_role("tab", name="node sg-node0001").click()
    told(page, "203.0.113.0/24 30713", "void: sg-old00001[0]")

    order.get_by_role("button", name="Move up: sg-node0001").click()

    expect(outcome(page)).to_contain_text("200 OK")
    expect(order.locator("li").first).to_contain_text("sg-node0001")
    assert said == []


def test_a_whole_drill_by_keyboard_alone(page: Page, opened: Callable, said: list) -> None:
    """Find the DROP, remove it, add a narrower rule, read what a box says: without a mouse."""
    opened(PANEL.format("group-2", "'sg-node0001', "))
    expect(outcome(page)).to_contain_text("504")
    tab_to(page, ".drill-rule input")
    for key in ("x", "b", "a", "m", "ArrowDown", "ArrowDown"):  # the first four cut, add and change cells elsewhere
        page.keyboard.press(key)
    expect(page.locator(":focus")).to_have_accessible_name(re.compile("DROP ALL"))
    page.keyboard.press("Delete")
    expect(outcome(page)).to_contain_text("200 OK")

    page.keyboard.press("Space")
    expect(outcome(page)).to_contain_text("504")
    tab_to(page, ".drill-add summary")
    page.keyboard.press("Enter")
    tab_to(page, ".drill-field-port input")
    page.keyboard.type("30713")
    page.keyboard.press("Tab")
    page.keyboard.type("203.0.113.10")
    page.keyboard.press("Enter")
    expect(outcome(page)).to_contain_text("200 OK")

    tab_to(page, "[data-hop=node-node-a]", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".drill-details")).to_contain_text(
        "ACCEPT by sg-node0001 ingress[0] ACCEPT TCP 203.0.113.10 30713"
    )
    expect(page.locator("[data-hop=node-node-a]:visible")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".drill-details")).to_contain_text("DNAT")
    expect(page.locator(".jp-Cell")).to_have_count(1)  # none of the keys reached JupyterLab's own shortcuts
    assert said == []


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press a key until the focus is on something that matches."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")
