"""Run notebooks headless with papermill, several at a time, and say which cell failed."""

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.course.copies import source_folder
from drilllib.course.warm.forks import Forks, can_fork
from drilllib.errors import InvalidInputError, Message, MissingToolError, quoted
from drilllib.machine import folders
from drilllib.machine.environment import of_course
from drilllib.views.panel.static import HEADLESS

START_TRIES = 3
# Two kernels that start at once may pick the same free port; the one that comes second ends.
DIED_AT_START = "Kernel died before replying to kernel_info"


@dataclass(frozen=True, slots=True)
class Result:
    """How one notebook went. *problem* names the cell and the error; None where all cells ran."""

    notebook: str
    output: Path
    seconds: float
    problem: str | None


class _Work:
    """One notebook to be run, with those of the parameters that it has."""

    parameters: Mapping[str, str] = {}

    def __init__(self, name: str, language: str, out: Path) -> None:
        self.name, self.folder = name, out / language
        self.source = source_folder() / language / f"{name}.ipynb"
        self.target = self.folder / f"{name}.ipynb"
        self.place = self.folder.resolve()  # papermill moves the whole process elsewhere for moments, threads and all
        self.partial = self.place / f".{name}.partial.ipynb"


def run_notebooks(
    names: Sequence[str],
    *,
    languages: Sequence[str],
    parameters: Mapping[str, str],
    out: Path,
    jobs: int,
    environment: Mapping[str, str] | None = None,
    warm: bool = True,
) -> Iterator[Result]:
    """
    Run the notebooks into *out*/LANGUAGE and yield each result as it comes, whatever the order.

    *environment* is what the kernels have besides ours. *warm*: kernels are forked from one process where the system
    can; else, or without it, each is started anew.

    An interrupted run stops its kernels and leaves no half-written notebook.

    Raises:
        MissingToolError: papermill is not installed.
        InvalidInputError: A parameter is of none of the notebooks, or *out* holds other notebooks of that name.
    """
    works = [_Work(name, spoken, out) for name in reversed(names) for spoken in languages]  # the last take longest
    said = environment or {}
    known = {**of_course(said.get("DRILL_LAB")), **said, HEADLESS: "1"}
    folders.sweep()
    with folders.Folder("run") as scratch, _forks(known, scratch, warm) as forks:  # they load while papermill does
        papermill = _papermill()
        _hand_out(papermill, works, parameters)
        for each in works:
            _require_ours(each.target)
        for each in works:
            files.make_folder(each.folder, remedy=Message("Name another folder with --out"))
        from drilllib.course.managers import of_run

        yield from _results(papermill, of_run(known, scratch, forks), works, jobs)


def _forks(known: Mapping[str, str], scratch: Path, warm: bool) -> contextlib.AbstractContextManager[Forks | None]:
    if warm and can_fork() and find_spec("papermill"):
        return Forks(known, scratch)
    return contextlib.nullcontext()


def _papermill() -> Any:
    # jsonschema, which papermill loads, slowly builds a grammar from this package at import; nothing here needs it.
    vars(sys)["modules"].setdefault("rfc3987_syntax", None)
    try:
        import papermill
    except ImportError:
        raise MissingToolError(
            "papermill is not installed, so notebooks cannot run", remedy="pip install 'drilllib[course]'"
        ) from None
    return papermill


def _hand_out(papermill: Any, works: Sequence[_Work], parameters: Mapping[str, str]) -> None:
    """Papermill itself would only warn of a misspelt parameter, and run the default variant."""
    if not parameters:
        return
    known: dict[str, Any] = {}
    for work in works:
        own = papermill.inspect_notebook(str(work.source))
        work.parameters = {name: value for name, value in parameters.items() if name in own}
        known |= own
    for each in parameters:
        if each not in known:
            raise InvalidInputError(
                "Notebook {name} has no parameter {value}",
                remedy="Its parameters: {known}",
                name=", ".join(dict.fromkeys(work.name for work in reversed(works))),
                value=quoted(each),
                known=", ".join(known) or Message("none"),
            )


def _require_ours(path: Path) -> None:
    """Only the output of an earlier run is replaced, never a notebook that somebody keeps there."""
    if not path.exists():
        return
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        if "papermill" in json.loads(path.read_text(encoding="utf-8"))["metadata"]:
            return
    raise InvalidInputError(
        "{path} is not the output of an earlier run",
        remedy="Name another folder with --out; nothing was written",
        path=quoted(str(path)),
    )


def _results(papermill: Any, manager: Any, works: Sequence[_Work], jobs: int) -> Iterator[Result]:
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(_run_one, papermill, manager, each) for each in works]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            logging.disable(logging.CRITICAL)  # the clients of the kernels that we end complain of it
            pool.shutdown(wait=False, cancel_futures=True)
            manager.stop_all()
            raise


def _run_one(papermill: Any, manager: Any, work: _Work) -> Result:
    started = time.monotonic()
    for _ in range(START_TRIES):
        problem = _problem(papermill, manager, work)
        if manager.stopping or not (problem and DIED_AT_START in problem):
            break
    if manager.stopping or not work.partial.exists():
        work.partial.unlink(missing_ok=True)
    else:
        os.replace(work.partial, work.place / f"{work.name}.ipynb")
    return Result(work.name, work.target, time.monotonic() - started, problem)


def _problem(papermill: Any, manager: Any, work: _Work) -> str | None:
    """Run one notebook into its partial; what went wrong, or None."""
    try:
        papermill.execute_notebook(
            str(work.source),
            str(work.partial),
            parameters=dict(work.parameters),
            # The kernel's folder tells it its language. papermill's own cwd would change it for every thread.
            resources={"metadata": {"path": str(work.place)}},
            kernel_name="python3",
            progress_bar=False,
            kernel_manager_class=manager,
            request_save_on_cell_execute=False,  # else the notebook is written again after every cell
            shutdown_kernel="immediate",
            extra_arguments=["--log-level=40"],  # else every kernel warns that its loopback port is not encrypted
        )
    except papermill.PapermillExecutionError as error:
        return f"cell {error.cell_index + 1}: {error.ename}: {error.evalue}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
