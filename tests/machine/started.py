"""`drill` in a world of its own, for tests: every process that comes of it has a mark, its files a folder."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.waits import PATIENCE_S, wait_until

MARK = "DRILL_TEST"  # a name that every environment of ours hands on


class World:
    """Commands in *folder*, whose temporary files and records are in it too; *more* is added to their environment."""

    def __init__(self, folder: Path, start: Sequence[str] = (sys.executable, "-m", "drilllib"), **more: str) -> None:
        self.mark, self._start = uuid4().hex, tuple(start)
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        own = {"TMPDIR": str(self.temporary), "XDG_RUNTIME_DIR": str(self.temporary), "HOME": str(folder)}
        self.environment = {**os.environ, **own, MARK: self.mark, "DRILL_LANG": "en", **more}
        self.folder = folder

    def line(self, *arguments: str) -> list[str]:
        return [*self._start, *arguments]

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        asked = {"capture_output": True, "text": True, "timeout": PATIENCE_S, "stdin": subprocess.DEVNULL}
        asked |= {"env": self.environment, "cwd": self.folder}
        return subprocess.run(self.line(*arguments), **{**asked, **options})

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        asked = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "stdin": subprocess.DEVNULL}
        asked |= {"env": self.environment, "cwd": self.folder}
        return subprocess.Popen(self.line(*arguments), **{**asked, **options})

    def processes(self) -> dict[int, str]:
        """Every process that came of these commands, with its command line."""
        return {pid: _read(pid, "cmdline").replace("\0", " ") for pid in self.environments()}

    def environments(self) -> dict[int, str]:
        """What each of them was given."""
        mark = f"{MARK}={self.mark}\0"
        numbers = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
        return {pid: found for pid in numbers if mark in (found := _read(pid, "environ"))}

    def left(self) -> list[str]:
        """Files and folders that are there."""
        return sorted(path.name for path in self.temporary.iterdir())

    def nothing_left(self) -> bool:
        """In the end, neither a process nor a file."""
        return wait_until(lambda: not self.processes() and not self.left())

    def gone(self, true: Callable[[dict[int, str]], bool]) -> bool:
        """Does it come true of the processes that are there?"""
        return wait_until(lambda: true(self.processes()))


def _read(pid: int, file: str) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/{file}").read_bytes().decode(errors="replace")
    return ""


def kernel_client(file: Path) -> Any:
    """A client of the kernel that a connection file describes, once it answers, however long that takes."""
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.hb_channel.time_to_dead = PATIENCE_S  # else a kernel that is busy for a second is taken for dead
    client.start_channels()
    client.wait_for_ready(PATIENCE_S)
    return client
