"""
Dead and redundant rules and their shadows, found once more: on all points where an answer can change, as decision
diagrams, as formulas, and by deleting rules and looking at what is accepted then.
"""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
import z3
from witness_bdd import FAST, Diagrams
from witness_cases import Case, RulePosition, cases, long_list, one_list, random_list, read, scattered_list
from witness_logic import Formulas
from witness_points import Points

from drilllib.core.rules.rules import Action
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.shadows import Shadow, cancelled, parts_of, redundant_rules, shadow_of
from tests.thorough import how_many

CASES = how_many(40, thorough=200, long=500)
DIAGRAMS = how_many(30, thorough=100) if FAST else 10


def found_in(case: Case) -> tuple[set[RulePosition], list[RulePosition]]:
    """The dead rules and the redundant ones."""
    parts = parts_of(*read(case))
    dead = parts.dead
    return dead, redundant_rules(parts, dead)


def shadows_in(case: Case) -> Iterator[tuple[RulePosition, Shadow]]:
    """Every dead rule with its shadow."""
    parts = parts_of(*read(case))
    return ((spot, shadow_of(parts, spot)) for spot in sorted(parts.dead))


def places(spots: set[RulePosition] | list[RulePosition]) -> list[int]:
    return [index for _, index in spots]


def doubtful(points: Points) -> int:
    """How many rules match what they match only perhaps."""
    return sum(any(line.maybe.values()) for line in points.lines)


@pytest.fixture(scope="module")
def diagrams() -> Diagrams:
    return Diagrams()


def rule(action: str, peer: str, port: str = "ALL", protocol: str = "TCP") -> dict:
    return {"Action": action, "Protocol": protocol, "Port": port, "Ipv6CidrBlock" if ":" in peer else "CidrBlock": peer}


# Dead rules


def test_dead_rules_decide_at_no_point() -> None:
    several = 0
    for case in cases("dead", CASES):
        dead, _ = found_in(case)
        assert dead == Points(case).dead(), case
        several += len(dead) > 1
    assert several > CASES / 10


def test_dead_rules_of_long_lists_are_those_of_their_decision_diagrams(diagrams: Diagrams) -> None:
    random = Random("dead diagrams")
    for _ in range(DIAGRAMS):
        policies = long_list(random, 40)
        assert set(places(found_in(one_list(policies))[0])) == diagrams.dead(policies)


