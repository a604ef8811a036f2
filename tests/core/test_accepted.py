"""
What a list of groups accepts, computed in four ways: flow by flow, on all points where an answer can change, as
decision diagrams, and as formulas.
"""

from itertools import product
from random import Random

import pytest
import reference
import z3
from witness_bdd import FAST, Diagrams
from witness_cases import Case, cases, long_list, numbered, one_list, random_list, read, scattered_list
from witness_logic import Formulas
from witness_points import PLANES, Points

from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.sets import flowsets
from drilllib.core.sets.accepted import OPEN, UNREAD, Accepted, accepted
from drilllib.core.sets.flowsets import EMPTY, everything
from tests.thorough import how_many

LISTS, FLOWS = how_many(40, thorough=500, long=2500), 8
GRIDS = how_many(30, thorough=250, long=1200)
DIAGRAMS = how_many(30, thorough=200) if FAST else 10
FORMULAS = 60


def answer(case: Case) -> Accepted:
    return accepted(*read(case))


def policies_of(case: Case) -> list[dict]:
    return [policy for _, lists in case.groups for policy in lists[case.direction]]


def test_every_flow_there_is_has_a_plane() -> None:
    assert sorted(PLANES) == sorted(flowsets.PLANES)


def test_single_flows_fare_as_in_the_reference() -> None:
    """The reference tries every world there could be; the points are where some rule's peer or ports begin or end."""
    random = Random("flows")
    seen = dict.fromkeys(("ACCEPT", "DROP", "UNDETERMINED"), 0)
    for case in cases("flows", LISTS):
        points, found = Points(case), answer(case)
        for _ in range(FLOWS):
            protocol, family, port = random.choice(points.everywhere)
            peer = random.choice(points.addresses[family])
            expected = reference.decide(
                case.groups, case.direction, reference.Packet(protocol, peer, port), case.snapshot
            )
            seen[expected.action] += 1
            assert found.of(Flow(protocol=protocol, peer=peer, port=port)).value == expected.action, (case, peer, port)
    assert min(seen.values()) > LISTS * FLOWS / 20, seen


def test_the_sets_are_exact_at_every_point() -> None:
    """Points of the rules and of the answer's rectangles, so that no flow anywhere is left out."""
    doubtful = 0
    for case in cases("grids", GRIDS):
        found = answer(case)
        points = Points(case, found.sure.planes, found.possible.planes)
        sure, possible = points.accepted()
        assert points.bits_of(found.sure.planes) == sure, case
        assert points.bits_of(found.possible.planes) == possible, case
        doubtful += sure != possible
    assert GRIDS / 5 < doubtful < GRIDS * 4 / 5


def test_the_witness_itself_agrees_with_the_reference() -> None:
    """The points fold a list from its bottom; the reference reads it from the top, in each world apart."""
    random = Random("witness")
    for case in cases("witness", 300):
        points = Points(case)
        sure, possible = points.accepted()
        for _ in range(FLOWS):
            where = random.choice(points.everywhere)
            place = random.randrange(len(points.addresses[where[1]]))
            packet = reference.Packet(where[0], points.addresses[where[1]][place], where[2])
            expected = reference.decide(case.groups, case.direction, packet, case.snapshot).action
            is_sure, is_possible = (bits[where] >> place & 1 for bits in (sure, possible))
            assert expected == ("ACCEPT" if is_sure else "UNDETERMINED" if is_possible else "DROP")


def test_what_is_unknown_is_what_is_possible_and_not_sure() -> None:
    for case in cases("unknown", 300):
        found = answer(case)
        assert found.sure <= found.possible
        assert found.unknown | found.sure == found.possible
        assert not found.unknown & found.sure


def test_the_places_that_rules_are_written_in_do_not_matter() -> None:
    """PolicyIndex orders them."""
    random = Random("numbered")
    for case in cases("numbered", 300):
        assert answer(numbered(random, case)) == answer(case)


def test_groups_are_one_list() -> None:
    for case in cases("one list", 300, unread=False):
        assert answer(case) == accepted(
            *read(Case([("sg-1", {case.direction: policies_of(case)})], case.direction, case.snapshot))
        )


def test_the_other_direction_has_no_say() -> None:
    for case in cases("direction", 200):
        other = "Egress" if case.direction == "Ingress" else "Ingress"
        groups = [(name, {**lists, other: []}) for name, lists in case.groups]
        assert answer(Case(groups, case.direction, case.snapshot)) == answer(case)


def test_no_groups_and_empty_groups_accept_nothing() -> None:
    nothing = Accepted(EMPTY, EMPTY)

    assert accepted([], Direction.INGRESS) == nothing
    assert answer(one_list([])) == nothing


def test_a_list_that_was_not_read_leaves_everything_open() -> None:
    assert answer(Case([("sg-1", {"Egress": []})], "Ingress")) == UNREAD
    assert UNREAD.unknown == everything()


