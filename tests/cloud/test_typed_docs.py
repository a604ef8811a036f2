"""
What the documentation and the program itself say to type, typed as it stands on an empty machine: the page about the
cloud, what `drill cloud up` prints to try, and the examples of `drill cloud --help`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.shell.wrappers import find_program
from drilllib.labs.netns.sandbox import why_not
from tests.cloud.typed import ROOT, Machine, Typed, blocks

PAGE = "docs/cloud.md"
REAL = " --lab netns"
LABS = [REAL] if why_not() is None else []
pytestmark = pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.close()


def failed(typed: list[Typed]) -> list[str]:
    return [f"{each.line}: {each.status}\n{each.said}" for each in typed if each.status]


@pytest.mark.parametrize("lab", ["", *LABS])
def test_the_page_about_the_cloud(lab: str, machine: Machine) -> None:
    """Once: the Chinese page has the same block."""
    block, chinese = blocks(PAGE)
    assert block == chinese
    typed = [machine.type(line.replace(REAL, lab)) for line in block]

    assert failed(typed) == []
    (met,) = (each.said for each in typed if each.line.startswith("curl "))
    assert "HTTP/1.1 504 Gateway Time-out" in met
    assert machine.left() == []


@pytest.mark.parametrize(("page", "left"), [(PAGE, []), ("docs/cloud-kubernetes.md", ["kubeconfig"])])
def test_the_program_on_the_page_runs(page: str, left: list[str], machine: Machine) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    (machine.home / "program.py").write_text(program)

    assert failed([machine.type("python program.py")]) == []
    assert machine.left() == [*left, "program.py"]


def examples(said: str) -> list[str]:
    """The lines under `examples:`, without what is explained behind them."""
    lines = said.split("examples:\n")[1].split("\n\n")[0].splitlines()
    return [re.sub(r" {3,}\(.*\)$", "", line).strip() for line in lines if line.strip().startswith("drill ")]


def test_the_examples_of_drill_cloud(machine: Machine) -> None:
    lines = examples(machine.type("drill cloud --help").said)
    typed = [machine.type(line if LABS else line.replace(REAL, "")) for line in lines]

    assert failed(typed) == []
    assert len(lines) == 6
    assert machine.left() == []


def test_what_a_new_cloud_says_to_try(machine: Machine) -> None:
    said = machine.type("drill cloud up").said
    lines = [line.strip() for line in said.split("try:\n")[1].splitlines()]
    typed = [machine.type(line) for line in (*lines[:2], "exit", *lines[2:])]

    assert failed(typed) == []
    assert lines[-1] == "drill cloud down"
    assert machine.left() == []
