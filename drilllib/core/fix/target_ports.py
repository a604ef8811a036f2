"""
A Service that sends to another port than its pods declare, or to a name that none of them does.

Proposed only where all its pods declare exactly one port of the protocol, and every container declares one: a port that
nobody declares may be listened on all the same [core/v1]. A port for metrics or probes is none that a Service means.
Pods on their node's network are left alone.
"""

from collections.abc import Iterator

from drilllib.core.fix.service_objects import Object, ServicePortOf, only_port, service_port
from drilllib.core.fix.situation import Situation
from drilllib.core.fix.steps import Step, StepCode, patch
from drilllib.core.snapshot.services import transport_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.members import Members, members_of
from drilllib.core.trace.path import Hop

UNDECLARED = ("PORT_NOT_LISTENING", "PORT_NOT_DECLARED")  # reasons for which a pod may not be listening
ASIDE = ("metric", "prom", "health", "probe", "ready", "live", "admin", "debug", "status", "pprof")  # in names of ports
UNKNOWN_NAME = ("TARGET_PORT_NAME_UNKNOWN",)


def undeclared(answer: Trace) -> list[tuple[Members, Hop]]:
    """The pods that are asked on a port which none of their containers declares."""
    return [(each, hop) for each in members_of(answer) for hop in each.path.hops if str(hop.problem) in UNDECLARED]


def target_ports(now: Situation) -> Iterator[tuple[Step, Snapshot, int | None]]:
    """
    The Service's target port as its pods declare it, with the snapshot after the change.

    The port comes with it where the Service itself has neither its number nor its name: that it is meant is a guess.
    """
    for each in now.classes[:1]:
        problems = {str(hop.problem) for path in each.trace.paths for hop in path.hops}
        if problems.isdisjoint((*UNDECLARED, *UNKNOWN_NAME)):
            continue
        found = service_port({"kubernetes": now.snapshot.part("kubernetes")}, each.trace)
        declared = found and _other_port(found)
        own = service_port(now.snapshot.to_dict(), each.trace) if declared else None  # a copy, which is changed
        if found and declared and own:
            number, name = declared["containerPort"], declared.get("name")
            is_guess = found.port["port"] != number and (not name or name != found.port.get("name"))
            yield *_retargeted(own, declared), number if is_guess else None


def _other_port(found: ServicePortOf) -> Object | None:
    """The one port that all pods of the Service declare, where it is another than the Service's."""
    declared = only_port(found.pods, transport_of(found.port))
    differs = declared and declared["containerPort"] != found.target_port and not _is_aside(found, declared)
    return declared if differs else None


def _is_aside(found: ServicePortOf, declared: Object) -> bool:
    """Is that a port for something else than requests?"""
    name = (declared.get("name") or "").lower()
    on_host = any((each.get("spec") or {}).get("hostNetwork") for each in found.pods)
    return on_host or any(word in name for word in ASIDE)


def _retargeted(found: ServicePortOf, declared: Object) -> tuple[Step, Snapshot]:
    old, new = found.target_port, declared["containerPort"]
    wanted = declared.get("name") if isinstance(old, str) and declared.get("name") else new
    path = f"/spec/ports/{found.place}/targetPort"
    operation = {"op": "replace" if "targetPort" in found.port else "add", "path": path, "value": wanted}
    found.port["targetPort"] = wanted
    _follow(found, old, new)
    facts = {"port": str(found.port["port"]), "old": str(old), "new": str(wanted)}
    step = Step(StepCode.TARGET_PORT, found.name, facts, patch("service", found.name, [operation]))
    return step, Snapshot({**found.document, "target_health": None})


def _follow(found: ServicePortOf, old: int | str, new: int) -> None:
    """What the controllers make of it: the same port in EndpointSlices, and at targets that are pods."""
    name, transport = found.port.get("name"), transport_of(found.port)
    addresses = set()
    for item in found.slices:
        ports = [each for each in item.get("ports") or () if (each.get("name") or None) != (name or None)]
        item["ports"] = [*ports, {**({"name": name} if name else {}), "port": new, "protocol": transport}]
        addresses |= {text for each in item.get("endpoints") or () for text in each["addresses"]}
    for target in _pod_targets(found.document):
        if target.get("Port") == old and addresses & set(target.get("PrivateIpAddresses") or ()):
            target["Port"] = new


def _pod_targets(document: Object) -> Iterator[Object]:
    """Every registered target that is a pod."""
    for listener in (each for items in (document.get("listeners") or {}).values() for each in items):
        for place in (listener, *(listener.get("Rules") or ())):
            yield from (each for each in place.get("Targets") or () if (each.get("Type") or "").upper() == "ENI")
