"""How every Python that we start is started: it imports nothing from the current folder."""

import os
import sys
from contextlib import suppress

from drilllib.machine import launch

SAFE = ("-P",)  # with packages of the machine and the user; PYTHONPATH counts, so hand on `environment.PYTHON` only
OWN = ("-I",)  # with the packages beside this Python, whatever the environment says
ALONE = ("-I", "-S")  # with the standard library and nothing else, whatever the environment says


def ours(module: str, *arguments: str, flags: tuple[str, ...] = SAFE) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, *flags, launch.__file__, module, *arguments]


def theirs(module: str, *arguments: str) -> list[str]:
    """The command that runs an installed module."""
    return [sys.executable, *SAFE, "-m", module, *arguments]


def forget_folder() -> None:
    """
    Import nothing more from the current folder, where `python -m drilllib` and an empty entry of PYTHONPATH look first.

    A folder that drilllib itself is in stays, and so does what stands behind the standard library.
    """
    with suppress(OSError, ValueError):  # the folder is gone, or the library is in an archive
        place = sys.path.index(os.path.dirname(os.__file__))
        root = os.path.abspath(f"{launch.__file__}/{launch.UP_TO_ROOT}")
        ours = os.path.samefile(root, ".")
        sys.path[:place] = [each for each in sys.path[:place] if ours or not _is_here(each)]


def _is_here(entry: str) -> bool:
    return not os.path.isabs(entry) or (os.path.isdir(entry) and os.path.samefile(entry, "."))
