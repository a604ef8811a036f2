"""
Notebooks of the course, against as many notebooks with one cell that does nothing: what the course adds to Jupyter.

The empty notebooks are run by plain papermill, with a kernel started anew for each, its own settings and its own
waits, but in the same process and as many at a time. All lessons, 00 to 10, are also set against `drill run` in kernels
that are started anew. The fastest round of each counts, not the median: now and then a kernel does not hear that it
should end, and Jupyter waits about three seconds before it kills it.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import papermill

from bench.table import duration, seconds_of
from drilllib.cli.course import NOBODYS
from drilllib.course.copies import notebook_names
from drilllib.course.run import run_notebooks
from drilllib.lesson import labs

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
JOBS = os.cpu_count() or 1
COLUMNS = ("drill run, fastest", "notebooks", "time", "against empty", "budget")
REAL = ("07", "08", "10", "11")  # wait for real packets and real clients


def rows() -> list[tuple[str, ...]]:
    """Every round in the other order, after one that only warms up."""
    names = notebook_names()
    simulated = [name for name in names if not name.startswith(REAL)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        out = Path(folder)
        pair, single = 2 * len(simulated), len(names)
        some = _fastest([lambda: run_empty(out, pair), lambda: run_course(out, simulated, ("zh", "en"))])
        every = _fastest(
            [
                lambda: run_empty(out, single),
                lambda: run_course(out, names, ("en",)),
                lambda: run_course(out, names, ("en",), warm=False),
            ]
        )
    return [
        _row("empty, plain papermill", pair, some[0], some[0]),
        _row("00 to 06 and 09, both languages", pair, some[1], some[0], "<= 0.25x"),
        _row("empty, plain papermill", single, every[0], every[0]),
        _row("00 to 10", single, every[1], every[0], "<= 2x"),
        _row("00 to 10, --kernel cold", single, every[2], every[0]),
    ]


def _row(name: str, count: int, seconds: float, empty: float, budget: str = "") -> tuple[str, ...]:
    return f"{name}, {JOBS} jobs", str(count), duration(seconds), f"{seconds / empty:.2f}x", budget


def _fastest(works: Sequence[Callable[[], None]]) -> list[float]:
    rounds = []
    for turn in range(ROUNDS + 1):
        times = [0.0] * len(works)
        for each in sorted(range(len(works)), reverse=bool(turn % 2)):
            times[each] = seconds_of(works[each])
        rounds.append(times)
    return [min(times) for times in zip(*rounds[1:], strict=True)]


def run_course(out: Path, names: list[str], languages: Sequence[str], *, warm: bool = True) -> None:
    """What `drill run` does. A notebook that fails would make the ratio a lie, so it ends the run."""
    details = {"languages": languages, "parameters": {}, "out": out, "jobs": JOBS, "warm": warm}
    for result in run_notebooks(names, environment={labs.SPEED: NOBODYS}, **details):
        if result.problem:
            raise RuntimeError(f"{result.notebook} failed: {result.problem}")


def run_empty(out: Path, count: int) -> None:
    """So many notebooks with one cell that does nothing, through papermill alone."""
    source = out / "empty.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("pass")]), source)
    with ThreadPoolExecutor(JOBS) as pool:
        for done in [pool.submit(_run_one, source, out / f"empty-{place}.ipynb") for place in range(count)]:
            done.result()


def _run_one(source: Path, output: Path) -> None:
    papermill.execute_notebook(
        str(source),
        str(output),
        kernel_name="python3",
        progress_bar=False,
        extra_arguments=["--log-level=40"],  # as `drill run` does
    )
