"""Who makes which tests, where several processes share them: by file, the longest first, so that all end together."""

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

# Its tests share a JupyterLab and a page.
BROWSER = ("tests/browser/",)
# These share the site that is built.
SITE = ("tests/site/",)
# These share what engine and walker say of the first random worlds.
ANSWERS = ("tests/core/test_walker_agreement.py", "tests/core/test_walker.py", "tests/core/test_suspects.py")
# These share what is proposed for the first random cases.
FIXES = ("tests/core/test_fix_smallest.py", "tests/core/test_stops.py")
# Each of these is made by one process.
TOGETHER = (BROWSER, SITE, ANSWERS, FIXES)
# Of these each test goes to whoever is free: they share nothing.
SINGLE = (
    "tests/core/test_hostile_rules.py",
    "tests/core/test_walker_agreement.py::test_they_agree_on_all_the_others",
    "tests/fuzz/",
    "tests/cloud/test_typed_",
    "tests/guard/test_killed_walks.py",
    "tests/core/test_worlds_proved.py::test_each_world_is_proved",
)
# These take longest, and most of them wait; what only computes fills the gaps.
LONG = (
    *BROWSER,
    *SITE,
    "tests/labs/test_kernel_paths.py",
    "tests/test_types.py",
    "tests/course/test_run.py",
    "tests/cli/test_lab_command.py",
    "tests/cli/test_cloud_command.py",
    "tests/cli/test_shell_command.py",
    *SINGLE,
    *ANSWERS,
    "tests/labs/",
    "notebooks/zh/07",
    "notebooks/en/07",
    "tests/setup/",
    "tests/course/",
    "notebooks/",
    "tests/cli/",
    "tests/machine/",
    "tests/cloud/",
    "tests/core/test_random_players.py",
    "tests/guard/",
    "tests/provision/",
    "tests/practice/",
    "tests/classes/test_hub.py",
)


def unit(nodeid: str) -> str:
    """What is made by one process, in order: usually the tests of a file."""
    if nodeid.startswith(SINGLE):
        return nodeid
    together = next((each for each in TOGETHER if nodeid.startswith(each)), None)
    return together[0] if together else nodeid.split("::", 1)[0]


def rank(item: pytest.Item) -> int:
    """The place in the order: that of the first entry of `LONG` that fits, or behind them."""
    return next((place for place, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))


def share() -> list[Path]:
    """The test modules that this process imports before all others: none where it does not share the tests."""
    number, workers = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    modules = sorted(Path(__file__).parent.rglob("test_*.py"))
    return modules[int(number[2:]) :: int(workers)] if number.startswith("gw") else []


def import_share() -> None:
    """
    In a fresh checkout pytest rewrites every module's assertions once: each process those of its share first.

    Else every process would rewrite all of them, side by side. What cannot be imported is told by the collection.
    """
    for path in share():
        sys.path.insert(0, str(path.parent))
        with suppress(Exception, pytest.skip.Exception):  # the collection imports it again, and tells what is wrong
            importlib.import_module(path.stem)


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
