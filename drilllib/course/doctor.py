"""What works on this machine, and what is reduced."""

import platform
import sys
from dataclasses import dataclass
from importlib import metadata

from drilllib import __version__
from drilllib.course.copies import notebook_names
from drilllib.errors import MissingToolError
from drilllib.views import picture
from drilllib.views.language import of_locale

_PACKAGES = {
    "jupyterlab": "drill course",
    "ipykernel": "drill course, drill run",
    "papermill": "drill run",
    "anywidget": "panels in notebooks",
    "ipywidgets": "panels and quizzes in notebooks",
    "graphviz": "pictures",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. *state* is ok, reduced (works, with less) or missing."""

    state: str
    what: str
    note: str


def examine() -> list[Finding]:
    """Look at everything the course and the tool use."""
    findings = [Finding("ok", "drilllib", __version__), _python(), _notebooks()]
    findings += [_package(name, use) for name, use in _PACKAGES.items()]
    return [*findings, _renderer(), Finding("ok", "language", f"{of_locale()}, from the locale; --lang changes it")]


def _python() -> Finding:
    return Finding("ok", "Python", f"{platform.python_version()} at {sys.executable}")


def _notebooks() -> Finding:
    try:
        return Finding("ok", "notebooks", ", ".join(notebook_names()))
    except MissingToolError as error:
        return Finding("missing", "notebooks", str(error))


def _package(name: str, use: str) -> Finding:
    try:
        return Finding("ok", name, f"{metadata.version(name)}, for {use}")
    except metadata.PackageNotFoundError:
        state = "reduced" if use == "pictures" else "missing"
        return Finding(state, name, f"needed for {use}: pip install 'drilllib[course]'")


def _renderer() -> Finding:
    found = picture.renderer()
    if found is None:
        return Finding("reduced", "renderer", "paths are shown as text: neither graphviz-pure nor dot is installed")
    return Finding("ok", "renderer", f"{found[0]} at {found[1]}")
