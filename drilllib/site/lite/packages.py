"""
What the Python of the browser may import, as Pyodide's lock file lists it: whatever a cell imports is loaded from it.

The file that comes with Pyodide names some 350 packages, whose files are elsewhere. Ours names those that are in the
site, each by the checksum of the file that is there, so that nothing is ever asked of anybody else.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.site.lite.lists import plain

# What the kernel itself imports; all else of it comes with JupyterLite's kernel.
KERNEL = ("micropip", "ipython", "jedi", "packaging")
Lock = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel beside Pyodide. *module* is what a cell imports of it, *needs* the packages that it needs."""

    name: str
    version: str
    wheel: Path
    module: str
    needs: tuple[str, ...] = ()


def of_kernel(lock: Lock) -> dict[str, str]:
    """The packages that Pyodide's *lock* wants for the kernel, with their versions."""
    known = {plain(name): entry for name, entry in lock["packages"].items()}
    found: dict[str, str] = {}
    wanted = list(KERNEL)
    while wanted:
        name = plain(wanted.pop())
        if name not in found:
            found[name] = known[name]["version"]
            wanted += known[name]["depends"]
    return dict(sorted(found.items()))


def cut(lock: Lock, kernel: Mapping[str, Path], ours: Iterable[Package]) -> Lock:
    """The lock of the site: the wheels of the kernel's packages by name, and ours."""
    entries = {}
    for name, entry in lock["packages"].items():
        if plain(name) in kernel:
            wheel = kernel[plain(name)]
            entries[name] = {**entry, "file_name": wheel.name, "sha256": digest(wheel)}
    return {**lock, "packages": {**entries, **{each.name: _entry(each) for each in ours}}}


def _entry(package: Package) -> Lock:
    return {
        "name": package.name,
        "version": package.version,
        "file_name": package.wheel.name,
        "sha256": digest(package.wheel),
        "install_dir": "site",
        "package_type": "package",
        "imports": [package.module],
        "depends": list(package.needs),
        "unvendored_tests": False,
    }


def digest(path: Path) -> str:
    """SHA-256 of a file, as Pyodide compares it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
