"""
From the ends of connection attempts to the fate of requests: targets in use, verdict, what a client meets.

Layer 4: a request is one attempt at a target the CLB picks. Layer 7: silence or refusal sends the request on to the
next target, and an attempt that stays silent costs the CLB its connect timeout [TKE-TS, CLB-L7]. Over UDP there is no
handshake: silence is no answer, a refusal an ICMP error. Where every target is dead, all are used [CLB-HC].
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations

from drilllib.core.snapshot.semantics import Semantics
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import Outcome, Symptom

OutcomesByTarget = Mapping[str, frozenset[Outcome]]


class Verdict(StrEnum):
    """How requests fare. reachable: every one succeeds, maybe after retries; unreachable: none does."""

    REACHABLE = "reachable"
    INTERMITTENT = "intermittent"
    UNREACHABLE = "unreachable"
    UNDETERMINED = "undetermined"


def used_sets(health: Mapping[str, str]) -> list[frozenset[str]]:
    """
    The sets of targets that may be in use, given each target's health.

    Alive and Close (not probed) are used, Dead is not, Unknown may be. With more than 8 unknown only the smallest sets
    and the largest are tried: the verdict is still exact, the longest wait may then be understated.
    """
    sure = frozenset(name for name, state in health.items() if state in ("Alive", "Close"))
    maybe = sorted(name for name, state in health.items() if state not in ("Alive", "Close", "Dead"))
    sizes = range(len(maybe) + 1) if len(maybe) <= 8 else (0, 1, len(maybe))
    sets = (sure.union(chosen) for size in sizes for chosen in combinations(maybe, size))
    return list(dict.fromkeys(chosen or frozenset(health) for chosen in sets))


def judge(layer: int, outcomes: OutcomesByTarget) -> Verdict:
    """The verdict over the targets in use, each with every way an attempt at it can end."""
    possible = frozenset().union(*outcomes.values())
    if Outcome.DELIVERED not in possible:
        return Verdict.UNREACHABLE
    sure = [ends == {Outcome.DELIVERED} for ends in outcomes.values()]
    return Verdict.REACHABLE if (any(sure) if layer == 7 else all(sure)) else Verdict.INTERMITTENT


def symptoms_of(layer: int, transport: str, outcomes: OutcomesByTarget, semantics: Semantics) -> set[Symptom]:
    """Everything a client can meet over the targets in use."""
    if layer == 7:
        return _layer_7(outcomes, semantics)
    meets = _UDP if transport == "UDP" else _over_tcp(semantics)
    return {meets[outcome] for outcome in frozenset().union(*outcomes.values())}


def silence(transport: str) -> Symptom:
    """What a client meets where nobody answers."""
    return _UDP[Outcome.DROPPED] if transport == "UDP" else Symptom(kind="connect_timeout")


_UDP = {
    Outcome.DELIVERED: Symptom(kind="answered", seconds=0.0),
    Outcome.REFUSED: Symptom(kind="port_unreachable", seconds=0.0),
    Outcome.DROPPED: Symptom(kind="no_answer"),
}


def _over_tcp(semantics: Semantics) -> Mapping[Outcome, Symptom]:
    dropped = silence("TCP")
    if semantics.tcp_listener_answers_504:
        dropped = Symptom(kind="http", status=semantics.dropped_status, seconds=semantics.connect_timeout_s)
    return {
        Outcome.DELIVERED: Symptom(kind="http", status=200, seconds=0.0),
        Outcome.REFUSED: Symptom(kind="refused", seconds=0.0),
        Outcome.DROPPED: dropped,
    }


def _layer_7(outcomes: OutcomesByTarget, semantics: Semantics) -> set[Symptom]:
    wait = semantics.connect_timeout_s
    possible = frozenset().union(*outcomes.values())
    found = set()
    if Outcome.DELIVERED in possible:
        slowest = wait * _silent_before(Outcome.DELIVERED, outcomes)
        found |= {Symptom(kind="http", status=200, seconds=seconds) for seconds in (0.0, slowest)}
    if all(ends != {Outcome.DELIVERED} for ends in outcomes.values()):
        if Outcome.DROPPED in possible:
            silent = sum(Outcome.DROPPED in ends for ends in outcomes.values())
            found.add(Symptom(kind="http", status=semantics.dropped_status, seconds=wait * silent))
        if Outcome.REFUSED in possible:
            seconds = wait * _silent_before(Outcome.REFUSED, outcomes)
            found.add(Symptom(kind="http", status=502, seconds=seconds))
    return found


def _silent_before(last: Outcome, outcomes: OutcomesByTarget) -> int:
    """At most how many targets stay silent before one ends the request with *last*."""
    silent = sum(Outcome.DROPPED in ends for ends in outcomes.values())
    ending = [ends for ends in outcomes.values() if last in ends]
    return silent - all(Outcome.DROPPED in ends for ends in ending)


def worst_first(symptoms: set[Symptom]) -> tuple[Symptom, ...]:
    """Failures before successes, the longest wait first."""
    return tuple(sorted(symptoms, key=lambda each: (each.works, -(each.seconds or 0), each.kind, each.status or 0)))


_BEFORE_THE_CLB = (Reason.CLB_GROUP_DROPPED, Reason.NO_LISTENER)
_NO_TARGETS = (Reason.NO_TARGETS,)
_SILENT = (
    Reason.TARGET_GROUP_DROPPED,
    Reason.NO_LOCAL_ENDPOINT,
    Reason.NODE_EGRESS_DROPPED,
    Reason.POD_GROUP_DROPPED,
)
_REFUSING = (Reason.NODEPORT_NOT_IN_USE, Reason.NO_ENDPOINTS, Reason.PORT_NOT_LISTENING)
CAUSES = (*_BEFORE_THE_CLB, *_NO_TARGETS, *_SILENT, *_REFUSING)


def suspects(symptom: Symptom, layer: int | None) -> tuple[Reason, ...]:
    """
    The causes that each lead to *symptom* on their own; no other of CAUSES does. None where a request succeeds at once.

    *layer* is the listener's, 4 or 7; None where it is not known.
    """
    if symptom.works or symptom.status == 504:
        return _SILENT if symptom.seconds or symptom.status == 504 else ()
    if symptom.status == 502:
        return (*_NO_TARGETS, *(_SILENT if symptom.seconds else ()), *_REFUSING)
    if symptom.kind in ("refused", "port_unreachable"):
        return _REFUSING
    return _BEFORE_THE_CLB if layer == 7 else (*_BEFORE_THE_CLB, *_NO_TARGETS, *_SILENT)
