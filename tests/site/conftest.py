"""The built pages, a server for them under a subpath, and a browser that notes every request."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from drilllib.cli import main
from tests.site.lite_page import LitePage, lite_page
from tests.thorough import THOROUGH
from tests.waits import PATIENCE_S

pytest.importorskip("mistune", reason="mistune, which the pages are made with, is not installed")
SUBPATH = "course/drill"


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a site; of the lessons that run in a tab only the addresses."""
    from drilllib.site.pages.build import build_pages

    folder = tmp_path_factory.mktemp("host") / SUBPATH
    build_pages(folder, lite=True)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Files, and nothing in the log."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a site on a web server, under a path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site.parents[1])))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{SUBPATH}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def host(pages: Path) -> Iterator[str]:
    """The address of the pages."""
    with served(pages) as address:
        yield address


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that `drill site` writes, with the lessons that run in a tab."""
    if not THOROUGH:
        pytest.skip("to build the lessons for a browser tab and to play them there takes long: THOROUGH=1 make test")
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, and Pyodide comes from its registry alone: install Node.js")
    folder = tmp_path_factory.mktemp("whole") / SUBPATH
    assert main(["site", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def whole_host(whole: Path) -> Iterator[str]:
    """Its address."""
    with served(whole) as address:
        yield address


@pytest.fixture
def lite(browser, whole_host: str) -> Callable[[], AbstractContextManager[LitePage]]:
    """Opens a page of the course in a tab; as it closes, it has asked nobody else."""
    return partial(lite_page, browser, f"{whole_host}/")


@pytest.fixture(scope="session")
def zh_tab(browser, whole_host: str) -> Iterator[LitePage]:
    """One page and one kernel for all lessons of a language: its start takes longer than a lesson."""
    with lite_page(browser, f"{whole_host}/") as page:
        page.open("zh/00-start")
        yield page


@pytest.fixture(scope="session")
def en_tab(browser, whole_host: str) -> Iterator[LitePage]:
    """The same in English."""
    with lite_page(browser, f"{whole_host}/") as page:
        page.open("en/00-start")
        yield page


@pytest.fixture
def tab(request: pytest.FixtureRequest) -> LitePage:
    """That of the language in the test's parameter."""
    found: LitePage = request.getfixturevalue(f"{request.param}_tab")
    return found


@pytest.fixture
def asked() -> list[str]:
    """The addresses that the test's pages asked for."""
    return []


@pytest.fixture
def visit(browser, host: str, asked: list[str]) -> Iterator:
    """Open a page of the site, with the options of a browser context: its language, size, theme."""
    contexts = []

    def open_page(place: str, *, base: str = host, **options: object):
        context = browser.new_context(**{"locale": "en-US", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{base}/{place}")
        return page

    yield open_page
    for each in contexts:
        each.close()
