"""
Questions about whole sets of flows, against dd (CUDD), z3 and aerleon, on the same rules and with the same answers.

Every side begins with its rules as they were read: ours with a `SecurityGroup` that was not asked before, dd and z3
with the blocks and ports of its rules, aerleon with its policy (see `decisions`). The lists have unions: a rule whose
block or ports are split between two rules above, so that neither of them covers it and both do.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Network
from random import Random
from statistics import median
from typing import Any

from absl import logging as absl_logging

from bench.decisions import aerleon_policy, random_policy
from bench.solvers import Diagrams, dead_by_z3, difference_by_z3, no_flow_beside
from bench.table import duration, seconds_of
from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.sets.rectangles import parts_of

RULES, UNIONS, COMPARED, CHANGED, SEED = 512, 40, 300, 6, 20_240_608
REPEATS = 7
COLUMNS = ("theirs / ours", "ratio", "answers", "medians")
Row = tuple[str, ...]


def rows() -> Iterator[Row]:
    """Dead rules of one list, then the difference of two."""
    random = Random(SEED)
    yield from dead_rows(policies_with_unions(random, RULES, UNIONS))
    before = policies_with_unions(random, COMPARED, UNIONS // 2)
    yield from difference_rows(read(before), read(changed(random, before)))


def policies_with_unions(random: Random, count: int, unions: int) -> list[dict[str, str]]:
    """*count* random rules; above *unions* of them stand two that split its block or its ports between them."""
    policies = [random_policy(random) for _ in range(count - 2 * unions)]
    for _ in range(unions):
        place = random.randrange(len(policies))
        whole = policies[place]
        if whole["Protocol"] in ("TCP", "UDP") and random.random() < 0.5:
            halves = [{"Port": ports} for ports in ("1-4095", "4096-65535")]
        else:
            halves = [{"CidrBlock": str(block)} for block in IPv4Network(whole["CidrBlock"]).subnets()]
        for half in halves:
            policies.insert(random.randint(0, place), {**whole, **half, "Action": random.choice(("ACCEPT", "DROP"))})
    return policies


def changed(random: Random, policies: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The same list with the action of some rules turned round, and one moved."""
    found = [dict(policy) for policy in policies]
    for place in random.sample(range(len(found)), CHANGED):
        found[place]["Action"] = "DROP" if found[place]["Action"] == "ACCEPT" else "ACCEPT"
    found.insert(0, found.pop())
    return found


def read(policies: Sequence[dict[str, str]]) -> tuple[Rule, ...]:
    """The rules that every side but aerleon begins with."""
    return tuple(map(rule_from_policy, policies))


def fresh(rules: tuple[Rule, ...]) -> SecurityGroup:
    """A group that has prepared nothing yet."""
    return SecurityGroup("sg-bench", rules, ())


def dead_rows(policies: Sequence[dict[str, str]]) -> Iterator[Row]:
    """Which rules never decide: all sides have to name the same, aerleon those that a single rule covers."""
    rules = read(policies)
    found = our_dead(rules)
    agree("dead rules", "dd", Diagrams().dead(rules), found)
    agree("dead rules", "z3", dead_by_z3(rules), found)
    single, translated = covered_by_one(rules), aerleon_policy(policies)
    agree("rules that one rule covers", "aerleon", aerleon_dead(translated), single)
    ours, reading, dd, z3, shade = _in_turns(
        lambda: seconds_of(lambda: our_dead(rules)),
        lambda: seconds_of(lambda: parts_of([fresh(rules)], Direction.INGRESS)),
        lambda: _seconds_of(lambda diagrams: diagrams.dead(rules)),
        lambda: seconds_of(lambda: dead_by_z3(rules)),
        lambda: seconds_of(lambda: aerleon_dead(translated)),
    )
    name, all_of_them = f"dead rules of {RULES}", f"{len(found)} and {len(found)}"
    yield _row(f"{name}, dd", dd, ours, all_of_them)
    yield _row(f"{name}, z3", z3, ours, all_of_them)
    missed = f"{len(single)} and {len(found)}: {len(found - single)} unions missed"
    yield _row(f"{name}, aerleon's shade check", shade, ours, missed)
    yield "of ours, what it takes to prepare a new list", f"{reading / ours:.0%}", "", duration(reading)


def our_dead(rules: tuple[Rule, ...]) -> set[int]:
    """Places of the rules that never decide."""
    return {place for _, place in parts_of([fresh(rules)], Direction.INGRESS).dead}


