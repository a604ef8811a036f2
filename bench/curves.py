"""
How the cost of exact answers grows with the rules, and what becomes of lists made to be the worst.

Every time is that of a new list, its preparation included. The exponent is the slope of the line that fits the
logarithms of sizes and times best: 1 where cost is proportional to size. It is fitted from 100 rules on, because below
the fixed cost outweighs the rules.
"""

from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Network
from math import inf, log
from random import Random
from statistics import linear_regression
from typing import Any

from bench.decisions import random_policy
from bench.growth import lab_of
from bench.sets import Row, fresh, read
from bench.table import duration, seconds_of
from drilllib.bulk import BulkDecider
from drilllib.core.drills.default_lab import CLIENT_BLOCK, NODE_GROUP, POD_GROUP, SERVICE
from drilllib.core.fix.proposals import fix
from drilllib.core.reach.clients import reach
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.rectangles import parts_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import TooComplexError

COUNTS, SEED = (10, 30, 100, 300, 1_000, 3_000, 10_000), 20_240_610
FITTED, ROUNDS = 100, 5
MIDDLE = 32_768  # of the ports
QUESTIONS: dict[str, Callable[[SecurityGroup], Any]] = {
    "accepted": lambda group: accepted([group], Direction.INGRESS),
    "dead_rules": lambda group: parts_of([group], Direction.INGRESS).dead,
    "BulkDecider": lambda group: BulkDecider([group], Direction.INGRESS, "TCP"),
}
NODE_COUNTS = (1, 10, 100, 1_000)
NODE_QUESTIONS: dict[str, Callable[[Snapshot], Any]] = {
    "reach": lambda snapshot: reach(snapshot, Question(service=SERVICE)),
    "fix": lambda snapshot: fix(snapshot, Question(service=SERVICE), [IPv4Network(CLIENT_BLOCK)]),
}
NODE_COLUMNS = ("target nodes", *(part for name in NODE_QUESTIONS for part in (f"{name}, per node", "ratio")))
GROWTH_COLUMNS = ("random rules", *(part for name in QUESTIONS for part in (f"{name}, per rule", "ratio")))
WORST_COLUMNS = ("made to be the worst", *QUESTIONS)


def growth_rows() -> Iterator[Row]:
    """One row a size, the time per rule and its ratio to that of 100 rules; then the exponents."""
    random = Random(SEED)
    lists = {count: read([random_policy(random) for _ in range(count)]) for count in COUNTS}
    times = _fastest(lists)
    for count in COUNTS:
        cells = []
        for found in times.values():
            mine, base = found[count] / count, found[FITTED] / FITTED
            cells += [duration(mine), f"{mine / base:.2f}x"]
        yield f"{count:,} rules", *cells
    exponents = [part for found in times.values() for part in (f"n^{_exponent(found):.2f}", "")]
    yield f"growth from {FITTED} to {COUNTS[-1]:,} rules", *exponents


def node_rows() -> Iterator[Row]:
    """The same for a Service with so many target nodes, whose groups 2 and 3 are empty; the exponent from 10 on."""
    labs = {count: _shut(lab_of(count)) for count in NODE_COUNTS}
    times = {
        name: {count: seconds_of(partial(work, labs[count])) for count in NODE_COUNTS}
        for name, work in NODE_QUESTIONS.items()
    }
    for count in NODE_COUNTS:
        cells = []
        for found in times.values():
            mine, base = found[count] / count, found[10] / 10
            cells += [duration(mine), f"{mine / base:.2f}x"]
        yield f"{count:,} nodes", *cells
    yield (
        "growth from 10 to 1,000 nodes",
        *(part for found in times.values() for part in (f"n^{_exponent(found, 10):.2f}", "")),
    )


def _shut(document: dict[str, Any]) -> Snapshot:
    for group in (NODE_GROUP, POD_GROUP):
        document["security_groups"][group]["SecurityGroupPolicySet"]["Ingress"] = []
    return Snapshot(document)


def _exponent(times: dict[int, float], least: int = FITTED) -> float:
    pairs = [(log(count), log(seconds)) for count, seconds in times.items() if count >= least]
    return linear_regression(*zip(*pairs, strict=True)).slope


def _fastest(lists: dict[int, tuple[Rule, ...]]) -> dict[str, dict[int, float]]:
    """Seconds by question and size, the fastest of several rounds: one busy moment would bend a curve."""
    found = {name: dict.fromkeys(lists, inf) for name in QUESTIONS}
    for _ in range(ROUNDS):
        for name, work in QUESTIONS.items():
            for count, rules in lists.items():
                found[name][count] = min(found[name][count], seconds_of(partial(_ask, work, rules)))
    return found


def _ask(work: Callable[[SecurityGroup], Any], rules: tuple[Rule, ...]) -> None:
    work(fresh(rules))


def worst_rows() -> Iterator[Row]:
    """Time to the answer or, in brackets, to the refusal, each measured once."""
    for name, make in {"crossings": crossing, "nested": nested, "random rectangles": rectangles}.items():
        for count in (512, 3_000, 10_000):
            rules = read(make(count))
            yield f"{name}, {count:,} rules", *(_outcome(work, rules) for work in QUESTIONS.values())


def _outcome(work: Callable[[SecurityGroup], Any], rules: tuple[Rule, ...]) -> str:
    refused = False

    def asked() -> None:
        nonlocal refused
        try:
            work(fresh(rules))
        except TooComplexError:
            refused = True

    seconds = duration(seconds_of(asked))
    return f"(refused {seconds})" if refused else seconds


def crossing(count: int) -> Iterator[dict[str, str]]:
    """Blocks on every port, by turns with ports of every address: each pair of them crosses."""
    for place in range(count // 2):
        yield _policy(place, f"10.{place // 128}.{place % 128 * 2}.0/24", "ALL")
        yield _policy(place + 1, "0.0.0.0/0", str(2 * place + 1))


def nested(count: int) -> Iterator[dict[str, str]]:
    """Layers of an onion: each range of ports and each block around those above."""
    for place in range(count):
        block = IPv4Network((10 << 24, max(32 - place // 100, 1)), strict=False)
        yield _policy(place, str(block), f"{MIDDLE - place}-{MIDDLE + place}")


def rectangles(count: int) -> Iterator[dict[str, str]]:
    """Blocks of any size and ranges of any length."""
    random = Random(SEED)
    for place in range(count):
        block = IPv4Network((random.getrandbits(32), random.randint(1, 24)), strict=False)
        low, high = sorted(random.randint(1, 65_535) for _ in range(2))
        yield _policy(place, str(block), f"{low}-{high}")


def _policy(place: int, block: str, ports: str) -> dict[str, str]:
    action = "DROP" if place % 3 else "ACCEPT"
    return {"Action": action, "Protocol": "TCP", "CidrBlock": block, "Port": ports}
