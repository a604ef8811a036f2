"""
Commands that end with us, with all that came of them, however we end: killed, hung up, or with the terminal.

A guard stands between us and the command (guard.py). It holds one end of a pipe, and we the other, which the kernel
closes with our process.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from drilllib.machine import python

GUARD = Path(__file__).with_name("guard.py")  # not imported: it is another process's, and not for Windows
HAS_GUARDS = sys.platform != "win32"


@cache
def _life() -> tuple[int, int]:
    """The pipe; nobody ever writes to it."""
    return os.pipe()


def files() -> tuple[int, ...]:
    """What a command of `command` has to inherit."""
    return _life()[:1] if HAS_GUARDS else ()


def command(words: Sequence[str], *, first: int, grace_s: float, folder: Path | None = None) -> list[str]:
    """
    *words* under a guard.

    When this ends the command gets the signal *first* and *grace_s* seconds; then *folder* is removed.
    """
    if not HAS_GUARDS:
        return list(words)
    ours = [str(_life()[0]), str(int(first)), str(grace_s), str(folder or "")]
    return [sys.executable, *python.ALONE, str(GUARD), *ours, *words]


def start(
    words: Sequence[str], *, first: int, grace_s: float, folder: Path | None = None, **options: Any
) -> subprocess.Popen[Any]:
    """Start *words* under a guard; *options* are those of Popen. Told to terminate, it ends all that came of it."""
    guarded = command(words, first=first, grace_s=grace_s, folder=folder)
    return subprocess.Popen(guarded, pass_fds=files(), **options)


@contextmanager
def exits_on_signals() -> Iterator[None]:
    """
    Being ended or hung up is an exit like any other, for which everything is tidied up.

    Under nohup a hang-up stays ignored.
    """
    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    chosen = [each for each in wanted if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, lambda number, _: sys.exit(128 + number)) for each in chosen}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
