"""
What an answer about many nodes and pods cannot take less than, beside what it takes.

Reading: every value of the document is parsed and looked at, whatever is made of it then. The command is `drill trace`
in a process of its own, with the start of Python. Fixing: an answer of several proposals, each of several edits, is
found and proved edit by edit; the default lab's is one proposal of one edit.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from bench.crowds import QUESTION, Document, crowd, fastest, shut_lab
from bench.sets import Row
from bench.table import duration
from drilllib.core.drills.default_lab import CLIENT, CLIENT_BLOCK, SERVICE
from drilllib.core.fix.proposals import Fix, fix
from drilllib.core.rules.addresses import address_at
from drilllib.core.snapshot.reuse import copied
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace

COLUMNS = ("1,000 x 1,000, ten causes", "time", "default lab", "ratio")
ROUNDS = 10


def rows() -> Iterator[Row]:
    """The parts of a first answer that no engine is spared, then the answers themselves."""
    great, small = crowd(1_000, 1_000, 10), shut_lab()
    floor = [0.0, 0.0]
    for name, work in (("json.loads", _parse), ("one look at each value", _look), ("a copy of its own", copied)):
        times = [_of(work, document) for document in (great, small)]
        floor = [sum(pair) for pair in zip(floor, times, strict=True)]
        yield _row(name, *times)
    yield _row("these together", *floor)
    gc.collect()
    gc.freeze()  # what the benchmark itself holds: a user's process has no other documents for the collector to look at
    firsts = [fastest(partial(_first, json.dumps(document)), ROUNDS) for document in (great, small)]
    yield _row("text to first trace", *firsts)
    yield "of which these", *(f"{part / whole:.0%}" for part, whole in zip(floor, firsts, strict=True)), ""
    yield _row("the command drill trace", *(_command(json.dumps(document)) for document in (great, small)))
    all_read = crowd(1_000, 1_000, 10, all_read=True)
    answers = [_fixed(document) for document in (all_read, small)]
    yield _row("fix, all lists read", *(seconds for _, seconds in answers))
    yield _row("the same for each edit", *(seconds / edits(found) for found, seconds in answers))


def edits(found: Fix) -> int:
    """The edits and steps of all that is proposed."""
    return sum(each.cost[0] for each in found.proposals)


def ask_to_fix(snapshot: Snapshot) -> Fix:
    """What is to be changed for the usual clients."""
    return fix(snapshot, Question(service=SERVICE), [IPv4Network(CLIENT_BLOCK)])


def _of(work: Any, document: Document) -> float:
    given = json.dumps(document) if work is _parse else document
    return fastest(partial(work, given), ROUNDS)


def _parse(text: str) -> None:
    json.loads(text)


def _look(value: Any) -> None:
    """Look at each value once, and do nothing."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if each.__class__ in (dict, list):
            _look(each)


def _first(text: str) -> None:
    address_at.cache_clear()
    trace(Snapshot(json.loads(text)), QUESTION)


def _command(text: str) -> float:
    """Seconds of the processor's time that the command takes, the fastest of a few."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.json"
        path.write_text(text, encoding="utf-8")
        asked = (str(path), "--service", SERVICE, "--from", CLIENT)
        return min(_of_child([sys.executable, "-m", "drilllib", "trace", *asked]) for _ in range(5))


def _of_child(command: list[str]) -> float:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return usage.ru_utime + usage.ru_stime


def _fixed(document: Document) -> tuple[Fix, float]:
    snapshot = Snapshot(document)
    found, times = ask_to_fix(snapshot), []
    for _ in range(ROUNDS):
        started = process_time()
        ask_to_fix(snapshot)
        times.append(process_time() - started)
    return found, min(times)


def _row(name: str, great: float, small: float) -> Row:
    return name, duration(great), duration(small), f"{great / small:.1f}x"
