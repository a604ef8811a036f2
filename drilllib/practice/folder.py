"""Where a learner's attempts are kept, a log a file, and who plays which of them at the moment."""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from drilllib.errors import InvalidInputError, quoted
from drilllib.machine import locks
from drilllib.machine.folders import Folder

COPIES = ".drilllib.json"  # what `drill course` writes into a learner's folder: see course/copies.py
COURSE = "~/drilllib-course"  # where it puts the copies, unless told otherwise
PRACTICE, ASIDE, LOG = "practice", "aside", ".jsonl"
START = "start.json"  # what a class hands out, beside the logs: see start.py
DRIVE = Path("/drive")  # where the course in a browser tab has the learner's copies, which the browser keeps


def practice_folder(named: Path | None = None) -> Path:
    """
    The folder of the attempts: inside the learner's folder, which is *named*, or is where we are with a class's start,
    or has copies of the course's notebooks (where we are, or ~/drilllib-course), or is the home with a class's start;
    else inside the user's data directory. It need not be there yet.
    """
    if named is not None:
        return named.expanduser() / PRACTICE
    here = [Path.cwd()] if _is_anywhere() else []
    started = (each for each in here if _has_start(each))
    last = Path.home() if _has_start(Path.home()) else _data_directory() / "drilllib"
    return (next(started, None) or course_folder() or last) / PRACTICE


def _has_start(learner: Path) -> bool:
    """Has somebody put what a class hands out there?"""
    return (learner / PRACTICE / START).is_file()


def course_folder() -> Path | None:
    """The folder of the learner's copies that we are in, else ~/drilllib-course; None where neither has any."""
    here = [Path.cwd()] if _is_anywhere() else []
    places = [*here, *(each.parent for each in here), Path(COURSE).expanduser()]
    return next(filter(is_course_folder, places), None)


def is_course_folder(folder: Path) -> bool:
    """Has *folder* a learner's copies of the course's notebooks?"""
    return folder == DRIVE if sys.platform == "emscripten" else (folder / COPIES).is_file()


def _is_anywhere() -> bool:
    """Is the working folder still there?"""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _data_directory() -> Path:
    """Where the system keeps a user's data."""
    named = os.environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(named):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Application Support" if sys.platform == "darwin" else ".local/share")


def new_log(folder: Path) -> Path:
    """
    An empty log that was not there before. Its name is the time, so that their order is that of the attempts; the name
    of the drill would tell half of the diagnosis to whoever lists the folder.

    Raises:
        InvalidInputError: The folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}{LOG}"
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
                return path
    except OSError as error:
        raise InvalidInputError(
            "Your attempt is not kept, {path}: {reason}",
            remedy="Go on; to keep it, make the folder writable, or name another with --dir",
            path=quoted(str(folder)),
            reason=error.strerror or error,
        ) from None


def log_for_now() -> Path:
    """A log in a temporary folder, for where none can be kept; it goes with this process, or is swept after it."""
    folder = Folder("practice")
    atexit.register(folder.close)
    return new_log(folder.path)


def logs(folder: Path) -> tuple[Path, ...]:
    """The logs in *folder*, the oldest first; none where it cannot be read."""
    try:
        found = [Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(LOG) and entry.is_file()]
    except OSError:
        return ()
    return tuple(sorted(found))


@contextmanager
def holding(path: Path) -> Iterator[bool]:
    """
    Nobody else plays the attempt of that log meanwhile; False where somebody does already.

    The kernel lets go of it, whatever ends us. Where there are no locks (Windows, some network file systems) everybody
    may.
    """
    file = locks.opened(path)
    try:
        yield file is None or locks.lock(file) is not False
    finally:
        if file is not None:
            os.close(file)


def is_held(path: Path) -> bool:
    """Does somebody play the attempt of that log?"""
    with holding(path) as ours:
        return not ours


def set_aside(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """
    Move logs into the folder `aside` beside them, where they count no more; those that are being played stay.

    The ones that moved are given. What was interrupted can be done again.

    Raises:
        InvalidInputError: They cannot be moved.
    """
    moved = []
    try:
        for path in paths:
            if not is_held(path):
                (path.parent / ASIDE).mkdir(exist_ok=True)
                path.rename(path.parent / ASIDE / path.name)
                moved.append(path)
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be set aside: {reason}",
            remedy="Make the folder writable",
            path=quoted(str(path)),
            reason=error.strerror or error,
        ) from None
    return tuple(moved)
