"""What covers a dead rule, and what a redundant one leaves its flows to, held against a count of single flows."""

from random import Random

import pytest

from drilllib.core.rules.addresses import parse_address
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action, Direction, Flow, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.grid import Budget
from drilllib.core.sets.rectangles import Parts, RulePosition, parts_of
from drilllib.core.sets.shadows import redundant_rules, shadow_of, succession
from drilllib.errors import TooComplexError

PEERS = ("0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/8", "10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1", "sg-peer")
PORTS = ("ALL", "80", "81", "80-81", "1-80", "22,80")
FLOWS = [
    Flow(protocol=protocol, peer=parse_address(peer, "The peer"), port=port if protocol != "ICMP" else None)
    for protocol in ("TCP", "UDP", "ICMP")
    for peer in ("1.1.1.1", "10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "192.0.2.1")
    for port in (1, 22, 23, 80, 81, 82)
]
INGRESS = Direction.INGRESS


def random_group(seed: int) -> SecurityGroup:
    random = Random(seed)
    protocols = [random.choice(("TCP", "TCP", "UDP", "ALL")) for _ in range(random.randint(2, 14))]
    lines = (
        f"{random.choice(('ACCEPT', 'DROP'))} {each} {random.choice(PEERS)} "
        f"{'ALL' if each == 'ALL' else random.choice(PORTS)}"
        for each in protocols
    )
    return SecurityGroup("sg-1", tuple(map(rule_from_text, lines)), ())


def matched(group: SecurityGroup, index: int) -> set[int]:
    """The flows, by their numbers, that a rule certainly matches."""
    return {n for n, flow in enumerate(FLOWS) if (index, True) in group.matching(INGRESS, flow)}


def without(group: SecurityGroup, gone: set[RulePosition]) -> SecurityGroup:
    kept = (rule for index, rule in enumerate(group.ingress or ()) if (group.group_id, index) not in gone)
    return SecurityGroup(group.group_id, tuple(kept), ())


@pytest.mark.parametrize("seed", range(150))
def test_takers_are_the_rules_that_decide_a_dead_rules_flows(seed: int) -> None:
    group = random_group(seed)
    parts = parts_of([group], INGRESS)
    for spot in parts.dead:
        shadow, mine = shadow_of(parts, spot), matched(group, spot[1])
        deciders = {next(i for i, certain in group.matching(INGRESS, FLOWS[n]) if certain) for n in mine}

        assert deciders <= {index for _, index in shadow.deciders}
        assert shadow.actions == {group.ingress[index].action for _, index in shadow.deciders}
        assert list(shadow.deciders) == sorted(shadow.deciders)


@pytest.mark.parametrize("seed", range(150))
def test_the_named_covers_cover_and_none_can_be_left_out(seed: int) -> None:
    """A list with one rule too many sends people to rules that have nothing to do with it."""
    group = random_group(seed)
    parts = parts_of([group], INGRESS)
    for spot in parts.dead:
        named = shadow_of(parts, spot).covered_by
        assert set(named) <= set(shadow_of(parts, spot).deciders)
        assert is_dead_under(group, named, spot)
        assert not any(is_dead_under(group, [each for each in named if each != left_out], spot) for left_out in named)


def is_dead_under(
    group: SecurityGroup, covers: list[RulePosition] | tuple[RulePosition, ...], spot: RulePosition
) -> bool:
    rules = [group.ingress[index] for _, index in (*covers, spot)]
    return ("sg-1", len(covers)) in parts_of([SecurityGroup("sg-1", tuple(rules), ())], INGRESS).dead


def test_one_cover_is_named_before_many() -> None:
    """The DROPs for TCP and UDP cover it together, the DROP ALL below them alone."""
    lines = ("DROP TCP 0.0.0.0/0 ALL", "DROP UDP 0.0.0.0/0 ALL", "DROP ALL 0.0.0.0/0 ALL", "ACCEPT ALL 10.0.0.0/8 ALL")
    parts = parts_of([SecurityGroup("sg-1", tuple(map(rule_from_text, lines)), ())], INGRESS)

    assert shadow_of(parts, ("sg-1", 3)).covered_by == (("sg-1", 2),)
    assert shadow_of(parts, ("sg-1", 3)).deciders == (("sg-1", 0), ("sg-1", 1), ("sg-1", 2))


def redundants(parts: Parts) -> set[RulePosition]:
    return set(redundant_rules(parts, parts.dead))


@pytest.mark.parametrize("seed", range(150))
def test_a_redundant_rule_without_rivals_can_go_alone(seed: int) -> None:
    """One with conflicting can after them. Nobody deletes all of a report at once."""
    group = without(random_group(seed), parts_of([random_group(seed)], INGRESS).dead)
    parts = parts_of([group], INGRESS)
    gone = redundants(parts)
    for spot in gone:
        found = succession(parts, spot, parts.dead, gone, Budget())
        assert accepted([without(group, {spot, *found.conflicting})], INGRESS) == accepted([group], INGRESS)
        assert set(found.conflicting) <= gone - {spot}


@pytest.mark.parametrize("seed", range(150))
def test_heirs_stand_below_and_do_the_same(seed: int) -> None:
    group = random_group(seed)
    parts = parts_of([group], INGRESS)
    gone = redundants(parts)
    for spot in gone:
        successors, action = (
            succession(parts, spot, parts.dead, gone, Budget()).successors,
            group.ingress[spot[1]].action,
        )
        assert all(successor[1] > spot[1] and group.ingress[successor[1]].action is action for successor in successors)
        assert not set(successors) & (gone | parts.dead)
        assert successors or action is Action.DROP


def test_a_rival_is_named() -> None:
    """Deleting the first line alone would let the second drop what the third accepts."""
    lines = ("ACCEPT TCP 10.0.0.1 80", "DROP TCP 10.0.0.0/31 80", "ACCEPT TCP 10.0.0.1 ALL")
    parts = parts_of([SecurityGroup("sg-1", tuple(map(rule_from_text, lines)), ())], INGRESS)
    gone = redundants(parts)

    assert gone == {("sg-1", 0), ("sg-1", 1)}
    found = succession(parts, ("sg-1", 0), parts.dead, gone, Budget())
    assert (found.successors, found.conflicting) == ((("sg-1", 2),), (("sg-1", 1),))


def test_rules_that_are_to_stay_are_not_redundant() -> None:
    lines = ("ACCEPT TCP 10.0.0.1 80", "DROP TCP 10.0.0.0/31 80", "ACCEPT TCP 10.0.0.1 ALL")
    parts = parts_of([SecurityGroup("sg-1", tuple(map(rule_from_text, lines)), ())], INGRESS)

    assert redundant_rules(parts, parts.dead, {("sg-1", 1)}) == []
    assert redundant_rules(parts, parts.dead, {("sg-1", 0)}) == [("sg-1", 1)]


def test_naming_covers_ends_when_the_budget_does() -> None:
    lines = [f"DROP TCP 10.0.{each}.0/24 80" for each in range(256)]
    parts = parts_of(
        [SecurityGroup("sg-1", tuple(map(rule_from_text, [*lines, "ACCEPT TCP 10.0.0.0/16 80"])), ())], INGRESS
    )

    assert len(shadow_of(parts, ("sg-1", 256)).covered_by) == 256
    with pytest.raises(TooComplexError):
        shadow_of(parts, ("sg-1", 256), Budget(1 << 14))
