"""Imports point one way, and importing the engine loads nothing that a course needs and a library does not."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import drilllib

ROOT = Path(drilllib.__file__).parent

# From the bottom up: a module of the core imports only modules to its left. A new one takes its place here.
CORE = (
    *("addresses", "members", "rules", "grid", "flowsets", "accepted", "overlaps", "boxes", "layers", "shadows"),
    *("policies", "semantics", "shape", "parts", "observed", "directory", "forwarding", "kubernetes", "topology"),
    *("evidence", "suspects", "checks", "quotas", "findings", "requests", "answers", "questions", "cluster", "walk"),
    *("probes", "trace", "reach", "changes", "needs", "missing", "candidates", "refined", "fixes", "bound"),
    *("differences", "expectations", "verification", "lint_findings", "lint_lists", "lint_effect", "lint_written"),
    *("lint_world", "lint_bindings", "lint_names", "lint_ports", "lint", "symptoms", "default_lab", "variants"),
    *("drills", "quiz"),
)
# What each part may import of drilllib besides itself; a part that is not named here may import any but the cli.
MAY_IMPORT = {
    "errors": (),
    "core": ("errors",),
    "labs": ("errors", "core"),
    "bulk": ("errors", "core"),
    "views": ("errors", "core"),
    "__main__": ("cli",),
}
STANDARD_LIBRARY_ONLY = ("errors", "core", "labs.simulated", "labs.netns")
HEAVY = ("jupyter", "ipywidgets", "IPython", "graphviz", "papermill", "numpy")


def modules(root: Path) -> dict[str, Path]:
    """Every module under *root* by its name without the package's: ``core.rules``; the package itself is empty."""
    files = {path.relative_to(root).with_suffix("").parts: path for path in root.rglob("*.py")}
    return {".".join(part for part in parts if part != "__init__"): path for parts, path in files.items()}


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """What a module imports anywhere, in functions too: ``drilllib.core.rules``, ``graphviz``."""
    package = f"drilllib.{name}".rstrip(".").split(".")
    package = package if path.stem == "__init__" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole.removeprefix("drilllib.") in known else base


def height(name: str) -> int:
    """The place of ``core.rules`` in the order; what is not in the list stands above all that is."""
    own = name.removeprefix("core.")
    return CORE.index(own) if own in CORE else len(CORE)


def objection(name: str, imported: str) -> str | None:
    """Why module *name* must not import *imported*; None where it may."""
    top, _, rest = imported.partition(".")
    if top != "drilllib":
        only_standard = any(f"{name}.".startswith(f"{each}.") for each in STANDARD_LIBRARY_ONLY)
        return "not the standard library" if only_standard and top not in sys.stdlib_module_names else None
    mine, theirs = name.partition(".")[0], rest.partition(".")[0]
    if mine == theirs == "core":
        return None if height(rest) < height(name) else "upward inside core"
    if mine == theirs == "labs":
        return "labs never import each other"
    allowed = theirs in MAY_IMPORT[mine] if mine in MAY_IMPORT else theirs != "cli"
    if mine != theirs and not allowed:
        return f"{mine} stands below {theirs or 'the package'}"
    return None


def objections(root: Path) -> list[str]:
    known = modules(root)
    return [
        f"{name} imports {imported}: {why}"
        for name, path in sorted(known.items())
        for imported in imports(name, path, known)
        if (why := objection(name, imported))
    ]


def test_imports_point_downwards() -> None:
    """A newcomer reads from the bottom up; one arrow the other way and there is no bottom."""
    assert objections(ROOT) == []


def test_every_module_of_the_core_has_its_place() -> None:
    """A module that is not in the list would not be checked."""
    assert {f"core.{name}" for name in CORE} | {"core"} == {name for name in modules(ROOT) if name.startswith("core")}


@pytest.mark.parametrize(
    ("module", "line", "expected"),
    [
        ("core/rules.py", "from drilllib.core.trace import trace", "upward inside core"),
        ("core/rules.py", "from drilllib.core import trace", "upward inside core"),
        ("core/rules.py", "from .trace import trace", "upward inside core"),
        ("core/rules.py", "from . import trace", "upward inside core"),
        ("core/rules.py", "import drilllib.core.trace as late", "upward inside core"),
        ("core/rules.py", "def f():\n    from ..core import trace", "upward inside core"),
        ("core/trace.py", "from drilllib.core.trace import trace", "upward inside core"),
        ("core/trace.py", "from drilllib.views import text", "core stands below views"),
        ("core/trace.py", "from drilllib import __version__", "core stands below the package"),
        ("core/trace.py", "import numpy", "not the standard library"),
        ("core/trace.py", "import requests", "not the standard library"),
        ("labs/simulated.py", "from drilllib.labs.netns import NetnsLab", "labs never import each other"),
        ("labs/simulated.py", "from . import netns", "labs never import each other"),
        ("labs/simulated.py", "from drilllib.views import text", "labs stands below views"),
        ("labs/simulated.py", "import kubernetes", "not the standard library"),
        ("views/text.py", "from drilllib.labs.simulated import SimulatedLab", "views stands below labs"),
        ("lesson.py", "from drilllib.cli import main", "lesson stands below cli"),
        ("errors.py", "from drilllib.core import rules", "errors stands below core"),
    ],
)
def test_a_planted_upward_import_is_caught(tmp_path: Path, module: str, line: str, expected: str) -> None:
    """A check that never fails protects nothing."""
    planted(tmp_path)
    (tmp_path / module).write_text(line + "\n", encoding="utf-8")

    assert [found.rpartition(": ")[2] for found in objections(tmp_path)] == [expected]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core/trace.py", "from drilllib.core import rules"),
        ("core/trace.py", "from .rules import Rule"),
        ("core/trace.py", "import ipaddress\nfrom collections.abc import Iterable"),
        ("labs/simulated.py", "from drilllib.core import drills\nfrom drilllib.errors import DrillError"),
        ("labs/live.py", "import kubernetes"),
        ("views/text.py", "from drilllib.views import panel\nfrom drilllib.core.trace import trace"),
        ("views/text.py", "import ipywidgets"),
        (
            "cli.py",
            "from drilllib import __version__\nfrom drilllib.labs import simulated\nfrom drilllib.views import text",
        ),
        ("__main__.py", "from drilllib.cli import main"),
        ("lesson.py", "from drilllib.labs.simulated import SimulatedLab\nfrom drilllib.views import text"),
    ],
)
def test_a_downward_import_is_let_through(tmp_path: Path, module: str, line: str) -> None:
    """A check that cries wolf gets switched off."""
    planted(tmp_path)
    (tmp_path / module).write_text(line + "\n", encoding="utf-8")

    assert objections(tmp_path) == []


def planted(root: Path) -> None:
    """The package's outline, with nothing in it."""
    outline = ("__init__", "errors", "lesson", "cli", "core/__init__", "core/rules", "core/trace", "core/drills")
    for name in (
        *outline,
        "labs/__init__",
        "labs/simulated",
        "labs/netns",
        "labs/live",
        "views/__init__",
        "views/text",
    ):
        path = root / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    "module", ["drilllib", "drilllib.core.trace", "drilllib.core.drills", "drilllib.labs.simulated", "drilllib.errors"]
)
def test_importing_the_engine_loads_nothing_heavy(module: str) -> None:
    """The command has to answer at once, and the engine has to run where nothing else is installed."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}

    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name not in sys.stdlib_module_names} == {"drilllib"}
