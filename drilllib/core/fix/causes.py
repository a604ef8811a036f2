"""Causes that no proposal repairs, each with what to look at: where there are several ways to put it right, or none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from drilllib.core.fix.drained import drained_targets
from drilllib.core.fix.service_objects import (
    WORKLOADS,
    ServicePortOf,
    declared_ports,
    is_ready,
    service_port,
)
from drilllib.core.fix.steps import Kubectl, Tccli, object_words
from drilllib.core.fix.ways import Way, ways_to_a_local_pod
from drilllib.core.reach.clients import ClientClass
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.services import transport_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.members import members_of
from drilllib.core.trace.path import Check, Hop
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import quoted
from drilllib.quoting import Option

NAMED = 3  # pods or nodes that one cause names; more are counted


class CauseCode(StrEnum):
    """What is wrong. Codes are never renamed, only added."""

    PODS_NOT_READY = "PODS_NOT_READY"
    SELECTS_NO_POD = "SELECTS_NO_POD"
    NO_SELECTOR = "NO_SELECTOR"
    WORKLOAD_WITHOUT_PODS = "WORKLOAD_WITHOUT_PODS"
    NO_LOCAL_POD = "NO_LOCAL_POD"
    OTHER_NODE_PORT = "OTHER_NODE_PORT"
    NO_LISTENER = "NO_LISTENER"
    NO_TARGETS = "NO_TARGETS"
    PORT_UNDECLARED = "PORT_UNDECLARED"
    PORT_NAMES = "PORT_NAMES"
    TARGET_PORT_NAME = "TARGET_PORT_NAME"
    NETWORK_POLICY = "NETWORK_POLICY"
    TARGETS_DRAINED = "TARGETS_DRAINED"


@dataclass(frozen=True, slots=True)
class Cause:
    """
    *code* says what is wrong, *where* with which object, *facts* what else its sentence names; *look* shows more, and
    each of the *ways* puts it right by itself.
    """

    code: CauseCode
    where: str
    facts: tuple[tuple[str, str], ...]
    look: Kubectl | Tccli
    ways: tuple[Way, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The cause as plain data."""
        ways = [each.to_dict() for each in self.ways]
        named = {"code": self.code, "where": self.where, "facts": dict(self.facts)}
        return {**named, "look": str(self.look.line), "ways": ways}


class _Met(NamedTuple):
    """The node or pod at which a path ends, and the port that it is asked on there."""

    name: str
    port: int


def causes_of(snapshot: Snapshot, classes: Iterable[ClientClass]) -> tuple[Cause, ...]:
    """The causes for those of the clients whose requests do not all succeed."""
    failing = [each.trace for each in classes if each.trace.verdict is not Verdict.REACHABLE]
    kinds = ("Service", "Node", "Pod", "EndpointSlice", *WORKLOADS) if failing else ()
    document = {"kubernetes": [item for kind in kinds for item in snapshot.kubernetes.of_kind(kind)]}
    listeners = (cause for each in failing for cause in _of_listener(snapshot, each))
    return tuple(dict.fromkeys((*listeners, *(cause for each in failing for cause in _of_trace(document, each)))))


def _of_listener(snapshot: Snapshot, answer: Trace) -> Iterator[Cause]:
    """No listener, or none of its targets takes requests: nothing of the cluster is asked then."""
    reason, name = str(answer.reason), answer.question.service or ""
    facts = (("port", str(answer.question.port)), ("balancer", answer.question.vip or ""))
    drained = drained_targets(snapshot, answer) if reason == "NO_TARGETS" else None
    if drained:
        names, look, way = drained
        told = (*facts, ("targets", _some(names)))
        yield Cause(CauseCode.TARGETS_DRAINED, name, told, look, (way,))
    elif name and reason in ("NO_LISTENER", "NO_TARGETS"):
        yield Cause(CauseCode(reason), name, facts, _describe("service", name))


def _of_trace(document: Mapping[str, Any], answer: Trace) -> Iterator[Cause]:
    found = service_port(dict(document), answer)
    met: dict[str, list[_Met]] = {}
    for members in members_of(answer):
        for hop in (hop for hop in members.path.hops if hop.problem):
            met.setdefault(str(hop.problem), []).extend([_Met(name, hop.port) for name in members.names_at(hop)])
    if "NODEPORT_NOT_IN_USE" in met and answer.question.service:
        yield from _other_node_port(document, answer, met["NODEPORT_NOT_IN_USE"])
    for problem, tell in _CAUSES.items():
        if found and problem in met:
            yield from tell(found, met[problem])
    yield from _policies(answer)


def _policies(answer: Trace) -> Iterator[Cause]:
    """A NetworkPolicy is for its owner to change: who may come in to a pod is what it says on purpose."""
    for blocker in (each for each in answer.blockers if each.policies):
        names = [blocker.name, *blocker.like]
        source = next(check.peer for path in answer.paths for check in _denials(path.hops, blocker.policies))
        facts = (("policies", ", ".join(blocker.policies)), ("pods", _some(names)), ("source", str(source)))
        look = (*object_words(blocker.policies[0]), "describe", "networkpolicy")
        where = blocker.policies[0]
        yield Cause(CauseCode.NETWORK_POLICY, where, facts, Kubectl((*look, where.partition("/")[2])))


