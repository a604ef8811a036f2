"""
A capture over loopback, from the name of a Service to the diagnosis: its round trips, its requests, and its time beside
that of the same requests made bare.

Bare are the same calls in the same rounds, by the same clients and as many threads, their answers read as JSON and
thrown away: nothing is planned, joined, kept, traced or repaired. Both take turns against one local cloud, which
answers in the same process; so most of either time is the cloud's, and against a real one the ratio is nearer to 1.
Times are the best of nine turns.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

from bench.crowds import crowd
from bench.sets import Row
from bench.table import duration
from drilllib.clients.access import by_sdk
from drilllib.clients.capture import Captured, capture
from drilllib.clients.parallel import Parallel, Until
from drilllib.clients.rounds import PLANNED_ROUNDS, Reader
from drilllib.clients.settings import Settings
from drilllib.cloud.local import LocalCloud
from drilllib.core.capture.asks import Answer, Ask
from drilllib.core.capture.moved import read_twice
from drilllib.core.capture.plan import needed
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.trace.answer import Question

SIZES = ((1, 1), (10, 10), (100, 100), (100, 200), (300, 300))
COLUMNS = ("nodes and pods", "round trips", "requests", "calls bare", "capture and diagnosis", "ratio")
TURNS = 9
LIMIT_S = 120
Environment = Mapping[str, str]


def rows() -> Iterator[Row]:
    """One row a size."""
    return (_row(nodes, pods) for nodes, pods in SIZES)


def _row(nodes: int, pods: int) -> Row:
    with LocalCloud(crowd(nodes, pods, 1, all_read=True)) as cloud:
        environment: Environment = json.loads((cloud.home / "clients.json").read_text())["drill"]["variables"]
        found = _captured(environment, cloud.home)
        rounds = _rounds(found)
        times = [_turn(environment, cloud.home, rounds) for _ in range(TURNS)]
    bare, whole = (min(each) for each in zip(*times, strict=True))
    calls = found.cloud_calls + found.kubernetes_calls
    cells = (str(found.rounds), str(calls), duration(bare), duration(whole), f"{whole / bare:.2f}")
    return (f"{nodes} and {pods}", *cells)


def _turn(environment: Environment, home: Path, rounds: list[list[Ask]]) -> tuple[float, float]:
    """Seconds of the calls made bare, and of a capture with its diagnosis."""
    started = perf_counter()
    until = Until(LIMIT_S)
    access = by_sdk(Settings(), environment, home, until)
    for asks in rounds:
        Parallel[Ask, Answer](Reader(access.cloud, access.kubernetes), until).each(asks)
    between = perf_counter()
    found = _captured(environment, home)
    diagnose(found.snapshot, Question(service=SERVICE), [CLIENT])
    return between - started, perf_counter() - between


def _captured(environment: Environment, home: Path) -> Captured:
    return capture(SERVICE, Settings(deadline_s=LIMIT_S), environment, home=home)


def _rounds(found: Captured) -> list[list[Ask]]:
    """What was asked in each round, the look at the end whether anything has moved among it."""
    by_ask = {each.ask: each for each in found.answers}
    read, rounds = list[Answer](), list[list[Ask]]()
    while asks := list(needed(read, found.wanted)):
        rounds.append([*asks, *(read_twice(read) if len(rounds) + 1 == PLANNED_ROUNDS else [])])
        read += [by_ask[each] for each in asks]
    return rounds if len(rounds) == PLANNED_ROUNDS else [*rounds, read_twice(read)]
