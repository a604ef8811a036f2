"""`drill run`: every variant passes, and a failure names its notebook and cell."""

import contextlib
import json
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("papermill", reason="papermill is not installed")

from drilllib.cli import main
from drilllib.course import copies, run
from drilllib.course.normalise import normalise
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.picture.graphviz import renderer
from tests.course.verified import verified
from tests.thorough import LONG, thorough
from tests.waits import PATIENCE_S, wait_until

ROOT = Path(__file__).parents[2]
AT_ONCE = ("00", "01", "02", "03")
SEVERAL = ["00", "04", "07", "09", "20"]  # of each kind one; in the long run all are compared


# The code is the same in both languages, and nbval runs HTTP, documented. Each with the lessons that know of it.
VARIANTS = [("HTTP", "original", "zh"), ("TCP", "documented", "zh"), ("TCP", "original", "en")]
OF_THE_DRILL = ("00", "01", "02", "03", "04", "05", "06", "08")


@thorough
@pytest.mark.parametrize(
    ("listener", "semantics", "language"),
    [*product(("HTTP", "TCP"), ("documented", "original"), LANGUAGES)] if LONG else VARIANTS,
)
def test_every_notebook_runs_in_every_variant(listener: str, semantics: str, language: str, tmp_path: Path, capsys):
    """And what it verifies at its end, holds."""
    variant = ["-p", f"listener={listener}", "-p", f"semantics={semantics}"]

    assert main(["run", *OF_THE_DRILL, "--lang", language, "--out", str(tmp_path), *variant]) == 0

    outputs = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / language).iterdir()}
    assert sorted(outputs) == [name for name in copies.notebook_names() if name.startswith(OF_THE_DRILL)]
    assert {line for each in outputs.values() for line in verified(each)} == {say(language, "repair_passed")}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where notebooks were run, several at once, into a folder named from the one they were started in."""
    folder = tmp_path_factory.mktemp("ran")
    with contextlib.chdir(folder):
        assert main(["run", *AT_ONCE, "--lang", "zh", "--out", "out", "--jobs", "4"]) == 0
    return folder / "out" / "zh"


def test_notebooks_speak_the_language_of_their_folder(ran: Path) -> None:
    """Several run at once, so the folder must be the kernel's own, not the process's. All of them: test_wheel.py."""
    names = [name for name in copies.notebook_names() if name.startswith(AT_ONCE)]
    assert sorted(path.stem for path in ran.iterdir()) == names
    for name in names:
        assert "客户端 203.0.113.10" in (ran / f"{name}.ipynb").read_text(encoding="utf-8")


@thorough
def test_another_client_gets_through_just_the_same(tmp_path: Path, capsys) -> None:
    """All lessons at once, in the language that the tests of variants do not take most."""
    assert main(["run", "--lang", "en", "--out", str(tmp_path), "-p", "client=198.51.100.9"]) == 0
    assert sorted(path.stem for path in (tmp_path / "en").iterdir()) == copies.notebook_names()


@pytest.mark.parametrize("parameter", ["listener=UDP", "client=2001:db8::1", "client=nobody"])
def test_a_failing_cell_is_named(parameter: str, tmp_path: Path, capsys) -> None:
    """And the notebook with the error in it is kept for a look."""
    assert main(["run", "02", "--lang", "en", "--out", str(tmp_path), "-p", parameter]) == 1

    said = capsys.readouterr()
    assert "failed" in said.out
    assert "02-node.ipynb: cell 5: InvalidInputError" in said.err
    assert (tmp_path / "en" / "02-node.ipynb").exists()


def test_a_misspelt_parameter_runs_nothing(tmp_path: Path, capsys) -> None:
    """Papermill alone would warn and run the default variant."""
    assert main(["run", "02", "--lang", "en", "--out", str(tmp_path / "o"), "-p", "lisener=TCP"]) == 2
    assert "listener, semantics, client" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_notebook_gets_the_parameters_that_it_has(tmp_path: Path) -> None:
    """09's are a seed and a level; a variant of the lessons is for the others."""
    assert main(["run", "00", "09", "--lang", "en", "--out", str(tmp_path), "-p", "client=198.51.100.9"]) == 0
    asked = {path.stem: "198.51.100.9" in path.read_text(encoding="utf-8") for path in tmp_path.glob("en/*.ipynb")}
    assert asked == {"00-start": True, "09-tickets": False}


