"""
How long `make setup` takes in a fresh clone, and how much room, with uv and with pip, nothing cached.

What is cloned is what is committed. It needs a package index, whose speed is part of the figures.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from bench.table import duration, seconds_of

COLUMNS = ("fresh clone", "uv", "pip", "pip / uv", "budget for uv")
ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("INSTALL", "TCCLI", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


def rows() -> list[tuple[str, ...]]:
    """The course, the tools of the checks on top, and what the first start pays for modules that nobody compiled."""
    uv, pip = (_measured(installer) for installer in ("uv", "pip"))
    seconds = {"make setup": "<= 15 s", "the tools of make test, on top": "", "first drill run 00": "", "second": ""}
    sizes = {"on disk, the course": "<= 450 MB", "with the tools": ""}
    return [
        *((name, duration(uv[name]), duration(pip[name]), _ratio(uv, pip, name), aim) for name, aim in seconds.items()),
        *(
            (name, f"{uv[name]:.0f} MB", f"{pip[name]:.0f} MB", _ratio(uv, pip, name), aim)
            for name, aim in sizes.items()
        ),
    ]


def _ratio(uv: dict[str, float], pip: dict[str, float], name: str) -> str:
    return f"{pip[name] / uv[name]:.2f}x"


def _measured(installer: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clone = Path(folder, "drilllib")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        own = {"INSTALLER": installer, "PIP_CACHE_DIR": f"{folder}/pip", "UV_CACHE_DIR": f"{folder}/uv"}
        environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT} | own

        def seconds(*command: str) -> float:
            run = {
                "cwd": clone,
                "env": environment,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT,
                "text": True,
            }
            return seconds_of(lambda: said.append(subprocess.run(command, check=True, **run).stdout))

        said: list[str] = []
        drill = (str(clone / ".venv" / "bin" / "drill"), "run", "00", "--out", folder)
        found = {"make setup": seconds("sh", ".ci/setup"), "on disk, the course": _megabytes(clone / ".venv")}
        found |= {"first drill run 00": seconds(*drill), "second": seconds(*drill)}
        found["the tools of make test, on top"] = seconds("sh", ".ci/setup", "test")
        found["with the tools"] = _megabytes(clone / ".venv")
    if "so pip does" in "".join(said):
        raise SystemExit(f"uv was not to be had, so there is nothing to compare:\n{said[0]}")
    return found


def _megabytes(folder: Path) -> float:
    """The room that a folder takes, as `du` counts it: a file with two names once."""
    files = {(found.st_dev, found.st_ino): found.st_blocks for found in map(os.lstat, folder.rglob("*"))}
    return sum(files.values()) * 512 / 2**20
