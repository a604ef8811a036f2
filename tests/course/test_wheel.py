"""The wheel stands alone: installed somewhere else, it has its notebooks, and the course works."""

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path

import pytest

from drilllib.views.phrases.catalog import say
from tests.course.verified import verified
from tests.thorough import one_in
from tests.waits import PATIENCE_S

pytest.importorskip("hatchling", reason="hatchling is not installed")
pytest.importorskip("papermill", reason="papermill is not installed")

ROOT = Path(__file__).parents[2]
CLEAN = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`drill` in a new environment: drilllib from the wheel, other packages lent by this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=PATIENCE_S)
    venv.create(folder / "env")
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    wheel = next(folder.glob("*.whl"))
    install = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=PATIENCE_S)
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    (Path(site) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(drill: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run([drill, *arguments], cwd=cwd, env=CLEAN, capture_output=True, text=True, timeout=PATIENCE_S)


def test_the_package_comes_from_the_wheel_and_not_from_here(drill: Path, tmp_path: Path) -> None:
    """Else the other tests of this file would prove nothing."""
    result = run(drill, "-c", "import drilllib; print(drilllib.__file__)", cwd=tmp_path)
    assert str(ROOT) not in result.stdout
    assert "elsewhere" in result.stdout


def test_the_wheel_carries_and_runs_the_notebooks(drill: Path, tmp_path: Path) -> None:
    """In the variant that nbval does not run, where they have it; what they verify at their ends, holds."""
    names = one_in(5, sorted(path.stem for path in ROOT.glob("notebooks/zh/*.ipynb")))
    variant = ["-p", "listener=TCP", "-p", "semantics=original"]
    result = run(drill, "-m", "drilllib", "run", *names, "--lang", "zh", "--out", "out", *variant, cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    ran = sorted((tmp_path / "out" / "zh").glob("*.ipynb"))
    assert [path.stem for path in ran] == names
    assert len(names) >= 4
    for path in ran:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        shown = json.dumps([cell.get("outputs") for cell in cells], ensure_ascii=False)
        assert re.search("[一-鿿]{2}", shown), f"{path.name} does not speak Chinese"
        assert {*verified({"cells": cells})} <= {say("zh", "repair_passed")}, path.name


def test_the_wheel_renders_the_drill_as_the_checkout_does(drill: Path, tmp_path: Path) -> None:
    """Templates and Terraform files come along, and nothing else that lay beside them: no state, no variables."""
    ids = {"region": "ap-guangzhou", "cluster_id": "cls-abcd1234"}
    ids |= {f"{name}_security_group": f"sg-{name:0<8}" for name in ("clb", "node", "pod")}
    values = [f"--set={name}={value}" for name, value in ids.items()]
    for command in (["render", *values], ["render", "--terraform", "tf"]):
        for program, cwd in ((drill, tmp_path / "wheel"), (sys.executable, tmp_path / "checkout")):
            cwd.mkdir(exist_ok=True)
            result = run(program, "-m", "drilllib", *command, cwd=cwd)
            assert result.returncode == 0, result.stderr
    written = {path.relative_to(tmp_path / "wheel"): path for path in (tmp_path / "wheel").rglob("*.*")}
    shipped = {path.name for path in ROOT.glob("terraform/*.tf")} | {"terraform.tfvars.example", ".drill-render.json"}
    where = run(drill, "-c", "import drilllib; print(*drilllib.__path__)", cwd=tmp_path).stdout.strip()

    assert {path.name for path in (tmp_path / "wheel" / "tf").iterdir()} == shipped
    assert {path.name for path in Path(where, "terraform").iterdir()} == shipped - {".drill-render.json"}
    assert all(path.read_bytes() == (tmp_path / "checkout" / name).read_bytes() for name, path in written.items())


def test_the_course_opens_from_the_wheel(drill: Path, tmp_path: Path) -> None:
    """Nobody should need a checkout to learn."""
    command = [drill, "-m", "drilllib", "course", "--lang", "zh", "--no-browser", "--dir", "mine"]
    running = subprocess.Popen(command, cwd=tmp_path, env=CLEAN, stdout=subprocess.PIPE, text=True)
    try:
        url = next(line.strip() for line in running.stdout if line.startswith("http://"))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        content = opener.open(url.replace("/lab/tree/", "/api/contents/"), timeout=PATIENCE_S).read()
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE_S)

    assert json.loads(content)["name"] == "00-start.ipynb"
