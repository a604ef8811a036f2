"""One browser for all tests of a process that need one: Playwright starts once a thread."""

from collections.abc import Iterator

import pytest

from bench.jupyterlab import ARGUMENTS, browser_path
from tests.waits import PATIENCE_S


@pytest.fixture(scope="session")
def browser() -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    playwright.expect.set_options(timeout=PATIENCE_S * 1000)
    path = browser_path()
    if path is None:
        # Without a browser all else still works; under INSTALL=1, as in .ci/run, one is installed and these tests run.
        pytest.skip("no Chromium here; on Debian: apt-get install chromium fonts-noto-cjk, or INSTALL=1 make test")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()
