"""What DescribeTargetHealth said, by listener, target and forwarding rule."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Listener, Target

_NOT_HEALTHY = "not healthy"
_UNHEALTHY = {True: "Dead", False: "Close", None: "Unknown"}  # by whether the listener probes
States = Mapping[str | None, str | None]  # by forwarding rule, None: a layer-4 pseudo rule


class ObservedHealth:
    """The `target_health` part of a snapshot: LoadBalancerHealth of CLB 2018-03-17."""

    def __init__(self, balancers: Sequence[Mapping[str, Any]]) -> None:
        self._states: dict[tuple[str, str, int, str | None], dict[str | None, str | None]] = {}
        for balancer_id, listener_id, rule in _rules(balancers):
            for entry in rule.get("Targets") or ():
                for name in (entry.get("TargetId"), entry.get("IP")):
                    states = self._states.setdefault((balancer_id, listener_id, entry["Port"], name), {})
                    states.setdefault(rule.get("LocationId"), _state(entry))

    def of(self, balancer_id: str, listener: Listener, target: Target, places: Iterable[Address] = ()) -> str | None:
        """
        The target's state: Alive, Dead, Unknown or Close; None where it was not read.

        A node that names no address of its own is looked for at these *places*.
        """
        if not self._states:
            return None
        addresses = [str(each) for each in ((target.address,) if target.address else places)]
        names = [target.instance_id, *addresses] if target.is_node else addresses
        known = (self._states.get((balancer_id, listener.listener_id, target.port, name), {}) for name in names)
        state = next((state for states in known for state in _of_rule(states, listener.location_id)), None)
        return _UNHEALTHY[listener.probes] if state == _NOT_HEALTHY else state


def _state(entry: Mapping[str, Any]) -> str | None:
    """The detailed state by either spelling, else what `HealthStatus` says: healthy, or anything else."""
    told: str | None = entry.get("HealthStatusDetail") or entry.get("HealthStatusDetial")
    if told or entry.get("HealthStatus") is None:
        return told
    return "Alive" if entry["HealthStatus"] else _NOT_HEALTHY


def _rules(balancers: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    for balancer in balancers:
        for listener in balancer["Listeners"]:
            for rule in listener.get("Rules") or ():
                yield balancer["LoadBalancerId"], listener["ListenerId"], rule


def _of_rule(states: States, location_id: str | None) -> Iterable[str | None]:
    """What is said under one forwarding rule, else under none; at layer 4 under any, since there is only one."""
    names = states if location_id is None else (location_id, None)
    return (states[name] for name in names if name in states)
