"""Settings of the test run: hypothesis profiles, golden files, and what cannot be compared on this machine."""

import asyncio
import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.browsers import browser  # noqa: F401  a fixture, found by name
from tests.thorough import how_many
from tests.workers import (
    import_share,
    pytest_collection_modifyitems,  # noqa: F401  a hook, found by name
    pytest_xdist_make_scheduler,  # noqa: F401  another
)

# Ignored in the background of a script, here and in every process from here, so that Ctrl-C could not be tested there.
signal.signal(signal.SIGINT, signal.default_int_handler)

GOLDEN = Path(__file__).parent / "golden"

# A busy machine is no failure.
settings.register_profile("everywhere", deadline=None, max_examples=how_many(50, thorough=100))
settings.load_profile("everywhere")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """
    What is imported and collected stays: the garbage collector need not look at it, neither now nor later.

    Nor need it look often at what tests make: they make much that is given up without it.
    """
    gc.disable()
    try:
        import_share()
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """
    No test without a browser finds Playwright's event loop, which is left running in the thread until the session ends.

    Who finds a loop running cannot call `asyncio.run`.
    """
    loop = asyncio._get_running_loop() if {"browser", "site"}.isdisjoint(item.path.parts) else None
    if loop is not None:
        asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        if loop is not None:
            asyncio._set_running_loop(loop)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write what is shown now into tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compare a text with tests/golden/NAME. Rewritten only on purpose, and reviewed as a diff."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare
