"""
Commands as a person types them from a page: one after another into one shell, on a machine where nothing was set up.

What a person puts in by hand (the `yes` that Terraform asks for) is put in; nothing else is changed.
"""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drilllib.cloud.shell.tccli import SAID as STAND_IN
from tests.waits import PATIENCE_S, wait_until

ROOT = Path(__file__).resolve().parents[2]
MARK = "%%%"
_PROMPT = re.compile(r"^(?:\[\w+\] )?\$ (.*)$", re.MULTILINE)
_END = re.compile(rf"{MARK} (\d+)\n")


@dataclass(frozen=True)
class Typed:
    """A line, what it printed on both channels (but that a stand-in answers for tccli), and its exit status."""

    line: str
    said: str
    status: int


class Machine:
    """
    A home with nothing in it, and a shell there. On PATH are the programs of *first*, ours and the system's.

    Nothing of our own environment is there: no keys, no HOME, no settings.
    """

    def __init__(self, folder: Path, *first: Path) -> None:
        self.home, self.runtime = folder / "home", folder / "runtime"
        for each in (self.home, self.runtime):
            each.mkdir(mode=0o700)
        places = [*map(str, first), str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
        self._environment = {"HOME": str(self.home), "PATH": os.pathsep.join(places), "LANG": "C.UTF-8"}
        self._environment |= {"XDG_RUNTIME_DIR": str(self.runtime), "TMPDIR": str(self.runtime)}
        self._shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.home,
            env=self._environment,
            start_new_session=True,
        )
        self._heard: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._shell.stdout
        while piece := self._shell.stdout.read1(1 << 16):
            self._heard.put(piece)
        self._heard.put(b"")

    def type(self, line: str) -> Typed:
        """Type a line, and wait for its end. Raises AssertionError where it does not end."""
        assert self._shell.stdin
        asks = re.match(r"terraform .*\b(apply|destroy)\b", line) and "-auto-approve" not in line
        text = f"{line}\n" + ("yes\n" if asks else "") + f"echo '{MARK}' $?\n"
        self._shell.stdin.write(text.encode())
        self._shell.stdin.flush()
        said, until = "", time.monotonic() + PATIENCE_S
        while not (end := _END.search(said)):
            try:
                piece = self._heard.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                os.killpg(self._shell.pid, signal.SIGKILL)
                raise AssertionError(f"{line} does not end:\n{said}") from None
            assert piece, f"the shell has ended at {line}:\n{said}"
            said += piece.decode(errors="replace")
        return Typed(line, said[: end.start()].replace(f"{STAND_IN}\n", ""), int(end[1]))

    def close(self) -> None:
        """End the shell, what it is in, and the cloud, if one is up."""
        assert self._shell.stdin
        with contextlib.suppress(OSError):
            self._shell.stdin.close()
        self._shell.wait(PATIENCE_S)
        if self.processes():
            down = [str(Path(sys.executable).parent / "drill"), "cloud", "down"]
            subprocess.run(down, env=self._environment, cwd=self.home, capture_output=True, check=False)

    def left(self) -> list[str]:
        """What is left in the home and in the folder for what runs, and what still runs."""
        files = [path.name for folder in (self.home, self.runtime) for path in folder.iterdir()]
        wait_until(lambda: not self.processes())
        return [*sorted(files), *self.processes().values()]

    def processes(self) -> dict[int, str]:
        """What came of the commands and runs, in whatever namespace: by its environment, which names our folders."""
        numbers = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
        ours = (pid for pid in numbers if pid != self._shell.pid and str(self.home.parent) in _read(pid, "environ"))
        return {pid: _read(pid, "cmdline").replace("\0", " ") for pid in ours}


def _read(pid: int, file: str) -> str:
    """Nothing where the process has ended, or is another user's."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/{file}").read_bytes().decode(errors="replace")
    return ""


def program(folder: Path, name: str, script: Path) -> Path:
    """A folder with a program in it that runs a script of ours with this Python."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {script} "$@"\n')
    (folder / name).chmod(0o700)
    return folder


def blocks(page: str) -> Iterator[list[str]]:
    """The lines to type of each block of a page: what stands behind a prompt, in the shell and out of it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield _PROMPT.findall(block)


def printed_commands(said: str) -> list[str]:
    """The commands that `drill render` prints: what is set in, comments too."""
    return [line.strip() for line in said.splitlines() if line.startswith("  ")]
