"""A learner at work in a browser tab: a drill of practice is played, and no reload, move or lost network loses it."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from drilllib.views.phrases.catalog import say
from tests.site.conftest import served
from tests.site.lite_page import PHONE, SAVE, SHARE, lite_page
from tests.thorough import LONG, thorough
from tests.waits import wait_until

LANGUAGES = ["zh", *(["en"] if LONG else [])]
BEGIN = """
from drilllib import Lesson, Practice
lesson = Lesson("group-1", solve=True)
lesson.insert("sg-clb00001", "ACCEPT ...")
print(lesson.verify())
practice = Practice("node-source", seed=7, level=1, solve=True)
print(practice.look("curl"))
"""
GO_ON = """
import os
from pathlib import Path
from drilllib import Practice
from drilllib.lesson.record import events
print(*((event["lesson"], event["what"], event["right"]) for event in events(Path("/drive"))))
practice = Practice("node-source", seed=7, level=1, solve=True)
print(practice.ticket())
print(practice.look("rules", "sg-..."))
print(practice.state(...))
print(practice.insert("sg-...", "ACCEPT ...", at=...))
print(practice.finish())
logs = os.listdir("/drive/practice")
print(len(logs), len(Path("/drive/practice", logs[0]).read_text().splitlines()))
"""
WRITE = """(text) => {
  const { model } = window.jupyterapp.shell.currentWidget.context;
  model.cells.get(1).sharedModel.setSource(text);
}"""
KEPT = """async () => {
  const { later } = JSON.parse(document.getElementById('drill-start').textContent);
  const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const kept = (await Promise.all(stores.map((store) => store.keys()))).flat().map(({ url }) => url);
  return later.zh.length > 12 && later.zh.every((name) => kept.some((url) => url.endsWith(name)));
}"""
ALL_BUT_BORDERS = 0.9
FIRST = "() => window.jupyterapp.shell.currentWidget.context.model.cells.get(1).sharedModel.getSource()"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reload_keeps_notebook_progress_and_attempt(lite: Callable, language: str) -> None:
    """A whole drill of practice, with a reload in the middle of it."""
    with lite() as tab:
        tab.open(f"{language}/09-tickets")
        begun = tab.execute(BEGIN)
        assert "Traceback" not in begun
        tab.page.evaluate(WRITE, "level = 1  # mine")
        tab.page.evaluate(SAVE)

        tab.page.reload()
        tab.wait()
        assert tab.page.evaluate(FIRST) == "level = 1  # mine"
        told = tab.execute(GO_ON)

    assert "('01-clb', 'verified', True)" in told
    assert say(language, "practice_panel.resumed", count=1) in told
    assert told.splitlines()[-1] == "1 6"  # a header, two looks, a statement, a repair, and the end


@thorough
def test_a_file_takes_all_of_it_to_a_phone(lite: Callable, tmp_path: Path) -> None:
    """An attempt that was begun here is finished there, and graded; the lesson has the phone's width."""
    saved = tmp_path / "work.json"
    with lite() as tab:
        tab.open("en/09-tickets")
        assert "Traceback" not in tab.execute(BEGIN)
        tab.page.evaluate(WRITE, "level = 1  # mine")
        tab.page.evaluate(SAVE)
        tab.page.goto(f"{tab.address}en/work.html")
        with tab.page.expect_download() as download:
            tab.page.locator("#save").click()
        download.value.save_as(saved)

    with lite(size=PHONE) as tab:
        tab.page.goto(f"{tab.address}zh/work.html")
        expect(tab.page.locator("#save")).to_be_hidden()
        tab.page.locator("#chosen").set_input_files(saved)
        expect(tab.page.locator("#save")).to_be_visible()
        tab.open("en/09-tickets")
        assert tab.page.evaluate(FIRST) == "level = 1  # mine"
        assert tab.page.evaluate(SHARE) > ALL_BUT_BORDERS
        told = tab.execute(GO_ON)

    assert "('01-clb', 'verified', True)" in told
    assert say("en", "practice_panel.resumed", count=1) in told
    assert told.splitlines()[-1] == "1 6"


@thorough
def test_the_first_visit_says_how_far_it_is_and_later_ones_need_no_network(browser, whole: Path) -> None:
    """The host is gone, for good: all comes from what the browser kept."""
    with served(whole) as address:
        opened = ExitStack()
        tab = opened.enter_context(lite_page(browser, f"{address}/", PHONE))
        tab.page.goto(f"{tab.address}lite/lab/index.html?path=zh/00-start.ipynb")
        expect(tab.page.locator("#drill-loading")).to_contain_text(" / ")
        tab.wait()
        expect(tab.page.locator("#drill-loading")).to_have_count(0)
        assert tab.page.evaluate(SHARE) > ALL_BUT_BORDERS
        assert wait_until(lambda: tab.page.evaluate(KEPT))  # wait_for_function takes a promise for a yes

    tab.page.reload()
    tab.wait()
    expect(tab.page.locator("#jp-MainMenu")).to_contain_text("文件")
    cells = tab.run_all()
    opened.close()
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert len(outputs) > 5
    assert [output for output in outputs if output["output_type"] == "error"] == []
