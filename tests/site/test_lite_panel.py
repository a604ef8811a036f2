"""The panel in a browser tab, and what the lessons say that need more than a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_clicks import outcome, rule
from tests.site.lite_page import LitePage
from tests.thorough import LONG, thorough

pytestmark = thorough
LANGUAGES = ["en", *(["zh"] if LONG else [])]
MORE = [("zh", "08-cloud"), ("zh", "11-production"), ("zh", "10-own-service"), ("en", "08-cloud")] if LONG else []


@pytest.mark.parametrize("tab", LANGUAGES, indirect=True)
def test_the_panel_answers_by_mouse_and_by_keyboard(tab: LitePage, request: pytest.FixtureRequest) -> None:
    language = request.node.callspec.params["tab"]
    tab.open_beside(f"{language}/02-node")
    tab.run_all()
    page = tab.page
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[language])
    expect(page.locator("#jp-MainMenu")).to_contain_text({"zh": "文件", "en": "File"}[language])
    expect(outcome(page)).to_contain_text("504")
    assert page.locator(".drill-questions").count() > 1
    seen = Axe().run(page, context=".drill").response["violations"]  # ours; JupyterLab's own are in docs/site.md
    assert {each["id"]: [node["html"][:150] for node in each["nodes"]] for each in seen} == {}
    dropping = rule(page, "DROP ALL").get_by_role("checkbox")
    dropping.click()
    expect(outcome(page)).to_contain_text("200 OK")
    dropping.click()
    expect(outcome(page)).to_contain_text("504")

    dropping.focus()
    page.keyboard.press("Delete")
    expect(outcome(page)).to_contain_text("200 OK")
    page.keyboard.press("Control+z")
    expect(outcome(page)).to_contain_text("504")


@pytest.mark.parametrize(("tab", "lesson"), [("en", "10-own-service"), *MORE], indirect=["tab"])
def test_a_lesson_that_cannot_run_here_says_so_and_how_to_get_it(
    tab: LitePage, lesson: str, request: pytest.FixtureRequest
) -> None:
    language = request.node.callspec.params["tab"]
    tab.open_beside(f"{language}/{lesson}")
    cells = tab.run_all()

    errors = [output for cell in cells for output in cell.get("outputs", []) if output["output_type"] == "error"]
    assert len(errors) == 1
    assert "MissingToolError" in errors[0]["ename"]
    assert "browser tab" in errors[0]["evalue"]
    assert ("make course" if language == "en" else "请在电脑上运行课程") in errors[0]["traceback"][0]


@pytest.mark.parametrize("tab", ["zh"], indirect=True)
def test_the_lesson_with_real_packets_says_in_a_line_what_is_missing(tab: LitePage) -> None:
    tab.open_beside("zh/07-real-packets")
    said = tab.execute("from drilllib import Lesson\nprint(Lesson('healthy', lab='netns').curl())")
    assert "浏览器标签页" in said
    assert "200" in said
