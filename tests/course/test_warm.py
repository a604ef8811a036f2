"""Kernels that are forked do what kernels that were started anew do."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("papermill", reason="papermill is not installed")

import nbformat
import papermill

from drilllib.course.managers import of_run
from drilllib.course.normalise import normalise
from drilllib.course.warm.forks import Forks, can_fork
from drilllib.machine.environment import COURSE, handed_on
from tests.waits import PATIENCE_S

pytestmark = pytest.mark.skipif(not can_fork(), reason="no forks or pidfds here")
# One cell each: what a kernel that is not the real one, or that shares too much with others, would do otherwise.
NASTY = (
    "value = 1",
    "import sys\nfor n in range(3):\n    print('out', n, flush=True); print('err', n, file=sys.stderr, flush=True)",
    "from IPython.display import display, clear_output, HTML\nshown = display(HTML('<b>1</b>'), display_id='one')",
    "shown.update(HTML('<b>2</b>'))",
    "print('gone'); clear_output(wait=True); print('kept')",
    "import asyncio\nasync def later():\n    await asyncio.sleep(0.05); print('from a task'); return 7\n"
    "task = asyncio.ensure_future(later())",
    "await task",
    "import threading\ndef work():\n    print('from a thread'); display(HTML('<i>thread</i>'))\n"
    "one = threading.Thread(target=work); one.start(); one.join()",
    # What comes by way of files takes a moment, out and error each its own.
    "import os, subprocess, time\n_ = os.write(1, b'raw\\n'); time.sleep(0.3)",
    "subprocess.run(['sh', '-c', 'echo a child']); time.sleep(0.3)",
    "subprocess.run(['sh', '-c', 'echo its error >&2; exit 3']).returncode, time.sleep(0.3)",
    "!echo a shell; exit 3",
    "%%bash\necho a magic",
    "_exit_code, os.getcwd() == os.environ.get('PWD'), sys.argv[0].rpartition('/')[2], sys.path[-1]",
    "import warnings, logging\nwarnings.warn('careful'); logging.getLogger('x').warning('logged')",
    # Not `with ipywidgets.Output()`: now and then nbclient does not hear of that cell's end, whatever the kernel.
    "import ipywidgets\nslider = ipywidgets.IntSlider(3); display(slider, ipywidgets.Output())",
    "slider.value = 4; slider.value",
    "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
    "with ProcessPoolExecutor(1, get_context('fork')) as pool:\n    print(pool.submit(abs, -5).result())",
    "get_ipython().set_next_input('next'); [Out.get(14), _14]",
    "type(get_ipython()).__name__, type(get_ipython().kernel).__name__, __name__, sorted(vars())[:3]",
    "import signal, gc\nsignal.getsignal(signal.SIGINT).__name__, gc.isenabled(), os.getsid(0) == os.getpgrp()",
    "from importlib.util import find_spec\n"
    "bool(find_spec('debugpy')), os.environ['JPY_PARENT_PID'] == str(os.getppid()), 'OF_THE_SERVER' in os.environ",
    "try:\n    input()\nexcept Exception as error:\n    print(type(error).__name__)",
    "1 / 0",
)


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with Forks({**handed_on(*COURSE), "OF_THE_SERVER": "1"}, tmp_path_factory.mktemp("forks")) as started:
        yield started


def ran(cells: list[str], folder: Path, forks: Forks | None, **options: Any) -> dict[str, Any]:
    """The notebook after its run, and `problem`: how that ended."""
    nbformat.write(nbformat.v4.new_notebook(cells=[new(*each) for each in enumerate(cells)]), folder / "in.ipynb")
    manager = of_run(handed_on(*COURSE), folder, forks)
    details = {"kernel_name": "python3", "progress_bar": False, "shutdown_kernel": "immediate"}
    details |= {"execution_timeout": PATIENCE_S, **options}
    problem = ""
    try:
        papermill.execute_notebook(
            str(folder / "in.ipynb"),
            str(folder / "out.ipynb"),
            resources={"metadata": {"path": str(folder)}},
            kernel_manager_class=manager,
            **details,
        )
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    return {**json.loads((folder / "out.ipynb").read_text(encoding="utf-8")), "problem": problem}


def new(place: int, code: str) -> Any:
    return nbformat.v4.new_code_cell(code, id=f"cell-{place}")


def cells(notebook: dict[str, Any]) -> list[Any]:
    """As far as two runs are alike: a warning names the process's own folder, and a text may have come in pieces."""
    text = re.sub(r"/ipykernel_\d+/", "/ipykernel/", json.dumps(normalise(notebook)["cells"]))
    found: list[Any] = json.loads(text)
    for output in (output for cell in found for output in cell.get("outputs", ())):
        if "text" in output:
            output["text"] = "".join(output["text"])
    return found


