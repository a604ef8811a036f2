"""How long Python takes to start with drilllib, against Python alone."""

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.table import duration, seconds_of

ROUNDS = 15
BUDGETS = {"import drilllib": "< +60 ms"}
BARE = [sys.executable, "-c", "pass"]
COMMANDS = {
    "import drilllib": [sys.executable, "-c", "import drilllib"],
    "import drilllib.core.trace.request": [sys.executable, "-c", "import drilllib.core.trace.request"],
    "drill --version": [str(Path(sys.executable).with_name("drill")), "--version"],
}


def rows() -> list[tuple[str, ...]]:
    """One row a command. They take turns, so that a busy moment hits them alike; the first turn only warms up."""
    _, *rounds = ([_seconds(command) for command in (BARE, *COMMANDS.values())] for _ in range(ROUNDS + 1))
    bare, *others = (median(times) for times in zip(*rounds, strict=True))
    return [_row(name, seconds, bare) for name, seconds in zip(COMMANDS, others, strict=True)]


def _row(name: str, seconds: float, bare: float) -> tuple[str, ...]:
    ratio, difference = f"{seconds / bare:.2f}x", f"{(seconds - bare) * 1000:+.1f} ms"
    medians = f"{duration(seconds)} / {duration(bare)}"
    return f"{name} / python -c pass", ratio, difference, BUDGETS.get(name, ""), medians


def _seconds(command: list[str]) -> float:
    return seconds_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