def test_of_rules_that_may_match_none_leaves_another_dead(diagrams: Diagrams) -> None:
    """The diagrams hold IPv4 only, and a rule that names a group may match IPv6 too: those are left out here."""
    random = Random("dead and unknown")
    for _ in range(DIAGRAMS // 2):
        policies = long_list(random, 40, unknown=0.2)
        with_block = {place for place, policy in enumerate(policies) if "SecurityGroupId" not in policy}
        found = set(places(found_in(one_list(policies))[0]))
        assert found & with_block == diagrams.dead(policies) & with_block


def test_dead_rules_of_512(diagrams: Diagrams) -> None:
    random = Random("512")
    for number in range(3):
        policies = long_list(random, 512) if number < 2 else scattered_list(random, 512)
        dead = set(places(found_in(one_list(policies))[0]))
        assert dead == diagrams.dead(policies)
        assert dead


@pytest.mark.parametrize("family", [4, 6])
def test_no_flow_reaches_a_dead_rule(family: int) -> None:
    """And some flow reaches each of the others that match anything."""
    formulas, random = Formulas(family), Random(f"dead formulas {family}")
    for number in range(8):
        policies = random_list(random, 8, names=False) if number % 2 else long_list(random, 10, family=family)
        policies = [policy for policy in policies if ("CidrBlock" in policy) is (family == 4)]
        matches = [formulas.matches(policy) for policy in policies]
        expected = {
            place
            for place, match in enumerate(matches)
            if not formulas.never(match) and formulas.never(z3.And(match, z3.Not(z3.Or(*matches[:place]))))
        }
        assert set(places(found_in(one_list(policies))[0])) == expected


def test_a_rule_that_matches_nothing_is_neither_dead_nor_redundant() -> None:
    impossible = rule("DROP", "10.0.0.0/8", protocol="ICMPV6")

    assert found_in(one_list([impossible, impossible])) == (set(), [])


def test_a_doubtful_rule_can_be_dead_and_leaves_none_dead() -> None:
    named = {"Action": "DROP", "Protocol": "ALL", "SecurityGroupId": "sg-other"}
    below = [named, rule("DROP", "10.0.0.0/8")]
    above = [rule("ACCEPT", "0.0.0.0/0", protocol="ALL"), rule("ACCEPT", "::/0", protocol="ALL")]

    assert found_in(one_list(below))[0] == set()
    assert found_in(one_list([*above, *below]))[0] == {("sg-1", 2), ("sg-1", 3)}


def test_a_list_that_was_not_read_leaves_no_rule_dead() -> None:
    groups = [("sg-1", {"Egress": []}), ("sg-2", {"Ingress": [rule("ACCEPT", "10.0.0.0/8"), rule("DROP", "10.0.0.1")]})]

    assert found_in(Case(groups, "Ingress"))[0] == {("sg-2", 1)}


# What can be deleted


def test_nothing_changes_without_the_dead_rules() -> None:
    for case in cases("deleted", CASES):
        dead, _ = found_in(case)
        assert accepted(*read(case.without(dead))) == accepted(*read(case)), case


def test_nothing_changes_without_the_dead_and_the_redundant_rules() -> None:
    """As the engine sees it, and at every point."""
    many = 0
    for case in cases("deleted together", CASES, unread=False):
        dead, redundant = found_in(case)
        gone = dead | set(redundant)
        points = Points(case)
        assert accepted(*read(case.without(gone))) == accepted(*read(case)), case
        assert points.accepted(gone) == points.accepted(), case
        many += len(redundant) > 1
    assert many > CASES / 10


def test_no_world_changes_without_the_dead_and_the_redundant_rules() -> None:
    """Whatever the unknown names stand for: what is undetermined before and after is undetermined alike."""
    tried = 0
    for case in cases("worlds", CASES, unread=False):
        points = Points(case)
        if 1 <= doubtful(points) <= 4:
            dead, redundant = found_in(case)
            assert list(points.worlds(dead | set(redundant))) == list(points.worlds()), case
            tried += bool(redundant)
    assert tried > CASES / 10


def test_every_rule_that_is_left_is_needed() -> None:
    """Of rules whose members are all known: take away one more, and some flow fares otherwise."""
    needed = 0
    for case in cases("needed", CASES, names=False, unread=False):
        points, (dead, redundant) = Points(case), found_in(case)
        gone = dead | set(redundant)
        whole = points.accepted(gone)
        for spot in set(case.spots()) - gone - points.matching_nothing():
            assert points.accepted(gone | {spot}) != whole, (case, spot)
            needed += 1
    assert needed > CASES


def test_redundant_rules_are_found_from_the_bottom(diagrams: Diagrams) -> None:
    """The diagrams delete one rule after the other, from the bottom, for good where nothing changes."""
    random = Random("redundant diagrams")
    several = 0
    for _ in range(DIAGRAMS):
        policies = long_list(random, 40)
        dead, redundant = found_in(one_list(policies))
        assert places(redundant) == diagrams.redundant(policies, set(places(dead)))
        several += len(redundant) > 1
    assert several > DIAGRAMS / 2


def test_redundant_rules_over_many_stretches_of_ports(diagrams: Diagrams) -> None:
    random = Random("redundant stretches")
    for _ in range(how_many(1, thorough=3) if FAST else 1):
        policies = [*scattered_list(random, 120), rule("ACCEPT", "0.0.0.0/0", "20000-40000")]
        dead, redundant = found_in(one_list(policies))
        assert places(redundant) == diagrams.redundant(policies, set(places(dead)))
        assert redundant


@pytest.mark.parametrize("family", [4, 6])
def test_no_flow_tells_a_list_from_what_is_left_of_it(family: int) -> None:
    formulas, random = Formulas(family), Random(f"left {family}")
    for _ in range(5):
        policies = long_list(random, 12, family=family)
        dead, redundant = found_in(one_list(policies))
        left = [policy for place, policy in enumerate(policies) if place not in {*places(dead), *places(redundant)}]
        before, after = (formulas.accepts(each, [formulas.matches(one) for one in each]) for each in (policies, left))
        assert formulas.same(before, after), policies


def test_redundant_rules_come_from_the_top_and_are_not_dead() -> None:
    for case in cases("order", CASES):
        dead, redundant = found_in(case)
        order = case.spots()
        assert all(order.index(one) < order.index(other) for one, other in pairwise(redundant))
        assert not dead & set(redundant)


def test_of_twins_the_lower_is_dead_and_of_neighbours_the_upper_redundant() -> None:
    block, half = rule("ACCEPT", "10.0.0.0/8", "80"), rule("ACCEPT", "10.0.0.0/9", "80")

    assert found_in(one_list([block, block])) == ({("sg-1", 1)}, [])
    assert found_in(one_list([block, half])) == ({("sg-1", 1)}, [])
    assert found_in(one_list([half, block])) == (set(), [("sg-1", 0)])


def test_a_drop_at_the_end_is_redundant() -> None:
    """What no rule matches is dropped anyway."""
    closing = [rule("ACCEPT", "10.0.0.0/8", "80"), rule("DROP", "0.0.0.0/0"), rule("DROP", "::/0", protocol="ALL")]

    assert found_in(one_list(closing)) == (set(), [("sg-1", 1), ("sg-1", 2)])


def test_rules_are_compared_across_groups() -> None:
    upper, lower = {"Ingress": [rule("ACCEPT", "10.0.0.0/9", "80")]}, {"Ingress": [rule("ACCEPT", "10.0.0.0/8", "80")]}

    assert found_in(Case([("sg-1", upper), ("sg-2", lower)], "Ingress")) == (set(), [("sg-1", 0)])
    assert found_in(Case([("sg-2", lower), ("sg-1", upper)], "Ingress")) == ({("sg-1", 0)}, [])


def test_a_list_that_was_not_read_may_accept_and_drop_anything() -> None:
    """A rule above it is not redundant because of what stands below it, or because of the implicit deny."""
    for case in cases("unread", CASES):
        if any(case.direction not in lists for _, lists in case.groups):
            dead, redundant = found_in(case)
            assert accepted(*read(case.without(dead | set(redundant)))) == accepted(*read(case)), (case, redundant)


def test_a_group_that_is_bound_twice_keeps_its_rules() -> None:
    """To delete a rule of a group deletes it wherever the group is bound."""
    group = {"Ingress": [rule("ACCEPT", "10.0.0.0/8", "80")]}

    assert found_in(Case([("sg-1", group), ("sg-1", group)], "Ingress")) == (set(), [])


# Shadows


def test_takers_first_match_the_flows_of_a_dead_rule() -> None:
    for case in cases("takers", CASES):
        points = Points(case)
        for spot, shadow in shadows_in(case):
            assert list(shadow.deciders) == points.takers(spot), (case, spot)
            accepts = {line.spot: line.accepts for line in points.lines}
            expected = {Action.ACCEPT if accepts[each] else Action.DROP for each in shadow.deciders}
            assert shadow.actions == expected, (case, spot)


def test_what_covers_a_dead_rule_covers_it_and_none_can_be_left_out() -> None:
    several = 0
    for case in cases("covers", 500, longest=14, names=False):
        points = Points(case)
        for spot, shadow in shadows_in(case):
            assert set(shadow.covered_by) <= set(shadow.deciders)
            assert points.covers(shadow.covered_by, spot), (case, spot)
            for each in shadow.covered_by:
                assert not points.covers(set(shadow.covered_by) - {each}, spot), (case, spot, each)
            several += len(shadow.covered_by) > 1
    assert several


def test_a_dead_rule_stays_dead_below_what_covers_it_alone() -> None:
    """And comes alive once one of those is gone. Most rules are left out, so the engine answers another question."""
    for case in cases("alone", CASES // 2, longest=14):
        order = case.spots()
        for spot, shadow in shadows_in(case):
            kept = {*shadow.covered_by, spot}
            assert last_is_dead(case.without(set(order) - kept))
            for each in shadow.covered_by:
                assert not last_is_dead(case.without((set(order) - kept) | {each}))


def last_is_dead(case: Case) -> bool:
    return case.spots()[-1] in found_in(case)[0]


def test_shadows_in_long_lists_are_those_of_their_decision_diagrams(diagrams: Diagrams) -> None:
    random = Random("shadow diagrams")
    several = 0
    for number in range(DIAGRAMS):
        policies = long_list(random, 40) if number % 2 else _covered_in_parts(random)
        rules = [diagrams.rule(policy) for policy in policies]
        for (_, place), shadow in shadows_in(one_list(policies)):
            left, takers = rules[place], []
            for above, each in enumerate(rules[:place]):
                if left & each != diagrams.nothing:
                    takers.append(above)
                left &= ~each
            assert places(shadow.deciders) == takers
            assert left == diagrams.nothing
            covering = places(shadow.covered_by)
            assert diagrams.covers(rules, covering, place)
            assert not any(diagrams.covers(rules, [n for n in covering if n != each], place) for each in covering)
            if any(diagrams.covers(rules, [each], place) for each in takers):
                assert len(covering) == 1
            several += len(covering) > 2
    assert several > DIAGRAMS / 10


def _covered_in_parts(random: Random) -> list[dict]:
    """A rule for many ports below others that take it piece by piece, some of them more than once."""
    cuts = sorted(random.sample(range(2, 65535), 5))
    pieces = []
    for first, end in pairwise([1, *cuts, 65536]):
        split = random.random() < 0.5
        for block in ("10.0.0.0/9", "10.128.0.0/9") if split else ("10.0.0.0/8",):
            beyond = random.choice((0, 0, 5000))
            pieces.append(rule(random.choice(("ACCEPT", "DROP")), block, f"{first}-{min(65535, end - 1 + beyond)}"))
    random.shuffle(pieces)
    return [*long_list(random, 5), *pieces, rule("ACCEPT", "10.0.0.0/8", random.choice(("ALL", "2-65534,1")))]


@pytest.mark.parametrize("family", [4, 6])
def test_no_flow_escapes_what_covers_a_rule(family: int) -> None:
    formulas, random = Formulas(family), Random(f"covers {family}")
    for _ in range(8):
        policies = long_list(random, 12, family=family)
        matches = [formulas.matches(policy) for policy in policies]
        for (_, place), shadow in shadows_in(one_list(policies)):
            covering = [matches[each] for each in places(shadow.covered_by)]
            assert formulas.never(z3.And(matches[place], z3.Not(z3.Or(*covering))))
            for each in covering:
                others = [other for other in covering if other is not each]
                assert not formulas.never(z3.And(matches[place], z3.Not(z3.Or(*others))))


def test_one_rule_that_covers_all_of_it_is_named_alone() -> None:
    halves = [rule("DROP", "10.0.0.0/9"), rule("ACCEPT", "10.128.0.0/9")]
    below = [*halves, rule("DROP", "10.0.0.0/9", "80"), rule("ACCEPT", "10.1.0.0/16", "80")]
    parts = parts_of(*read(one_list([rule("DROP", "10.1.2.0/24"), *below])))

    shadow = shadow_of(parts, ("sg-1", 4))
    assert shadow == Shadow((("sg-1", 0), ("sg-1", 1)), (("sg-1", 1),), frozenset({Action.DROP}))


def test_cancelled_are_the_dead_accepts_that_only_drops_take() -> None:
    seen = 0
    for case in cases("cancelled", CASES):
        points = Points(case)
        accepts = {line.spot: line.accepts for line in points.lines}
        found = cancelled(*read(case))
        expected = {
            spot for spot in points.dead() if accepts[spot] and not any(accepts[each] for each in points.takers(spot))
        }
        assert set(found) == expected, case
        shadows = dict(shadows_in(case))
        assert found == {spot: shadows[spot].covered_by[0] for spot in expected}
        seen += bool(found)
    assert seen > CASES / 50
