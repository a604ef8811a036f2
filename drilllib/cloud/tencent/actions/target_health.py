"""
The health of CLB targets. API: CLB 2018-03-17, DescribeTargetHealth.

The engine predicts what the probes find, from the same document; a lab with real packets hands in what it saw.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drilllib.cloud.tencent.actions.balancers import CLB, balancer_of
from drilllib.cloud.tencent.actions.ids import require_few
from drilllib.cloud.tencent.call import Call, Checked, action
from drilllib.core.snapshot.readers import read_listener
from drilllib.core.snapshot.resources import Frontend, Listener, LoadBalancer, Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.health import health_of
from drilllib.core.trace.probed_targets import probed_targets
from drilllib.core.trace.walker import Walker
from drilllib.errors import TooComplexError

BALANCERS_PER_CALL = 30
Measured = Mapping[Checked, str]


@action(*CLB, "DescribeTargetHealth", {"LoadBalancerIds": [str], "ListenerIds?": [str], "LocationIds?": [str]})
def describe(call: Call) -> Mapping[str, Any]:
    """Alive, Dead, Unknown or Close for every target; HealthStatus is true for Alive alone."""
    ids = list(dict.fromkeys(call.params["LoadBalancerIds"]))
    require_few("LoadBalancerIds", ids, BALANCERS_PER_CALL)
    names = {each: balancer_of(call.document, each).get("LoadBalancerName") or "" for each in ids}
    measured = call.services.health() if call.services.health else {}
    every = health(Snapshot(call.document), names, measured)
    found = [{**item, "Listeners": list(_selected(call, item["Listeners"]))} for item in every]
    return {"LoadBalancers": found}


def _selected(call: Call, listeners: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The listeners and forwarding rules that were asked for; all where none was named."""
    wanted, locations = call.params.get("ListenerIds"), call.params.get("LocationIds")
    for item in listeners:
        if not wanted or item["ListenerId"] in wanted:
            rules = [rule for rule in item["Rules"] if not locations or rule["LocationId"] in locations]
            yield {**item, "Rules": rules}


def health(snapshot: Snapshot, names: Mapping[str, str], measured: Measured) -> list[dict[str, Any]]:
    """LoadBalancerHealth of each CLB in *names*, its name by its id: as *measured*, else as the engine predicts it."""
    found = []
    for balancer in snapshot.load_balancers:
        if balancer.balancer_id in names:
            listeners = (snapshot.to_dict().get("listeners") or {}).get(balancer.balancer_id) or ()
            name = names[balancer.balancer_id]
            rows = [_listener(snapshot, balancer, item, measured) for item in listeners]
            found.append({"LoadBalancerId": balancer.balancer_id, "LoadBalancerName": name, "Listeners": rows})
    return found


def _listener(
    snapshot: Snapshot, balancer: LoadBalancer, item: Mapping[str, Any], measured: Measured
) -> dict[str, Any]:
    """A layer-4 listener has one rule too, without domain and address."""
    whole = read_listener(item)
    rules = (
        zip(item.get("Rules") or (), [each.listener for each in whole.rules], strict=True)
        if whole.layer == 7
        else ((None, whole),)
    )
    return {
        "ListenerId": item["ListenerId"],
        "ListenerName": item.get("ListenerName") or "",
        "Protocol": item["Protocol"],
        "Port": item["Port"],
        "Rules": [_rule(snapshot, balancer, rule, listener, measured) for rule, listener in rules],
    }


def _rule(
    snapshot: Snapshot,
    balancer: LoadBalancer,
    rule: Mapping[str, Any] | None,
    listener: Listener,
    measured: Measured,
) -> dict[str, Any]:
    vip = balancer.vips[0] if balancer.vips else None
    frontend = Frontend(str(vip or balancer.domain), vip, vip.version if vip else balancer.family or 4)
    walker = None if snapshot.not_modelled(balancer, listener) else Walker(snapshot, balancer, frontend, listener)
    place = listener.listener_id, listener.location_id
    location = (rule or {}).get("LocationId") or ""
    targets = listener.targets or ()
    predicted = _predicted(walker, targets) if walker else {}
    return {
        "LocationId": location,
        "Domain": (rule or {}).get("Domain"),
        "Url": (rule or {}).get("Url"),
        "RuleId": location,
        "Targets": [
            _target(each, measured.get((*place, each.name)) or predicted.get(each.name, "Unknown")) for each in targets
        ],
    }


def _predicted(walker: Walker, targets: Sequence[Target]) -> dict[str, str]:
    """By name; targets that no check tells apart are probed once. A weight that nobody has said is 10, as answered."""
    weighed = [replace(each, weight=10) if each.weight is None else each for each in targets]
    try:
        return probed_targets(walker, weighed, each=False).states
    except TooComplexError:
        every = {each.name: health_of(walker, each)[0] for each in weighed}
        return {name: found.observed or found.predicted for name, found in every.items()}


def _target(target: Target, state: str) -> dict[str, Any]:
    return {
        "IP": str(target.address or ""),
        "Port": target.port,
        "HealthStatus": state == "Alive",
        "TargetId": target.instance_id,
        "HealthStatusDetail": state,
        "HealthStatusDetial": state,  # the vendor's own slip, still in its answers
        "TargetGroupId": "",
        "Weight": target.weight,
    }
