"""
The course in a browser tab: JupyterLite with the lessons, and a Python with drilllib in it.

What is built has everything inside, all of its addresses are relative, and it asks nothing of any other host.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from drilllib.course import copies
from drilllib.errors import MissingToolError, quoted
from drilllib.practice.folder import COPIES
from drilllib.site.lite import wheels as wheels_of
from drilllib.site.lite.lists import NEEDED, locked
from drilllib.site.lite.packages import Package, cut, of_kernel
from drilllib.site.lite.parts import Parts
from drilllib.site.lite.start import put_before

PYODIDE = "static/pyodide"
_FILES = (".mjs", ".js", ".wasm", ".zip")
_KERNEL = {"name": "python", "display_name": "Python (Pyodide)"}
_KERNEL_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"
_LITE = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "drilllib",
        "exposeAppInBrowser": True,
        "litePluginSettings": {
            # Without an address of its own it asks a host of its maker's.
            _KERNEL_PLUGIN: {"pyodideUrl": f"./{PYODIDE}/pyodide.mjs", "disablePyPIFallback": True},
        },
    },
}


def build(into: Path, parts: Parts, work: Path) -> None:
    """
    Write the whole of it into the folder *into*; *work* is an empty folder for what is needed on the way.

    Raises:
        MissingToolError: JupyterLite does not build.
    """
    _write_lessons(work / "files")
    _write_pyodide(work / PYODIDE, parts)
    _write_json(work / "jupyter-lite.json", _LITE)
    _write_json(work / "jupyter_lite_config.json", _building(into))
    command = [str(parts.python), "-m", "jupyterlite_core", "build", "--force"]
    run = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if run.returncode or not (into / "lab" / "index.html").is_file():
        raise MissingToolError(
            "JupyterLite does not build the site: {reason}",
            remedy="Delete {folder}, and try again",
            reason=quoted(" ".join((run.stderr or run.stdout).splitlines()[-3:])),
            folder=quoted(str(parts.folder)),
        )
    put_before(into, into / PYODIDE)


def _building(into: Path) -> dict[str, Any]:
    """What JupyterLite is told: the lessons, one application, nothing for debuggers."""
    told = {"contents": ["files"], "output_dir": str(into), "apps": ["lab"], "no_sourcemaps": True}
    return {"LiteBuildConfig": told}


def _write_lessons(folder: Path) -> None:
    """The learner's copies, as `drill course` makes them, for the kernel of the browser."""
    copies.copy_notebooks(folder)
    (folder / COPIES).unlink()
    for path in folder.glob("*/*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["metadata"]["kernelspec"] = _KERNEL
        _write_json(path, notebook)


def _write_pyodide(folder: Path, parts: Parts) -> None:
    """Pyodide, the wheels, and the lock that names them."""
    folder.mkdir(parents=True)
    for path in parts.pyodide.iterdir():
        if path.suffix in _FILES:
            shutil.copy(path, folder)
    wheels = {name: Path(shutil.copy(path, folder)) for name, path in parts.wheels().items()}
    kernel = {name: wheels[name] for name in of_kernel(parts.lock)}
    _write_json(folder / "pyodide-lock.json", cut(parts.lock, kernel, _packages(folder, wheels, parts)))


def _packages(folder: Path, wheels: dict[str, Path], parts: Parts) -> Iterable[Package]:
    versions = locked().python
    for name, needs in NEEDED.items():
        yield Package(name, versions[name], wheels[name], name.replace("-", "_"), needs)
    yield wheels_of.yaml(folder, parts.site_packages, versions["pyyaml"])
    yield wheels_of.ours(folder)


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
