"""Imports point one way, and importing the engine loads nothing that a course needs and a library does not."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import drilllib

ROOT = Path(drilllib.__file__).parent

# From the bottom up. What stands on a floor imports from the floors below it; wings on one floor never meet.
FLOORS = (
    ("errors", "_version", "core.plain"),
    ("quoting",),
    ("core.facts", "machine"),
    ("core.rules",),
    ("core.snapshot", "core.sets"),
    ("core.trace", "core.capture"),
    ("core.connection",),
    ("core.lint", "core.drills"),
    ("core.reach",),
    ("core.diff", "core.check", "core.fix", "core.overview"),
    ("core.quiz", "core.practice", "core.diagnosis", "core.changes", "documents"),
    ("views", "labs.simulated", "labs.netns", "files", "bulk", "clients"),
    ("guard",),
    ("labs.live",),
    ("deploy", "cloud", "_library", "practice"),
    ("provision", "classes"),
    ("lesson",),
    ("course",),
    ("site",),
    ("",),  # the public face, drilllib/__init__.py
    ("cli",),
    ("__main__",),
)
HEIGHT = {wing: floor for floor, wings in enumerate(FLOORS) for wing in wings}
STANDARD_LIBRARY_ONLY = ("errors", "quoting", "core", "machine", "labs.simulated", "labs.netns")
FEW_NEED_THE_CLOUD = ("cloud", "cli.cloud", "cli.practice_cloud", "cli.shell", "lesson.cloud", "lesson.own_service")
HEAVY = ("jupyter", "ipywidgets", "IPython", "graphviz", "papermill", "numpy")


def modules(root: Path) -> dict[str, Path]:
    """Every module under *root*, as in ``core.rules.rules``; the package itself has an empty name."""
    files = {path.relative_to(root).with_suffix("").parts: path for path in root.rglob("*.py")}
    return {".".join(part for part in parts if part != "__init__"): path for parts, path in files.items()}


@cache
def import_statements(source: str) -> list[ast.Import | ast.ImportFrom]:
    """In a module's *source*, which several tests ask for."""
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """What a module imports anywhere, in functions too: ``drilllib.core.rules.rules``, ``graphviz``."""
    package = f"drilllib.{name}".rstrip(".").split(".")
    package = package if path.stem == "__init__" else package[:-1]
    for node in import_statements(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole.removeprefix("drilllib.") in known else base


def wing(module: str) -> str:
    """The wing of a module: ``core.trace`` of ``core.trace.walker``, ``views`` of ``views.text.trace``."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in ("core", "labs") and len(parts) > 1 else parts[0]


def objection(name: str, imported: str) -> str | None:
    """Why module *name* must not import *imported*; None where it may."""
    top, _, rest = imported.partition(".")
    if top != "drilllib":
        only_standard = any(f"{name}.".startswith(f"{wing}.") for wing in STANDARD_LIBRARY_ONLY)
        return "not the standard library" if only_standard and top not in sys.stdlib_module_names else None
    mine, theirs = wing(name), wing(rest)
    if mine == theirs or theirs in ("core", "labs"):  # an empty folder
        return None
    if mine not in HEIGHT or theirs not in HEIGHT:
        return f"{mine if mine not in HEIGHT else theirs} has no floor"
    if theirs == "cloud" and not any(f"{name}.".startswith(f"{user}.") for user in FEW_NEED_THE_CLOUD):
        return f"{name} does without the cloud"
    return None if HEIGHT[theirs] < HEIGHT[mine] else f"{theirs or 'the package'} is not below"


def objections(root: Path) -> list[str]:
    known = modules(root)
    return [
        f"{name} imports {imported}: {why}"
        for name, path in sorted(known.items())
        for imported in imports(name, path, known)
        if (why := objection(name, imported))
    ]


def circle(root: Path) -> list[str]:
    """Modules that import each other in a ring, in functions too; empty where there is none."""
    known = modules(root)
    graph = {
        name: {imported.removeprefix("drilllib.") for imported in imports(name, path, known)} - {name}
        for name, path in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_imports_point_downwards() -> None:
    """A newcomer reads from the bottom up; one arrow the other way and there is no bottom."""
    assert objections(ROOT) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Of two modules in a circle neither can be read, tested or moved alone."""
    assert circle(ROOT) == []


@pytest.mark.parametrize(
    ("module", "line", "expected"),
    [
        (
            "core/rules/rules.py",
            "from drilllib.core.trace.walker import walk",
            "core.trace is not below",
        ),
        ("core/rules/rules.py", "from drilllib.core.trace import walker", "core.trace is not below"),
        ("core/rules/rules.py", "from ..trace import walker", "core.trace is not below"),
        ("core/rules/rules.py", "import drilllib.core.trace.walker", "core.trace is not below"),
        (
            "core/rules/rules.py",
            "def f():\n    from ...core import trace",
            "core.trace is not below",
        ),
        ("core/sets/grid.py", "from drilllib.core.snapshot import x", "core.snapshot is not below"),
        ("core/trace/walker.py", "from drilllib.views import text", "views is not below"),
        ("core/trace/walker.py", "from drilllib import __version__", "the package is not below"),
        ("core/trace/walker.py", "import numpy", "not the standard library"),
        ("core/trace/walker.py", "import requests", "not the standard library"),
        ("core/new/module.py", "from drilllib.core.rules import rules", "core.new has no floor"),
        (
            "labs/simulated.py",
            "from drilllib.labs.netns.lab import Lab",
            "labs.netns is not below",
        ),
        ("labs/simulated.py", "from . import netns", "labs.netns is not below"),
        ("labs/simulated.py", "from drilllib.views import text", "views is not below"),
        ("labs/simulated.py", "import kubernetes", "not the standard library"),
        ("views/text.py", "from drilllib.labs.simulated import Lab", "labs.simulated is not below"),
        ("lesson/lesson.py", "from drilllib.cli import main", "cli is not below"),
        ("lesson/lesson.py", "from drilllib.cloud import local", "lesson.lesson does without the cloud"),
        ("errors.py", "from drilllib.core.rules import rules", "core.rules is not below"),
    ],
)
def test_a_planted_upward_import_is_caught(tmp_path: Path, module: str, line: str, expected: str) -> None:
    """A check that never fails protects nothing."""
    plant(tmp_path, module, line)

    assert [found.rpartition(": ")[2] for found in objections(tmp_path)] == [expected]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core/trace/walker.py", "from drilllib.core.rules import rules"),
        ("core/trace/walker.py", "from .answer import Answer"),
        ("core/trace/walker.py", "import ipaddress\nfrom collections.abc import Iterable"),
        ("labs/simulated.py", "from drilllib.core.drills import faults\nfrom drilllib.errors import DrillError"),
        ("views/text.py", "from drilllib.views import panel\nfrom drilllib.core.trace.walker import walk"),
        ("views/text.py", "import ipywidgets"),
        ("cli/trace.py", "from drilllib import __version__\nfrom drilllib.views import text"),
        ("cli/cloud.py", "from drilllib.cloud import local"),
        ("__main__.py", "from drilllib.cli import main"),
        ("lesson/lesson.py", "from drilllib.labs.simulated import SimulatedLab\nfrom drilllib.views import text"),
    ],
)
def test_a_downward_import_is_let_through(tmp_path: Path, module: str, line: str) -> None:
    """A check that cries wolf gets switched off."""
    plant(tmp_path, module, line)

    assert objections(tmp_path) == []


