"""Who makes which tests, where several processes share them: by file, the longest first, so that all end together."""

from typing import Any

import pytest

# Its tests share a JupyterLab and a page, so one process makes them all.
BROWSER = "tests/browser/"
# Of these each test goes to whoever is free: they share nothing.
SINGLE = ("tests/core/test_hostile_rules.py", "tests/core/test_walker_agreement.py")
# These take longest, and most of them wait; what only computes fills the gaps.
LONG = (
    BROWSER,
    "tests/labs/test_kernel_paths.py",
    "tests/test_types.py",
    "tests/course/test_run.py",
    "tests/cli/test_lab_command.py",
    "tests/cli/test_cloud_command.py",
    "tests/cli/test_shell_command.py",
    *SINGLE,
    "tests/labs/",
    "notebooks/zh/07",
    "notebooks/en/07",
    "tests/setup/",
    "tests/course/",
    "notebooks/",
    "tests/cli/",
    "tests/cloud/",
)


def unit(nodeid: str) -> str:
    """What is made by one process, in order: usually the tests of a file."""
    if nodeid.startswith(BROWSER):
        return BROWSER
    return nodeid if nodeid.startswith(SINGLE) else nodeid.split("::", 1)[0]


def rank(item: pytest.Item) -> int:
    """The place in the order: that of the first entry of `LONG` that fits, or behind them."""
    return next((place for place, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile` with `unit` for the file, in the order of collection."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Units(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid)

    config.option.loadscopereorder = False
    return Units(config, log)
