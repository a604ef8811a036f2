"""One JupyterLab and one browser for all browser tests of a worker, and one page, on which each opens a notebook."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bench.jupyterlab import RUN_ALL, jupyterlab, open_notebook, write_notebook
from tests.waits import PATIENCE_S

FORKED = "--AsyncMappingKernelManager.kernel_manager_class=tests.browser.forked.Forked"
SIZE = {"width": 1300, "height": 1000}
OPEN = """async (path) => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await panel.context.ready; await panel.sessionContext.ready;
}"""
CLOSE_ALL = """async () => {
  for (const each of [...window.jupyterapp?.shell.widgets('main') ?? []]) {
    if (each.sessionContext?.session) await each.sessionContext.shutdown();
    each.dispose();
  }
}"""
# The first button of a dialog leaves things as they are.
DISMISS = "() => document.querySelectorAll('.jp-Dialog-footer').forEach((each) => each.querySelector('button').click())"
LIGHT = """() => window.jupyterapp?.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"""

# What JupyterLab says of itself; that a plugin was slow to start, said of any on a busy machine.
SLOW = re.compile(r"Plugin .* (took [\d.]+ms|is taking too long) to activate\.")
HARMLESS = (
    *("Starting application in workspace", "Starting WebSocket", "Kernel: ", "Connection lost, reconnecting"),
    *("Could not restore the debugger state", "Canceled future", "Error: Canceled future"),
    # Of the notebook before, closed while its widgets were drawn. One that is missing here is not on the page either.
    "Error: widget model not found",
    # Of JupyterLab's own list of cells, on a busy machine: a notebook that was closed while it was scrolled.
    *("Element with index ", "TypeError: Cannot read properties of null (reading 'footer')"),
    "Scrolling to a new item is requested.",  # the same list, told to scroll on before it came to rest
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("notebooks")
    for language in ("zh", "en"):
        (made / language).mkdir()
    return made


@pytest.fixture(scope="session")
def address(browser, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyterlab(folder, tmp_path_factory.mktemp("jupyter"), FORKED) as found:
        yield found


@pytest.fixture(scope="session")
def console() -> list[str]:
    """What the page said that it should not, in all tests."""
    return []


@pytest.fixture(scope="session")
def spare(browser) -> Iterator[list]:
    """The page of the test before, if it is as good as a new one: to load JupyterLab takes seconds."""
    pages: list = []
    yield pages
    for page in pages:
        page.close()


@pytest.fixture
def said(console: list[str]) -> list[str]:
    """What the page's console says in this test that it should not."""
    console.clear()
    return console


def new_page(browser, console: list[str]):
    """A page, and whatever it complains about is noted."""
    made = browser.new_page(viewport=SIZE)
    made.set_default_timeout(PATIENCE_S * 1000)

    def note(text: str) -> None:
        if not text.startswith(HARMLESS) and not SLOW.fullmatch(text):
            console.append(text)

    made.on("console", lambda message: note(message.text))
    made.on("pageerror", lambda error: note(str(error)))
    return made


@pytest.fixture
def page(browser, spare: list, said: list[str], request: pytest.FixtureRequest) -> Iterator:
    """A page with nothing on it. One on which a test failed is not used again."""
    made = spare.pop() if spare else new_page(browser, said)
    failures = request.session.testsfailed
    yield made
    if request.session.testsfailed > failures:
        made.close()
        return
    for each in (CLOSE_ALL, DISMISS, LIGHT):
        made.evaluate(each)
    made.set_viewport_size(SIZE)
    made.mouse.move(0, 0)
    spare.append(made)


@pytest.fixture
def shown(page, address: str) -> Callable[..., None]:
    """Show a notebook of the folder instead of the one before and, if asked, run it."""

    def show(name: str, *, run: bool = True) -> None:
        if not page.url.startswith(address):
            open_notebook(page, address, name, run=run)
            return
        page.evaluate(CLOSE_ALL)
        page.evaluate(OPEN, name)
        if run:
            page.evaluate(RUN_ALL)

    return show


@pytest.fixture
def opened(shown: Callable[..., None], folder: Path) -> Callable[..., str]:
    """Open a notebook with these cells, in a language, and run it."""

    def open_cells(*cells: str, language: str = "en", run: bool = True) -> str:
        name = f"{language}/{uuid4().hex}.ipynb"
        write_notebook(folder / name, *cells)
        shown(name, run=run)
        return name

    return open_cells
