"""
A diagnosis alone, of a snapshot that was asked before: its time beside those of the answers that it is made of.

Of one client at one port: the trace, what each missing fact could change, the smallest repair, what to look at next.
"""

from collections.abc import Iterator
from functools import partial

from bench.crowds import QUESTION, crowd, fastest, shut_lab
from bench.sets import Row
from bench.table import duration
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.fix.proposals import fix
from drilllib.core.rules.addresses import parse_block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import Message

COLUMNS = ("targets and pods", "trace", "fix", "diagnosis", "by trace", "by trace and fix")
SIZES = ((10, 10), (100, 100), (1_000, 1_000))
ROUNDS = 5


def rows() -> Iterator[Row]:
    """One row a size and number of causes."""
    yield "default lab, group 3 empty", *_cells(Snapshot(shut_lab()))
    for causes in (1, 10):
        for nodes, pods in SIZES:
            name = f"{nodes:,} x {pods:,}, {'one cause' if causes == 1 else 'ten causes'}"
            yield name, *_cells(Snapshot(crowd(nodes, pods, causes)))


def _cells(snapshot: Snapshot) -> list[str]:
    asked, client = Question(service=SERVICE), parse_block(f"{CLIENT}/32", Message("The client"))
    traced = fastest(partial(trace, snapshot, QUESTION), ROUNDS)
    fixed = fastest(partial(fix, snapshot, asked, [client]), ROUNDS)
    whole = fastest(partial(diagnose, snapshot, asked, [CLIENT]), ROUNDS)
    ratios = (f"{whole / traced:.1f}x", f"{whole / (traced + fixed):.2f}x")
    return [*map(duration, (traced, fixed, whole)), *ratios]
