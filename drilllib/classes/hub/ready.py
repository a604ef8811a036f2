"""What a class's hub needs before it can start: root, JupyterHub, and a Python that learners can read."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drilllib.classes.hub.folder import FIRST
from drilllib.errors import InvalidInputError, Message, MissingToolError, quoted
from drilllib.machine import python

NEEDED = ("jupyterhub", "configurable_http_proxy", "jupyterhub_idle_culler", "jupyterlab")
_LOADED = ("jupyterhub.singleuser.extension", "jupyterlab.labapp", "ipykernel.kernelapp", "drilllib.lesson")
_TRY = "import os, sys, drilllib.practice, jupyterlab; os.listdir(sys.argv[1]); os.chdir(sys.argv[2])"


def refused_to_us() -> bool:
    """Are we somebody who cannot give each learner a user id?"""
    return not hasattr(os, "geteuid") or os.geteuid() != 0


def require_root() -> None:
    """
    Raises:
        InvalidInputError: We are not root, which alone can give each learner a user id.
    """
    if refused_to_us():
        raise InvalidInputError(
            "A class's hub needs root, which alone gives each learner a user of their own",
            remedy=Message("Run it as root: as one user they could all read one another's work and the class's secret"),
        )


def require_hub() -> None:
    """
    Raises:
        MissingToolError: JupyterHub or one of its parts is not installed.
    """
    missing = [each for each in NEEDED if find_spec(each) is None]
    if missing:
        raise MissingToolError(
            "A class's hub needs {missing}, which is not installed",
            remedy=Message("Install it: pip install 'drilllib[hub]'"),
            missing=", ".join(missing),
        )


def compiled() -> None:
    """
    Have what learners' servers and kernels load compiled once, where it was installed without: they may not write it,
    and each of them would compile it anew.
    """
    first = find_spec("jupyterlab.labapp")
    if first and first.cached and not os.path.exists(first.cached):
        command = [sys.executable, *python.OWN, "-c", f"import {', '.join(_LOADED)}"]
        subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def require_open(course: Path) -> None:
    """
    Try as a learner whether Python, what is installed beside it, and the course can be read.

    Raises:
        InvalidInputError: They cannot.
    """
    as_learner: dict[str, Any] = {"user": FIRST, "group": FIRST, "extra_groups": []}
    command = [sys.executable, *python.OWN, "-c", _TRY, str(course), str(course.parent / "homes")]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": "/", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(command, **as_learner, env=environment, cwd="/", capture_output=True, text=True)
    except OSError as error:
        raise _closed(str(error)) from None
    if run.returncode:
        raise _closed((run.stderr.strip().splitlines() or [""])[-1])


def _closed(reason: str) -> InvalidInputError:
    return InvalidInputError(
        "A learner's user cannot read what a server needs: {reason}",
        remedy=Message("Install drilllib, and name a --folder, where everybody can read, such as /opt and /srv"),
        reason=quoted(reason),
    )
