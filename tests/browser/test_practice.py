"""Practice in a real JupyterLab: an attempt from the ticket to the grade, by mouse and by keyboard."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from drilllib.core.drills.worlds.make import make_world
from drilllib.course.copies import copy_notebooks
from drilllib.practice.library import drill
from drilllib.views.phrases.catalog import say
from tests.browser.test_course import IDLE
from tests.browser.test_looks import FAINT, STICKING_OUT, darken, found, violations
from tests.thorough import thorough

SEED = 7
WORLD = make_world(drill("node-source"), seed=SEED, level=1)
CAUSE = WORLD.causes[0]
PANEL = f"from drilllib import Practice\npractice = Practice('node-source', seed={SEED}, level=1)\npractice.panel()"
SEEN_STICKING_OUT = STICKING_OUT.replace(
    ".drill-panel *", ".drill-panel *:not(.drill-p-spoken, .drill-p pre)"
)  # but for what is only said, and for tables of looks, which scroll by themselves
WRAPPED = """() => [...document.querySelectorAll('.drill-p-log pre')].filter((each) =>
  each.getClientRects().length && each.clientHeight > parseFloat(getComputedStyle(each).lineHeight) *
  (each.textContent.trimEnd().split('\\n').length + 1)).map((each) => each.textContent.slice(0, 60))"""
LANGUAGES = ["zh", pytest.param("en", marks=thorough)]


def words(language: str, key: str) -> str:
    return say(language, f"practice_panel.{key}")


def opened_panel(page: Page, opened: Callable, language: str) -> Locator:
    opened(PANEL, language=language)
    panel = page.locator(".drill-practice")
    expect(panel.locator(".drill-p-ticket h3")).to_have_text(WORLD.ticket[language]["title"])
    expect(panel.locator(".drill-hop")).to_have_count(4)
    return panel


def look(panel: Locator, kind: str, place: str = "") -> None:
    row, log = panel.locator(f"[data-look={kind}]"), panel.locator(".drill-p-log li")
    before = log.count()
    if place:
        row.locator("select").select_option(place)
    row.get_by_role("button").click()
    expect(log).to_have_count(before + 1)


def state(panel: Locator, language: str) -> None:
    """The world's own cause, by its fields."""
    row = panel.locator(".drill-p-cause")
    fields = {"where": CAUSE.resource, "cause": "group ingress", "group": CAUSE.group, "rule": "-"}
    for name, value in fields.items():
        row.locator(f"[data-field={name}]").select_option(value)
    panel.get_by_role("button", name=words(language, "state_it")).click()
    expect(panel.locator(".drill-p-said li")).to_contain_text(CAUSE.group)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_attempt_from_the_ticket_to_the_grade(page: Page, opened: Callable, said: list, language: str) -> None:
    panel = opened_panel(page, opened, language)
    expect(panel.locator(".drill-p-card")).to_have_count(0)
    look(panel, "curl")
    expect(panel.locator("[data-hop=client]")).to_contain_text("504")
    look(panel, "health")
    look(panel, "rules", CAUSE.group)
    expect(panel.locator(".drill-p-menu")).to_contain_text(say(language, "practice_panel.spent", count=4))
    expect(panel.locator(".drill-rules")).to_be_hidden()

    state(panel, language)

    expect(panel.locator(".drill-p-repair .drill-title")).to_be_focused()
    panel.get_by_text(say(language, "ui_add_rule")).filter(visible=True).first.click()
    form = panel.locator("form").filter(visible=True).first
    form.get_by_role("textbox").nth(1).fill(WORLD.served[0])
    form.get_by_role("textbox").nth(0).fill(str(node_port()))
    form.get_by_role("button").click()
    expect(panel.locator(".drill-rules li")).to_have_count(3)
    panel.get_by_role("button", name=words(language, "try_it")).click()
    expect(panel.locator(".drill-p-tried")).to_contain_text("200 OK")
    panel.get_by_role("button", name=words(language, "finish")).click()
    cards = panel.locator(".drill-p-card")
    expect(cards).to_have_count(4)
    expect(panel.locator(".drill-p-graded .drill-chip-ok")).to_have_text(words(language, "passed"))
    expect(panel.locator(".drill-p-graded .drill-title")).to_be_focused()
    assert said == []


