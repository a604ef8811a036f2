"""
Commands as a person types them from a page: one after another into one shell, on a machine where nothing was set up.

What a person puts in by hand (the `yes` that Terraform asks for) is put in; nothing else is changed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "%%%"
_PROMPT = re.compile(r"^(?:\[\w+\] )?\$ (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Typed:
    """A line, what it printed on both channels, and its exit status."""

    line: str
    said: str
    status: int


class Machine:
    """A home with nothing in it, and the programs on PATH: those of *first* before ours and the system's."""

    def __init__(self, home: Path, *first: Path) -> None:
        self.home, self.runtime = home / "home", home / "runtime"
        self.home.mkdir()
        self.runtime.mkdir(mode=0o700)
        places = [*map(str, first), str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
        self.environment = {"HOME": str(self.home), "PATH": os.pathsep.join(places), "LANG": "C.UTF-8"}
        self.environment |= {"XDG_RUNTIME_DIR": str(self.runtime), "TMPDIR": str(self.runtime)}

    def type(self, lines: Sequence[str], timeout_s: float = 300) -> list[Typed]:
        """Type the lines into a shell, one after another. Raises AssertionError where the shell ended before."""
        text = "".join(_with_answer(line) for line in lines)
        run = subprocess.run(
            ["bash", "--norc", "--noprofile"],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
            env=self.environment,
            timeout=timeout_s,
        )
        parts = re.split(rf"{MARK} (\d+)\n", run.stdout)
        said, statuses = parts[0:-1:2], parts[1::2]
        assert len(said) == len(lines), run.stdout
        return [Typed(*each) for each in zip(lines, said, map(int, statuses), strict=True)]


def _with_answer(line: str) -> str:
    asks = re.search(r"^terraform .*\b(apply|destroy)\b", line) and "-auto-approve" not in line
    return f"{line}\n" + ("yes\n" if asks else "") + f"echo '{MARK}' $?\n"


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
