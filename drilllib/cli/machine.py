"""What a machine may run out of while a command runs: a fact about it, and no bug of ours."""

import errno
import os

from drilllib.errors import DrillError, Message

_LACKS = {
    errno.EMFILE: Message("file descriptors"),
    errno.ENFILE: Message("file descriptors"),
    errno.EAGAIN: Message("processes"),
    errno.ENOMEM: Message("memory"),
    errno.ENOSPC: Message("room on its disk"),
    getattr(errno, "EDQUOT", errno.ENOSPC): Message("room on its disk"),
}

_UNMAPPED = "failed to map segment"  # so the C library says that a module's memory cannot be had


class LackingError(DrillError):
    """The machine, or the limits of this process, cannot do what the command needs."""


def lacking(error: BaseException) -> LackingError | None:
    """What *error* says that the machine lacks; None where it says nothing of the kind."""
    what = _what(error)
    if what is not None:
        return LackingError(
            "This command needs more {what} than it can have",
            remedy="End other programs, or raise the limit (ulimit -a shows it)",
            what=what,
        )
    if isinstance(error, FileNotFoundError) and _is_homeless():
        return LackingError("The working folder is gone", remedy="Change to another (cd), and try again")
    return None


def _what(error: BaseException) -> Message | None:
    if isinstance(error, MemoryError) or (isinstance(error, ImportError) and _UNMAPPED in str(error)):
        return _LACKS[errno.ENOMEM]
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return _LACKS[errno.EAGAIN]
    return _LACKS.get(error.errno or 0) if isinstance(error, OSError) else None


def _is_homeless() -> bool:
    try:
        os.getcwd()
    except OSError:
        return True
    return False
