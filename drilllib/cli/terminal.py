"""Our terminal joined to a command in a host of a lab, or our input and output handed over to one."""

import fcntl
import os
import select
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from drilllib.labs.netns.lab import NetnsLab

CHUNK = 1 << 16
LAST_S = 0.1  # how long output may lag behind the end of what printed it


def handed_over(lab: NetnsLab, host: str, command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command with our own input, output and errors, which may be pipes and files; its exit status."""
    return lab.shell((0, 1, 2), host, command, environment)


def joined(lab: NetnsLab, host: str, command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command on a terminal of its own, and let ours be a window to it; its exit status."""
    ours, theirs = os.openpty()
    files = (theirs, theirs, theirs if os.isatty(2) else 2)
    termios.tcsetattr(theirs, termios.TCSANOW, termios.tcgetattr(0))
    _same_size(ours)
    running = _Running(lambda: lab.shell(files, host, command, environment, leads=True), theirs)
    before = signal.signal(signal.SIGWINCH, lambda *_: _same_size(ours))
    try:
        with _raw():
            _copy(ours, running.ended)
    finally:
        signal.signal(signal.SIGWINCH, before)
        os.close(ours)
    return running.status()


class _Running:
    """A call that lasts, made beside; *ended* can be read from once it has."""

    def __init__(self, call: Callable[[], int], file: int) -> None:
        self.ended, self._end = os.pipe()
        self._call, self._file = call, file
        self._status = 0
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._status = self._call()
        except BaseException as error:
            self._error = error
        os.close(self._file)
        os.close(self._end)

    def status(self) -> int:
        """What it gave, or its error raised."""
        self._thread.join()
        os.close(self.ended)
        if self._error is not None:
            raise self._error
        return self._status


@contextmanager
def _raw() -> Iterator[None]:
    """Every key goes to the host, Ctrl-C too. However this ends, our terminal is what it was."""
    kept = termios.tcgetattr(0)
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSAFLUSH, kept)
        signal.signal(signal.SIGTERM, before)


def _same_size(terminal: int) -> None:
    """Give *terminal* the size of our window; the kernel tells who runs on it."""
    size = fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)


def _copy(terminal: int, ended: int) -> None:
    """Keys to *terminal* and its output to us, until the command has ended and its output is here."""
    os.set_blocking(terminal, False)
    sources, typed, patience = [0, terminal, ended], b"", None
    while True:
        waiting = [each for each in sources if each != 0 or not typed]
        ready, free, _ = select.select(waiting, [terminal] if typed else [], [], patience)
        if free:
            typed = typed[os.write(terminal, typed) :]
        if 0 in ready:
            typed = os.read(0, CHUNK)
            sources = sources if typed else [terminal, *sources[2:]]
        if terminal in ready:
            printed = _read(terminal)
            if not printed:
                return
            _write(printed)
        elif ended in ready:  # what it left running in the background may still hold its terminal
            sources.remove(ended)
            patience = LAST_S
        elif not ready and not free:
            return


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, CHUNK)
    except OSError:  # nobody has the other end any more
        return b""


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]
