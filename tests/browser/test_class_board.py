"""The board of a class in a browser: axe, a phone, dark and light, paper."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from drilllib.views.html.attempt import Played
from drilllib.views.html.board import Shown, board_html
from drilllib.views.text.attempt import StepRow
from tests.classes.test_board import A, B, log
from tests.classes.test_board_page import WRONG, document
from tests.thorough import one_in

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STEPS = [StepRow("0:01", "rules of sg-1", "2", "2", "[0] " + "ACCEPT " * 40), StepRow("0:02", "finished", "", "2", "")]
PLAYED = Played(
    learner="l1",
    drill="a",
    level=1,
    started="2026",
    standing="graded",
    passed=True,
    true="weight",
    stated="",
    steps=STEPS,
)


def write(path: Path, language: str) -> Path:
    found = document(log("l1", A, **WRONG), *(log(f"l{each}", B, passed=True) for each in (2, 3, 4)))
    path.write_text(board_html(Shown(document=found, language=language, attempts=[PLAYED])), "utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "width", "theme"), one_in(3, [("zh", 360, "dark"), ("en", 360, "light"), ("zh", 1200, "light")])
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser, tmp_path: Path, language: str, width: int, theme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(write(tmp_path / "board.html", language).as_uri())
    page.locator("summary").first.click()
    seen = Axe().run(page).response["violations"]
    assert {each["id"]: [node["html"][:150] for node in each["nodes"]] for each in seen} == {}
    assert page.evaluate(TOO_WIDE) <= 0
    assert [each for each in asked if not each.startswith("file:")] == []
    page.close()


def test_on_paper_attempts_are_unfolded(browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(write(tmp_path / "board.html", "en").as_uri())
    assert not page.get_by_text("rules of sg-1").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("rules of sg-1").is_visible()
    page.close()
