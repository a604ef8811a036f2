"""Whose connections change between two snapshots: exactly those whose single answers do."""

from copy import deepcopy
from random import Random

import pytest
from connection_scenes import group, scene
from worlds_connections import world

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.diff import difference_of_snapshots
from drilllib.core.drills.networks import two_workloads
from drilllib.core.reach import changes
from drilllib.core.reach.changes import changes_at_doors, doors_in_both
from drilllib.core.reach.doors import sources_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, TooComplexError, UnknownNameError
from tests.thorough import how_many

B = Connection(client="", door="pod/shop/b", port=8080, protocol="TCP")


def closed_to_near() -> Snapshot:
    document = scene()
    document["security_groups"]["sg-pod-b"] = group(("ACCEPT TCP 8080 10.0.2.1",))
    return Snapshot(document)


def test_who_is_shut_out_is_named() -> None:
    (found,) = changes_at_doors(Snapshot(scene()), closed_to_near(), [B])

    lost = {name for each in found.inside if each.after == "unreachable" for name in each.sources}
    assert lost == {"node/node-a", "pod/shop/near", "pod/shop/s", "pod/shop/t"}
    assert {(str(each.before), str(each.after)) for each in found.outside} == {
        *(("reachable", "unreachable"), ("undetermined", "unreachable")),
    }


def test_nothing_changed_is_nothing_told() -> None:
    assert changes_at_doors(Snapshot(scene()), Snapshot(scene()), [B]) == ()
    assert not difference_of_snapshots(Snapshot(scene()), Snapshot(scene()), [B])


def test_a_change_of_connections_is_a_difference() -> None:
    found = difference_of_snapshots(Snapshot(scene()), closed_to_near(), [B])

    assert found
    assert [each["door"] for each in found.to_dict()["doors"]] == ["pod/shop/b"]


def test_all_doors_are_services_and_declared_ports() -> None:
    snapshot = Snapshot(two_workloads())

    assert [(each.door, each.port) for each in doors_in_both(snapshot, snapshot)] == [
        *(("svc/db/mysql", 3306), ("pod/db/mysql-0", 3306), ("pod/shop/web-1", 80)),
    ]


def test_a_door_that_one_has_not_is_an_error_and_not_among_all() -> None:
    without = scene()
    without["kubernetes"] = [item for item in without["kubernetes"] if item["metadata"].get("name") != "b"]

    assert "pod/shop/b" not in {each.door for each in doors_in_both(Snapshot(scene()), Snapshot(without))}
    with pytest.raises(UnknownNameError, match="shop/b"):
        changes_at_doors(Snapshot(scene()), Snapshot(without), [B])


def test_too_many_connections_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST", 3)
    with pytest.raises(TooComplexError, match="8 nodes and pods have 8 connections"):
        changes_at_doors(Snapshot(scene()), Snapshot(scene()), [B])


def test_changes_agree_with_single_questions() -> None:
    """Random clusters, before and after all lists of one direction were emptied."""
    met = 0
    for seed in range(how_many(40, thorough=150, long=2_000)):
        case, random = world(seed), Random(seed)
        after = deepcopy(case.document)
        direction = random.choice(("Ingress", "Egress"))
        for item in after["security_groups"].values():
            item["SecurityGroupPolicySet"][direction] = []
        sides, asked = (Snapshot(case.document), Snapshot(after)), case.question
        door = Connection(client="", door=asked["door"], port=asked["port"], protocol=asked["protocol"])
        try:
            found = changes_at_doors(*sides, [door])
        except InvalidInputError:
            continue
        told = {name: (each.before, each.after) for one in found for each in one.inside for name in each.sources}
        for name in (each for each in sources_of(sides[0]) if each != door.door):
            single = Connection(client=name, door=door.door, port=door.port, protocol=door.protocol)
            ends = tuple(trace(side, single).verdict for side in sides)
            assert told.get(name, (ends[0], ends[0])) == ends, (seed, name)
            met += ends[0] is not ends[1]

    assert met >= 5
