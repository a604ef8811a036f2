"""A listener whose targets all have weight 0: registered, and taking no requests. API: CLB 2018-03-17."""

from drilllib.core.fix.probes import entry_again
from drilllib.core.fix.steps import Tccli
from drilllib.core.fix.ways import Way, WayCode
from drilllib.core.snapshot.resources import Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.entry import Entry

WEIGHT = 10  # what the API gives a target where none is said


def drained_targets(snapshot: Snapshot, answer: Trace) -> tuple[list[str], Tccli, Way] | None:
    """The targets by name, the call that shows their weights, and that which gives them one; None: there are none."""
    entry = entry_again(snapshot, answer.question)
    if entry is None or entry.listener is None or not entry.listener.targets:
        return None
    targets = entry.listener.targets
    if any(each.weight != 0 for each in targets):
        return None
    region = snapshot.regions.get(entry.balancer.balancer_id, snapshot.region or "REGION")
    named = {"LoadBalancerId": entry.balancer.balancer_id}
    look = Tccli.of("clb", "DescribeTargets", {**named, "ListenerIds": [entry.listener.listener_id]}, region)
    weights = {**named, **_place(entry), "Targets": [*map(_with_weight, targets)]}
    change = Tccli.of("clb", "ModifyTargetWeight", weights, region)
    return [each.name for each in targets], look, Way(WayCode.TARGET_WEIGHT, (), change)


def _place(entry: Entry) -> dict[str, str]:
    """The listener, at layer 7 with the forwarding rule, whose targets they are."""
    assert entry.listener
    rule = {"LocationId": entry.listener.location_id} if entry.listener.location_id else {}
    return {"ListenerId": entry.listener.listener_id, **rule}


def _with_weight(target: Target) -> dict[str, str | int]:
    node = {"InstanceId": target.instance_id} if target.is_node else {"EniIp": str(target.address)}
    return {**node, "Port": target.port, "Weight": WEIGHT}
