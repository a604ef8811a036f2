"""Who reaches a door, from outside and from inside: a set agrees with `trace` about each of its members."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from random import Random

import pytest
from connection_scenes import CLIENT, DATABASE, group, scene
from worlds_connections import world

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.networks import two_workloads
from drilllib.core.reach.clients import Reach, clients_from, possible_clients
from drilllib.core.reach.doors import DoorReach, reach_door, sources_of
from drilllib.core.sets.flowsets import union_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, InvalidInputError
from tests.thorough import how_many

INSIDE = ("node/node-a", "node/node-b", "pod/shop/a", "pod/shop/near", "pod/shop/s", "pod/shop/t")
CLOSED = group(("ACCEPT TCP 8080 10.0.2.1", "ACCEPT TCP 8080 198.51.100.0/24"))


def found(door: str, port: int, network: str = "shared", rules: dict[str, dict] | None = None) -> DoorReach:
    document = scene(network)
    document["security_groups"] |= rules or {}
    return reach_door(Snapshot(document), door, port)


def fates(reached: DoorReach) -> dict[str, str]:
    """How each node and pod fares."""
    return {source: str(each.trace.verdict) for each in reached.inside for source in each.sources}


def sources(reached: Reach, *verdicts: str) -> list[str]:
    return [block for each in reached.classes if each.trace.verdict in verdicts for block in each.sources]


def test_what_its_group_admits_reaches_a_pod() -> None:
    """Facts, section 10 row 6: the pod's ingress list sees pod and node addresses, and clients of public addresses."""
    reached = found("pod/shop/b", 8080, rules={"sg-pod-b": CLOSED})

    assert {source for source, fate in fates(reached).items() if fate == "reachable"} == {
        *("pod/shop/a", "node/node-b", "pod/kube-system/dns"),  # named by the rule; on its node
    }
    (outside,) = reached.outside
    assert sources(outside, "unreachable")
    assert sources(outside, "reachable") == []  # no public address of the pod was read
    assert sources(outside, "undetermined") == ["198.51.100.0/24"]


def test_under_globalrouter_its_nodes_group_decides() -> None:
    """Row 8: the source pod's address at the node's group, in the pods' own range."""
    rules = {"sg-node-b": group(("ACCEPT TCP 8080 172.17.0.2",))}
    reached = found("pod/shop/b", 8080, "global-router", rules)

    assert {source for source, fate in fates(reached).items() if fate == "reachable"} == {
        *("pod/shop/a", "node/node-b", "pod/kube-system/dns"),
    }


def test_a_cluster_ip_is_for_machines_of_the_cluster() -> None:
    reached = reach_door(Snapshot(two_workloads()), "svc/db/mysql")

    assert (reached.port, reached.protocol) == (3306, "TCP")
    assert set(fates(reached).values()) == {"reachable"}
    assert [str(each.trace.reason) for each in reached.outside[0].classes] == ["CLUSTER_IP_IS_INTERNAL"]


def test_a_door_outside_is_asked_about_from_inside_alone() -> None:
    reached = found(DATABASE, 3306, rules={"sg-pod-a": group(egress=("DROP ALL ALL 10.0.9.0/24",))})

    assert reached.outside == ()
    assert fates(reached)["pod/shop/a"] == "unreachable"
    assert fates(reached)["node/node-a"] == "undetermined"


def test_a_vip_is_asked_for_as_before() -> None:
    reached = found("192.0.2.10", 80)

    assert [each.question.vip for each in reached.outside] == ["192.0.2.10"]
    assert CLIENT in clients_of(reached.outside[0], "reachable")


def clients_of(reached: Reach, verdict: str) -> "Members":
    return Members(sources(reached, verdict))


class Members:
    """Addresses of blocks."""

    def __init__(self, blocks: Sequence[str]) -> None:
        self._blocks = [ip_network(each) for each in blocks]

    def __contains__(self, text: str) -> bool:
        return any(ip_address(text) in each for each in self._blocks)


def test_the_door_itself_and_pods_on_their_nodes_network_ask_nothing() -> None:
    document = scene()
    for item in document["kubernetes"]:
        if item["kind"] == "Pod" and item["metadata"]["name"] == "near":
            item["spec"]["hostNetwork"] = True
    names = list(sources_of(Snapshot(document)))

    assert "pod/shop/near" not in names
    assert not [name for name in names if name.startswith("node/eklet-")]
    assert "pod/shop/b" not in fates(reach_door(Snapshot(document), "pod/shop/b", 8080))


@pytest.mark.parametrize(("door", "port"), [("pod/shop/b", None), ("pod/shop/b", 0), ("svc/shop", 80), ("foo", 80)])
def test_a_door_that_cannot_be_asked_for_is_an_error(door: str, port: int | None) -> None:
    with pytest.raises(DrillError):
        reach_door(Snapshot(scene()), door, port)


WORLDS = range(how_many(40, thorough=200, long=2_000))


def test_sets_agree_with_single_questions() -> None:
    """Random clusters, doors and groups: every part of every set at its edges and inside, and every node and pod."""
    met = set()
    for seed in WORLDS:
        case, random = world(seed), Random(seed)
        snapshot, asked = Snapshot(case.document), case.question
        try:
            reached = reach_door(snapshot, asked["door"], asked["port"], asked["protocol"])
        except InvalidInputError:
            continue  # a port beside a VIP that it does not listen on
        for source, verdict in [*members(reached, random), *fates(reached).items()]:
            single = Connection(client=source, door=asked["door"], port=asked["port"], protocol=asked["protocol"])
            assert trace(snapshot, single).verdict == verdict, (seed, source, asked)
            met.add((("/" in source), verdict))

    assert {(inside, verdict) for inside in (True, False) for verdict in ("reachable", "unreachable")} <= met


def members(reached: DoorReach, random: Random) -> list[tuple[str, str]]:
    """Some addresses of each class with its verdict: of three blocks the first, the last and one between."""
    found = []
    for each in reached.outside:
        for part in each.classes:
            for block in random.sample(part.sources, min(3, len(part.sources))):
                network = ip_network(block)
                places = {0, network.num_addresses - 1, random.randrange(network.num_addresses)}
                found += [(str(network[place]), str(part.trace.verdict)) for place in places]
    return found


def test_the_classes_are_all_addresses_outside_once() -> None:
    for seed in WORLDS[:20]:
        case = world(seed)
        snapshot, asked = Snapshot(case.document), case.question
        try:
            reached = reach_door(snapshot, asked["door"], asked["port"], asked["protocol"])
        except InvalidInputError:
            continue
        for each in reached.outside:
            parts = [part.clients for part in each.classes]
            whole = union_of([*parts, each.inside, each.unseen])
            assert possible_clients(each.family) <= whole
            assert sum(part.size for part in parts) == union_of(parts).size
            assert not union_of(parts) & (each.inside - clients_from([]))
