"""A real request held against the prediction: agreement, or what would explain the difference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from drilllib.core.diagnosis.answer import Client
from drilllib.core.diagnosis.unknowns import Result, Unknown
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.path import Symptom, SymptomKind


class Class(StrEnum):
    """What a client meets, as far as it tells what became of its packets."""

    PASSES = "passes"
    SILENT = "silent"
    REFUSED = "refused"


_P, _S, _R = Class.PASSES, Class.SILENT, Class.REFUSED
_EITHER = frozenset({(_P, _S), (_S, _P)})
_A = Assumption
# Which pairs of predicted and observed an assumption explains, if it is wrong.
EXPLAINS: Mapping[Assumption, frozenset[tuple[Class, Class]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *(_A.GROUPS_ARE_ONE_LIST, _A.LAYER7_KEEPS_CLIENT_ADDRESS, _A.CLUSTER_SNAT_USES_NODE_ADDRESS),
                *(_A.NODE_ADDRESS_REACHES_POD_AS_CLIENT, _A.SNATPRO_HIDES_CLIENT, _A.SUBNET_IS_AROUND_ADDRESS),
                *(_A.PUBLIC_ADDRESS_IS_NO_MEMBER, _A.PUBLIC_ADDRESS_IS_NO_POD, _A.LOOPED_PACKETS_ARE_DROPPED),
                *(_A.LOCAL_DELIVERY_CROSSES_POD_ENI, _A.LOCAL_DELIVERY_SKIPS_POD_ENI, _A.PASS_TO_TARGET_COVERS_PODS),
                *(_A.PASS_TO_TARGET_FIRST_HOP_ONLY, _A.KUBE_PROXY_ANSWERS_FOR_VIP, _A.TERMINATING_ENDPOINTS_SERVE),
                *(_A.PROBE_RANGE_BEATS_EXPLICIT_DROP, _A.PASS_TO_TARGET_ADMITS_PROBES, _A.UNAVAILABLE_IS_UNHEALTHY),
                _A.PROBE_IS_FORWARDED_LIKE_A_FLOW,
            ),
            _EITHER,
        ),
        **dict.fromkeys(
            (
                *(_A.NO_GROUP_ADMITS_ALL, _A.INSTANCE_IS_RUNNING, _A.NOT_READY_NODE_FORWARDS),
                *(_A.REPLY_OF_LOCAL_POD_PASSES, _A.UDP_APPLICATION_ANSWERS, _A.EVERY_TARGET_IS_TRIED),
            ),
            frozenset({(_P, _S)}),
        ),
        **dict.fromkeys(
            (
                *(_A.CONTAINER_PORTS_LISTEN, _A.POD_LISTENS_WHERE_ASKED, _A.HOST_NETWORK_POD_LISTENS),
                *(_A.ALIVE_TARGET_LISTENS, _A.ONLY_SERVICES_USE_NODEPORTS),
            ),
            frozenset({(_P, _R), (_R, _P)}),
        ),
        **dict.fromkeys(
            (
                *(_A.PORT_WITHOUT_LISTENER_IS_SILENT, _A.POLICY_DENIES_SILENTLY, _A.STOPPED_INSTANCE_IS_SILENT),
                *(_A.DROPPED_AT_LAYER7_IS_504, _A.LISTENER_WITHOUT_TARGETS),
            ),
            frozenset({(_S, _R)}),
        ),
        **dict.fromkeys(
            (_A.NO_ENDPOINTS_IS_REFUSED, _A.ICMP_ERRORS_REACH_CLIENT, _A.REFUSED_AT_LAYER7_IS_502),
            frozenset({(_R, _S)}),
        ),
        _A.TCP_LISTENER_ANSWERS_504: frozenset({(_S, _S)}),
        _A.APPLICATION_ANSWERS_200: frozenset({(_P, _S), (_P, _R)}),  # with a status that the CLB may give, too
    }
)


@dataclass(frozen=True, slots=True)
class Observation:
    """
    What one real request met. *source* is the address it left from, as this machine knows it.

    `symptom.seconds` is measured, up to what the client met.
    """

    symptom: Symptom
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Both."""
        return {**self.symptom.to_dict(), "source": self.source}


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    *agrees*: what was observed is among what was predicted. *suspects* are assumptions each of which would explain the
    difference if it is wrong. *tells* are missing facts with what the request says of them: that they let it pass.
    """

    observation: Observation
    agrees: bool
    suspects: tuple[Assumption, ...] = ()
    tells: tuple[tuple[Unknown, bool], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All of it; missing facts in English."""
        tells = [{"what": str(unknown.gap), "passes": passes} for unknown, passes in self.tells]
        return {
            "observed": self.observation.to_dict(),
            "agrees": self.agrees,
            "suspects": list(self.suspects),
            "tells": tells,
        }


def compare(client: Client, observation: Observation) -> Comparison:
    """Hold what was observed against the answer about that client. Times are not compared, but for what they mean."""
    seen, answer = observation.symptom, client.answer
    tells = tuple(_told(client, seen))
    if any(_is_alike(each, seen) for each in answer.symptoms):
        return Comparison(observation, True, tells=tells)
    pairs = {(class_of(each), class_of(seen)) for each in answer.symptoms}
    suspects = [each for each in answer.assumptions if EXPLAINS.get(each, frozenset()) & pairs]
    if seen.status is None and Assumption.APPLICATION_ANSWERS_200 in suspects:
        suspects.remove(Assumption.APPLICATION_ANSWERS_200)
    return Comparison(observation, False, tuple(suspects), tells)


def _told(client: Client, seen: Symptom) -> Iterator[tuple[Unknown, bool]]:
    """What the request tells of facts that decide: it could be met in one of both cases only."""
    for each in client.unknown:
        fits = [_fits(result, seen) for result in (each.if_passes, each.if_stops)]
        if each.decides and each.if_passes and fits[0] != fits[1]:
            yield each, fits[0]


def _fits(result: Result | None, seen: Symptom) -> bool:
    return result is not None and any(_is_alike(each, seen) for each in result.symptoms)


def _is_alike(predicted: Symptom, seen: Symptom) -> bool:
    """The same to a client; any answer that is no error of the CLB's comes from the application, as predicted."""
    if predicted.kind is SymptomKind.HTTP and predicted.works:
        return class_of(seen) is Class.PASSES
    return (predicted.kind, predicted.status) == (seen.kind, seen.status)


def class_of(symptom: Symptom) -> Class:
    """What a symptom says of the packets: 504 is the CLB's word for silence, 502 its word for a refusal."""
    if symptom.status in (502, 504):
        return Class.SILENT if symptom.status == 504 else Class.REFUSED
    if symptom.kind in (SymptomKind.CONNECT_TIMEOUT, SymptomKind.NO_ANSWER):
        return Class.SILENT
    return Class.REFUSED if symptom.kind in (SymptomKind.REFUSED, SymptomKind.PORT_UNREACHABLE) else Class.PASSES