def node_port() -> int:
    (service,) = (item for item in WORLD.snapshot.part("kubernetes") if item["kind"] == "Service")
    port: int = service["spec"]["ports"][0]["nodePort"]
    return port


@thorough
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_practice_is_clipped_faint_or_objected_to_by_axe(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    """While looking, repairing and graded; wide and narrow, in both themes."""
    panel = opened_panel(page, opened, language)
    look(panel, "curl")
    look(panel, "capture", "clb")
    look(panel, "rules", CAUSE.group)
    looked_at(page)
    state(panel, language)
    panel.get_by_role("button", name=words(language, "settle")).click()
    expect(panel.locator(".drill-p-changes select").first).to_be_visible()
    looked_at(page)
    panel.get_by_role("button", name=words(language, "finish")).click()
    expect(panel.locator(".drill-p-card")).to_have_count(4)
    looked_at(page)
    darken(page)
    assert found(page, FAINT) == []
    assert violations(page, ".drill-panel") == {}
    assert said == []


def looked_at(page: Page) -> None:
    for width in (1600, 900, 600):
        page.set_viewport_size({"width": width, "height": 1000})
        assert found(page, WRAPPED) == [], width
        assert found(page, SEEN_STICKING_OUT) == [], width
    assert found(page, FAINT) == []
    assert violations(page, ".drill-panel") == {}


def test_an_attempt_by_keyboard_alone_and_a_press_on_the_path(page: Page, opened: Callable, said: list) -> None:
    """Enter takes a look and stays where it is; the arrows walk the path; a place is chosen by Space."""
    panel = opened_panel(page, opened, "en")
    button = panel.locator("[data-look=curl]").get_by_role("button", name="cost 1")
    button.focus()
    page.keyboard.press("Enter")
    expect(panel.locator(".drill-p-log li")).to_have_count(1)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator(".drill-alert").first).to_have_text(words("en", "repeated"))
    expect(panel.locator(".drill-p-log li")).to_have_count(1)
    page.keyboard.press("x")  # cuts a cell, elsewhere
    panel.locator("[data-hop^=clb]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(panel.locator("[data-field=where]")).to_have_value(CAUSE.resource)
    expect(panel.locator("[data-hop^=node]")).to_have_attribute("aria-checked", "true")
    expect(panel.locator("[data-hop^=node]")).to_be_focused()

    panel.get_by_role("button", name="There is no fault").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Yes, state that")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator(".drill-p-repair .drill-title")).to_be_focused()
    expect(panel.locator(".drill-p-said")).to_have_text("There is no fault")
    settle = panel.get_by_role("button", name=words("en", "settle"))
    settle.focus()
    page.keyboard.press("Enter")
    expect(panel.locator(".drill-p-repair summary")).to_be_focused()
    expect(panel.get_by_role("button", name=words("en", "restate"))).to_be_hidden()
    assert said == []


@thorough
def test_a_restarted_kernel_is_said_and_the_attempt_goes_on(
    page: Page, opened: Callable, folder: Path, said: list
) -> None:
    copy_notebooks(folder)
    shutil.rmtree(folder / "practice", ignore_errors=True)  # what another test has begun would go on
    panel = opened_panel(page, opened, "en")
    look(panel, "curl")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(panel.get_by_role("alert").first).to_contain_text("restarted or is gone")
    expect(panel.locator("[data-look=curl]").get_by_role("button")).to_be_disabled()

    page.wait_for_function(IDLE)  # cells that are asked for earlier are dropped with the old kernel's
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    expect(panel.locator(".drill-p-log li")).to_have_count(1)
    expect(panel.locator("[data-look=curl]").get_by_role("button")).to_be_enabled()
    shutil.rmtree(folder / "practice")
    assert said == []
