"""
What a class's hub keeps, in a folder of its own: homes that are each a learner's alone, the course, the hub's database.

The hub runs as root and everybody else by a user id of their own, from a range that no system hands out. A home's
owner is the record of whose id it is: it stays the same, and nothing is entered into the system's list of users.
Source of the range: systemd, docs/UIDS-GIDS.md, where 65536 to 524287 are unused; shadow's subordinate ids begin at
100000.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drilllib.classes.handed_out import put
from drilllib.errors import InvalidInputError, Message, quoted
from drilllib.machine import private
from drilllib.practice.folder import PRACTICE

ENDING = ".hub"
FIRST, LAST = 70_000, 99_999
LONGEST = 107 - len(
    "/run/99999/kernel-00000000-0000-0000-0000-000000000000-ipc-1"
)  # a local socket's address, sun_path
_PASSABLE, _READABLE = 0o711, 0o755


@dataclass(frozen=True)
class HubFolder:
    """The folder of a class's hub."""

    path: Path

    @property
    def own(self) -> Path:
        """What is the hub's alone: its database, keys and log."""
        return self.path / "hub"

    @property
    def course(self) -> Path:
        """The notebooks, which everybody reads and nobody writes."""
        return self.path / "course"

    def home(self, name: str) -> Path:
        """A learner's home."""
        return self.path / "homes" / name

    def runtime(self, uid: int) -> Path:
        """Where a learner's servers and kernels have their sockets."""
        return self.path / "run" / str(uid)

    def uid(self, name: str) -> int:
        """
        As whom a learner's server runs.

        Raises:
            InvalidInputError: The home is not there, or is somebody's of the system.
        """
        home = self.home(name)
        owner = home.lstat().st_uid if home.is_dir() and not home.is_symlink() else -1
        if FIRST <= owner <= LAST:
            return owner
        raise InvalidInputError(
            "{path} is no home of a learner", remedy=Message("Move it away, and serve again"), path=quoted(str(home))
        )

    def make(self) -> None:
        """
        Make what is not there.

        Raises:
            InvalidInputError: It cannot be made, or its name is too long for sockets in it.
        """
        if len(os.fsencode(self.path)) > LONGEST:
            raise InvalidInputError(
                "{path} is too long a name: kernels' sockets are in it, whose names have a most",
                remedy=Message("Give a --folder of {most} bytes at most", most=LONGEST),
                path=quoted(str(self.path)),
            )
        try:
            private.folder(self.path)
            for each in (self.path / "homes", self.path / "run"):
                each.mkdir(exist_ok=True)
                each.chmod(_PASSABLE)
            private.folder(self.own)
            self.course.mkdir(exist_ok=True)
            self.course.chmod(_READABLE)
            self.path.chmod(_PASSABLE)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def make_home(self, name: str) -> int:
        """
        Make a learner's home where it is not there; its user id.

        Raises:
            InvalidInputError: It cannot be made, or something else is there.
        """
        home = self.home(name)
        try:
            if not os.path.lexists(home):
                uid = self._next()
                home.mkdir(0o700)
                os.chown(home, uid, uid)
            uid = self.uid(name)
            runtime = self.runtime(uid)
            runtime.mkdir(0o700, exist_ok=True)
            os.chown(runtime, uid, uid)
        except OSError as error:
            raise _unwritable(home, error) from None
        return uid

    def _next(self) -> int:
        owners = (each.stat(follow_symlinks=False).st_uid for each in os.scandir(self.path / "homes"))
        found = max((FIRST - 1, *(each for each in owners if each <= LAST))) + 1
        if found > LAST:
            raise OSError(None, f"{LAST - FIRST + 1} homes are the most")
        return found


def fill(home: Path, start: str, course: Path) -> None:
    """
    Put a learner's start, and the way to the course, into their home; to be done as the learner, whose links may lead
    anywhere by now.

    Raises:
        OSError: Something of the learner's is in the way.
    """
    put(start, home / PRACTICE)
    with suppress(FileExistsError):
        (home / "course").symlink_to(course)


def become(uid: int) -> None:
    """Be that user from now on, in no other group, and make files that nobody else can read."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    os.umask(0o077)


def as_user(uid: int, work: Callable[[], None]) -> bool:
    """Do it in a process of that user; was it done?"""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    status = 1
    try:
        become(uid)
        work()
        status = 0
    finally:
        os._exit(status)


def _unwritable(path: Path, error: OSError) -> InvalidInputError:
    return InvalidInputError(
        "{path} cannot be made: {reason}",
        remedy=Message("Name another --folder"),
        path=quoted(str(path)),
        reason=error.strerror or error,
    )
