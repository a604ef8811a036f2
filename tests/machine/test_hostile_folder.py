"""
Nothing of the current folder runs: modules of every name that Python could want, programs of every name that we call.

A module or program of the folder that runs leaves its name in a file. PATH and PYTHONPATH of the caller mean the
current folder too, by the ways in which that happens unnoticed.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.shell.wrappers import find_program
from drilllib.course import run
from drilllib.course.warm.forks import Forks
from drilllib.labs.netns.sandbox import why_not
from drilllib.machine.environment import COURSE, handed_on
from tests.machine.started import World, kernel_client
from tests.thorough import thorough
from tests.waits import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are found in another way there")
PACKAGES = ("drilllib", "jupyterlab", "jupyter_server", "ipykernel", "ipykernel_launcher", "IPython", "papermill")
MODULES = (*sys.stdlib_module_names, *PACKAGES, "sitecustomize", "usercustomize", "trustme", "yaml", "conftest")
BEGUN = "import runpy, sys; print(*{name.split('.')[0] for name in sys.modules})"
PROGRAMS = ("kubectl", "tccli", "terraform", "curl", "bash", "sh", "env", "ip", "nft", "unshare", "tcpdump", "dot")
RAN = "what-ran"
# As the installed `drill` does: it is a file of its own, and the current folder is in none of its paths.
DRILL = (sys.executable, "-E", "-P", "-c", "import sys; from drilllib.cli import main; sys.exit(main())")


def plant(folder: Path, told: Path) -> None:
    """Fill *folder*."""
    text = f"open({str(told)!r}, 'a').write(__file__ + chr(10))\nraise SystemExit('hostile')\n"
    for name in MODULES:
        (folder / f"{name}.py").write_text(text)
    for name in PACKAGES:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(text)
    for name in PROGRAMS:
        (folder / name).write_text(f"#!{shutil.which('sh')}\necho {name} >> {told}\n")
        (folder / name).chmod(0o755)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    plant(hostile, tmp_path / RAN)
    made = World(tmp_path, DRILL, PATH=f":.:./:{os.environ['PATH']}:", PYTHONPATH=":.", LD_LIBRARY_PATH=".")
    made.folder = hostile
    yield made
    made.run("cloud", "down")


def what_ran(world: World) -> str:
    told = world.folder.parent / RAN
    return told.read_text() if told.exists() else ""


def test_the_folder_is_hostile(world: World) -> None:
    """Or the other tests would find nothing whatever we did."""
    careless = World(world.folder.parent, (sys.executable, "-m", "json.tool"))
    careless.folder = world.folder
    careless.run()

    assert what_ran(world)


@pytest.mark.parametrize(
    "command",
    [
        ("--version",),
        ("trace", "../lab.json", "--from", "203.0.113.10", "--svg", "../out.svg"),
        ("fix", "../lab.json", "--from", "203.0.113.10"),
        ("diff", "../lab.json", "../lab.json"),
        ("lint", "../lab.json"),
        ("doctor",),
    ],
    ids=lambda command: command[0].strip("-"),
)
def test_commands(world: World, command: tuple[str, ...]) -> None:
    example = world.run("example", "group-2", "../made")
    assert example.returncode == 0, example.stderr
    (world.folder.parent / "lab.json").write_text((world.folder.parent / "made" / "snapshot.json").read_text())

    done = world.run(*command)

    assert done.returncode in (0, 1), done.stderr
    assert what_ran(world) == ""


def test_a_cloud_its_shell_and_its_clients(world: World) -> None:
    up = world.run("cloud", "up", "--example", "group-2")
    assert up.returncode == 0, up.stderr
    script = "kubectl get nodes; tccli vpc DescribeSecurityGroups; terraform version; curl -I http://192.0.2.10"
    said = world.run("shell", "--", "sh", "-c", script)

    assert "504 Gateway Time-out" in said.stdout
    assert find_program("kubectl") is None or "node-a" in said.stdout
    assert world.run("cloud", "status").returncode == world.run("cloud", "down").returncode == 0
    assert what_ran(world) == ""


@pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")
def test_a_lab_of_real_packets_and_its_shell(world: World) -> None:
    name = f"test-{world.mark[:12]}"
    up = world.run("lab", "up", name, "--slowness", "0.05")
    assert up.returncode == 0, up.stderr
    try:
        said = world.run("shell", "--lab", name, "--", "sh", "-c", "curl -sI http://192.0.2.10; ip -br addr")
        assert "200 OK" in said.stdout
        assert world.run("lab", "status", name).returncode == 0
    finally:
        world.run("lab", "down", name)
    assert what_ran(world) == ""


@pytest.mark.parametrize("kind", ["warm", pytest.param("cold", marks=thorough)])
def test_a_run_in_a_folder_that_holds_such_files(world: World, kind: str) -> None:
    """The kernels work in the folder of the results."""
    pytest.importorskip("papermill", reason="papermill is not installed")
    results = world.folder / "out" / "en"
    results.mkdir(parents=True)
    plant(results, world.folder.parent / RAN)
    done = world.run("run", "02", "--lang", "en", "--kernel", kind, "--out", "out")

    assert done.returncode == 0, done.stderr + done.stdout
    assert what_ran(world) == ""


def test_a_course_whose_folder_holds_such_files(world: World) -> None:
    """JupyterLab, and a kernel that works in the notebooks' folder."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    notebooks = world.folder / "course" / "en"
    notebooks.mkdir(parents=True)
    plant(notebooks, world.folder.parent / RAN)
    running = world.start("course", "--no-browser", "--lang", "en", "--dir", "course")
    url = next(line.strip() for line in running.stdout if line.startswith("http://"))
    base, token = url.split("/lab/")[0], url.split("token=")[1]
    try:
        session = post(f"{base}/api/sessions", token, {"path": "en/x.ipynb", "type": "notebook", "name": "x"})
        (file,) = world.temporary.glob(f"drilllib.course.*/runtime/kernel-{session['kernel']['id']}.json")
        client = kernel_client(file)
        assert client.execute_interactive("import ssl, colorsys, drilllib")["content"]["status"] == "ok"
        client.stop_channels()
        assert what_ran(world) == ""
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def post(url: str, token: str, body: object) -> dict:
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def test_as_a_module_of_python_too_but_for_a_folder_of_our_own_name(world: World) -> None:
    """
    `python -m drilllib` looks for that, and for what Python itself needs to begin, before anything of ours runs.

    `drill` does not.
    """
    begun = subprocess.run([sys.executable, "-c", BEGUN], capture_output=True, text=True, check=True).stdout.split()
    for name in {*begun, "drilllib"} & set(MODULES):
        (world.folder / f"{name}.py").unlink()
    shutil.rmtree(world.folder / "drilllib")
    module = World(world.folder.parent, (sys.executable, "-m", "drilllib"))
    module.folder = world.folder
    done = module.run("example", "group-2", "../made")

    assert done.returncode == 0, done.stderr
    assert what_ran(world) == ""


def test_learners_modules_beside_a_notebook_are_found_behind_all_others(tmp_path: Path) -> None:
    """Their own helper is imported; a file that is called like a module of Python's is not."""
    papermill = pytest.importorskip("papermill", reason="papermill is not installed")
    import nbformat

    from drilllib.course.managers import of_run

    (tmp_path / "helper.py").write_text("answer = 42\n")
    (tmp_path / "colorsys.py").write_text("raise RuntimeError('hostile')\n")
    cells = ["import helper, colorsys", "assert helper.answer == 42", "assert [n for n in dir() if n == 'sys'] == []"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    nbformat.write(notebook, tmp_path / "x.ipynb")

    environment = handed_on(*COURSE)
    with Forks(environment, tmp_path) as forks:
        for each in (forks, None):
            paths = {"source": tmp_path / "x.ipynb", "partial": tmp_path / "y.ipynb", "place": tmp_path}
            work = SimpleNamespace(**paths, parameters={})
            assert run._problem(papermill, of_run(environment, tmp_path, each), work) is None
