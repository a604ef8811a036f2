"""
A million flows against 512 rules: `decide` flow by flow, membership in what `accepted` returns, and numpy.

Each begins with flows as it takes them (`Flow` objects, arrays of numbers) and a list that is prepared. The first two
answer a sample, and their flows per second are those of the sample. On it all three have to agree.
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from random import Random
from typing import Any

import numpy as np

from bench.decisions import random_policy
from bench.sets import Row, agree, fresh, read
from bench.table import duration, median_seconds
from drilllib.bulk import ACTIONS, Answers, BulkDecider
from drilllib.core.rules.rules import Decision, Direction, Flow, SecurityGroup, decide
from drilllib.core.sets.accepted import Accepted, accepted

RULES, FLOWS, SAMPLE, SEED = 512, 1_000_000, 4_000, 20_240_609
BUDGET = ">= 10 million/s"
COLUMNS = (f"flows against {RULES} rules", "flows per second", "against decide", "budget", "prepared in")


def rows() -> Iterator[Row]:
    """One row a way."""
    random = Random(SEED)
    group = fresh(read([random_policy(random) for _ in range(RULES)]))
    peers, ports = _flows_near(group)
    decider, exact = _decider(group), _exact(group)
    sample = [_flow(*pair) for pair in zip(peers[:SAMPLE], ports[:SAMPLE], strict=True)]
    _require_agreement(group, sample, decider.decide(peers, ports), exact)
    loop = median_seconds(lambda: [decide([group], Direction.INGRESS, flow) for flow in sample], repeats=5) / SAMPLE
    member = median_seconds(lambda: [exact.of(flow) for flow in sample], repeats=3) / SAMPLE
    bulk = median_seconds(lambda: decider.decide(peers, ports)) / FLOWS
    yield f"decide, one by one, {SAMPLE:,}", *_cells(loop, loop), "", _preparing(group, _decide_one)
    yield f"accepted(...).of, {SAMPLE:,}", *_cells(member, loop), "", _preparing(group, _exact)
    yield f"BulkDecider.decide, {FLOWS:,}", *_cells(bulk, loop), BUDGET, _preparing(group, _decider)


def _cells(seconds: float, loop: float) -> tuple[str, str]:
    """Flows per second, and how often the loop's."""
    return f"{1e-6 / seconds:.3g} million", f"{loop / seconds:.3g}x"


def _preparing(group: SecurityGroup, work: Callable[[SecurityGroup], Any]) -> str:
    return duration(median_seconds(lambda: work(fresh(group.ingress))))


def _decide_one(group: SecurityGroup) -> Decision:
    return decide([group], Direction.INGRESS, Flow(protocol="TCP", peer=IPv4Address("10.0.0.1"), port=80))


def _exact(group: SecurityGroup) -> Accepted:
    return accepted([group], Direction.INGRESS)


def _flows_near(group: SecurityGroup) -> tuple[np.ndarray, np.ndarray]:
    """TCP flows: four of five fit some rule; the others come from anywhere in 10.0.0.0/8 and go to any port."""
    numbers = np.random.default_rng(SEED)
    rows = [
        (first, last, max(low, 1), high) for first, last, (low, high, *_) in group.rows(Direction.INGRESS, "TCP", 4)
    ]
    ends = np.array([*rows, *((10 << 24, (11 << 24) - 1, 1, 65_535),) * (len(rows) // 4)])
    first, last, low, high = ends[numbers.integers(0, len(ends), FLOWS)].T
    return numbers.integers(first, last + 1).astype(np.uint32), numbers.integers(low, high + 1).astype(np.uint16)


def _require_agreement(group: SecurityGroup, sample: list[Flow], answers: Answers, exact: Accepted) -> None:
    """End the run where an answer differs: with numpy action and rule, of the set the action."""
    for place, flow in enumerate(sample):
        decision = decide([group], Direction.INGRESS, flow)
        agree(f"{flow}", "numpy", tuple(answers[place]), (decision.action, decision.group, decision.policy_index))
        agree(f"{flow}", "the set", exact.of(flow), decision.action)
    counts = np.bincount(answers.actions[: len(sample)], minlength=len(ACTIONS))
    if sorted(counts)[-2] < len(sample) // 5:
        raise SystemExit(f"The flows are too one-sided to compare answers: {counts}")


def _flow(peer: np.uint32, port: np.uint16) -> Flow:
    return Flow(protocol="TCP", peer=IPv4Address(int(peer)), port=int(port))


def _decider(group: SecurityGroup) -> BulkDecider:
    return BulkDecider([group], Direction.INGRESS, "TCP")
