"""One JupyterLab and one browser for all browser tests of a worker; a page for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.jupyterlab import ARGUMENTS, browser_path, jupyterlab, open_notebook, write_notebook

# What JupyterLab says of itself.
HARMLESS = (
    *("Starting application in workspace", "Starting WebSocket", "Kernel: ", "Connection lost, reconnecting"),
    *("Could not restore the debugger state", "Canceled future", "Error: Canceled future"),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("notebooks")
    for language in ("zh", "en"):
        (made / language).mkdir()
    return made


@pytest.fixture(scope="session")
def browser() -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = browser_path()
    if path is None:
        # Without a browser all else still works; under INSTALL=1, as in .ci/run, one is installed and these tests run.
        pytest.skip("no Chromium here; on Debian: apt-get install chromium fonts-noto-cjk, or INSTALL=1 make test")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def address(browser, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyterlab(folder, tmp_path_factory.mktemp("jupyter")) as found:
        yield found


@pytest.fixture
def said() -> list[str]:
    """What the page's console said that it should not."""
    return []


@pytest.fixture
def page(browser, said: list[str]) -> Iterator:
    """A page; whatever it complains about fails the test."""
    made = browser.new_page(viewport={"width": 1300, "height": 1000})
    made.set_default_timeout(20_000)

    def note(text: str) -> None:
        if not text.startswith(HARMLESS):
            said.append(text)

    made.on("console", lambda message: note(message.text))
    made.on("pageerror", lambda error: note(str(error)))
    yield made
    made.close()


@pytest.fixture
def opened(page, address: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Callable]:
    """Open a notebook with these cells, in a language, and run it."""

    def open_cells(*cells: str, language: str = "en", run: bool = True) -> str:
        name = f"{language}/{abs(hash(request.node.name))}.ipynb"
        write_notebook(folder / name, *cells)
        open_notebook(page, address, name, run=run)
        return name

    return open_cells
