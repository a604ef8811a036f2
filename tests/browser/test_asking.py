"""The panel asks before it tells, takes everything back, and can be asked in other ways, by mouse and by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from drilllib.views.phrases.catalog import say
from tests.browser.test_clicks import outcome, rule, tab_to
from tests.browser.test_looks import FAINT, darken, found, violations
from tests.thorough import thorough

PANEL = "from drilllib import Lesson\nlesson = Lesson('group-2')\nlesson.panel()"
LANGUAGES = ["zh", pytest.param("en", marks=thorough)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_learner_says_where_and_which_before_anything_is_told(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    """Wrong first, then right: each answer opens the next level, and says why."""
    opened(PANEL, language=language)
    expect(page.locator(".drill-line")).to_contain_text(say(language, "ui_ask_where"))
    expect(page.locator(".drill-chip-no, .drill-chip-ok, .drill-which")).to_have_count(0)
    assert "sg-node0001[2]" not in page.locator(".drill-panel").inner_html()

    page.locator("[data-hop=clb-lb-lab00001]").first.click()
    named = say(language, "ui_said_place_answered", status="504", place="NodePort node-a")
    expect(page.locator(".drill-said.drill-wrong")).to_have_text(named)
    expect(page.locator(".drill-tab[aria-selected=true]")).to_contain_text(say(language, "ui_tab_node"))
    assert "sg-node0001[2]" not in page.locator(".drill-panel").inner_html()
    for theme in ("light", "dark"):
        if theme == "dark":
            darken(page)
        assert found(page, FAINT) == [], theme
        assert violations(page, ".drill-panel") == {}, theme
    rule(page, "DROP ALL").locator(".drill-which").click()

    expect(page.locator(".drill-said.drill-right")).to_contain_text("sg-node0001[2]")
    expect(rule(page, "DROP ALL")).to_contain_text(say(language, "ui_decides_here"))
    expect(page.locator(".drill-place")).to_contain_text("sg-node0001[2]")
    expect(page.locator(".drill-past").first).to_contain_text("192.0.2.10")
    expect(page.locator(".drill-wide")).to_have_count(0)  # verify lets the left-over rule stand, too
    assert said == []


def test_the_same_by_keyboard_and_undo_to_the_beginning(page: Page, opened: Callable, said: list) -> None:
    """JupyterLab would undo a cell on Ctrl+Z: it never sees the key."""
    opened(PANEL)
    tab_to(page, "[data-hop=node-node-a], [data-hop=node-node-a] *")
    page.keyboard.press("Enter")
    expect(page.locator(".drill-said.drill-right")).to_contain_text("NodePort node-a")
    tab_to(page, ".drill-rule input")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    tab_to(page, ".drill-which")  # that of the rule under the keys
    page.keyboard.press("Enter")
    expect(page.locator(".drill-said.drill-right")).to_contain_text("sg-node0001[2]")

    rule(page, "DROP ALL").get_by_role("checkbox").focus()
    page.keyboard.press("Delete")
    expect(outcome(page)).to_contain_text("200 OK")
    undo = page.get_by_role("button", name=re.compile("^Undo . DROP ALL"))
    expect(undo).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Control+z")
    expect(outcome(page)).to_contain_text("504")
    expect(rule(page, "DROP ALL")).to_have_count(1)
    page.keyboard.press("Control+Shift+Z")
    expect(outcome(page)).to_contain_text("200 OK")
    page.get_by_role("button", name="Reset").click()
    expect(outcome(page)).to_contain_text("504")

    expect(page.locator(".jp-Cell")).to_have_count(1)
    expect(page.locator(".jp-CodeCell .jp-InputArea-editor")).to_contain_text("lesson.panel")
    assert said == []


def test_the_question_is_asked_in_other_ways_and_a_bad_client_is_said_beside_its_field(
    page: Page, opened: Callable, said: list
) -> None:
    opened(PANEL.replace("panel()", "panel(reveal=3)"))
    client = page.get_by_label("Client", exact=True)

    page.get_by_label("Listener").select_option("TCP")
    expect(outcome(page)).to_contain_text("connect timeout")
    client.fill("300.1.1.1")
    client.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="300.1.1.1")).to_be_visible()
    expect(client).to_have_attribute("aria-invalid", "true")
    client.fill("198.51.100.7")
    client.press("Enter")
    expect(page.locator(".drill-place")).to_contain_text("sg-clb00001[-]")
    expect(client).to_have_attribute("aria-invalid", "false")
    client.press("Control+z")  # a text field has an undo of its own
    page.get_by_role("tab", name="Group 1").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+z")

    expect(client).to_have_value("203.0.113.10")
    expect(page.locator(".drill-tab[aria-selected=true]")).to_contain_text("Group 2")
    assert said == []


def test_a_rule_is_dragged_to_its_place(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL.replace("panel()", "panel(reveal=3)"))
    allowed = rule(page, "203.0.113.0/24 30713")

    allowed.drag_to(rule(page, "DROP ALL"))

    expect(outcome(page)).to_contain_text("200 OK")
    expect(allowed).to_contain_text("[2]")
    assert said == []
