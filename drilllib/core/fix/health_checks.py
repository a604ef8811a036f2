"""
Settings of health checks that make targets Alive: probes from the range that needs no rule, and the target's own port.

The whole HealthCheck object is sent as it was read, with one field changed, because the API's documents do not say what
becomes of fields that a call leaves out. CheckPort -1 means the target's own port [CLB-API].
"""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.fix.probes import entry_again, is_failing
from drilllib.core.fix.situation import Situation
from drilllib.core.fix.steps import Call, Step, StepCode
from drilllib.core.snapshot.resources import Listener
from drilllib.core.snapshot.snapshot import Snapshot

OWN_PORT, PROBE_RANGE = -1, 1  # values of CheckPort and SourceIpType


def health_checks(now: Situation) -> Iterator[tuple[Step, Snapshot]]:
    """The changes that may help where some target's probes fail, each with the snapshot after it."""
    failing = next((each.trace for each in now.classes if any(map(is_failing, each.trace.health))), None)
    entry = entry_again(now.snapshot, failing.question) if failing else None
    if entry is None or entry.listener is None:
        return
    balancer, listener = entry.balancer.balancer_id, entry.listener
    if listener.probe_port is not None and listener.probe_port not in _kept_by_kube_proxy(now.snapshot):
        facts = {"listener": listener.listener_id, "old": str(listener.probe_port)}
        yield _changed(now.snapshot, balancer, listener, StepCode.HEALTH_CHECK_PORT, facts, {"CheckPort": OWN_PORT})
    if any(need.who == "probes" for need in now.lacking):
        facts = {"listener": listener.listener_id}
        yield _changed(now.snapshot, balancer, listener, StepCode.PROBE_SOURCE, facts, {"SourceIpType": PROBE_RANGE})


def _kept_by_kube_proxy(snapshot: Snapshot) -> set[int]:
    """The ports on which kube-proxy itself answers probes under `Local`: to leave them would be no repair."""
    items = snapshot.kubernetes.of_kind("Service")
    return {item["spec"]["healthCheckNodePort"] for item in items if item["spec"].get("healthCheckNodePort")}


def _changed(
    snapshot: Snapshot,
    balancer: str,
    listener: Listener,
    code: StepCode,
    facts: Mapping[str, str],
    change: Mapping[str, int],
) -> tuple[Step, Snapshot]:
    listeners, place = _place(snapshot, balancer, listener)
    place["HealthCheck"] = {**(place.get("HealthCheck") or {}), **change}
    named = {"LoadBalancerId": balancer, "ListenerId": listener.listener_id}
    rule = {"LocationId": listener.location_id} if listener.location_id else {}
    call = Call(
        "ModifyRule" if rule else "ModifyListener", {**named, **rule, "HealthCheck": place["HealthCheck"]}, "clb"
    )
    return Step(code, balancer, facts, call), snapshot.with_parts(listeners=listeners, target_health=None)


def _place(snapshot: Snapshot, balancer: str, listener: Listener) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    All listeners, and among them a copy of the object with the health check.

    A forwarding rule without one takes over its listener's.
    """
    every: dict[str, Any] = snapshot.part("listeners")
    items = list(every[balancer])
    number = next(place for place, each in enumerate(items) if each["ListenerId"] == listener.listener_id)
    item = items[number] = dict(items[number])
    listeners = {**every, balancer: items}
    rules = list(item.get("Rules") or ())
    ours = (place for place, each in enumerate(rules) if each.get("LocationId") == listener.location_id)
    found = next(ours, None) if listener.location_id else None
    if found is None:
        return listeners, item
    item["Rules"], rules[found] = rules, {**rules[found]}
    if not rules[found].get("HealthCheck"):
        rules[found]["HealthCheck"] = item.get("HealthCheck") or {}
    return listeners, rules[found]
