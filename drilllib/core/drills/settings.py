"""
What a drill's question can be asked under: the listener's layer and the traffic policy, as a change of a snapshot.

They are offered where the change is one that a console makes: one listener, HTTP or TCP, and a Service of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.core.snapshot.annotations import SPECIFIED_PROTOCOL
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question

LISTENERS, POLICIES = ("HTTP", "TCP"), ("Cluster", "Local")
Document = dict[str, Any]


def listener_of(snapshot: Snapshot) -> str | None:
    """The protocol of the snapshot's only listener, where it is one of LISTENERS with one set of targets."""
    listeners = _listeners(snapshot)
    if len(listeners) != 1 or listeners[0].get("Protocol") not in LISTENERS:
        return None
    return listeners[0]["Protocol"] if len(listeners[0].get("Rules") or [None]) == 1 else None


def policy_of(snapshot: Snapshot, question: Question) -> str | None:
    """The externalTrafficPolicy of the Service that is asked for; None where it is no Service of the snapshot."""
    found = [each for each in _objects(snapshot) if _is_service(each, question)]
    return str(found[0]["spec"].get("externalTrafficPolicy") or POLICIES[0]) if len(found) == 1 else None


def with_listener(snapshot: Snapshot, question: Question, protocol: str) -> Snapshot:
    """The same targets behind a listener of *protocol*, one of LISTENERS, and what the Service says of it."""
    found = {
        name: [_relayered(each, protocol, _vip_of(snapshot)) for each in listed]
        for name, listed in snapshot.part("listeners").items()
    }
    objects = [_specified(each, question, protocol) for each in _objects(snapshot)]
    return snapshot.with_parts(listeners=found, kubernetes=objects, target_health=None)


def with_policy(snapshot: Snapshot, question: Question, policy: str) -> Snapshot:
    """The snapshot with that externalTrafficPolicy, one of POLICIES, on the Service that is asked for."""

    def changed(each: Document) -> Document:
        return {**each, "spec": {**each["spec"], "externalTrafficPolicy": policy}}

    objects = [changed(each) if _is_service(each, question) else each for each in _objects(snapshot)]
    return snapshot.with_parts(kubernetes=objects, target_health=None)


CHANGES: Mapping[str, Callable[[Snapshot, Question, str], Snapshot]] = {
    "listener": with_listener,
    "policy": with_policy,
}


def _listeners(snapshot: Snapshot) -> list[Document]:
    return [each for listed in (snapshot.part("listeners") or {}).values() for each in listed or ()]


def _objects(snapshot: Snapshot) -> list[Document]:
    return list(snapshot.part("kubernetes") or ())


def _vip_of(snapshot: Snapshot) -> str:
    return str((snapshot.part("load_balancers")[0].get("LoadBalancerVips") or [""])[0])


def _is_service(each: Document, question: Question) -> bool:
    about = each.get("metadata") or {}
    return each.get("kind") == "Service" and f"{about.get('namespace')}/{about.get('name')}" == question.service


def _relayered(listener: Document, protocol: str, vip: str) -> Document:
    rules = listener.get("Rules") or [{}]
    targets = rules[0].get("Targets") or listener.get("Targets") or []
    rest = {name: value for name, value in listener.items() if name not in ("Rules", "Targets")}
    if protocol == "TCP":
        return {**rest, "Protocol": protocol, "Rules": None, "Targets": targets}
    rule = {"LocationId": "loc-lab00001", "Domain": vip, "Url": "/", **rules[0], "Targets": targets}
    return {**rest, "Protocol": protocol, "Rules": [rule]}


def _specified(each: Document, question: Question, protocol: str) -> Document:
    """A Service asks for layer 7 by an annotation, and for layer 4 by having none."""
    if not _is_service(each, question):
        return each
    annotations = {**(each["metadata"].get("annotations") or {})}
    annotations.pop(SPECIFIED_PROTOCOL, None)
    if protocol != "TCP":
        ports = [port["port"] for port in each["spec"]["ports"]]
        asked = ",".join(f'"{port}":{{"protocol":["{protocol}"]}}' for port in ports)
        annotations[SPECIFIED_PROTOCOL] = f"{{{asked}}}"
    return {**each, "metadata": {**each["metadata"], "annotations": annotations}}
