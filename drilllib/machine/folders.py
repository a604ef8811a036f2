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

from drilllib.machine import private

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # no such module there

KINDS = ("cloud", "shell", "course", "run")
_NAME = re.compile(rf"drilllib\.({'|'.join(KINDS)})\.[a-z0-9_]{{8}}")  # nobody else's is ever swept
LOCKS = Path("/proc/locks")


class Folder:
    """A folder of one of the `KINDS`, its user's alone, until it is closed; use it in a ``with`` block."""

    def __init__(self, kind: str) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=f"drilllib.{kind}."))
            self.path.chmod(private.FOLDER)  # whatever the umask is
            self._lock = _opened(self.path)
            if self._lock is None:
                return
            with suppress(OSError):  # no locks here
                fcntl.flock(self._lock, fcntl.LOCK_EX)
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
    """Does the process that made that folder live?"""
    lock = _opened(path)
    if lock is None:
        return False
    try:
        return not _locked(lock, fcntl.LOCK_SH)  # others may look at the same moment
    finally:
        os.close(lock)


def holder(path: Path) -> int | None:
    """The process that holds a folder, by the kernel's word; None where it holds none or does not say."""
    try:
        found = path.stat()
        place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        rows = [line.split() for line in LOCKS.read_text(encoding="ascii").splitlines()]
    except OSError:
        return None
    return next((int(row[4]) for row in rows if row[1] == "FLOCK" and row[5] == place), None)


def _dead() -> Iterator[tuple[Path, int]]:
    """The folders that nobody holds, now locked by us."""
    with suppress(OSError):
        for entry in list(os.scandir(tempfile.gettempdir())):
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                lock = _opened(Path(entry.path))
                if lock is not None and _locked(lock):
                    yield Path(entry.path), lock
                elif lock is not None:
                    os.close(lock)


def _opened(path: Path) -> int | None:
    """A folder of this user's, opened; None where it is not theirs, or cannot be locked here."""
    if fcntl is None:
        return None
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    if os.fstat(lock).st_uid == os.geteuid():
        return lock
    os.close(lock)
    return None


def _locked(lock: int, kind: int | None = None) -> bool:
    """Is the lock ours now? Where there are none, nobody knows, and it counts as another's."""
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if kind is None else kind) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
