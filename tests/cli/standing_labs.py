"""Labs that stand, for tests: commands as a user types them, a terminal to type on, and a look at what is left over."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

import drilllib
from drilllib.labs.netns.sandbox import why_not
from tests.waits import PATIENCE_S, wait_until

needs_real_packets = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")


class Commands:
    """`drill` in processes that can be told from all others, with labs of a name that nobody else uses."""

    def __init__(self, start: Sequence[str] = (sys.executable,)) -> None:
        self._start = start
        self.lab = f"test-{uuid4().hex[:12]}"
        ours = str(Path(drilllib.__file__).parents[1])
        self.environment = {**os.environ, "PYTHONPATH": ours, "DRILL_TEST": self.lab, "DRILL_LANG": "en"}

    def line(self, *arguments: str) -> list[str]:
        return [*self._start, "-m", "drilllib", *arguments]

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess:
        asked = {"capture_output": True, "text": True, "timeout": PATIENCE_S, "env": self.environment, "check": False}
        return subprocess.run(self.line(*arguments), **{**asked, **options})

    def up(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run("lab", "up", self.lab, "--slowness", "0.05", *arguments)

    def shell(self, host: str, *command: str, **options: object) -> subprocess.CompletedProcess:
        return self.run("shell", host, "--lab", self.lab, "--", *command, **options)

    def processes(self) -> list[int]:
        """Every process that these commands started, and that they started in turn."""
        mark = f"DRILL_TEST={self.lab}".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)]

    def nothing_left(self) -> bool:
        """In the end, neither a process nor a name."""
        return wait_until(lambda: not self.processes() and self.lab not in Path("/proc/net/unix").read_text())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contextmanager
def commands(start: Sequence[str] = (sys.executable,)) -> Iterator[Commands]:
    """Commands by that Python; afterwards their lab is ended, and nothing may be left."""
    mine = Commands(start)
    yield mine
    if mine.lab in Path("/proc/net/unix").read_text():
        mine.run("lab", "down", mine.lab)
    assert mine.nothing_left(), f"left over: {mine.processes()}"


class Screen:
    """A terminal with a command on it; what it shows, and keys for it."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path | None = None) -> None:
        self.shown = ""
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder or "/")
            os.execvpe(command[0], command, {**environment, "TERM": "dumb"})

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    @property
    def file(self) -> int:
        return self._terminal

    def waits_for(self, pattern: str) -> str:
        """Everything shown up to *pattern*, which is then behind us."""
        until = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < until, f"no {pattern!r} in {self.shown!r}"
            assert self._more(), f"ended without {pattern!r}: {self.shown!r}"
        before, self.shown = self.shown[: found.end()], self.shown[found.end() :]
        return before

    def _more(self) -> bool:
        if not select.select([self._terminal], [], [], 0.2)[0]:
            return True
        try:
            self.shown += os.read(self._terminal, 65536).decode(errors="replace")
        except OSError:
            return False
        return True

    def status(self) -> int:
        """The exit status of the command, once it has ended."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                while select.select([self._terminal], [], [], 0)[0] and self._more():
                    pass
                os.close(self._terminal)
                return os.waitstatus_to_exitcode(status)
            self._more()
        raise AssertionError(f"still running: {self.shown!r}")
