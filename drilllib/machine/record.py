"""
A file that says who is there, locked by the process that it is about as long as that lives.

A record alone proves nothing: its process may have been killed, its number and its port be another's by now. This one
is believed while its lock is held, and removed once it is not.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drilllib.machine import locks, private

LONGEST = 1 << 16  # bytes
GLANCE_S = 0.5  # others who look hold the lock for a moment


@dataclass(frozen=True, slots=True)
class Found:
    """What a record says; *held*: its process lives; None where the file system has no locks, and nobody knows."""

    text: str
    held: bool | None


class Record:
    """The record of our own process, from its making until it is closed or the process ends. `claim` makes one."""

    def __init__(self, path: Path, file: int) -> None:
        self._path, self._file = path, file

    def write(self, text: str) -> None:
        """Say who is there."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def close(self) -> None:
        """Remove it; safe to call twice."""
        if self._file >= 0:
            if _is_at(self._path, self._file):
                self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1


def claim(path: Path) -> Record | None:
    """
    A record of this process's, empty as yet; None where a living process has it. A dead one's is taken over.

    Raises:
        OSError: It cannot be written, or is another user's.
    """
    patience = time.monotonic() + GLANCE_S
    while True:
        file = locks.opened(path, os.O_RDWR | os.O_CREAT)
        if file is None:
            raise PermissionError(f"{path} is not a file of this user's")
        free = locks.lock(file)
        if free is not False and _is_at(path, file):
            os.fchmod(file, private.FILE)
            os.ftruncate(file, 0)
            return Record(path, file)
        os.close(file)  # held, or removed before we had the lock
        if free is False and time.monotonic() > patience:
            return None
        time.sleep(0.01)


def read(path: Path) -> Found | None:
    """What this user's record says; None where there is none."""
    file = locks.opened(path)
    if file is None:
        return None
    try:
        return Found(os.pread(file, LONGEST, 0).decode(errors="replace"), locks.is_held(file))
    except OSError:  # a folder
        return None
    finally:
        os.close(file)


def remove(path: Path) -> None:
    """Remove a record whose process is dead; one that somebody has claimed since stays."""
    file = locks.opened(path)
    if file is None:
        return
    with suppress(OSError):
        if locks.lock(file) is not False and _is_at(path, file):
            path.unlink(missing_ok=True)
    os.close(file)


def _is_at(path: Path, file: int) -> bool:
    """Is it this open file that stands there?"""
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(file))
    except OSError:
        return False