def test_a_planted_circle_is_caught(tmp_path: Path) -> None:
    """Inside a wing the floors say nothing; the circle test does."""
    plant(tmp_path, "core/trace/walker.py", "from drilllib.core.trace import answer")
    plant(tmp_path, "core/trace/answer.py", "def f():\n    from .walker import walk")

    assert set(circle(tmp_path)) == {"core.trace.walker", "core.trace.answer"}


def test_no_two_test_modules_share_a_name() -> None:
    """Folders of tests are no packages: pytest imports a module by its bare name, and refuses the second."""
    names = Counter(each.name for each in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def plant(root: Path, module: str, line: str) -> None:
    """One module with *line*, in the package's outline with nothing else in it."""
    wings = ("core/rules/rules", "core/trace/walker", "core/trace/answer", "core/snapshot/snapshot", "core/sets/grid")
    outline = ("errors", "lesson/lesson", "cli/trace", "core/drills/faults", "labs/simulated", "views/text")
    for name in ("__init__", *wings, *outline, "labs/netns/lab", "cloud/local", module.removesuffix(".py")):
        path = root / f"{name}.py"
        path.parent.mkdir(exist_ok=True, parents=True)
        for folder in path.relative_to(root).parents:
            (root / folder / "__init__.py").touch()
        path.touch()
    (root / module).write_text(line + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "module",
    [
        *("drilllib", "drilllib.errors", "drilllib.core.trace.request", "drilllib.core.drills.faults"),
        "drilllib.labs.simulated",
    ],
)
def test_importing_the_engine_loads_nothing_heavy(module: str) -> None:
    """The command has to answer at once, and the engine has to run where nothing else is installed."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}

    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name not in sys.stdlib_module_names} == {"drilllib"}


@pytest.mark.parametrize(
    ("command", "unused"),
    [
        (["--version"], ("drilllib.core", "drilllib.cloud", "drilllib.labs")),
        (["trace", "missing.json"], ("drilllib.core.fix", "drilllib.core.lint", "drilllib.cloud", "drilllib.labs")),
        (["doctor", "--help"], ("drilllib.core", "drilllib.cloud")),
    ],
)
def test_a_command_loads_what_it_needs_alone(command: list[str], unused: tuple[str, ...]) -> None:
    """Loading all of them took most of the time that `drill --version` and `drill trace` took."""
    code = (
        "import contextlib, sys; from drilllib.cli import main\n"
        f"with contextlib.suppress(SystemExit): main({command!r})\n"
        "print('loaded', *sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = run.stdout.rpartition("loaded")[2].split()

    assert "drilllib.cli" in loaded
    assert [name for name in loaded if name.startswith(unused)] == []
