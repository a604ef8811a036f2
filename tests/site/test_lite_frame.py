"""A lesson in a frame of an LMS's page: it runs where the frame may keep files, and else says where it does."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from bench.jupyterlab import ARGUMENTS, browser_path
from drilllib.views.phrases.catalog import say
from tests.site.conftest import SUBPATH, served
from tests.thorough import LONG, thorough
from tests.waits import PATIENCE_S

pytestmark = thorough
ALLOWED = 'sandbox="allow-scripts allow-same-origin allow-popups"'

Framed = Callable[[Any, str, str, str], FrameLocator]


@pytest.fixture
def framed(whole_host: str, tmp_path: Path) -> Iterator[Framed]:
    """Opens the first lesson in a frame of a page of *host*: another origin, and if not 127.0.0.1 another site."""
    place = tmp_path / SUBPATH
    place.mkdir(parents=True)
    with served(place) as lms:

        def open_page(page: Any, language: str, attributes: str, host: str) -> FrameLocator:
            lesson = f"{whole_host}/lite/lab/index.html?path={language}/00-start.ipynb"
            frame = f'<iframe {attributes} src="{lesson}" width="900" height="700"></iframe>'
            (place / "lms.html").write_text(f"<!doctype html><title>LMS</title>{frame}", encoding="utf-8")
            page.set_default_timeout(6 * PATIENCE_S * 1000)
            page.goto(f"{lms.replace('127.0.0.1', host)}/lms.html")
            return page.frame_locator("iframe")

        yield open_page


@pytest.fixture
def page(browser: Browser) -> Iterator[Any]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("language", "attributes", "host"),
    [("zh", "", "localhost"), ("en", ALLOWED, "localhost"), ("en", 'sandbox="allow-scripts"', "127.0.0.1")],
)
def test_a_frame_that_may_keep_nothing_says_so_and_leads_to_a_tab(
    page, framed: Framed, language: str, attributes: str, host: str
) -> None:
    """A page of another site, as Chromium treats it by default; and a frame without an origin."""
    frame = framed(page, language, attributes, host)
    refused = frame.locator("#drill-refused")
    expect(refused).to_contain_text(say(language, "site.keeps_nothing_in_a_frame"))
    link = refused.get_by_role("link", name=say(language, "site.in_a_tab"))
    assert link.get_attribute("target") == "_blank"
    assert str(link.get_attribute("href")).endswith(f"/lite/lab/index.html?path={language}/00-start.ipynb")
    expect(frame.locator(".jp-Notebook")).to_have_count(0)


def runs(frame: FrameLocator) -> None:
    """A kernel waits, after the bar was there."""
    frame.locator(".jp-Notebook .jp-Cell").first.wait_for()
    frame.locator("#drill-loading").wait_for()
    frame.locator("#drill-loading").wait_for(state="detached")
    expect(frame.locator(".jp-NotebookPanel-toolbar")).to_contain_text("Python (Pyodide)")


if LONG:  # each starts a kernel, for what is the browser's affair

    @pytest.mark.parametrize("attributes", ["", ALLOWED])
    def test_a_lesson_runs_in_a_frame_of_the_same_site(page, framed: Framed, attributes: str) -> None:
        runs(framed(page, "en", attributes, "127.0.0.1"))

    def test_it_runs_on_another_site_where_third_parties_may_keep_things(
        browser: Browser, framed: Framed, tmp_path: Path
    ) -> None:
        profile = tmp_path / "profile"
        settings = profile / "Default" / "Preferences"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}))
        started = browser.browser_type
        context = started.launch_persistent_context(str(profile), executable_path=browser_path(), args=ARGUMENTS)
        runs(framed(context.new_page(), "en", "", "localhost"))
        context.close()