def printed(notebook: dict[str, Any]) -> str:
    return "".join("".join(each.get("text", "")) for cell in notebook["cells"] for each in cell.get("outputs", ()))


def widgets(notebook: dict[str, Any]) -> list[Any]:
    """What is kept of them, without the names that are made up anew for every one."""
    found = next(iter(notebook["metadata"]["widgets"].values()))["state"]
    models = [
        {**each, "state": {k: v for k, v in each["state"].items() if "IPY_MODEL" not in str(v)}}
        for each in found.values()
    ]
    return sorted(models, key=lambda each: json.dumps(each, sort_keys=True))


def test_a_nasty_notebook_says_the_same_in_both(forks: Forks, tmp_path: Path) -> None:
    """Streams that take turns, tasks, threads, children, widgets, errors: byte by byte."""
    warm, cold = (ran(list(NASTY), tmp_path, each) for each in (forks, None))

    assert "ZeroDivisionError" in warm["problem"]
    assert warm["problem"] == cold["problem"]
    assert widgets(warm) == widgets(cold)
    for one, other in zip(cells(warm), cells(cold), strict=True):
        assert one.get("outputs") == other.get("outputs"), one["source"]


@pytest.mark.parametrize("end", ["import os; os._exit(3)", "import os; os.kill(os.getpid(), 11)"])
def test_a_kernel_that_ends_is_missed_in_the_same_words(end: str, forks: Forks, tmp_path: Path) -> None:
    warm, cold = (ran([end], tmp_path, each)["problem"] for each in (forks, None))

    assert warm == cold == "DeadKernelError: Kernel died"


def test_a_cell_without_end_is_given_up_in_the_same_words(forks: Forks, tmp_path: Path) -> None:
    warm, cold = (ran(["while True: pass"], tmp_path, each, execution_timeout=1)["problem"] for each in (forks, None))

    assert warm == cold
    assert warm.startswith("CellTimeoutError: A cell timed out")


def test_no_kernel_finds_anything_of_another(forks: Forks, tmp_path: Path) -> None:
    """Names, builtins, environment, folder, modules and their state."""
    spoils = "import builtins, os, sys, json; builtins.spoilt = 1; os.environ['SPOILT'] = '1'; os.chdir('/')\n"
    spoils += "sys.path.append('spoilt'); json.spoilt = 1; sys.modules['spoilt'] = json; import random; random.seed(1)"
    looks = "import builtins, os, sys, json\nprint(hasattr(builtins, 'spoilt'), os.environ.get('SPOILT'), "
    looks += "os.getcwd(), 'spoilt' in sys.path, hasattr(json, 'spoilt'), 'spoilt' in sys.modules, 'spoils' in vars())"

    assert ran([spoils], tmp_path, forks)["problem"] == ""
    assert printed(ran([looks], tmp_path, forks)) == f"False None {tmp_path} False False False False\n"


def test_kernels_have_chances_of_their_own(forks: Forks, tmp_path: Path) -> None:
    code = "import random, uuid, tempfile, secrets\n"
    code += "print(random.random(), uuid.uuid4(), secrets.token_hex(8), next(tempfile._get_candidate_names()))"
    said = [printed(ran([code], tmp_path, forks)).split() for _ in range(3)]

    assert all(len(set(each)) == 3 for each in zip(*said, strict=True))


def test_a_kernel_takes_what_it_started_along(forks: Forks, tmp_path: Path) -> None:
    """As a kernel of its own does: what is in its process group."""
    child = int(printed(ran(["import subprocess; print(subprocess.Popen(['sleep', '621']).pid)"], tmp_path, forks)))

    assert "621" not in _command_line(child)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    except OSError:
        return ""


def test_without_the_process_to_fork_from_kernels_are_started_anew(tmp_path: Path) -> None:
    with Forks(handed_on(*COURSE), tmp_path / "none") as gone:
        gone.end()
        result = ran(["print(1)"], tmp_path, gone)

    assert (result["problem"], printed(result)) == ("", "1\n")


def test_a_name_too_long_for_a_socket_is_no_problem(forks: Forks, tmp_path: Path) -> None:
    """The folder for temporary files may be anywhere; the loopback is used instead."""
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    result = ran(["print(1)"], deep, forks, extra_arguments=["--log-level=40"])

    assert (result["problem"], printed(result)) == ("", "1\n")


def test_forks_are_told_apart_from_their_successors(forks: Forks) -> None:
    """A fork that has ended is known to have, and no signal for it reaches whoever has its number now."""
    fork, other = (forks.launch(["--version"], env=handed_on(*COURSE), cwd="/") for _ in range(2))
    assert fork.wait() == fork.poll() == other.wait() == 0
    forks.launch(["--version"], env=handed_on(*COURSE), cwd="/").wait()  # until now nobody had waited for the others
    with pytest.raises(ProcessLookupError):
        fork.send_signal(signal.SIGTERM)
