"""A changed snapshot shares parts with the one before it, and answers as if its document had been read anew."""

from random import Random

import pytest
from worlds import world
from worlds_crowds import crowded

from bench.crowds import crowd
from drilllib.core.drills.default_lab import BALANCER, CLIENT, POD_GROUP, SERVICE, policy
from drilllib.core.rules.edits import accept_rule
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_binding, with_rules
from drilllib.core.snapshot.semantics import ORIGINAL
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError
from tests.thorough import how_many, thorough

MANY = how_many(15, thorough=40, long=100)  # of each chunk


def changed(random: Random, snapshot: Snapshot) -> Snapshot:
    """Another list of rules, another binding, another machine or interface, or other semantics."""
    kind = random.choice(("rules", "rules", "binding", "instances", "network_interfaces", "semantics"))
    if kind in ("instances", "network_interfaces") and snapshot.part(kind):
        return another(random, snapshot, kind)
    if kind == "semantics" or not snapshot.groups:
        return snapshot.with_semantics(ORIGINAL)
    if kind == "binding" and snapshot.bound_groups():
        resource = random.choice(sorted(snapshot.bound_groups()))
        return with_binding(
            snapshot, resource, random.sample(sorted(snapshot.groups), random.randint(0, min(2, len(snapshot.groups))))
        )
    group = random.choice(sorted(snapshot.groups))
    rules = snapshot.group(group).rules(Direction.INGRESS) or ()
    more = accept_rule("TCP", random.choice(("10.0.0.0/8", "203.0.113.0/24", "0.0.0.0/0")), [(1, 65535)])
    return with_rules(snapshot, group, Direction.INGRESS, (more, *rules[: random.randint(0, len(rules))]))


def another(random: Random, snapshot: Snapshot, part: str) -> Snapshot:
    """One instance or interface is gone, in another VPC, or stands for others; or all have other groups."""
    items = [dict(each) for each in snapshot.part(part)]
    one, field = random.choice(items), "GroupSet" if part == "network_interfaces" else "SecurityGroupIds"
    match random.randrange(4):
        case 0:
            items.remove(one)
        case 1:
            one |= {"VpcId": "vpc-other001", "VirtualPrivateCloud": {"VpcId": "vpc-other001"}}
        case 2:
            one |= {"InstanceState": "STOPPED", "EniType": 2}
        case _:
            groups = random.sample(sorted(snapshot.groups), min(1, len(snapshot.groups)))
            items = [{**each, field: groups} for each in items]
    return snapshot.with_parts(**{part: items}, target_health=None)


@pytest.mark.parametrize("chunk", [0, *(pytest.param(each, marks=thorough) for each in (1, 2))])
def test_a_changed_snapshot_answers_like_one_read_anew(chunk: int) -> None:
    """Also after it was asked before the change, and after several changes; the one before stays as it was."""
    asked = 0
    for seed in range(chunk * 100, chunk * 100 + MANY):
        made, random = crowded(world(seed)), Random(seed)
        try:
            snapshot = Snapshot(made.document)
            first = trace(snapshot, Question(**made.question)).to_dict()
            for _ in range(3):
                before, document = snapshot, snapshot.to_dict()
                snapshot = changed(random, snapshot)
                anew = Snapshot(snapshot.to_dict())
                assert trace(snapshot, Question(**made.question)) == trace(anew, Question(**made.question)), seed
                assert snapshot.bound_groups() == anew.bound_groups(), seed
                assert before.to_dict() == document, seed
                asked += 1
        except DrillError:
            continue
        assert trace(Snapshot(made.document), Question(**made.question)).to_dict() == first, seed
    assert asked > MANY * 3 / 2


def test_what_a_change_does_not_touch_is_not_read_again() -> None:
    snapshot = Snapshot(world(1).document)
    after = with_rules(snapshot, sorted(snapshot.groups)[0], Direction.INGRESS, ())

    assert after.kubernetes is snapshot.kubernetes
    assert after.nodes is snapshot.nodes
    assert after.groups[sorted(snapshot.groups)[1]] is snapshot.groups[sorted(snapshot.groups)[1]]


@pytest.mark.parametrize("chunk", [0, *(pytest.param(each, marks=thorough) for each in (1, 2, 3))])
def test_another_client_is_answered_as_if_it_were_the_first(chunk: int) -> None:
    """What is known of nodes and pods from one client's question is of no client."""
    for seed in range(chunk * 100, chunk * 100 + MANY):
        made = crowded(world(seed))
        try:
            snapshot = Snapshot(made.document)
            for client in (made.question["client"], "198.51.100.7", "203.0.113.9", "10.200.0.9"):
                question = Question(**{**made.question, "client": client})
                assert trace(snapshot, question) == trace(Snapshot(made.document), question), (seed, client)
        except DrillError:
            continue


@pytest.mark.parametrize("client", [CLIENT, "198.51.100.7"])
def test_that_pods_admit_four_nodes_alone_counts_whoever_asked_before(client: str) -> None:
    """The CLB does not probe, so that nothing but their requests tells the nodes apart."""
    document = crowd(10, 10, causes=1)
    document["listeners"][BALANCER][0]["Rules"][0]["HealthCheck"] = {"HealthSwitch": 0}
    only = policy("ACCEPT", "TCP", "10.1.0.0/30", "80")
    document["security_groups"][POD_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [only]
    snapshot = Snapshot(document)
    for question in (Question(client=CLIENT, service=SERVICE), Question(client=client, service=SERVICE)):
        one_by_one = trace(Snapshot(document), question, all_paths=True).paths
        counted = [each for path in trace(snapshot, question).paths for each in [path.outcome] * path.count]
        assert sorted(counted) == sorted(path.outcome for path in one_by_one)
