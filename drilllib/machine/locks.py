"""
Locks that a process has on a file or folder as long as it lives: the kernel lets go of them, whatever ended it.

They tell the living from the dead without asking anybody, and whoever has a process's number by now.
"""

import os
import sys
from errno import EACCES, EAGAIN
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # stands for the module, which Windows has not
if sys.platform == "emscripten":  # which has the module, and no processes or users to tell apart
    fcntl = None  # type: ignore[unreachable]  # on the platform that mypy checks for

TABLE = Path("/proc/locks")


def opened(path: Path, flags: int = os.O_RDONLY) -> int | None:
    """A file or folder of this user's, opened; None where it is not theirs, is a link, or cannot be locked here."""
    if fcntl is None:
        return None
    try:
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError:
        return None
    if os.fstat(file).st_uid == os.geteuid():
        return file
    os.close(file)
    return None


def lock(file: int, *, wait: bool = False) -> bool | None:
    """Lock an open file for this process alone. False: another has it; None: there are no locks here."""
    return _tried(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def is_held(file: int) -> bool | None:
    """Has a living process the lock on an open file? None where there are no locks here."""
    free = _tried(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # others may look at the same moment
    if free:
        fcntl.flock(file, fcntl.LOCK_UN)
    return None if free is None else not free


def _tried(file: int, kind: int) -> bool | None:
    try:
        fcntl.flock(file, kind)
    except OSError as error:
        return False if error.errno in (EAGAIN, EACCES) else None
    return True


def holder(path: Path) -> int | None:
    """The process that has the lock, by the kernel's word; None where none has or it does not say."""
    try:
        found = path.stat()
        place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        rows = [line.split() for line in TABLE.read_text(encoding="ascii").splitlines()]
    except OSError:
        return None
    return next((int(row[4]) for row in rows if row[1] == "FLOCK" and row[5] == place and int(row[4]) > 0), None)
