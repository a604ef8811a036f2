"""
How cost grows with the work: the time per rule and per node, which stays level where cost is proportional to size.

A ratio stands beside each time: the time per piece against that of the second-smallest size, because in the smallest
the fixed cost outweighs the pieces. Above 1 further down, cost grows faster than size.
"""

from ipaddress import IPv4Address
from typing import Any

from bench.table import duration, median_seconds
from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, NODE_PORT, POD_GROUP, SERVICE, default_lab, policy
from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import Direction, Flow, Rule, SecurityGroup, decide
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict

RULE_COUNTS = (10, 100, 1_000, 10_000)
NODE_COUNTS = (1, 10, 100, 1_000)
RULE_COLUMNS = ("decide, no rule matches", "per rule", "ratio", "first decision, per rule", "ratio")
NODE_COLUMNS = ("trace, all paths delivered", "per node", "ratio", "Snapshot(document), per node", "ratio")
FLOW = Flow(protocol="TCP", peer=IPv4Address(CLIENT), port=80)


def rule_rows() -> list[tuple[str, ...]]:
    """One row a list; the first decision on a list also prepares it, the later ones do not."""
    return _rows("rules", RULE_COUNTS, [_rule_times(count) for count in RULE_COUNTS])


def node_rows() -> list[tuple[str, ...]]:
    """One row a snapshot."""
    return _rows("nodes", NODE_COUNTS, [_node_times(count) for count in NODE_COUNTS])


def _rows(pieces: str, counts: tuple[int, ...], times: list[tuple[float, float]]) -> list[tuple[str, ...]]:
    """The count, and for each of both times the time per piece and its ratio to the second row's."""
    each = [tuple(seconds / count for seconds in pair) for count, pair in zip(counts, times, strict=True)]
    cells = [
        [text for mine, base in zip(pair, each[1], strict=True) for text in (duration(mine), f"{mine / base:.2f}x")]
        for pair in each
    ]
    return [(f"{count:,} {pieces}", *line) for count, line in zip(counts, cells, strict=True)]


def _rule_times(count: int) -> tuple[float, float]:
    rules = tuple(rule_from_policy(policy("ACCEPT", "TCP", f"{_private(place)}/32", "80")) for place in range(count))
    group = _group(rules)
    warm = median_seconds(lambda: decide([group], Direction.INGRESS, FLOW), number=max(1, 10_000 // count))
    return warm, median_seconds(lambda: decide([_group(rules)], Direction.INGRESS, FLOW), number=max(1, 1_000 // count))


def _group(rules: tuple[Rule, ...]) -> SecurityGroup:
    return SecurityGroup("sg-bench", ingress=rules, egress=())


def _private(place: int) -> IPv4Address:
    return IPv4Address("10.1.0.0") + place


def _node_times(count: int) -> tuple[float, float]:
    document = lab_of(count)
    snapshot, question = Snapshot(document), Question(client=CLIENT, service=SERVICE)
    answer = trace(snapshot, question)
    paths = sum(path.count for path in answer.paths)
    if answer.verdict is not Verdict.REACHABLE or paths != count:
        raise RuntimeError(f"The lab of {count} nodes is {answer.verdict} over {paths} paths")
    number = max(1, 100 // count)
    return median_seconds(lambda: trace(snapshot, question), number), median_seconds(lambda: Snapshot(document), number)


def lab_of(count: int) -> dict[str, Any]:
    """The default lab with *count* target nodes; its one pod runs on none of them and admits them all."""
    document = default_lab()
    document["security_groups"][POD_GROUP]["SecurityGroupPolicySet"]["Ingress"][0]["CidrBlock"] = "10.0.0.0/8"
    for place in range(1, count):
        _add_target(document, f"node-{place}", f"ins-node{place:04}", str(_private(place)))
    return document


def _add_target(document: dict[str, Any], name: str, instance: str, address: str) -> None:
    """One more instance, its Node object, and its place among the listener's targets."""
    found = {"InstanceId": instance, "PrivateIpAddresses": [address]}
    document["instances"].append({**found, "InstanceName": name, "SecurityGroupIds": [NODE_GROUP]})
    status = {"addresses": [{"type": "InternalIP", "address": address}]}
    document["kubernetes"].append({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status})
    (listener,) = document["listeners"]["lb-lab00001"]
    listener["Rules"][0]["Targets"].append({**found, "Type": "CVM", "Port": NODE_PORT, "Weight": 10})
