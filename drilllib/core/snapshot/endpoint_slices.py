"""EndpointSlices: the endpoints of a Service, and which of them kube-proxy on one node uses."""

from collections.abc import Mapping, Sequence
from typing import Any

from drilllib.core.snapshot.resources import READY, Conditions, Endpoint

_JUST_READY = {"ready": True}


def read_conditions(entry: Mapping[str, Any]) -> Conditions:
    """The conditions and hints of one entry of an EndpointSlice."""
    given, hints = entry.get("conditions") or {}, entry.get("hints") or {}
    if not hints and given == _JUST_READY:
        return READY
    ready = given.get("ready") is not False
    serving, terminating = given.get("serving"), given.get("terminating")
    zones, nodes = hints.get("forZones"), hints.get("forNodes")
    return Conditions(
        ready=ready,
        serving=ready if serving is None else serving,
        terminating=bool(terminating),
        half_told=(serving is None) != (terminating is None),
        zones=frozenset(each["name"] for each in zones) if zones else None,
        nodes=frozenset(each["name"] for each in nodes) if nodes else None,
    )


def usable(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """The ready ones; where none is, those that still serve while they terminate [KEP-1669]."""
    ready = tuple([each for each in endpoints if each.conditions.ready])
    return ready or tuple([each for each in endpoints if each.conditions.is_last_resort])


def are_half_told(endpoints: Sequence[Endpoint]) -> bool:
    """Is none ready, and does one that may serve all the same not tell all of its conditions?"""
    return not any(each.conditions.ready for each in endpoints) and any(each.conditions.half_told for each in endpoints)


def hinted(endpoints: Sequence[Endpoint], zone: str | None, node: str) -> tuple[Endpoint, ...]:
    """
    The ready endpoints whose hints name the node, else its zone; all ready ones where none do [KP-TOPOLOGY].

    Hints count only where every ready endpoint has them and one fits. *zone* is None for a node without a zone label.
    """
    ready = [each for each in endpoints if each.conditions.ready]
    for place, known in (
        (node, [each.conditions.nodes for each in ready]),
        (zone, [each.conditions.zones for each in ready]),
    ):
        if place is not None and known and all(known) and any(place in (each or ()) for each in known):
            return tuple(each for each, names in zip(ready, known, strict=True) if place in (names or ()))
    return tuple(ready)


def have_hints(endpoints: Sequence[Endpoint]) -> bool:
    """Has every ready one of them hints of one kind? Else hints do not count."""
    ready = [each.conditions for each in endpoints if each.conditions.ready]
    return bool(ready) and (all(each.zones for each in ready) or all(each.nodes for each in ready))
