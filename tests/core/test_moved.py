"""What has changed between two readings is told by what a snapshot keeps; the order of lists and heartbeats are not."""

from typing import Any

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Answer, Ask, Refusal, RefusalKind, Wanted
from drilllib.core.capture.moved import moved, read_twice

RULES, NODES = calls.rules_of("sg-1a2b3c4d"), calls.NODES
MACHINES = calls.instances(["ins-1a2b3c4d", "ins-5e6f7a8b"])[0]
WANTED = Wanted("shop/web")


def rules(*ports: str) -> Answer:
    listed = [{"PolicyIndex": 0, "Protocol": "TCP", "Port": port, "Action": "ACCEPT"} for port in ports]
    return Answer(RULES, ({"SecurityGroupPolicySet": {"Version": "1", "Ingress": listed}, "RequestId": ports[0]},))


def nodes(version: str, beat: str, ready: str = "True") -> Answer:
    condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": beat}
    node: dict[str, Any] = {
        "metadata": {"name": "a", "resourceVersion": version},
        "status": {"conditions": [condition]},
    }
    return Answer(NODES, ({"metadata": {"resourceVersion": version}, "items": [node]},), whole=True)


def machines(*ids: str) -> Answer:
    return Answer(MACHINES, ({"TotalCount": len(ids), "InstanceSet": [{"InstanceId": each} for each in ids]},))


def refused(ask: Ask, kind: RefusalKind) -> Answer:
    return Answer(ask, refusal=Refusal(kind, "Code"))


def test_a_heartbeat_and_another_order_are_no_change() -> None:
    before = [nodes("1", "10:00"), machines("ins-1a2b3c4d", "ins-5e6f7a8b")]
    assert moved(before, [nodes("2", "10:01"), machines("ins-5e6f7a8b", "ins-1a2b3c4d")], WANTED) == ()


def test_a_condition_a_machine_and_the_order_of_rules_are() -> None:
    before = [nodes("1", "10:00"), machines("ins-1a2b3c4d"), rules("80", "81")]
    for newer in (nodes("2", "10:01", "False"), machines("ins-5e6f7a8b"), rules("81", "80")):
        assert moved(before, [newer], WANTED) == (newer,)


def test_what_is_gone_has_changed_and_another_refusal_tells_nothing() -> None:
    before = [rules("80")]
    gone = refused(RULES, RefusalKind.ABSENT)

    assert moved(before, [gone], WANTED) == (gone,)
    assert moved(before, [refused(RULES, RefusalKind.FAILED)], WANTED) == ()


def test_what_was_refused_is_not_asked_again() -> None:
    answers = [refused(NODES, RefusalKind.FORBIDDEN), rules("80"), Answer(calls.clusters(["cls-1a2b3c4d"]), ({},))]
    assert read_twice(answers) == [RULES]