def _denials(hops: Iterable[Hop], policies: tuple[str, ...]) -> Iterator[Check]:
    checks = (check for hop in hops for check in hop.checks)
    return (check for check in checks if check.policies == policies and check.action is Action.DROP)


def _no_endpoints(found: ServicePortOf, _: list[_Met]) -> Iterator[Cause]:
    pods, words = found.pods, object_words(found.name)
    if not found.selector:
        yield Cause(CauseCode.NO_SELECTOR, found.name, (), Kubectl(_slices_of(found.name)))
    elif pods:
        waiting = [object_name(each) for each in pods if not is_ready(each)] or [object_name(each) for each in pods]
        yield Cause(CauseCode.PODS_NOT_READY, found.name, (("pods", _some(waiting)),), _describe("pod", waiting[0]))
    elif workloads := found.workloads:
        name = f"{workloads[0]['kind']} {object_name(workloads[0])}"
        facts = (("workload", name), ("replicas", str((workloads[0].get("spec") or {}).get("replicas", "-"))))
        look = _describe(str(workloads[0]["kind"]).lower(), object_name(workloads[0]))
        yield Cause(CauseCode.WORKLOAD_WITHOUT_PODS, found.name, facts, look)
    else:
        selector = ",".join(f"{key}={value}" for key, value in found.selector.items())
        look = Kubectl((*words, "get", "pods", Option("--show-labels")))
        yield Cause(CauseCode.SELECTS_NO_POD, found.name, (("selector", selector),), look)


def _no_local_pod(found: ServicePortOf, met: list[_Met]) -> Iterator[Cause]:
    look = Kubectl((*object_words(found.name), "get", "pods", Option("-o"), "wide"))
    facts = (("nodes", _some(dict.fromkeys(each.name for each in met))),)
    yield Cause(CauseCode.NO_LOCAL_POD, found.name, facts, look, tuple(ways_to_a_local_pod(found)))


def _other_node_port(document: Mapping[str, Any], answer: Trace, met: list[_Met]) -> Iterator[Cause]:
    """The CLB sends to a port that no Service has, and the Service that was asked for has another one."""
    items = (item for item in document.get("kubernetes") or () if item["kind"] == "Service")
    for item in (item for item in items if object_name(item) == answer.question.service):
        ports = [port["nodePort"] for port in item["spec"].get("ports") or () if port.get("nodePort")]
        facts = (
            ("found", _some(dict.fromkeys(str(each.port) for each in met))),
            ("wanted", _some(map(str, ports)) or "-"),
        )
        name = object_name(item)
        yield Cause(CauseCode.OTHER_NODE_PORT, name, facts, _describe("service", name))


def _port_undeclared(found: ServicePortOf, met: list[_Met]) -> Iterator[Cause]:
    names = list(dict.fromkeys(each.name for each in met))
    transport = transport_of(found.port)
    declared = declared_ports(found.pods, transport)
    facts = (
        ("pods", _some(names)),
        ("port", str(met[0].port)),
        ("declared", ", ".join(map(str, declared)) or "-"),
    )
    option = Option("-lun" if transport == "UDP" else "-ltn")
    look = Kubectl((*object_words(names[0]), "exec", names[0].partition("/")[2], Option("--"), "ss", option))
    yield Cause(CauseCode.PORT_UNDECLARED, found.name, facts, look)


def _port_names(found: ServicePortOf, _: list[_Met]) -> Iterator[Cause]:
    names = {each.get("name") or "" for item in found.slices for each in item.get("ports") or ()}
    facts = (("wanted", quoted(found.port.get("name") or "")), ("found", ", ".join(map(quoted, sorted(names))) or "-"))
    look = Kubectl((*_slices_of(found.name), Option("-o"), "yaml"))
    yield Cause(CauseCode.PORT_NAMES, found.name, facts, look)


def _target_port_name(found: ServicePortOf, _: list[_Met]) -> Iterator[Cause]:
    declared = declared_ports(found.pods, transport_of(found.port))
    facts = (("target", quoted(found.target_port)), ("declared", ", ".join(map(str, declared)) or "-"))
    yield Cause(CauseCode.TARGET_PORT_NAME, found.name, facts, _describe("service", found.name))


_CAUSES: Mapping[str, Callable[[ServicePortOf, list[_Met]], Iterator[Cause]]] = {
    "NO_ENDPOINTS": _no_endpoints,
    "NO_LOCAL_ENDPOINT": _no_local_pod,
    "PORT_NOT_LISTENING": _port_undeclared,
    "PORT_NOT_DECLARED": _port_undeclared,
    "PORT_NAME_DIFFERS": _port_names,
    "TARGET_PORT_NAME_UNKNOWN": _target_port_name,
}


def _slices_of(service: str) -> tuple[str, ...]:
    """The words that get the EndpointSlices of NAMESPACE/NAME."""
    label = f"{SERVICE_NAME}={service.partition('/')[2]}"
    return (*object_words(service), "get", "endpointslices", Option("-l"), label)


def _describe(kind: str, name: str) -> Kubectl:
    return Kubectl((*object_words(name), "describe", kind, name.partition("/")[2]))


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:NAMED]) + (f" ... (+{len(listed) - NAMED})" if len(listed) > NAMED else "")
