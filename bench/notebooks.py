"""All notebooks of the course, against as many notebooks that do nothing: what the course adds to Jupyter's own cost."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import nbformat
import papermill

from bench.table import duration, seconds_of
from drilllib.course.copies import notebook_names
from drilllib.course.run import run_notebooks

JOBS = os.cpu_count() or 1
BUDGET = "<= 1.3x"


def row() -> tuple[str, ...]:
    """Two rounds, the second in the other order, after one notebook that only warms up. Same process, same jobs."""
    names = notebook_names()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        run_empty(out, 1)
        course: list[float] = []
        empty: list[float] = []
        work = [(course, lambda: run_course(out, names)), (empty, lambda: run_empty(out, len(names)))]
        for times, each in [*work, *reversed(work)]:
            times.append(seconds_of(each))
    ours, theirs = median(course), median(empty)
    medians = f"{duration(ours)} / {duration(theirs)}"
    name = f"drill run / empty notebooks, {len(names)} with {JOBS} jobs"
    return name, f"{ours / theirs:.2f}x", f"{ours - theirs:+.1f} s", BUDGET, medians


def run_course(out: Path, names: list[str]) -> None:
    """What `drill run --lang en` does. A notebook that fails would make the ratio a lie, so it ends the run."""
    for result in run_notebooks(names, language="en", parameters={}, out=out, jobs=JOBS):
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
    quiet = ["--log-level=40"]  # as `drill run` does
    papermill.execute_notebook(
        str(source),
        str(output),
        cwd=str(output.parent),
        kernel_name="python3",
        progress_bar=False,
        extra_arguments=quiet,
    )
