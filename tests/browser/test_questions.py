"""Predictions and quizzes in a real JupyterLab, by mouse and by keyboard, in both languages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from drilllib.course.copies import copy_notebooks
from drilllib.lesson.quizzes import load_quiz
from drilllib.lesson.record import RECORD
from drilllib.views.phrases.catalog import say
from tests.browser.test_looks import FAINT, STICKING_OUT, darken, found, violations
from tests.thorough import thorough

PREDICT = "from drilllib import Lesson\nlesson = Lesson('group-2')\nlesson.predict('outcome')"
QUIZ = "from drilllib import quiz\nquiz('08-cloud')"
LANGUAGES = ["zh", pytest.param("en", marks=thorough)]


def run_below(page: Page) -> None:
    """Run the second cell, as a learner does who comes to it."""
    page.locator(".jp-CodeCell .jp-InputArea-editor").nth(1).click()
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")


def open_two(page: Page, opened: Callable, language: str, first: str, second: str) -> str:
    """A notebook of which only the first cell has run."""
    name = opened(first, second, language=language, run=False)
    page.locator(".jp-CodeCell .jp-InputArea-editor").nth(0).click()
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
    expect(page.locator(".drill-question")).to_have_count(1)
    return name


def kept(folder: Path) -> list[dict]:
    path = folder / RECORD
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_prediction_is_recorded_and_compared_after_the_run(
    page: Page, opened: Callable, folder: Path, said: list, language: str
) -> None:
    copy_notebooks(folder)
    before = len(kept(folder))
    open_two(page, opened, language, PREDICT, "lesson.curl()")
    card = page.locator(".drill-question")
    expect(card.get_by_role("button")).to_be_disabled()

    card.get_by_role("radio").nth(3).click()
    card.get_by_role("button", name=say(language, "predict.record")).click()
    expect(card.get_by_role("status").last).to_contain_text(say(language, "predict.recorded")[:8])
    expect(card.get_by_role("radio").nth(0)).to_be_disabled()
    assert "504" not in card.locator(".drill-q-rows").inner_text()
    run_below(page)

    expect(card.locator(".drill-q-rows")).to_contain_text("504 Gateway Time-out")
    expect(card.locator(".drill-q-status")).to_contain_text(say(language, "predict.miss"))
    expect(card.locator(".drill-q-why")).to_contain_text(say(language, "predict.says_504"))
    assert [(each["lesson"], each["right"]) for each in kept(folder)[before:]] == [("02-node", False)]
    assert said == []


def test_a_prediction_by_keyboard_alone(page: Page, opened: Callable, folder: Path, said: list) -> None:
    open_two(page, opened, "en", PREDICT, "lesson.curl()")
    card = page.locator(".drill-question")
    card.get_by_role("radio").nth(0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")  # cuts a cell, elsewhere
    expect(card.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Enter")  # of the cell below, as if the prediction had just been run

    expect(card.locator(".drill-q-status")).to_contain_text("As you predicted")
    expect(page.locator(".jp-CodeCell .jp-OutputArea-output").last).to_contain_text("504")
    assert page.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts()[:2] == ["[1]:", "[2]:"]
    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiz_answers_at_once_keeps_score_and_asks_another(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    opened(QUIZ, language=language)
    card = page.locator(".drill-question").first
    expect(page.locator(".drill-question legend code").first).to_be_visible()
    right = load_quiz("08-cloud")[0].right()
    asked = card.locator("legend").inner_text()

    card.get_by_role("radio").nth((right + 1) % 3).click()
    expect(card.locator(".drill-q-wrong .drill-q-feedback")).to_contain_text(say(language, "quiz_wrong"))
    card.get_by_role("radio").nth(right).click()
    expect(card.locator(".drill-q-right .drill-q-feedback")).to_contain_text(say(language, "quiz_right"))
    expect(page.locator(".drill-q-score")).to_contain_text(say(language, "quiz_score", right=0, count=1))
    expect(card.get_by_role("button", name=say(language, "quiz_more"))).to_be_focused()

    card.get_by_role("button", name=say(language, "quiz_more")).click()
    expect(card.locator("legend")).not_to_have_text(asked)
    expect(card.get_by_role("radio").first).not_to_be_checked()
    expect(card.get_by_role("radio").first).to_be_focused()
    expect(card.locator(".drill-q-feedback").filter(has_text="✗")).to_have_count(0)
    assert said == []


def of_questions(script: str) -> str:
    """The same look at the questions as at the panel."""
    return script.replace(".drill-panel", ".drill-questions")


@thorough
@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=thorough)])
def test_nothing_of_a_question_is_clipped_faint_or_objected_to_by_axe(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    """With an answer that was wrong and one that was right, wide and narrow, in both themes."""
    open_two(page, opened, language, PREDICT, "display(lesson.predict('outcome'))\nlesson.curl()")
    card = page.locator(".drill-question").first
    card.get_by_role("radio").nth(3).click()
    card.get_by_role("button").click()
    run_below(page)
    expect(card.locator(".drill-q-wrong label")).to_be_visible()
    names = page.locator(".drill-questions").evaluate_all("(all) => all.map((each) => each.getAttribute('aria-label'))")
    assert len(set(names)) == len(names) == 2

    for width in (1600, 600):
        page.set_viewport_size({"width": width, "height": 1000})
        assert found(page, of_questions(STICKING_OUT)) == [], width
    assert found(page, of_questions(FAINT)) == []
    assert violations(page, ".drill-questions") == {}
    darken(page)
    assert found(page, of_questions(FAINT)) == []
    assert violations(page, ".drill-questions") == {}
    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_answered_is_in_the_table_of_progress(
    page: Page, opened: Callable, folder: Path, said: list, language: str
) -> None:
    """The notebook of a lesson is known by its name, whatever it opens."""
    copy_notebooks(folder)
    record = folder / RECORD
    record.unlink(missing_ok=True)
    name = open_two(page, opened, language, PREDICT, "lesson.curl(); import drilllib; drilllib.progress()")
    card = page.locator(".drill-question")
    card.get_by_role("radio").nth(1).click()
    card.get_by_role("button").click()
    expect(card.get_by_role("radio").nth(0)).to_be_disabled()
    run_below(page)

    table = page.get_by_role("table", name=say(language, "progress.title"))
    expect(table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="02-node"))).to_contain_text("1/")
    expect(table.get_by_role("columnheader")).to_have_count(4)
    assert [each["lesson"] for each in kept(folder)] == ["02-node"], name
    assert said == []


@thorough
def test_a_restarted_kernel_is_said_and_nothing_looks_clickable(page: Page, opened: Callable, said: list) -> None:
    open_two(page, opened, "en", PREDICT, "lesson.curl()")

    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")

    expect(page.locator(".drill-q-gone")).to_contain_text("is gone")
    expect(page.locator(".drill-question").get_by_role("radio").first).to_be_disabled()
    assert said == []
