"""
What else helps than changes of groups. Each is tried on the snapshot, with whatever rules are still missing then, and
told only where the intended clients fare better with it, and no worse than with changes of groups alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import sub

from drilllib.core.fix.endpoints import endpoint_remedies
from drilllib.core.fix.health_checks import health_checks
from drilllib.core.fix.needs import Unions
from drilllib.core.fix.pass_to_target import pass_to_target
from drilllib.core.fix.probes import is_failing
from drilllib.core.fix.proposal import Admission, InterfaceSide, Proposal
from drilllib.core.fix.search import smallest
from drilllib.core.fix.situation import WORST_FIRST, Situation, fare, situation, worst
from drilllib.core.fix.steps import Step, StepCode
from drilllib.core.fix.target_ports import target_ports
from drilllib.core.fix.unapplied import unapplied_groups
from drilllib.core.fix.widening import Widening
from drilllib.core.reach.clients import ClientClass
from drilllib.core.rules.addresses import Block
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


@dataclass(frozen=True, slots=True)
class Remedy:
    """Steps, and the snapshot after them. *first*: it repairs the cause, and goes before changes of groups."""

    steps: tuple[Step, ...]
    start: Snapshot
    first: bool
    admits: tuple[Admission, ...] = ()
    collateral: Mapping[InterfaceSide, FlowSet] = field(default_factory=dict)
    lost: Mapping[InterfaceSide, FlowSet] = field(default_factory=dict)
    only_if: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a fix."""

    question: Question
    clients: Sequence[Block]
    widening: Widening


def remedies(now: Situation, asked: Asked) -> Iterator[Remedy]:
    """All that may help, whether it does or not."""
    for step, start, only_if in target_ports(now):
        yield Remedy((step,), start, first=True, only_if=only_if)
    for step, start in endpoint_remedies(now):
        yield Remedy((step,), start, first=True)
    applied = unapplied_groups(now)
    if applied:
        yield Remedy(applied.steps, applied.start, first=True, collateral=applied.more, lost=applied.lost)
    for step, start in health_checks(now):
        by_rules = any(need.who == "probes" for need in now.needs)
        yield Remedy((step,), start, first=step.code is StepCode.HEALTH_CHECK_PORT and not by_rules)
    waived = pass_to_target(now, asked.clients)
    if waived:
        yield Remedy((waived[0],), waived[1], first=False, admits=waived[2])


def with_remedies(now: Situation, asked: Asked, of_groups: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Every proposal that does as well as the best, and those that would if another port were meant; the best first."""
    present = merit(now.classes)
    least = max([present, *(merit(each.after) for each in of_groups[:1])])
    tried = [(each, _tried(each, asked)) for each in remedies(now, asked)]
    good = [(each, found) for each, found in tried if found and merit(found.after) >= least]
    before = [found for each, found in good if each.first and _is_better(found, present, of_groups)]
    after = [found for each, found in good if not each.first and (of_groups or merit(found.after) > present)]
    best = max((merit(each.after)[0] for each in (*before, *of_groups, *after)), default=0)
    found = [each for each in (*before, *of_groups, *after) if merit(each.after)[0] == best or each.only_if]
    return tuple(sorted(found, key=lambda each: -merit(each.after)[0]))


def _is_better(repair: Proposal, present: tuple[int, int], of_groups: Sequence[Proposal]) -> bool:
    """Does the repair of a cause help, and more than changes of groups do, or with no more edits?"""
    does_more = merit(repair.after) > max([present, *(merit(each.after) for each in of_groups[:1])])
    return does_more or any(repair.cost[0] <= each.cost[0] for each in of_groups[:1])


def merit(classes: Sequence[ClientClass]) -> tuple[int, int]:
    """How well the worst of the intended clients fares, then how few targets fail their health checks."""
    failing = [each for one in classes for each in one.trace.health if is_failing(each)]
    dead = {name for each in failing for name in (each.target, *each.others)}
    return WORST_FIRST.index(worst(classes)), -len(dead)


def _tried(remedy: Remedy, asked: Asked) -> Proposal | None:
    """The remedy with the rules that are still missing after it, traced; None where these cannot be told."""
    then = situation(remedy.start, asked.question, asked.clients, asked.widening)
    if then.gaps:
        return None
    plans = smallest(remedy.start, then.needs, then.lacking) if then.lacking else ()
    if then.lacking and not plans:
        return None
    best = plans[0] if plans else Proposal((), {})
    beside = _beside(remedy.collateral, best.collateral, then)
    steps = (*remedy.steps, *best.steps)
    found = replace(
        best, steps=steps, collateral=beside, admits=remedy.admits, lost=remedy.lost, only_if=remedy.only_if
    )
    found = replace(found, start=remedy.start)
    after = fare(found.made(remedy.start), asked.question, asked.clients) if plans else then.classes
    return replace(found, after=after)


def _beside(
    first: Mapping[InterfaceSide, FlowSet], then: Mapping[InterfaceSide, FlowSet], situation: Situation
) -> dict[InterfaceSide, FlowSet]:
    """What the steps newly accept and nobody asked for, with what the rules after them do."""
    found, union = dict(then), Unions()
    asked: dict[InterfaceSide, list[FlowSet]] = {}
    for need in situation.needs if first else ():
        asked.setdefault((need.resource, need.direction), []).append(need.meant)
    left: dict[tuple[int, ...], FlowSet] = {}  # what many interfaces of one kind accept is looked at once
    for spot, flows in first.items():
        meant = asked.get(spot, [])
        key = id(flows), *map(id, meant)
        if key not in left:
            left[key] = reduce(sub, meant, flows)
        if left[key]:
            found[spot] = union.of(found[spot], left[key]) if spot in found else left[key]
    return found
