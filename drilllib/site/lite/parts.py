"""
The parts that the course in a browser tab is built from, fetched once, by name and version, into a folder of their own.

pip fetches from where it is configured to, npm from where it is; no address is named here.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.errors import MissingToolError, quoted
from drilllib.site.lite.lists import NEEDED, PYTHON_LIST, Lists, locked, plain
from drilllib.site.lite.packages import of_kernel

_PURE = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none")
_DONE = "complete"  # the file that says which lists are all there


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder with them."""

    folder: Path

    @property
    def environment(self) -> Path:
        """The virtual environment that JupyterLite is installed in."""
        return self.folder / "environment"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def pyodide(self) -> Path:
        """The files of Pyodide."""
        return self.folder / "package"

    @property
    def lock(self) -> dict[str, Any]:
        """The lock file that comes with Pyodide."""
        found: dict[str, Any] = json.loads((self.pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
        return found

    @property
    def site_packages(self) -> Path:
        """Where the environment has its packages."""
        return next(path.parent for path in self.environment.rglob("jupyterlite_core") if path.is_dir())

    def wheels(self) -> dict[str, Path]:
        """The wheels for the browser, by the plain names of their packages."""
        return {plain(path.name.split("-")[0]): path for path in sorted((self.folder / "wheels").glob("*.whl"))}


def default_folder() -> Path:
    """In the virtual environment that drilllib runs in: what deletes that deletes them."""
    return Path(sys.prefix) / "site-parts"


def fetched(folder: Path, tell: Callable[[str], None] = lambda line: None) -> Parts:
    """
    The parts in *folder*, fetched where they are not there, or not in these versions; *tell* is told of that.

    Raises:
        MissingToolError: npm or pip is not there, or cannot fetch a package.
    """
    lists, parts = locked(), Parts(folder)
    done = folder / _DONE
    if not done.is_file() or done.read_text(encoding="utf-8") != lists.digest:
        npm = _npm()
        tell(f"fetching {len(lists.python)} packages with pip and {len(lists.npm)} with npm into {folder}, once")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _fetch(parts, lists, npm)
        done.write_text(lists.digest, encoding="utf-8")
    return parts


def _fetch(parts: Parts, lists: Lists, npm: str) -> None:
    for name, version in lists.npm.items():
        _run("npm", [npm, "pack", "--silent", f"{name}@{version}"], parts.folder)
        _unpack(parts.folder, name)
    venv.create(parts.environment, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    list_ = str(Path(__file__).parent / PYTHON_LIST)
    _run("pip", [*pip, "--python", str(parts.python), "install", "--quiet", "--no-deps", "-r", list_], parts.folder)
    wanted = of_kernel(parts.lock) | {name: lists.python[name] for name in NEEDED}
    _run("pip", [*pip, "download", "--quiet", *_for_browser(parts.lock, wanted)], parts.folder)


def _for_browser(lock: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    """What pip has to be told to get wheels of pure Python, for the version that Pyodide has."""
    version = ".".join(lock["info"]["python"].split(".")[:2])
    pinned = [f"{name}=={version_}" for name, version_ in wanted.items()]
    return ["--no-deps", *_PURE, f"--python-version={version}", "--dest=wheels", *pinned]


def _npm() -> str:
    found = shutil.which("npm")
    if found is None:
        raise MissingToolError(
            "npm is not installed, and Pyodide, the Python of the browser, comes from its registry alone",
            remedy="Install Node.js with npm, or take a site that was built elsewhere: a copy of its folder is enough",
        )
    return found


def _unpack(folder: Path, name: str) -> None:
    """What `npm pack` has put there, a folder *package* in an archive."""
    archive = next(folder.glob(f"{name}-*.tgz"))
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()


def _run(program: str, command: list[str], folder: Path) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if result.returncode:
        said = [line for line in result.stderr.splitlines() if "is ignored" not in line]
        raise MissingToolError(
            "{program} cannot fetch what the site is built from: {reason}",
            remedy="Its own configuration counts (registry, proxy): make it work, then again",
            program=program,
            reason=quoted(" ".join(said[-3:])),
        )
