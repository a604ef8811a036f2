"""
The course in a browser tab: what a first visit sends, and how long a lesson takes, beside the same in JupyterLab here.

A browser profile of its own for each lesson, so that every one is a first visit. A lesson is timed in the page, from
"run all cells" to the last of them, once its kernel waits.
"""

import gzip
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.jupyterlab import ARGUMENTS, READY, RUN_ALL, browser_path, jupyterlab, open_notebook
from bench.table import duration
from drilllib.cli import main
from drilllib.course.copies import copy_notebooks

LESSONS = ("00-start", "02-node", "06-exact")  # a short one, one of panels, one of sets; all eight take over 10 minutes
BYTE_COLUMNS = ("first visit", "files", "sent", "if the host compresses")
COLUMNS = ("lesson", "kernel ready in the tab", "all cells in the tab", "in JupyterLab", "ratio")
IDLE = """async () => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  while (kernel.status !== 'idle') await new Promise((done) => setTimeout(done, 50));
}"""


class _Host(SimpleHTTPRequestHandler):
    """A static host that notes what it sent: paths of files."""

    sent: list[Path] = []

    def send_head(self) -> Any:
        """As the library does."""
        found = super().send_head()
        if found is not None:
            self.sent.append(Path(self.translate_path(unquote(urlsplit(self.path).path))))
        return found

    def log_message(self, *_: object) -> None:
        """Nothing."""


def tables() -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Both tables, each with its columns; a line that says so where npm or a browser is missing."""
    if browser_path() is None or which("npm") is None:
        yield ("site",), [("not measured: no Chromium or no npm here",)]
        return
    from playwright.sync_api import sync_playwright

    with _hosted() as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        in_tab = {name: _in_tab(browser, address, name) for name in LESSONS[:1]}
        yield BYTE_COLUMNS, [_bytes()]
        in_tab |= {name: _in_tab(browser, address, name) for name in LESSONS[1:]}
        in_lab = dict(_in_jupyterlab(browser))
        yield COLUMNS, [_row(name, *in_tab[name], in_lab[name]) for name in LESSONS]


def _row(name: str, ready: float, tab: float, lab: float) -> tuple[str, ...]:
    return name, duration(ready), duration(tab), duration(lab), f"{tab / lab:.1f}x"


@contextmanager
def _hosted() -> Iterator[str]:
    """The site, built and served on loopback; the build itself is not timed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if main(["site", folder]):
            raise RuntimeError("drill site failed")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Host, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()


def _in_tab(browser: Any, address: str, name: str) -> tuple[float, float]:
    """Seconds until the kernel waits, and for all cells."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(300_000)
    started = time.perf_counter()
    page.goto(f"{address}/lite/lab/index.html?path=en/{name}.ipynb")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.evaluate(READY)
    page.evaluate(IDLE)
    ready = time.perf_counter()
    page.evaluate(RUN_ALL)
    ended = time.perf_counter()
    context.close()
    return ready - started, ended - ready


def _in_jupyterlab(browser: Any) -> Iterator[tuple[str, float]]:
    """Seconds for all cells of each lesson, with the kernel of the course."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as notebooks,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
    ):
        copy_notebooks(Path(notebooks))
        with jupyterlab(Path(notebooks), Path(scratch)) as address:
            page = browser.new_page(viewport={"width": 1300, "height": 1000})
            page.set_default_timeout(300_000)
            for name in LESSONS:
                open_notebook(page, address, f"en/{name}.ipynb", run=False)
                page.evaluate(IDLE)
                started = time.perf_counter()
                page.evaluate(RUN_ALL)
                yield name, time.perf_counter() - started


def _bytes() -> tuple[str, ...]:
    """What the first visit sent, as it is and as gzip makes it."""
    plain, packed = 0, 0
    for path in _Host.sent:
        data = path.read_bytes() if path.is_file() else b""
        plain, packed = plain + len(data), packed + len(gzip.compress(data, 6))
    return f"lesson {LESSONS[0]}", str(len(_Host.sent)), f"{plain / 1e6:.1f} MB", f"{packed / 1e6:.1f} MB"
