"""How long Python takes to start with drilllib, against Python alone."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.table import duration, seconds_of
from drilllib.core.drills.faults import open_fault

ROUNDS = 15
BARE = [sys.executable, "-c", "pass"]
DRILL = str(Path(sys.executable).with_name("drill"))
BUDGETS = {"import drilllib": "< +60 ms", "drill trace, default lab": "<= 8x"}


def rows() -> list[tuple[str, ...]]:
    """One row a command. They take turns, so that a busy moment hits them alike; the first turn only warms up."""
    with TemporaryDirectory() as folder:
        commands = _commands(Path(folder))
        _, *rounds = ([_seconds(command) for command in (BARE, *commands.values())] for _ in range(ROUNDS + 1))
    bare, *others = (median(times) for times in zip(*rounds, strict=True))
    return [_row(name, seconds, bare) for name, seconds in zip(commands, others, strict=True)]


def _commands(folder: Path) -> dict[str, list[str]]:
    """What is started, by its name in the table; the lab is healthy, so that every status is 0."""
    snapshot = folder / "snapshot.json"
    snapshot.write_text(json.dumps(open_fault("healthy").to_dict()), encoding="utf-8")
    return {
        "import drilllib": [sys.executable, "-c", "import drilllib"],
        "import drilllib.core.trace.request": [sys.executable, "-c", "import drilllib.core.trace.request"],
        "drill --version": [DRILL, "--version"],
        "drill trace, default lab": [DRILL, "trace", str(snapshot)],
    }


def _row(name: str, seconds: float, bare: float) -> tuple[str, ...]:
    ratio, difference = f"{seconds / bare:.2f}x", f"{(seconds - bare) * 1000:+.1f} ms"
    medians = f"{duration(seconds)} / {duration(bare)}"
    return f"{name} / python -c pass", ratio, difference, BUDGETS.get(name, ""), medians


def _seconds(command: list[str]) -> float:
    return seconds_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
