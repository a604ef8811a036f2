"""Which packages the course in a browser tab is made of: names and versions only, from the lists beside this file."""

import hashlib
import json
import re
from dataclasses import dataclass
from importlib.resources import files

PYTHON_LIST, NPM_LIST = "requirements-site.lock", "package.json"
# What lessons import in the browser besides drilllib itself, each with what it needs of the others.
NEEDED = {
    "anywidget": ("ipywidgets", "psygnal", "typing-extensions"),
    "comm": ("traitlets",),
    "ipywidgets": ("comm", "ipython", "jupyterlab-widgets", "traitlets"),
    "jupyterlab-widgets": (),
    "psygnal": (),
    "typing-extensions": (),
}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lists:
    """The names with their versions: of Python packages that build the site, and of npm packages that stand in it."""

    python: dict[str, str]
    npm: dict[str, str]

    @property
    def digest(self) -> str:
        """Changes with any name or version."""
        return hashlib.sha256(json.dumps([self.python, self.npm], sort_keys=True).encode()).hexdigest()


def locked() -> Lists:
    """The lists of this version of drilllib."""
    folder = files("drilllib.site.lite")
    python = (folder / PYTHON_LIST).read_text(encoding="utf-8")
    npm = json.loads((folder / NPM_LIST).read_text(encoding="utf-8"))
    return Lists({plain(name): version for name, version in _PINNED.findall(python)}, npm["dependencies"])


def plain(name: str) -> str:
    """A package's name as everybody has it: ``prompt-toolkit`` for ``prompt_toolkit``."""
    return re.sub(r"[-_.]+", "-", name).lower()
