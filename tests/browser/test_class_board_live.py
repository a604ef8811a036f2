"""The served board in a browser: it changes by itself, what was focused stays, keys step, axe finds nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from drilllib.classes.board_server import BoardServer
from drilllib.classes.drop_box import DropBox
from drilllib.classes.grader import grade_all
from drilllib.classes.place import Place
from tests.classes.rooms import class_in, played, practice_of, tasks_of
from tests.thorough import thorough
from tests.waits import PATIENCE_S

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return class_in(tmp_path)


@pytest.fixture
def server(place: Place) -> Iterator[BoardServer]:
    with BoardServer(place, "en", box=DropBox(place)) as started:
        yield started


@pytest.fixture
def page(browser) -> Iterator:
    made = browser.new_page(viewport={"width": 360, "height": 800})
    made.set_default_timeout(PATIENCE_S * 1000)
    made.wrong = []
    made.on("console", lambda said: made.wrong.append(said.text))
    made.on("pageerror", lambda error: made.wrong.append(str(error)))
    yield made
    made.close()


def hand_in(place: Place, folder: Path, task: int) -> None:
    log = played(practice_of(folder, "alice") / f"{task}.jsonl", tasks_of(folder, "alice")[task])
    assert DropBox(place).take(log.read_bytes()).status == 201
    grade_all(place, workers=1)


def faults(page) -> dict:
    found = Axe().run(page).response["violations"]
    return {each["id"]: [node["html"][:150] for node in each["nodes"]] for each in found}


def test_it_is_live_and_what_was_focused_stays(server: BoardServer, place: Place, page, tmp_path: Path) -> None:
    page.goto(server.url)
    page.get_by_role("link", name="bob").focus()
    hand_in(place, tmp_path, 0)
    expect(page.get_by_text("passed", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="bob")).to_be_focused()
    assert faults(page) == {}
    assert page.wrong == []
    server.stop()
    expect(page.locator(".drill-live")).to_contain_text("does not answer")
    expect(page.get_by_text("passed", exact=True).first).to_be_visible()


@thorough
def test_an_attempt_is_replayed_by_keys(server: BoardServer, place: Place, page, tmp_path: Path) -> None:
    hand_in(place, tmp_path, 0)
    page.goto(server.url)
    page.get_by_role("link", name="alice").press("Enter")
    steps = page.locator("ol > li:visible")
    expect(steps).to_have_count(6)
    page.get_by_role("button", name="First step").press("Enter")
    expect(steps).to_have_count(1)
    page.get_by_role("button", name="Next").press("Space")
    expect(steps).to_have_count(2)
    expect(page.locator(".drill-steps [role=status]")).to_have_text("2 / 6")
    assert faults(page) == {}
    hand_in(place, tmp_path, 1)
    expect(page.locator(".drill-attempt")).to_have_count(2)
    assert faults(page) == {}
    expect(page.locator(".drill-steps [role=status]").first).to_have_text("2 / 6")
    page.get_by_role("link", name="中文").press("Enter")
    expect(page.get_by_role("button", name="第一步").first).to_be_visible()
    assert page.wrong == []