def test_rules_above_a_list_that_was_not_read_still_decide() -> None:
    """What the rules above do not take is open; what stands below makes no more of it sure."""
    first = {"Ingress": [{"Action": "ACCEPT", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0"}]}
    last = {"Ingress": [{"Action": "ACCEPT", "Protocol": "ALL", "Ipv6CidrBlock": "::/0"}]}
    found = answer(Case([("sg-1", first), ("sg-2", {"Egress": []}), ("sg-3", last)], "Ingress"))

    assert found == Accepted(everything((4,)), everything())


def test_open_accepts_everything_for_sure() -> None:
    anybody = [
        {"Action": "ACCEPT", "Protocol": "ALL", key: text}
        for key, text in (("CidrBlock", "0.0.0.0/0"), ("Ipv6CidrBlock", "::/0"))
    ]

    assert answer(one_list(anybody)) == OPEN


@pytest.mark.parametrize(
    "policy",
    [
        {"Action": "ACCEPT", "Protocol": "ICMPV6", "CidrBlock": "0.0.0.0/0"},
        {"Action": "ACCEPT", "Protocol": "ICMPV6", "CidrBlock": "10.0.0.1"},
    ],
)
def test_a_protocol_of_the_other_family_matches_nothing(policy: dict) -> None:
    assert answer(one_list([policy])) == Accepted(EMPTY, EMPTY)


def test_single_flows_fare_as_decide_says() -> None:
    random = Random("decide")
    for case in cases("decide", 500):
        groups, direction = read(case)
        found, points = accepted(groups, direction), Points(case)
        for _ in range(FLOWS):
            protocol, family, port = random.choice(points.everywhere)
            flow = Flow(protocol=protocol, peer=random.choice(points.addresses[family]), port=port)
            assert found.of(flow) is decide(groups, direction, flow).action


@pytest.fixture(scope="module")
def diagrams() -> Diagrams:
    return Diagrams()


def test_long_lists_accept_what_their_decision_diagrams_do(diagrams: Diagrams) -> None:
    """Every IPv4 flow of lists of up to 40 rules; a third of them name a group of which nothing is known."""
    random = Random("diagrams")
    accepting = 0
    for number in range(DIAGRAMS):
        policies = long_list(random, random.randint(1, 40), unknown=0.1 if number % 3 == 0 else 0)
        found = answer(one_list(policies))
        assert (diagrams.flow_set(found.sure.planes), diagrams.flow_set(found.possible.planes)) == diagrams.accepted(
            policies
        )
        accepting += bool(found.sure)
    assert accepting > DIAGRAMS / 2


def test_many_ports_are_cut_into_stretches_and_joined_again(diagrams: Diagrams) -> None:
    """Several hundred ends of ports, many more than one stretch of the grid holds."""
    random = Random("stretches")
    for _ in range(6 if FAST else 1):
        policies = scattered_list(random, 200)
        found = answer(one_list(policies)).sure
        assert len({box[2] for box in found.planes["TCP", 4]}) > 256
        assert diagrams.flow_set(found.planes) == diagrams.accepted(policies)[0]


@pytest.mark.parametrize("family", [4, 6])
def test_no_flow_tells_the_formula_of_a_list_from_its_set(family: int) -> None:
    formulas, random = Formulas(family), Random(f"formulas {family}")
    for number in range(FORMULAS // 2):
        short = number % 2
        policies = random_list(random, 8, names=False) if short else long_list(random, 12, family=family)
        found = answer(one_list(policies))
        formula = formulas.accepts(policies, [formulas.matches(policy) for policy in policies])
        assert found.sure == found.possible
        assert formulas.same(formula, formulas.within(found.sure.planes)), policies


A_MEMBER = [  # what an address of a group's members may be: private, or any of IPv6 [SG-ADD]
    {"CidrBlock": block, "Ipv6CidrBlock": "::/0"}
    for block in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
]


@pytest.mark.parametrize("family", [4, 6])
def test_no_flow_tells_the_worlds_of_unknown_rules_from_the_sets(family: int) -> None:
    """Sure is what every world accepts, possible what any does; a world has each doubtful rule match, or not."""
    formulas, random = Formulas(family), Random(f"worlds {family}")
    for _ in range(10):
        policies = long_list(random, 8, family=family, unknown=0.25)
        doubtful = [place for place, policy in enumerate(policies) if "SecurityGroupId" in policy]
        worlds = []
        for choice in product((False, True), repeat=len(doubtful)):
            met = dict(zip(doubtful, choice, strict=True))
            matches = [
                z3.And(met[place], z3.Or(*(formulas.matches({**policy, **member}) for member in A_MEMBER)))
                if place in met
                else formulas.matches(policy)
                for place, policy in enumerate(policies)
            ]
            worlds.append(formulas.accepts(policies, matches))
        found = answer(one_list(policies))
        assert formulas.same(z3.And(*worlds), formulas.within(found.sure.planes)), policies
        assert formulas.same(z3.Or(*worlds), formulas.within(found.possible.planes)), policies
