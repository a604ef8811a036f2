"""
Runs a command, and ends all that came of it when the process that asked for it ends, however that ends.

Run as `python -I -S guard.py LIFE FIRST GRACE FOLDER COMMAND...`. LIFE is a pipe that nobody writes to: it ends with
that process. Then, or at a SIGTERM or SIGHUP, the command gets the signal FIRST and GRACE seconds, after that all that
is left of it SIGHUP and SIGKILL; what was started to stand by itself (`DRILL_STANDS`), or under nohup, is let be.
FOLDER is removed if nobody else is left to do so. Where there is no /proc, only the command itself is ended.
"""

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Mapping

STANDS = b"DRILL_STANDS="
PARENT = "JPY_PARENT_PID"  # whom a kernel does not outlive: that is us
HANGING_UP_S, KILLING_S, LOOK_S = 1.0, 10.0, 0.02
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
HANG_UP_BIT = 1 << (signal.SIGHUP - 1)
Process = tuple[int, bytes]  # its number, and when it started: together they are no other's


class Guard:
    """One command and what comes of it."""

    def __init__(self, life: int, command: list[str]) -> None:
        self._life, self._code = life, 0
        os.set_inheritable(life, False)
        self._nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # so everything here ignores it
        _control(PR_SET_CHILD_SUBREAPER, 1)  # what its parent leaves behind becomes our child, and no stranger's
        self._heard, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signals = [signal.SIGCHLD, signal.SIGTERM, *([] if self._nohup else [signal.SIGHUP])]
        before = {each: signal.signal(each, lambda *_: None) for each in signals}
        before |= {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGQUIT)}
        self._child: int | None = os.fork()
        if self._child == 0:
            _become(command, before)

    def wait(self) -> bool:
        """Until the command has ended (False), or it shall end (True)."""
        while self._child is not None:
            if self._look(None):
                return True
        return False

    def end(self, first: int, grace_s: float) -> None:
        """End the command and what came of it."""
        if self._child is not None:
            os.kill(self._child, first)
            until = time.monotonic() + grace_s
            while self._child is not None and time.monotonic() < until:
                self._look(LOOK_S)
        for kind, seconds in ((signal.SIGHUP, HANGING_UP_S), (signal.SIGKILL, KILLING_S)):
            until = time.monotonic() + seconds
            while (left := self._family()) and time.monotonic() < until:
                for process in left:
                    _signal(process, kind)
                self._look(LOOK_S)

    def status(self) -> int:
        """How the command ended, as a shell says it."""
        return self._code

    def is_alone(self) -> bool:
        """Has the process that asked for this ended?"""
        return bool(select.select([self._life], [], [], 0)[0])

    def _look(self, seconds: float | None) -> bool:
        """Wait for news; are they that this shall end?"""
        watched = [self._heard, self._life] if seconds is None else [self._heard]
        ready = select.select(watched, [], [], seconds)[0]
        news = os.read(self._heard, 512) if self._heard in ready else b""
        self._reap()
        return self._life in ready or not {signal.SIGTERM, signal.SIGHUP}.isdisjoint(news)

    def _reap(self) -> None:
        try:
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self._child:
                    code = os.waitstatus_to_exitcode(found[1])
                    self._child, self._code = None, code if code >= 0 else 128 - code
        except ChildProcessError:
            return

    def _family(self) -> list[Process]:
        """Who is left of what came of the command, but for those who shall be let be."""
        if not os.path.exists("/proc/self/stat"):
            return [(self._child, b"")] if self._child is not None else []
        known: dict[int, list[Process]] = {}
        for parent, process in _processes():
            known.setdefault(parent, []).append(process)
        found, left = [], list(known.get(os.getpid(), ()))
        while left:
            process = left.pop()
            if not _stands(process[0]):
                left += known.get(process[0], ())
                found += [] if not self._nohup and _ignores_hang_up(process[0]) else [process]
        return found


def _processes() -> list[tuple[int, Process]]:
    """Those there are, each with its parent; who has ended and was not waited for is none."""
    found = []
    for name in os.listdir("/proc"):
        fields = _stat(int(name)) if name.isdecimal() else []
        if fields and fields[0] not in (b"Z", b"X"):
            found.append((int(fields[1]), (int(name), fields[19])))
    return found


def _stat(pid: int) -> list[bytes]:
    """The fields of a process from its state on; none where it is gone."""
    return _read(pid, "stat").rpartition(b")")[2].split()


def _read(pid: int, file: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{file}", "rb") as opened:
            return opened.read()
    except OSError:
        return b""


def _stands(pid: int) -> bool:
    return any(each.startswith(STANDS) for each in _read(pid, "environ").split(b"\0"))


def _ignores_hang_up(pid: int) -> bool:
    ignored = _read(pid, "status").partition(b"SigIgn:")[2].split()[:1]
    return bool(ignored and int(ignored[0], 16) & HANG_UP_BIT)


def _signal(process: Process, kind: int) -> None:
    """To that process, and not to one that got its number since."""
    pid, started = process
    try:
        file = os.pidfd_open(pid)
    except AttributeError:  # no /proc either: it is our own child
        os.kill(pid, kind)
        return
    except OSError:
        return
    try:
        if _stat(pid)[19:20] == [started]:
            signal.pidfd_send_signal(file, kind)
    except OSError:
        return
    finally:
        os.close(file)


def _control(option: int, value: int) -> None:
    """Linux's prctl; nothing elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def _become(command: list[str], signals: Mapping[signal.Signals, object]) -> None:
    """In the child: the command, with the signals that we were given, and which ends when we are killed."""
    code = 126
    try:
        guard = os.getppid()
        _control(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        for each, before in signals.items():
            signal.signal(each, signal.SIG_IGN if before is signal.SIG_IGN else signal.SIG_DFL)
        for each in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
            signal.signal(each, signal.SIG_DFL)
        if PARENT in os.environ:
            os.environ[PARENT] = str(guard)
        os.execvp(command[0], command)
    except FileNotFoundError:
        code = 127
    finally:
        os._exit(code)


def main() -> int:
    """The exit status of the command."""
    life, first, grace, folder, *command = sys.argv[1:]
    guard = Guard(int(life), command)
    if guard.wait():
        guard.end(int(first), float(grace))
    if folder and guard.is_alone():
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
    return guard.status()


if __name__ == "__main__":
    sys.exit(main())
