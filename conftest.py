"""
Which stored notebooks can be compared on this machine; those that cannot are skipped with the reason.

Nobody is there to write what a learner writes, so the lessons fill it in. Nobody waits as long as a learner either:
what is stored was made at the learner's pace, and has to come out the same.
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbval.kernel
import pytest

from drilllib.cli.course import NOBODYS
from drilllib.cloud.shell.wrappers import find_program
from drilllib.course.warm.forks import Forks, can_fork
from drilllib.lesson.labs import SPEED, no_real_packets
from drilllib.lesson.repairs import SOLVE
from drilllib.views.picture import graphviz

os.environ.setdefault(SOLVE, "1")
os.environ.setdefault(SPEED, NOBODYS)
REAL = ("07-real-packets", "08-cloud")


@cache
def place() -> ExitStack:
    """What ends with this process, made for the first kernel; a worker of xdist may end without finalisers."""
    return ExitStack()


@cache
def folder() -> Path:
    """Of this process's sockets."""
    return Path(place().enter_context(tempfile.TemporaryDirectory(prefix="nbval.", ignore_cleanup_errors=True)))


@cache
def forks() -> Forks | None:
    """The process that this one's kernels are forked from, as those of `drill run` are."""
    return place().enter_context(Forks(os.environ, folder())) if can_fork() else None


def pytest_unconfigure() -> None:
    place().close()


class Kernels(nbval.kernel.KernelManager):
    """With sockets that are files: a port may be another test's by the time that a kernel opens it."""

    stopping = False

    def __init__(self, **options: Any) -> None:
        self.__class__.forks, self.__class__.folder = forks(), folder()
        super().__init__(transport="ipc", ip=str(folder() / uuid4().hex[:8]), **options)

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        from drilllib.course.managers import Provisioner

        self.kernel_id = self.kernel_id or str(uuid4())
        self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)


if sys.platform != "win32":
    nbval.kernel.KernelManager = Kernels
    nbval.kernel.pformat = len  # of every message, for a log that nobody reads


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons: dict[str, str | None] = {}
    for item in items:
        if item.path.suffix == ".ipynb":
            if item.path.stem not in reasons:
                reasons[item.path.stem] = _why_not(item.path.stem)
            if reasons[item.path.stem]:
                item.add_marker(pytest.mark.skip(reason=reasons[item.path.stem]))


def _why_not(notebook: str) -> str | None:
    """What this machine lacks to show what is stored of a notebook."""
    found = graphviz.renderer()
    if not found or found[0] != "graphviz-pure":
        return "the graphviz-pure wheel, which drew the stored pictures, is not installed on this machine"
    if notebook in REAL and no_real_packets():
        return f"no real packets here: {no_real_packets()}"
    if notebook == "08-cloud" and find_program("tccli") is None:
        return "tccli is not installed: make tccli"
    return None
