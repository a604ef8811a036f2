"""
All notebooks of the course, against as many notebooks that do nothing: what the course adds to the cost of Jupyter.

The fastest round of each side counts, not the median. Now and then a kernel does not hear that it should end, and
Jupyter waits about three seconds before it kills it; empty notebooks, which end soonest, meet it in every other round.
"""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import papermill

from bench.table import duration, seconds_of
from drilllib.course.copies import notebook_names
from drilllib.course.run import run_notebooks

ROUNDS = 8
JOBS = os.cpu_count() or 1
BUDGET = "<= 1.3x"


def row() -> tuple[str, ...]:
    """Every round in the other order, after a round that only warms up. Same process, same number of jobs."""
    names = notebook_names()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _fastest(Path(folder), names)
    name = f"drill run / empty notebooks, {len(names)} with {JOBS} jobs, fastest"
    times = f"{duration(ours)} / {duration(theirs)}"
    return name, f"{ours / theirs:.2f}x", f"{ours - theirs:+.1f} s", BUDGET, times


def _fastest(out: Path, names: list[str]) -> tuple[float, float]:
    works = [lambda: run_course(out, names), lambda: run_empty(out, len(names))]
    rounds = []
    for turn in range(ROUNDS + 1):
        pair = [0.0, 0.0]
        for each in sorted((0, 1), reverse=bool(turn % 2)):
            pair[each] = seconds_of(works[each])
        rounds.append(pair)
    ours, theirs = (min(times) for times in zip(*rounds[1:], strict=True))
    return ours, theirs


def run_course(out: Path, names: list[str]) -> None:
    """What `drill run --lang en` does. A notebook that fails would make the ratio a lie, so it ends the run."""
    for result in run_notebooks(names, languages=["en"], parameters={}, out=out, jobs=JOBS):
        if result.problem:
            raise RuntimeError(f"{result.notebook} failed: {result.problem}")


def run_empty(out: Path, count: int) -> None:
    """The same number of notebooks with one cell that does nothing, through papermill alone."""
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
