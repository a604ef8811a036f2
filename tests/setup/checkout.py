"""A small checkout with this repository's set-up in it; stand-ins that note what uv and pip were asked to install."""

import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from tests.waits import PATIENCE_S, wait_until

ROOT = Path(__file__).resolve().parents[2]

UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
for last; do :; done
echo "uv $last" >>"$NOTED"
case "$UV_DOES" in
  fail) echo "error: no such mirror" >&2; exit 2 ;;
  hang) exec sleep 60 ;;
  wait) while [ ! -e "$NOTED.go" ]; do sleep 0.05; done ;;
esac
case "$*" in *--editable*) echo "$PWD" >"$(echo .venv/lib/python*/site-packages)/drilllib.pth" ;; esac
"""

PIP = """
import os, site, sys

if sys.argv[1] == "config":
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            print(f":env:.{name[4:].lower().replace('_', '-')}={value!r}")
    sys.exit()
with open(os.environ["NOTED"], "a") as noted:
    print("pip", sys.argv[-1], file=noted)
if os.environ.get("MIRROR_OF_PIP") == "none":
    sys.exit("ERROR: no such mirror")
if "--editable" in sys.argv:
    with open(site.getsitepackages()[0] + "/drilllib.pth", "w") as path:
        path.write(os.getcwd())
"""

# A virtual environment in a fraction of the time: this pip, not compiled.
PYTHON = """#!/bin/sh
case "$*" in
  "-m venv --clear .venv")
    {python} -m venv --clear --without-pip .venv && cp -r {pip} "$(echo .venv/lib/python*/site-packages)" ;;
  *) exec {python} "$@" ;;
esac
"""

# The least that an editable installation needs of a build backend.
BACKEND = """
import os, zipfile

ABOUT = "drilllib-0.dist-info"
FILES = {
    "drilllib.pth": os.getcwd(),
    f"{ABOUT}/METADATA": "Metadata-Version: 2.1\\nName: drilllib\\nVersion: 0\\n",
    f"{ABOUT}/WHEEL": "Wheel-Version: 1.0\\nGenerator: none\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    f"{ABOUT}/RECORD": f"drilllib.pth,,\\n{ABOUT}/METADATA,,\\n{ABOUT}/WHEEL,,\\n{ABOUT}/RECORD,,\\n",
}

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(os.path.join(folder, "drilllib-0-py3-none-any.whl"), "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
    return "drilllib-0-py3-none-any.whl"
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "drilllib"
version = "0"
"""


def write(path: Path, text: str) -> None:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def write_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel with one module and one command."""
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"def main():\n    print({version!r})\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    lines = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*lines, f"{about}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


def _digest(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


class Checkout:
    """A folder with `.ci`, two locks and a package named drilllib; *environment* is what the set-up is run with."""

    def __init__(self, folder: Path, course: str = "alpha==1.0\n", test: str = "beta==1.0\n") -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "UV_")) and name not in ("INSTALL", "TCCLI", "INSTALLER", "VIRTUAL_ENV")
        } | {"PIP_CONFIG_FILE": os.devnull, "PYTHON": sys.executable}
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        (folder / "drilllib").mkdir()
        (folder / "drilllib" / "__init__.py").touch()
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "backend.py").write_text(BACKEND)
        (folder / "requirements.lock").write_text(course)
        (folder / "requirements-test.lock").write_text(test)
        shutil.copy(ROOT / "requirements-uv.lock", folder)
        (folder / "requirements-tccli.lock").write_text("gamma==1.0\n")

    def use_stand_ins(self, tools: Path) -> None:
        """From now on nothing is really installed; `noted` says what would have been."""
        write(tools / "pip" / "__main__.py", PIP)
        write(tools / "uv", UV)
        self.use_pip(tools / "pip", tools)
        self._noted = tools / "noted"
        self.environment |= {"PATH": f"{tools}:{os.environ['PATH']}", "NOTED": str(self._noted)}

    def use_pip(self, pip: Path, tools: Path) -> None:
        """From now on virtual environments are made quickly, with this pip in them."""
        write(tools / "python", PYTHON.format(python=sys.executable, pip=pip))
        self.environment["PYTHON"] = str(tools / "python")

    def noted(self) -> list[str]:
        """Each installation asked for since the last call: the installer, and the lock or `.` for drilllib itself."""
        lines = self._noted.read_text().splitlines() if self._noted.exists() else []
        self._noted.unlink(missing_ok=True)
        return lines

    def set_up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `.ci/setup` to its end."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `.ci/setup` in a process group of its own."""
        command = ["sh", str(self.folder / ".ci" / "setup"), *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        variables = self.environment | environment
        return subprocess.Popen(command, env=variables, text=True, start_new_session=True, **pipes)

    def wait_for_uv(self) -> None:
        """Until uv was asked to install something."""
        asked = wait_until(lambda: self._noted.exists() and self._noted.read_text().endswith("\n"))
        assert asked, "uv was not started"
