"""From the ends of all ways of a connection to its answer: verdict, what the source meets, blockers, gaps."""

from collections.abc import Sequence

from drilllib.core.connection.question import Connection
from drilllib.core.facts import Fact
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.blockers import blockers
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.path import Path, PathOutcome, Symptom, SymptomKind
from drilllib.core.trace.verdict import Ends, Verdict, judge, silence, worst_first

_OVER_TCP = {
    PathOutcome.DELIVERED: Symptom(kind=SymptomKind.CONNECTED, seconds=0.0),
    PathOutcome.REFUSED: Symptom(kind=SymptomKind.REFUSED, seconds=0.0),
    PathOutcome.DROPPED: silence("TCP"),
}
_OVER_UDP = {
    PathOutcome.DELIVERED: Symptom(kind=SymptomKind.ANSWERED, seconds=0.0),
    PathOutcome.REFUSED: Symptom(kind=SymptomKind.PORT_UNREACHABLE, seconds=0.0),
    PathOutcome.DROPPED: silence("UDP"),
}
_TAKEN = {
    SymptomKind.ANSWERED: Assumption.UDP_APPLICATION_ANSWERS,
    SymptomKind.PORT_UNREACHABLE: Assumption.ICMP_ERRORS_REACH_CLIENT,
}


def answer_of(question: Connection, paths: Sequence[Path], sticks: Fact | None) -> Trace:
    """
    The whole answer. *sticks* names the fact that would tell with which endpoint one source stays, None where it does
    not.
    """
    workings = [_ends(paths, unknown_passes=passes) for passes in (True, False)]
    if any(path.may_refuse for path in paths):
        workings.append(_ends(paths, unknown_passes=True, refuses=True))
    choices = [each for ends in workings for each in ([frozenset({end}) for end in ends] if sticks else [ends])]
    verdicts = {judge(4, [ends]) for ends in choices}
    verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNDETERMINED
    meets = _OVER_UDP if question.protocol == "UDP" else _OVER_TCP
    symptoms = {meets[end] for ends in choices for end in ends}
    gaps = tuple(dict.fromkeys(gap for path in paths for hop in path.hops for gap in hop.gaps))
    stays = (sticks,) if sticks and verdict is Verdict.UNDETERMINED else ()
    return Trace(
        question=question,
        listener=None,
        verdict=verdict,
        reason=_reason(verdict, paths),
        symptoms=worst_first(symptoms),
        paths=tuple(paths),
        blockers=blockers(paths),
        assumptions=_assumptions(paths, symptoms),
        gaps=gaps or stays,
    )


def _ends(paths: Sequence[Path], *, unknown_passes: bool, refuses: bool = False) -> Ends:
    """Every way in which the attempt can end, what is unknown taken so; see `Hop.end`."""
    return frozenset(path.end(unknown_passes=unknown_passes, refuses=refuses)[0] for path in paths)


def _reason(verdict: Verdict, paths: Sequence[Path]) -> Reason:
    if verdict is Verdict.REACHABLE:
        return Reason.DELIVERED
    if verdict is Verdict.INTERMITTENT:
        return Reason.SOME_PATHS_FAIL
    if verdict is Verdict.UNDETERMINED:
        untold = {hop.problem for path in paths for hop in path.hops if path.outcome is PathOutcome.UNDETERMINED}
        telling = (Reason.NOT_MODELLED, Reason.PORT_NOT_DECLARED)
        return next((reason for reason in telling if reason in untold), Reason.FACT_MISSING)
    reasons = {path.reason for path in paths}
    return reasons.pop() if len(reasons) == 1 else Reason.SEVERAL_CAUSES


def _assumptions(paths: Sequence[Path], symptoms: set[Symptom]) -> tuple[Assumption, ...]:
    found = {each for path in paths for hop in path.hops for each in hop.all_assumptions}
    return tuple(sorted(found | {_TAKEN[each.kind] for each in symptoms if each.kind in _TAKEN}))
