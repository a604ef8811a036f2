"""
Folders of ours among the machine's temporary ones: each is locked by the process that made it, as long as that lives.

So what a killed process left behind is known without asking it, whatever its number is somebody else's by now, and the
next command sweeps it away. Where there are no such locks (Windows, some network file systems) nothing is swept.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from drilllib.machine import locks, private

KINDS = ("cloud", "shell", "course", "run", "practice")
_NAME = re.compile(rf"drilllib\.({'|'.join(KINDS)})\.[a-z0-9_]{{8}}")  # nobody else's is ever swept


class Folder:
    """A folder of one of the `KINDS`, its user's alone, until it is closed; use it in a ``with`` block."""

    def __init__(self, kind: str) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=f"drilllib.{kind}."))
            with suppress(FileNotFoundError):
                self.path.chmod(private.FOLDER)  # whatever the umask is
            self._lock = locks.opened(self.path, os.O_DIRECTORY)
            if self._lock is None and self.path.exists():
                return
            if self._lock is None:  # somebody swept it before we could open it
                continue
            locks.lock(self._lock, wait=True)
            if self.path.exists():
                return
            os.close(self._lock)  # somebody swept it before we had the lock

    def close(self) -> None:
        """Remove it, and all that is in it; safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()


def sweep() -> None:
    """Remove this user's folders whose process has ended."""
    for path, lock in _dead():
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def is_held(path: Path) -> bool:
    """Does the process that made that folder live? Where there are no locks it is believed to."""
    lock = locks.opened(path, os.O_DIRECTORY)
    if lock is None:
        return False
    try:
        return locks.is_held(lock) is not False
    finally:
        os.close(lock)


def _dead() -> Iterator[tuple[Path, int]]:
    """The folders that nobody holds, now locked by us."""
    with suppress(OSError):
        for entry in list(os.scandir(tempfile.gettempdir())):
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                lock = locks.opened(Path(entry.path), os.O_DIRECTORY)
                if lock is not None and locks.lock(lock):
                    yield Path(entry.path), lock
                elif lock is not None:
                    os.close(lock)
