"""
From the ends of connection attempts to the fate of requests: targets in use, verdict, what a client meets.

Layer 4: a request is one attempt at a target the CLB picks. Layer 7: silence or refusal sends the request on to the
next target, and an attempt that stays silent costs the CLB its connect timeout [TKE-TS, CLB-L7]. Over UDP there is no
handshake: silence is no answer, a refusal an ICMP error. Where every target is dead, all are used [CLB-HC].
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from drilllib.core.snapshot.semantics import Semantics
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import PathOutcome, Symptom, SymptomKind

Ends = frozenset[PathOutcome]  # the ways an attempt at one target can end
Counts = Mapping[Ends, int]  # targets by these


MANY = 10  # waits for one answer; of more not all are listed


class Verdict(StrEnum):
    """How requests fare. reachable: every one succeeds, maybe after retries; unreachable: none does."""

    REACHABLE = "reachable"
    INTERMITTENT = "intermittent"
    UNREACHABLE = "unreachable"
    UNDETERMINED = "undetermined"


def used(health: Mapping[str, str]) -> frozenset[str]:
    """The targets in use where each one's health is known: those that are not Dead, and all where all are [CLB-HC]."""
    return frozenset(name for name, state in health.items() if state in ("Alive", "Close")) or frozenset(health)


def judge(layer: int, outcomes: Collection[Ends]) -> Verdict:
    """The verdict over the targets in use, by every way an attempt at one of them can end."""
    possible = frozenset().union(*outcomes)
    if PathOutcome.DELIVERED not in possible:
        return Verdict.UNREACHABLE
    sure = [ends == {PathOutcome.DELIVERED} for ends in outcomes]
    return Verdict.REACHABLE if (any(sure) if layer == 7 else all(sure)) else Verdict.INTERMITTENT


def symptoms_of(layer: int, transport: str, least: Counts, most: Counts, semantics: Semantics) -> set[Symptom]:
    """
    Everything a client can meet over the targets in use: at *least* and at *most* so many of each way of ending.

    Both name the same ways. Of more than `MANY` waits for one answer not all are given, but the longest is.
    """
    if layer == 7:
        return _layer_7(least, most, semantics)
    meets = _UDP if transport == "UDP" else _over_tcp(semantics)
    return {meets[outcome] for outcome in frozenset().union(*most)}


def silence(transport: str) -> Symptom:
    """What a client meets where nobody answers."""
    return _UDP[PathOutcome.DROPPED] if transport == "UDP" else Symptom(kind=SymptomKind.CONNECT_TIMEOUT)


_UDP = {
    PathOutcome.DELIVERED: Symptom(kind=SymptomKind.ANSWERED, seconds=0.0),
    PathOutcome.REFUSED: Symptom(kind=SymptomKind.PORT_UNREACHABLE, seconds=0.0),
    PathOutcome.DROPPED: Symptom(kind=SymptomKind.NO_ANSWER),
}


def _over_tcp(semantics: Semantics) -> Mapping[PathOutcome, Symptom]:
    dropped = silence("TCP")
    if semantics.tcp_listener_answers_504:
        dropped = Symptom(kind=SymptomKind.HTTP, status=semantics.dropped_status, seconds=semantics.connect_timeout_s)
    return {
        PathOutcome.DELIVERED: Symptom(kind=SymptomKind.HTTP, status=200, seconds=0.0),
        PathOutcome.REFUSED: Symptom(kind=SymptomKind.REFUSED, seconds=0.0),
        PathOutcome.DROPPED: dropped,
    }


def _layer_7(least: Counts, most: Counts, semantics: Semantics) -> set[Symptom]:
    possible, found = frozenset().union(*most), set()
    silent = _few_of(range(_silent(least), _silent(most) + 1))
    if PathOutcome.DELIVERED in possible:
        found |= {(200, 0), *((200, count - _spares_one(PathOutcome.DELIVERED, most)) for count in silent)}
    if frozenset({PathOutcome.DELIVERED}) not in most:
        if PathOutcome.DROPPED in possible:
            found |= {(semantics.dropped_status, count) for count in silent}
        if PathOutcome.REFUSED in possible:
            found |= {(502, count - _spares_one(PathOutcome.REFUSED, most)) for count in silent}
    wait = semantics.connect_timeout_s
    return {Symptom(kind=SymptomKind.HTTP, status=status, seconds=wait * count) for status, count in found}


def _few_of(counts: range) -> Collection[int]:
    """*counts*; of many only so many that `fates.few` tells the shortest wait and the longest."""
    return counts if len(counts) <= MANY else {*counts[:MANY], counts[-1]}


def _silent(counts: Counts) -> int:
    """How many targets may stay silent."""
    return sum(count for ends, count in counts.items() if PathOutcome.DROPPED in ends)


def _spares_one(last: PathOutcome, kinds: Iterable[Ends]) -> bool:
    """Does the target that ends the request with *last* have to be one of those that may stay silent?"""
    return all(PathOutcome.DROPPED in ends for ends in kinds if last in ends)


def worst_first(symptoms: set[Symptom]) -> tuple[Symptom, ...]:
    """Failures before successes, the longest wait first."""
    return tuple(sorted(symptoms, key=lambda each: (each.works, -(each.seconds or 0), each.kind, each.status or 0)))


_BEFORE_THE_CLB = (Reason.CLB_GROUP_DROPPED, Reason.NO_LISTENER)
_NO_TARGETS = (Reason.NO_TARGETS,)
_SILENT = (
    Reason.TARGET_GROUP_DROPPED,
    Reason.INSTANCE_NOT_RUNNING,
    Reason.PACKET_LOOPS_BACK,
    Reason.NO_LOCAL_ENDPOINT,
    Reason.NODE_EGRESS_DROPPED,
    Reason.POD_GROUP_DROPPED,
    Reason.NETWORK_POLICY_DENIES,
)
_REFUSING = (
    Reason.NODEPORT_NOT_IN_USE,
    Reason.NO_ENDPOINTS,
    Reason.PORT_NAME_DIFFERS,
    Reason.TARGET_PORT_NAME_UNKNOWN,
    Reason.PORT_NOT_LISTENING,
)
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
    if symptom.kind in (SymptomKind.REFUSED, SymptomKind.PORT_UNREACHABLE):
        return _REFUSING
    return _BEFORE_THE_CLB if layer == 7 else (*_BEFORE_THE_CLB, *_NO_TARGETS, *_SILENT)
