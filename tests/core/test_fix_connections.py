"""The smallest change that lets one source open a connection: on the right end, proved by a trace, and nothing lost."""

import pytest
from connection_answers import question_of
from connection_scenes import group, scene
from connection_truths_changes import policy_lets_in_nobody
from test_connection_truths import SITUATIONS
from worlds_connections import world

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.fix.connections import ConnectionFix, fix_connection
from drilllib.core.reach.resources import accepted_by
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_changes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import UnknownNameError
from tests.thorough import how_many

BY_NAME = {item.name: item for item in SITUATIONS}
CHANGES = {  # facts, section 10: which list of which group has to let what pass
    "6 egress": ("sg-pod-a", "egress", "ACCEPT TCP 10.0.2.2 8080"),
    "6 ingress": ("sg-pod-b", "ingress", "ACCEPT TCP 10.0.2.1 8080"),
    "7 egress": ("sg-node-a", "egress", "ACCEPT TCP 10.0.2.2 8080"),
    "7 ingress": ("sg-pod-b", "ingress", "ACCEPT TCP 10.0.1.1 8080"),
    "8 egress": ("sg-node-a", "egress", "ACCEPT TCP 172.17.1.2 8080"),
    "8 only nodes admitted": ("sg-node-b", "ingress", "ACCEPT TCP 172.17.0.2 8080"),
    "9 the playbook's DROP hits": ("sg-node-b", "ingress", "ACCEPT TCP 10.0.1.1 8080"),
    "10 egress": ("sg-super-s", "egress", "ACCEPT TCP 10.0.3.12 8080"),
    "11 ingress": ("sg-super-t", "ingress", "ACCEPT TCP 10.0.1.1 8080"),
    "5 other node, pod port": ("sg-node-b", "ingress", "ACCEPT TCP 10.0.1.1 8080"),
    "2 node, layer 7": ("sg-node-a", "ingress", "ACCEPT TCP 203.0.113.10 30080"),
    "private CLB, ipvs, CLB's group": ("sg-clb", "ingress", "ACCEPT TCP 10.0.2.1 80"),
    "NodePort, pod elsewhere sees the node": ("sg-pod-b", "ingress", "ACCEPT TCP 10.0.1.1 8080"),
    "DNS over TCP only": ("sg-pod-a", "egress", "ACCEPT UDP 10.0.2.53 53"),
}


def connection(question: dict) -> Connection:
    return Connection(
        client=question["source"], door=question["door"], port=question["port"], protocol=question["protocol"]
    )


def situation(name: str) -> ConnectionFix:
    item = BY_NAME[name]
    return fix_connection(Snapshot(item.document()), connection(question_of(item)))


@pytest.mark.parametrize("name", CHANGES)
def test_the_list_that_drops_gets_one_rule(name: str) -> None:
    found = situation(name)

    assert [(it.group, str(it.direction), it.rule and it.rule.text) for it in found.best.changes] == [CHANGES[name]]
    assert found.works
    assert (found.before.verdict, found.after.verdict) == ("unreachable", "reachable")


def test_both_ends_at_once() -> None:
    document = scene()
    document["security_groups"]["sg-pod-a"] = group(egress=())
    document["security_groups"]["sg-pod-b"] = group(ingress=())
    found = fix_connection(Snapshot(document), Connection(client="pod/shop/a", door="pod/shop/b", port=8080))

    assert {(it.group, str(it.direction)) for it in found.best.changes} == {
        *(("sg-pod-a", "egress"), ("sg-pod-b", "ingress")),
    }
    assert found.works


def test_what_already_works_is_left_alone() -> None:
    found = situation("6 open")

    assert (found.works, found.proposals, found.needs) == (True, (), ())


@pytest.mark.parametrize(
    "name", ["a ClusterIP without endpoints", "NodePort, Local, no pod there", "machine switched off"]
)
def test_what_no_group_does_gets_no_rule(name: str) -> None:
    found = situation(name)

    assert found.proposals == ()
    assert not found.works


def test_a_rule_before_a_policy_that_denies_is_needed_and_not_enough() -> None:
    document = scene()
    policy_lets_in_nobody(document)
    document["security_groups"]["sg-pod-b"] = group(ingress=())
    found = fix_connection(Snapshot(document), Connection(client="pod/shop/a", door="pod/shop/b", port=8080))

    assert [it.group for it in found.best.changes] == ["sg-pod-b"]
    assert str(found.after.reason) == "NETWORK_POLICY_DENIES"


def test_a_list_that_was_not_read_is_named_in_place_of_a_change() -> None:
    document = scene()
    document["security_groups"].pop("sg-pod-b")
    found = fix_connection(Snapshot(document), Connection(client="pod/shop/a", door="pod/shop/b", port=8080))

    assert found.proposals == ()
    assert ["sg-pod-b" in str(gap) for gap in found.gaps] == [True]


def test_whom_else_the_rule_lets_in_is_told() -> None:
    """One group on several interfaces: the others take the packet, too."""
    found = situation("same group is no trust")

    assert {resource for resource, _ in found.best.collateral} == {"eni-b", "eni-s", "eni-t"}


def test_a_source_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnknownNameError):
        fix_connection(Snapshot(scene()), Connection(client="pod/shop/none", door="pod/shop/b", port=8080))


def test_random_fixes_do_what_they_say() -> None:
    """Traced again, with no flow lost anywhere, and none of the changes left out."""
    met = 0
    for seed in range(how_many(150, thorough=600, long=5_000)):
        case = world(seed)
        snapshot, asked = Snapshot(case.document), connection(case.question)
        found = fix_connection(snapshot, asked)
        if found.before.verdict == "reachable":
            assert found.proposals == (), seed
        for each in found.proposals:
            made = each.made(snapshot)
            assert trace(made, asked).verdict == found.after.verdict, seed
            assert_nothing_is_lost(snapshot, made)
        if found.works and found.best.is_of_groups and not found.best.orders and found.before.verdict != "reachable":
            met += 1
            for change in found.best.changes:
                fewer = tuple(it for it in found.best.changes if it is not change and same_list(it, change) is False)
                assert trace(with_changes(snapshot, fewer), asked).verdict != "reachable", (seed, change)
    assert met >= 5


def same_list(one, other) -> bool:
    """Do two changes touch one list, so that the places of one depend on the other?"""
    return (one.group, one.direction) == (other.group, other.direction)


def assert_nothing_is_lost(before: Snapshot, after: Snapshot) -> None:
    for resource in before.bound_groups():
        for direction in Direction:
            old, new = (accepted_by(each, resource, direction) for each in (before, after))
            assert old.sure <= new.sure, (resource, direction)


@pytest.mark.parametrize("name", ["maybe a ClusterIP not read", "out, everything open", "interface not read"])
def test_what_is_not_known_before_and_after_gets_no_rule(name: str) -> None:
    """Perhaps no list is asked at all."""
    assert situation(name).proposals == ()


@pytest.mark.parametrize(
    ("name", "resource"),
    [("7 egress", "ins-a"), ("8 only nodes admitted", "ins-b"), ("6 ingress", "eni-b"), ("9 egress", "ins-a")],
)
def test_what_is_asked_for_is_no_collateral_where_it_is_asked(name: str, resource: str) -> None:
    """A pod under GlobalRouter is behind its node's interface."""
    found = situation(name)

    assert [need.resource for need in found.needs] == [resource]
    assert found.best.collateral == {}
