"""The page that saves a learner's work as one file and takes it in: whole, or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from drilllib.views.phrases.catalog import say
from tests.thorough import one_in

CELL = {"cell_type": "code", "source": "1", "metadata": {"trusted": True}, "outputs": []}
FORMAT = "drilllib/work-1"
STILL = {"reduced_motion": "reduce", "viewport": {"width": 360, "height": 800}}


def model(path: str, content: Any, kind: str = "file") -> dict[str, Any]:
    """As JupyterLite keeps a file."""
    return {"name": path.split("/")[-1], "path": path, "type": kind, "content": content}


def work(*models: dict[str, Any], **changed: object) -> str:
    return json.dumps({"format": FORMAT, "files": {each["path"]: each for each in models}, **changed})


MINE = (
    model("zh/00-start.ipynb", {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, "notebook"),
    model(".drilllib-progress.jsonl", '{"lesson": "00-start"}\n'),
    model("practice", None, "directory"),
)
BAD = {
    "no JSON": "PK\x03\x04",
    "no object": "[]",
    "null": "null",
    "empty": work(),
    "files are none": work(files=[]),
    "another format": work(*MINE, format="drilllib/work-2"),
    "out of the folder": work(model("zh/../../x", "")),
    "from the root": work(model("/etc/x", "")),
    "another path": json.dumps({"format": FORMAT, "files": {"a": model("b", "")}}),
    "no content": json.dumps({"format": FORMAT, "files": {"a": {"path": "a", "type": "file"}}}),
    "no cells": work(model("a.ipynb", "text", "notebook")),
    "one of two": work(MINE[0], model("a", "", "socket")),
}


def take(page: Any, text: str, name: str = "work.json") -> None:
    page.locator("#chosen").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": text.encode("utf-8")}
    )


def kept(page: Any) -> dict[str, Any]:
    """What the page saves."""
    with page.expect_download() as download:
        page.locator("#save").click()
    assert Path(download.value.suggested_filename).match("drilllib-work-????-??-??.json")
    return json.loads(download.value.path().read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_taken_in_is_saved_again(visit, asked: list[str], language: str) -> None:
    page = visit(f"{language}/work.html", **STILL)
    expect(page.locator("#kept")).to_have_text(say(language, "work.nothing"))
    expect(page.locator("#save")).to_be_hidden()
    before = len(asked)
    take(page, work(*MINE))
    expect(page.locator(".site-status")).to_have_text(say(language, "work.taken", number="2"))
    expect(page.locator("#kept")).to_have_text(say(language, "work.kept", number="2"))

    page.reload()
    expect(page.locator("#kept")).to_have_text(say(language, "work.kept", number="2"))
    again = kept(page)
    assert again["files"].keys() == {each["path"] for each in MINE}
    assert again["files"]["practice"] == MINE[2]
    assert again["files"][".drilllib-progress.jsonl"] == MINE[1]
    assert Axe().run(page).response["violations"] == []
    assert [each for each in asked[before:] if "/assets/" not in each and "work.html" not in each] == []


def test_what_is_in_a_notebook_of_somebody_elses_does_not_run_when_it_is_opened(visit) -> None:
    page = visit("en/work.html", **STILL)
    take(page, work(*MINE))
    expect(page.locator("#save")).to_be_visible()
    (cell,) = kept(page)["files"]["zh/00-start.ipynb"]["content"]["cells"]
    assert cell == {**CELL, "metadata": {}}


@pytest.mark.parametrize("name", one_in(3, list(BAD)))
def test_a_file_that_is_none_is_told_in_a_line_and_changes_nothing(visit, name: str) -> None:
    page = visit("en/work.html", **STILL)
    take(page, BAD[name], "<b>.json")
    expect(page.locator(".site-status.site-wrong")).to_have_text(say("en", "work.no_work", name="<b>.json"))
    expect(page.locator("#kept")).to_have_text(say("en", "work.nothing"))
    expect(page.locator("#replace")).to_be_hidden()


def test_nothing_of_the_learners_is_replaced_without_a_question(visit) -> None:
    page = visit("zh/work.html", **STILL)
    take(page, work(*MINE))
    expect(page.locator("#save")).to_be_visible()
    other = model(MINE[1]["path"], '{"lesson": "01-clb"}\n')
    take(page, work(other, model("zh/new.txt", "new")))
    expect(page.locator(".site-status")).to_have_text(say("zh", "work.differ", number="1"))
    expect(page.locator("#differ li")).to_have_text([other["path"]])
    assert kept(page)["files"].keys() == {each["path"] for each in MINE}

    page.locator("#replace").click()
    expect(page.locator(".site-status")).to_have_text(say("zh", "work.taken", number="2"))
    expect(page.locator("#replace")).to_be_hidden()
    files = kept(page)["files"]
    assert files[other["path"]] == other
    assert files["zh/new.txt"]["content"] == "new"
    assert len(files) == 4


def test_from_a_disk_it_says_where_to_go(visit, pages: Path) -> None:
    page = visit("en/work.html", base=pages.as_uri(), **STILL)
    expect(page.locator(".site-status")).to_have_text(say("en", "work.from_disk"))
    expect(page.locator(".site-ask")).to_be_hidden()
