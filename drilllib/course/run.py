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
from pathlib import Path
from typing import Any
from uuid import uuid4

from drilllib import files
from drilllib.course import kernels
from drilllib.course.copies import source_folder
from drilllib.errors import InvalidInputError, Message, MissingToolError, quoted
from drilllib.machine import folders, guarded
from drilllib.machine.environment import COURSE, handed_on
from drilllib.views.panel.static import HEADLESS

START_TRIES = 3
KILLS = 9  # the lab is in memory; nothing waits to be said goodbye to
# Two kernels that start at once may pick the same free port; the one that comes second ends.
DIED_AT_START = "Kernel died before replying to kernel_info"


@dataclass(frozen=True, slots=True)
class Result:
    """How one notebook went. *problem* names the cell and the error; None where all cells ran."""

    notebook: str
    output: Path
    seconds: float
    problem: str | None


def run_notebooks(
    names: Sequence[str],
    *,
    language: str,
    parameters: Mapping[str, str],
    out: Path,
    jobs: int,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Result]:
    """
    Run the notebooks into *out*/*language* and yield each result as it comes, whatever the order.

    *environment* is what the kernels have besides ours.

    An interrupted run stops its kernels and leaves no half-written notebook.

    Raises:
        MissingToolError: papermill is not installed.
        InvalidInputError: A parameter is not one of the notebooks', or *out* holds other notebooks of that name.
    """
    papermill = _papermill()
    folder = out / language
    sources = {name: source_folder() / language / f"{name}.ipynb" for name in names}
    for name, source in sources.items():
        _require_parameters(papermill, name, source, parameters)
        _require_ours(folder / f"{name}.ipynb")
    files.make_folder(folder, remedy=Message("Name another folder with --out"))
    place = folder.resolve()  # papermill moves the whole process to another folder for moments, threads and all
    folders.sweep()
    with folders.Folder("run") as scratch, ThreadPoolExecutor(jobs) as pool:
        manager = _kernels({**(environment or {}), HEADLESS: "1"}, scratch)
        futures = [
            pool.submit(_run_one, papermill, manager, name, source, folder, place, dict(parameters))
            for name, source in sources.items()
        ]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            logging.disable(logging.CRITICAL)  # the clients of the kernels that we end complain of it
            pool.shutdown(wait=False, cancel_futures=True)
            manager.stop_all()
            raise


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


def _require_parameters(papermill: Any, name: str, source: Path, parameters: Mapping[str, str]) -> None:
    """Papermill itself would only warn of a misspelt parameter, and run the default variant."""
    if not parameters:
        return
    known = papermill.inspect_notebook(str(source))
    for each in parameters:
        if each not in known:
            raise InvalidInputError(
                "Notebook {name} has no parameter {value}",
                remedy="Its parameters: {known}",
                name=name,
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


def _kernels(more: Mapping[str, str], scratch: Path) -> Any:
    """
    A kernel manager class that remembers its kernels, so that an interrupt can end exactly those.

    Their keys are in *scratch*; when this process is killed, they end and it goes.
    """
    from jupyter_client.manager import AsyncKernelManager

    class Kernels(AsyncKernelManager):
        started: list[Any] = []
        stopping = False

        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            self.kernel_spec.argv = guarded.command(kernels.command(), first=KILLS, grace_s=1.0, folder=scratch)
            command: list[str] = super().format_kernel_cmd(extra_arguments)
            return command

        async def _async_start_kernel(self, **options: Any) -> None:
            if Kernels.stopping:
                raise RuntimeError("interrupted")
            options.pop("env", None)
            environment = {**handed_on(*COURSE), **more}
            self.connection_file = str(scratch / f"{uuid4().hex}.json")
            await super()._async_start_kernel(env=environment, pass_fds=guarded.files(), **options)
            Kernels.started.append(self.provisioner)

        start_kernel = _async_start_kernel

        @classmethod
        def stop_all(cls) -> None:
            cls.stopping = True
            for provisioner in cls.started:
                process = getattr(provisioner, "process", None)
                if process is not None and process.poll() is None:
                    process.terminate()  # its guard ends the kernel, and what came of that

    return Kernels


def _run_one(
    papermill: Any, manager: Any, name: str, source: Path, folder: Path, place: Path, parameters: dict[str, str]
) -> Result:
    started = time.monotonic()
    partial = place / f".{name}.partial.ipynb"
    for _ in range(START_TRIES):
        problem = _problem(papermill, manager, source, partial, place, parameters)
        if manager.stopping or not (problem and DIED_AT_START in problem):
            break
    if manager.stopping or not partial.exists():
        partial.unlink(missing_ok=True)
    else:
        os.replace(partial, place / f"{name}.ipynb")
    return Result(name, folder / f"{name}.ipynb", time.monotonic() - started, problem)


def _problem(
    papermill: Any, manager: Any, source: Path, partial: Path, place: Path, parameters: dict[str, str]
) -> str | None:
    """Run one notebook into *partial*; what went wrong, or None."""
    try:
        papermill.execute_notebook(
            str(source),
            str(partial),
            parameters=parameters,
            # The kernel's folder tells it its language. papermill's own cwd would change it for every thread.
            resources={"metadata": {"path": str(place)}},
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