def covered_by_one(rules: Sequence[Rule]) -> set[int]:
    """The rules that lie within a single one above, by comparing every pair."""
    return {place for place, rule in enumerate(rules) if any(_within(rule, above) for above in rules[:place])}


def _within(rule: Rule, above: Rule) -> bool:
    if above.protocol not in ("ALL", rule.protocol) or not rule.peer.subnet_of(above.peer):
        return False
    wide, narrow = above.ports or ((1, 65535),), rule.ports or ((1, 65535),)
    return above.ports is None or all(any(low <= a and b <= high for low, high in wide) for a, b in narrow)


def aerleon_dead(translated: Any) -> set[int]:
    """Places of the rules of which aerleon's shade check logs ``rule-7 is shaded by rule-3``; the check alone."""
    ((_, terms),) = translated.filters
    with _logged() as lines:
        translated._DetectShading(terms)
    return {int(line.partition(" ")[0].removeprefix("rule-")) for line in lines}


@contextmanager
def _logged() -> Iterator[list[str]]:
    """What aerleon logs, instead of on the screen."""
    lines: list[str] = []
    handler, logger = logging.Handler(), absl_logging.get_absl_logger()
    handler.emit = lambda record: lines.append(record.getMessage())
    before, logger.handlers, logger.propagate = logger.handlers, [handler], False
    try:
        yield lines
    finally:
        logger.handlers, logger.propagate = before, True


def difference_rows(one: tuple[Rule, ...], other: tuple[Rule, ...]) -> Iterator[Row]:
    """What one group accepts and the other does not, both ways: the whole of it here and in dd, one flow in z3."""
    lost, won = our_difference(one, other)
    sizes = tuple(each.size for each in (lost, won))
    diagrams = Diagrams()
    agree("flows that differ", "dd", tuple(map(diagrams.count, their_difference(diagrams, one, other))), sizes)
    flow = difference_by_z3(one, other)[1]
    if flow not in lost and flow not in won:
        raise SystemExit(f"DISAGREEMENT: z3 says that {flow} differs, drilllib that it does not")
    ours, dd, first, both = _in_turns(
        lambda: seconds_of(lambda: our_difference(one, other)),
        lambda: _seconds_of(lambda diagrams: their_difference(diagrams, one, other)),
        lambda: seconds_of(lambda: difference_by_z3(one, other)),
        lambda: seconds_of(lambda: _proved(one, other, lost, won)),
    )
    name, whole = f"difference of two lists of {COMPARED}", f"all {sum(sizes):.2g} flows"
    yield _row(f"{name}, dd", dd, ours, f"{whole} and all")
    yield _row(f"{name}, z3", first, ours, f"one flow and {whole}")
    yield _row(f"{name}, z3 with proof", both, ours, "one flow and none beside ours, and all")


def our_difference(one: tuple[Rule, ...], other: tuple[Rule, ...]) -> tuple[FlowSet, FlowSet]:
    """What *other* no longer accepts, and what it accepts besides."""
    before, after = (accepted([fresh(rules)], Direction.INGRESS).sure for rules in (one, other))
    return before - after, after - before


def their_difference(diagrams: Diagrams, one: Sequence[Rule], other: Sequence[Rule]) -> tuple[Any, Any]:
    """The same, as diagrams."""
    before, after = diagrams.accepted(one), diagrams.accepted(other)
    return before & ~after, after & ~before


def _proved(one: Sequence[Rule], other: Sequence[Rule], lost: FlowSet, won: FlowSet) -> None:
    """End the run where z3 finds a flow that differs and is in neither set."""
    solver, _ = difference_by_z3(one, other)
    if not no_flow_beside(solver, lost, won):
        raise SystemExit("DISAGREEMENT: z3 finds flows that differ and that drilllib does not name")


def agree(what: str, who: str, theirs: object, ours: object) -> None:
    """End the run where the answers differ."""
    if theirs != ours:
        raise SystemExit(f"DISAGREEMENT on {what}: {who} says {theirs}, drilllib says {ours}")


def _in_turns(*works: Callable[[], float]) -> list[float]:
    """Median seconds of each, measured by turns, so that a busy moment hits all alike."""
    turns = [[work() for work in works] for _ in range(REPEATS)]
    return [median(times) for times in zip(*turns, strict=True)]


def _seconds_of(work: Callable[[Diagrams], Any]) -> float:
    """Seconds of work with diagrams that know nothing yet."""
    diagrams = Diagrams()
    return seconds_of(lambda: work(diagrams))


def _row(name: str, theirs: float, ours: float, answers: str) -> Row:
    return name, f"{theirs / ours:.3g}x", answers, f"{duration(theirs)} / {duration(ours)}"
