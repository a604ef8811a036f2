"""What changes between two moments: exact, disjoint, the same from both ends, and true of every example."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import combinations, product
from random import Random
from typing import Any

import pytest

from drilllib.core.diff import Difference, difference_of_groups, difference_of_snapshots
from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import default_lab, policy
from drilllib.core.reach.clients import clients_from
from drilllib.core.rules.members import Directory, Members, range_of
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import (
    PROTOCOLS,
    PROTOCOLS_WITH_PORTS,
    Action,
    Direction,
    Flow,
    Rule,
    SecurityGroup,
    decide,
)
from drilllib.core.sets.boxes import boxes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError, InvalidInputError
from tests.core.worlds import world
from tests.thorough import how_many

PAIRS, CHUNKS = how_many(50, thorough=120), how_many(1, thorough=4)
BLOCKS = ("0.0.0.0/0", "10.0.0.0/8", "10.0.1.0/24", "10.0.1.128/25", "203.0.113.7/32", "::/0", "2001:db8::/32")
PEERS = (*BLOCKS, "sg-known", "sg-unknown")
PORTS = ("80", "79-81", "1-80", "ALL", "8000-8010")
NAMES = Directory(peers={"sg-known": Members(certain=(range_of(ip_network("10.0.1.64/26")),))})
FLIPPED = {"gained": "lost", "lost": "gained", "other": "other"}


def rules(random: Random) -> tuple[Rule, ...]:
    def text() -> str:
        protocol, peer = random.choice(("TCP", "UDP", "ALL", "ICMP")), random.choice(PEERS)
        protocol = "ALL" if ":" in peer and protocol == "ICMP" else protocol
        ports = random.choice(PORTS) if protocol in PROTOCOLS_WITH_PORTS else "" if protocol == "ICMP" else "ALL"
        return f"{random.choice(('ACCEPT', 'DROP'))} {protocol} {peer} {ports}"

    return tuple(rule_from_text(text()) for _ in range(random.randrange(6)))


def group(random: Random) -> SecurityGroup:
    lists = (rules(random), rules(random))
    ingress, egress = (None if random.random() < 0.1 else each for each in lists)
    return SecurityGroup("sg-a", ingress, egress, NAMES)


def pair(seed: int) -> tuple[SecurityGroup, SecurityGroup]:
    """Two groups: half of the time the second is the first with one rule taken out."""
    random = Random(seed)
    before = group(random)
    if seed % 2 and before.ingress:
        place = random.randrange(len(before.ingress))
        return before, replace(before, ingress=before.ingress[:place] + before.ingress[place + 1 :])
    return before, group(random)


def points() -> list[Flow]:
    """A flow on either side of every edge that a rule above can have."""
    blocks = [ip_network(block) for block in (*BLOCKS, "10.0.1.64/26")]
    ends = {(block.version, int(end)) for block in blocks for end in (block[0], block[-1])}
    places = {(version, end + step) for version, end in ends for step in (-1, 0, 1)}
    addresses = [
        ip_address(number.to_bytes(4 if version == 4 else 16))
        for version, number in sorted(places)
        if 0 <= number < 2 ** (32 if version == 4 else 128)
    ]
    ports = (1, 78, 79, 80, 81, 82, 7999, 8000, 8010, 8011, 65535)
    return [
        Flow(protocol=protocol, peer=peer, port=port)
        for protocol, peer in product(PROTOCOLS, addresses)
        if protocol != {4: "ICMPV6", 6: "ICMP"}[peer.version]
        for port in (ports if protocol in PROTOCOLS_WITH_PORTS else (None,))
    ]


POINTS = points()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_groups_differ_exactly_where_single_decisions_do(chunk: int) -> None:
    """Brute force: every representative flow is in the change of its two decisions, and in no other."""
    seen = set()
    for seed in range(chunk, PAIRS, CHUNKS):
        before, after = pair(seed)
        found = {each.direction: each.changes for each in difference_of_groups(before, after).accepted}
        for way, flow in product(Direction, Random(seed).sample(POINTS, 150)):
            ends = decide([before], way, flow).action, decide([after], way, flow).action
            told = [(each.before, each.after) for each in found.get(way, ()) if flow in each.flows]
            assert told == ([ends] if ends[0] is not ends[1] else []), f"seed {seed}: {way} {flow}"
            seen.add(ends)
    assert len(seen) > 7


def test_what_is_told_of_a_box_is_true_of_its_example() -> None:
    checked = 0
    for seed in range(PAIRS):
        before, after = pair(seed)
        for part in difference_of_groups(before, after).accepted:
            for each, box in ((change, box) for change in part.changes for box in boxes(change.flows)):
                assert decide([before], part.direction, box.example).action is each.before
                assert decide([after], part.direction, box.example).action is each.after
                checked += 1
    assert checked > 500


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    def ports(box: dict[str, Any]) -> tuple[int, int]:
        first, _, last = box["ports"].partition("-")
        return (0, 65535) if first == "ALL" else (int(first), int(last or first))

    blocks = ip_network(one["source"]), ip_network(other["source"])
    (low, high), (lower, higher) = ports(one), ports(other)
    same = "ALL" in (one["protocol"], other["protocol"]) or one["protocol"] == other["protocol"]
    return (
        same
        and blocks[0].version == blocks[1].version
        and blocks[0].overlaps(blocks[1])
        and low <= higher <= 65535
        and lower <= high
    )


def test_no_two_boxes_overlap() -> None:
    compared = 0
    for seed in range(PAIRS):
        for part in difference_of_groups(*pair(seed)).accepted:
            told = part.to_dict()
            listed = [*told["gained"], *told["lost"], *told["other"]]
            for one, other in combinations(listed, 2):
                assert not overlap(one, other), f"seed {seed}: {one} {other}"
                compared += 1
    assert compared > 1000


def mirrored(told: dict[str, Any]) -> dict[str, Any]:
    """What the same difference says from the other end."""
    told = deepcopy(told)
    told["added"], told["removed"] = told["removed"], told["added"]
    for part in told["accepted"]:
        part["gained"], part["lost"] = part["lost"], part["gained"]
    for service in told["services"]:
        service["vips"].reverse()
    for each in (*(box for part in told["accepted"] for box in part["other"]), *changes_of(told)):
        each["before"], each["after"] = each["after"], each["before"]
    return told


def changes_of(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (change for service in told["services"] for change in service["changes"])


def in_order(told: Any) -> Any:
    """Without the order of lists, which says nothing."""
    if isinstance(told, dict):
        return {name: in_order(value) for name, value in told.items()}
    return sorted(map(in_order, told), key=repr) if isinstance(told, list) else told


def assert_laws(forth: Difference, back: Difference, same: Difference) -> None:
    assert not same
    assert same.accepted == ()
    assert in_order(mirrored(forth.to_dict())) == in_order(back.to_dict())
    assert bool(forth) == bool(back)


def test_nothing_differs_from_itself_and_both_ends_say_the_same_of_groups() -> None:
    for seed in range(PAIRS):
        before, after = pair(seed)
        assert_laws(*(difference_of_groups(*each) for each in ((before, after), (after, before), (before, before))))


def worlds() -> Iterator[tuple[int, Snapshot, Snapshot]]:
    """Random snapshots with one group, one binding or one part changed."""
    for seed in range(how_many(35, thorough=90)):
        document = world(seed).document
        after = deepcopy(document)
        random = Random(seed)
        groups = [each for each in (after.get("security_groups") or {}).values() if each.get("SecurityGroupPolicySet")]
        listed = random.choice(groups)["SecurityGroupPolicySet"].get("Ingress") if groups else None
        if seed % 3 == 0 and after.get("instances"):
            after["instances"].pop()
        elif seed % 3 == 1:
            after.pop(random.choice(("instances", "network_interfaces", "load_balancers")), None)
        if listed:
            listed.pop(random.randrange(len(listed)))
        yield seed, Snapshot(document), Snapshot(after)


def test_nothing_differs_from_itself_and_both_ends_say_the_same_of_snapshots() -> None:
    differing = 0
    for _, before, after in worlds():
        try:
            sides = [difference_of_snapshots(*each) for each in ((before, after), (after, before), (before, before))]
        except DrillError:
            continue
        assert_laws(*sides)
        differing += bool(sides[0])
    assert differing > how_many(8, thorough=25)


def verdict(snapshot: Snapshot, question: Question) -> Verdict:
    """A family that the load balancer does not serve cannot even be asked about: nobody reaches it over that."""
    try:
        return trace(snapshot, question).verdict
    except InvalidInputError:
        return Verdict.UNREACHABLE


def test_a_client_told_to_fare_otherwise_does() -> None:
    """The example of a change has the two verdicts that the change names, by `trace`."""
    checked = 0
    for seed, before, after in worlds():
        try:
            found = difference_of_snapshots(before, after)
        except DrillError:
            continue
        for service in found.services:
            for change in service.changes:
                client = change.to_dict()["example"]
                asked = Question(client=client, service=service.service, port=service.port, protocol=service.protocol)
                verdicts = [verdict(each, asked) for each in (before, after)]
                assert verdicts == [change.before, change.after], f"seed {seed}"
                checked += 1
    assert checked > how_many(2, thorough=5)


@pytest.mark.parametrize("name", [name for name in faults.FAULTS if name != "udp"])
def test_every_fault_is_told_as_clients_lost(name: str) -> None:
    """The course's faults cut the lab's clients off, or make them wait; where they cannot reach it, they are listed."""
    broken = faults.open_fault(name)
    found = difference_of_snapshots(Snapshot(default_lab()), broken)
    lab_client = clients_from([ip_network("203.0.113.10")])
    asked = Question(client="203.0.113.10", service="shop/web", port=80, protocol="TCP")
    lost = [each for part in found.services for each in part.changes if lab_client <= each.clients]
    verdict = trace(broken, asked).verdict
    assert [each.after for each in lost] == ([verdict] if verdict is not Verdict.REACHABLE else [])


def test_a_resource_on_one_side_only_is_named_and_accepts_nothing_on_the_other() -> None:
    before, after = default_lab(), default_lab()
    after["instances"].pop()
    found = difference_of_snapshots(Snapshot(before), Snapshot(after))

    assert found.removed.resources == ("ins-nodeb001",)
    (ingress,) = [each for each in found.accepted if each.direction is Direction.INGRESS]
    assert ingress.resources == ("ins-nodeb001",)
    assert [(each.kind, each.before) for each in ingress.changes] == [("lost", Action.ACCEPT)]


def test_a_part_that_was_not_read_removes_nothing() -> None:
    """Not read is not the same as gone: what its groups accept is then unknown."""
    after = default_lab()
    del after["instances"]
    found = difference_of_snapshots(Snapshot(default_lab()), Snapshot(after))

    assert not found.removed
    nodes = [each for each in found.accepted if "ins-nodea001" in each.resources]
    assert {change.after for each in nodes for change in each.changes} == {Action.UNDETERMINED}


def test_resources_with_equal_changes_are_told_together() -> None:
    after = default_lab()
    rules_of_node = after["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"]
    rules_of_node.append(policy("ACCEPT", "TCP", "0.0.0.0/0", "22"))
    found = difference_of_snapshots(Snapshot(default_lab()), Snapshot(after))

    (part,) = found.accepted
    assert part.resources == ("ins-nodea001", "ins-nodeb001")
    assert [(box["source"], box["ports"]) for box in part.to_dict()["gained"]] == [("0.0.0.0/0", "22")]
    assert found.services == ()


def test_unbinding_every_group_opens_the_resource() -> None:
    after = default_lab()
    after["instances"][0]["SecurityGroupIds"] = []
    found = difference_of_snapshots(Snapshot(default_lab()), Snapshot(after))
    assert {change.kind for each in found.accepted for change in each.changes} == {"gained"}


def test_a_port_nobody_can_tell_about_is_named() -> None:
    """Else "no difference" would be read as "nothing changed for its clients"."""
    document = default_lab()
    del document["listeners"]
    found = difference_of_snapshots(Snapshot(document), Snapshot(document))

    assert not found
    assert [(each.service, each.port, bool(each.undetermined)) for each in found.services] == [("shop/web", 80, True)]


def test_a_load_balancer_nobody_read_serves_the_family_that_it_served() -> None:
    """Where the other side knows the family, no clients of another are made up."""
    document = default_lab()
    document["load_balancers"][0] |= {"LoadBalancerVips": ["2001:db8::80"], "AddressIPVersion": "ipv6"}
    after = {name: part for name, part in document.items() if name != "load_balancers"}
    for pair_of in ((document, after), (after, document)):
        (part,) = difference_of_snapshots(*map(Snapshot, pair_of)).services
        assert {plane.family for change in part.changes for plane in change.clients.planes} == {6}