def test_a_notebook_that_is_not_our_output_is_never_replaced(tmp_path: Path, capsys) -> None:
    """`--out` may point at the folder where somebody works."""
    copies.copy_notebooks(tmp_path)
    before = (tmp_path / "en" / "02-node.ipynb").read_bytes()

    assert main(["run", "02", "--lang", "en", "--out", str(tmp_path)]) == 2
    assert (tmp_path / "en" / "02-node.ipynb").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals work differently on Windows")
def test_an_interrupted_run_leaves_no_kernel_and_no_half_notebook(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "drilllib", "run", *AT_ONCE, "--lang", "all", "--out", str(tmp_path)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert wait_until(lambda: list(tmp_path.glob("*/*.ipynb")))  # one is done, and many are still to come
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=PATIENCE_S)
    finally:
        running.kill()

    assert running.returncode == 130
    assert said.splitlines()[-1] == "drill run: interrupted"
    assert not list(tmp_path.glob("*/.*"))
    for path in tmp_path.glob("*/*"):
        assert json.loads(path.read_text(encoding="utf-8"))["cells"]


# The committed pictures are graphviz-pure's, byte for byte; the set-up installs it wherever it has a wheel.
@pytest.mark.skipif((renderer() or [""])[0] != "graphviz-pure", reason="another renderer draws other bytes")
def test_a_run_without_widgets_shows_what_a_reader_of_the_notebook_sees(ran: Path) -> None:
    """Nobody clicks in a headless run, so nothing live is made; pictures and texts are the same."""
    for name in ("02-node", "03-pod"):
        ours = normalise(nbformat.read(ran / f"{name}.ipynb", as_version=4))["cells"]
        committed = nbformat.read(ROOT / "notebooks" / "zh" / f"{name}.ipynb", as_version=4)["cells"]
        for our, their in zip(ours, committed, strict=True):
            assert our.get("outputs") == their.get("outputs")


@pytest.mark.parametrize(
    "names", [["05"], pytest.param([] if LONG else SEVERAL, marks=thorough)], ids=lambda names: "-".join(names) or "all"
)
def test_a_lesson_says_the_same_in_forked_kernels_and_in_kernels_started_anew(names: list[str], tmp_path: Path) -> None:
    """Every byte but the times, and what of real packets differs on every run."""
    for kind in ("warm", "cold"):
        assert main(["run", *names, "--lang", "zh", "--kernel", kind, "--out", str(tmp_path / kind)]) == 0

    for path in (tmp_path / "warm" / "zh").glob("*.ipynb"):
        warm, cold = (nbformat.read(tmp_path / kind / "zh" / path.name, as_version=4) for kind in ("warm", "cold"))
        assert normalise(warm) == normalise(cold), path.name


@pytest.mark.parametrize(("deaths", "tries", "works"), [(2, 3, True), (9, 3, False)])
def test_a_kernel_that_dies_at_its_start_is_started_again(
    deaths: int, tries: int, works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that start at once may pick the same port."""
    started = []

    class Papermill:
        PapermillExecutionError = KeyError

        @staticmethod
        def execute_notebook(source: str, partial: str, **_: object) -> None:
            started.append(source)
            if len(started) <= deaths:
                raise RuntimeError("Kernel died before replying to kernel_info")
            Path(partial).write_text("{}")

    monkeypatch.setattr(run, "_papermill", lambda: Papermill)
    (result,) = run.run_notebooks(["02-node"], languages=["en"], parameters={}, out=tmp_path, jobs=1)

    assert len(started) == tries
    assert (result.problem is None) == works
