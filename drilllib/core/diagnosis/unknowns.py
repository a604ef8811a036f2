"""What a missing fact could change: the verdict and the symptoms with it taken both ways, all others left open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from drilllib.core.facts import Fact, FactCode
from drilllib.core.plain import plain
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.fates import Crowd, fates, few
from drilllib.core.trace.path import ENDS, Hop, Path, PathOutcome, Symptom
from drilllib.core.trace.shape import shape
from drilllib.core.trace.verdict import Verdict, silence, worst_first
from drilllib.errors import TooComplexError

Ends = frozenset[PathOutcome]
_REFUSES = (FactCode.PORT_UNDECLARED, FactCode.POD_NOT_READY, FactCode.POD_NOT_RUNNING)


@dataclass(frozen=True, slots=True)
class Result:
    """How requests fare, if a missing fact is so: the verdict, and everything that a client may meet then."""

    verdict: Verdict
    symptoms: tuple[Symptom, ...]

    def to_dict(self) -> dict[str, Any]:
        """Both."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class Unknown:
    """
    A missing fact, the hops that it is about, and how requests fare if it lets them pass and if it stops them.

    Both are None where the engine cannot tell: where the fact decides which way a request goes at all. *why* says
    whether it was not read or is not understood.
    """

    gap: Fact
    at: tuple[tuple[HopKind, str], ...] = ()
    if_passes: Result | None = None
    if_stops: Result | None = None

    @property
    def decides(self) -> bool:
        """May the verdict hang on it? Not where it is the same either way, and definite."""
        passes, stops = self.if_passes, self.if_stops
        if passes is None or stops is None:
            return True
        return passes.verdict is not stops.verdict or passes.verdict is Verdict.UNDETERMINED

    def to_dict(self) -> dict[str, Any]:
        """All fields in English."""
        passes, stops = (each and each.to_dict() for each in (self.if_passes, self.if_stops))
        told = {"what": str(self.gap), "why": self.gap.why, "at": [[*each] for each in self.at]}
        return {**told, "decides": self.decides, "if_it_passes": passes, "if_it_stops": stops}


def unknowns(snapshot: Snapshot, answer: Trace) -> tuple[Unknown, ...]:
    """The missing facts of *answer* with what each could change, those first on which the verdict may hang."""
    found = [_unknown(snapshot, answer, gap) for gap in answer.gaps]
    if answer.verdict is not Verdict.UNDETERMINED:
        found = [each for each in found if each.if_passes]  # one of a dead end that was never reached says nothing
    return tuple(sorted(found, key=lambda each: not each.decides))


def _unknown(snapshot: Snapshot, answer: Trace, gap: Fact) -> Unknown:
    inner = alone(gap)
    met = dict.fromkeys((hop.hop, hop.name) for path in answer.paths for hop in path.hops if _is_at(hop, inner))
    if not met or _is_dead_end(answer):
        return Unknown(gap, tuple(met))
    try:
        passes, stops = (_result(snapshot, answer, inner, passes=passes) for passes in (True, False))
    except TooComplexError:
        return Unknown(gap, tuple(met))
    return Unknown(gap, tuple(met), passes, stops)


def _is_dead_end(answer: Trace) -> bool:
    """Does the CLB send the request nowhere, or nobody knows where?"""
    return not answer.classes and answer.paths[0].hops[0].hop is HopKind.CLB


def alone(gap: Fact) -> Fact:
    """The fact without how many there are like it."""
    inner = dict(gap.values).get("fact")
    return inner if gap.code is FactCode.AND_MORE and isinstance(inner, Fact) else gap


def _is_at(hop: Hop, gap: Fact) -> bool:
    return any(_is(each, gap) for each in hop.gaps)


def _is(one: Fact | None, gap: Fact) -> bool:
    return one is not None and (one == gap or shape(one) == shape(gap))


def _result(snapshot: Snapshot, answer: Trace, gap: Fact, *, passes: bool) -> Result:
    """As the engine does it: everything else that is missing lets pass, then it stops; what differs stays open."""
    verdicts: set[Verdict] = set()
    symptoms: set[Symptom] = set()
    for others in (True, False):
        more = _fates(snapshot, answer, _Taken(gap, passes, others))
        verdicts, symptoms = verdicts | more[0], symptoms | more[1]
    verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNDETERMINED
    return Result(verdict, worst_first(few(symptoms)))


@dataclass(frozen=True, slots=True)
class _Taken:
    """What missing facts are taken for: whether *gap* lets a request pass, and whether all *others* do."""

    gap: Fact
    passes: bool
    others: bool

    def end_of(self, path: Path) -> PathOutcome:
        """How an attempt ends then."""
        return next((end for hop in path.hops for end in self._ends_at(hop) if end), PathOutcome.DELIVERED)

    def _ends_at(self, hop: Hop) -> Iterator[PathOutcome | None]:
        """What ends it at each check, doubt and problem of a hop."""
        for check in hop.checks:
            if check.action is Action.UNDETERMINED:
                yield self._end(check.gap)
            else:
                yield PathOutcome.DROPPED if check.action is Action.DROP else None
        yield from map(self._end, hop.doubts)
        if hop.problem is not None:
            end = ENDS[hop.problem]
            yield self._end(hop.gap) if end is PathOutcome.UNDETERMINED else end

    def _end(self, what: Fact | None) -> PathOutcome | None:
        if self.passes if _is(what, self.gap) else self.others:
            return None
        return PathOutcome.REFUSED if what and what.code in _REFUSES else PathOutcome.DROPPED


def _fates(snapshot: Snapshot, answer: Trace, taken: _Taken) -> tuple[set[Verdict], set[Symptom]]:
    listener, first = answer.listener, answer.paths[0].hops[0]
    layer, transport = (listener and listener.layer) or 4, (listener and listener.transport) or "TCP"
    at_clb = replace(answer.paths[0], hops=(first.but(problem=None),))
    if first.hop is HopKind.CLB and taken.end_of(at_clb) is not PathOutcome.DELIVERED:
        return {Verdict.UNREACHABLE}, {silence(transport)}
    return fates(layer, transport, _crowds(answer, taken), snapshot.semantics)


def _crowds(answer: Trace, taken: _Taken) -> Iterator[Crowd]:
    """The targets by health and by how attempts at them can end."""
    states = answer.health_of_targets
    ends: dict[int, Ends] = {}
    for each in answer.classes:
        found = frozenset({taken.end_of(_behind_clb(each.path))})
        ends |= {place: ends.get(place, frozenset()) | found for place in each.targets}
    for place, of_target in ends.items():
        yield Crowd(states.get(answer.targets[place].target.name, "Unknown"), of_target, 1)
    if not ends:
        yield Crowd("Alive", frozenset(map(taken.end_of, answer.paths)), 1)


def _behind_clb(path: Path) -> Path:
    return replace(path, hops=path.hops[1:]) if path.hops[0].hop is HopKind.CLB else path
