"""What works on this machine, and what is reduced."""

import platform
import shutil
import sys
import time
from dataclasses import dataclass
from importlib import metadata

from drilllib._version import __version__
from drilllib.core.drills.faults import open_fault
from drilllib.course.copies import notebook_names
from drilllib.errors import DrillError, MissingToolError
from drilllib.labs.netns import sandbox
from drilllib.labs.netns.lab import NetnsLab
from drilllib.views.phrases.language import of_locale
from drilllib.views.picture import graphviz

_PACKAGES = {
    "jupyterlab": "drill course",
    "ipykernel": "drill course, drill run",
    "papermill": "drill run",
    "anywidget": "panels in notebooks",
    "ipywidgets": "panels and quizzes in notebooks",
    "graphviz": "pictures",
}

_TOOLS = {"tcpdump": "looking at packets inside a lab", "conntrack": "looking at a lab's connections"}


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
    findings += [_renderer(), Finding("ok", "language", f"{of_locale()}, from the locale; --lang changes it")]
    return [*findings, _real_packets(), *(_tool(name, use) for name, use in _TOOLS.items())]


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
    found = graphviz.renderer()
    if found is None:
        return Finding("reduced", "renderer", "paths are shown as text: neither graphviz-pure nor dot is installed")
    return Finding("ok", "renderer", f"{found[0]} at {found[1]}")


def _real_packets() -> Finding:
    """Found by making a lab of them and asking in it."""
    reason, started = sandbox.why_not(), time.monotonic()
    if reason is None:
        try:
            with NetnsLab(open_fault("healthy"), slowness=0.05) as lab:
                said = lab.run("client", ["curl", "-sS", "-I", "http://192.0.2.10"]).out
            reason = None if " 200 " in said else "A first request in a lab was not answered. Please report it."
        except DrillError as error:
            reason = str(error)
    if reason is not None:
        return Finding("reduced", "real packets", f"the simulated lab is used: {reason}")
    return Finding("ok", "real packets", f"a lab was up and gone in {time.monotonic() - started:.1f} s: drill lab up")


def _tool(name: str, use: str) -> Finding:
    found = shutil.which(name, path=sandbox.environment()["PATH"])
    if found is None:
        return Finding("reduced", name, f"for {use}: on Debian or Ubuntu, apt-get install {name}")
    return Finding("ok", name, f"{found}, for {use}")
