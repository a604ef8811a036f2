"""The built pages, a server for them under a subpath, and a browser that notes every request."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def host(pages: Path) -> Iterator[str]:
    """The address of the pages on a web server, under a path."""
    root = str(pages.parents[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{SUBPATH}"
    server.shutdown()
    server.server_close()


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
