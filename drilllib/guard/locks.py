"""Locks on groups and resources, so that two guards on one machine never write to the same one."""

import fcntl
import json
import os
import re
from contextlib import suppress
from pathlib import Path

from drilllib.errors import LabStateError, quoted
from drilllib.guard.errors import ConflictError
from drilllib.guard.lines import LONGEST_PATH


class Locks:
    """
    The locks that one guard holds, in *folder*; *holder* is what another one is told about it.

    They are the system's own (flock): however the process ends, they are free.
    """

    def __init__(self, folder: Path, holder: str) -> None:
        self._folder, self._holder = folder, holder
        self._held: dict[str, int] = {}

    def take(self, name: str) -> None:
        """
        Hold the lock on a group or a resource until `release`.

        Raises:
            ConflictError: Somebody else holds it.
            LabStateError: The file of the lock cannot be made or written.
        """
        if name in self._held:
            return
        path = self._folder / f"{re.sub(r'[^A-Za-z0-9-]', '_', name)}.lock"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "journal": self._holder}).encode(), 0)
        except OSError as error:
            os.close(descriptor)
            raise (_taken(name, path) if isinstance(error, BlockingIOError) else _unusable(path, error)) from None
        self._held[name] = descriptor

    def release(self) -> None:
        """Let go of all of them; safe to call twice."""
        while self._held:
            os.close(self._held.popitem()[1])


def _taken(name: str, path: Path) -> ConflictError:
    found: object = None
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_text(encoding="utf-8"))
    told = found if isinstance(found, dict) else {}
    return ConflictError(
        "{name} is being changed by another run: process {pid}, journal {journal}",
        remedy="Wait until that has ended",
        name=quoted(name),
        pid=str(told.get("pid", "?")),
        journal=str(told.get("journal", "?")),
    )


def _unusable(path: Path, error: OSError) -> LabStateError:
    return LabStateError(
        "The lock {path} cannot be used: {detail}",
        remedy="Nothing is changed without a lock: make its folder writable",
        path=quoted(str(path), LONGEST_PATH),
        detail=error.strerror or type(error).__name__,
    )
