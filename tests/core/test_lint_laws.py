"""What lint calls ineffective is: it can be deleted, wherever the group is bound, and nobody notices."""

from random import Random

import pytest
from worlds import world

from drilllib.core.drills.default_lab import default_lab
from drilllib.core.lint.findings import LintFinding, Severity
from drilllib.core.lint.linter import lint_groups, lint_snapshot
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from tests.thorough import how_many

SEEDS = range(how_many(12, thorough=30, long=120))
DEAD = {"ACCEPT_CANCELLED", "DROP_CANCELLED", "RULE_SHADOWED"}
BLOCKS = ("0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/8", "10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1", "::/0")
PEERS = (*BLOCKS, "sg-x")
PORTS = ("ALL", "80", "81", "80-81", "1-80", "22,80", "30000-32767")
Spots = set[tuple[str, Direction, int]]


def random_group(random: Random, name: str, most: int = 12, peers: tuple[str, ...] = PEERS) -> SecurityGroup:
    return SecurityGroup(name, random_list(random, most, peers), random_list(random, 3, peers))


def random_list(random: Random, most: int, peers: tuple[str, ...]) -> tuple[Rule, ...]:
    lines = []
    for _ in range(random.randint(0, most)):
        protocol = random.choice(("TCP", "TCP", "UDP", "ALL"))
        ports = "ALL" if protocol == "ALL" else random.choice(PORTS)
        lines.append(f"{random.choice(('ACCEPT', 'DROP'))} {protocol} {random.choice(peers)} {ports}")
    return tuple(map(rule_from_text, lines))


def spots(found: tuple[LintFinding, ...], codes: set[str]) -> Spots:
    return {(each.group, each.direction, each.policy_index) for each in found if each.code in codes}


def without(group: SecurityGroup, gone: Spots) -> SecurityGroup:
    lists = [
        tuple(rule for index, rule in enumerate(group.rules(each) or ()) if (group.group_id, each, index) not in gone)
        for each in Direction
    ]
    return SecurityGroup(group.group_id, *lists, group.names)


def same(before: list[SecurityGroup], after: list[SecurityGroup]) -> bool:
    return all(accepted(before, direction) == accepted(after, direction) for direction in Direction)


def random_groups(seed: int) -> list[SecurityGroup]:
    random = Random(seed)
    return [random_group(random, f"sg-{each}") for each in range(random.randint(1, 3))]


@pytest.mark.parametrize("seed", SEEDS)
def test_dead_rules_can_all_be_deleted(seed: int) -> None:
    groups = random_groups(seed)
    gone = spots(lint_groups(groups), DEAD)

    assert same(groups, [without(group, gone) for group in groups])


@pytest.mark.parametrize("seed", SEEDS)
def test_dead_and_redundant_rules_can_be_deleted_together(seed: int) -> None:
    groups = random_groups(seed)
    gone = spots(lint_groups(groups), {*DEAD, "RULE_REDUNDANT"})

    assert same(groups, [without(group, gone) for group in groups])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_says_so_can_be_deleted_alone(seed: int) -> None:
    """The advice is taken one line at a time, or not at all."""
    groups = random_groups(seed)
    for each in lint_groups(groups):
        if each.remedy.key == "delete":
            gone = {(each.group, each.direction, each.policy_index)}
            assert same(groups, [without(group, gone) for group in groups]), each


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_without_its_dead_rules_has_none(seed: int) -> None:
    groups = random_groups(seed)
    cleaned = [without(group, spots(lint_groups(groups), DEAD)) for group in groups]

    assert spots(lint_groups(cleaned), DEAD) == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rule_is_dead_or_redundant_or_neither(seed: int) -> None:
    found = lint_groups(random_groups(seed))

    about = [
        (each.group, each.direction, each.policy_index) for each in found if each.code in {*DEAD, "RULE_REDUNDANT"}
    ]
    assert len(about) == len(set(about))


def random_snapshot(seed: int, *, known: bool = False) -> tuple[Snapshot, list[tuple[str, ...]]]:
    """Groups that are bound to several instances, in several orders, and to interfaces; *known*: all was read."""
    random, document = Random(seed), default_lab()
    names = [f"sg-{each}" for each in range(random.randint(2, 4))]
    document["security_groups"] = {
        name: as_document(random_group(random, name, 6, BLOCKS if known else PEERS)) for name in names
    }
    if not known and random.random() < 0.2:
        document["security_groups"][names[0]]["SecurityGroupPolicySet"].pop("Ingress")
    bound = [tuple(random.sample(names, random.randint(1, min(3, len(names))))) for _ in range(3)]
    for place, groups in zip((*document["instances"], document["network_interfaces"][0]), bound, strict=True):
        place["GroupSet" if "NetworkInterfaceId" in place else "SecurityGroupIds"] = list(groups)
    document["cluster"]["eniipamd"]["securityGroups"] = list(bound[0])
    document["load_balancers"][0]["SecureGroups"] = []
    return Snapshot(document), bound


def as_document(group: SecurityGroup) -> dict:
    lists = {each.capitalize(): [dict(rule.policy) for rule in group.rules(each) or ()] for each in Direction}
    return {"SecurityGroupPolicySet": {"Version": "1", **lists}}


@pytest.mark.parametrize("codes", [DEAD, {*DEAD, "RULE_REDUNDANT"}], ids=["dead", "and redundant"])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_can_be_deleted_can_be_deleted_wherever_the_group_is_bound(seed: int, codes: set[str]) -> None:
    """A rule that is dead on one node may be the only one on another."""
    snapshot, bound = random_snapshot(seed)
    gone = spots(lint_snapshot(snapshot), codes)

    for names in {*bound, *((name,) for name in snapshot.groups if not any(name in each for each in bound))}:
        before = [snapshot.group(name) for name in names]
        after = [each if None in (each.ingress, each.egress) else without(each, gone) for each in before]
        assert same(before, after)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dead_rule_is_dead_in_every_list(seed: int) -> None:
    """And none is left out that is. (Below a rule or a list that is not known nobody can say what one decides.)"""
    snapshot, bound = random_snapshot(seed, known=True)
    marked = spots(lint_snapshot(snapshot), DEAD)
    for name, group in snapshot.groups.items():
        lists = [each for each in bound if name in each] or [(name,)]
        for direction in Direction:
            for index in range(len(group.rules(direction) or ())):
                deciding = [decides(snapshot, each, direction, (name, index)) for each in lists]
                assert ((name, direction, index) in marked) is not any(deciding)


def decides(snapshot: Snapshot, names: tuple[str, ...], direction: Direction, spot: tuple[str, int]) -> bool:
    """Does turning the rule round change anything? One that matches nothing decides nothing, and is not dead either."""
    groups = [snapshot.group(name) for name in names]
    turned = [turn(group, direction, spot[1]) if group.group_id == spot[0] else group for group in groups]
    return accepted(groups, direction) != accepted(turned, direction)


def turn(group: SecurityGroup, direction: Direction, index: int) -> SecurityGroup:
    lists = {each: list(group.rules(each) or ()) for each in Direction}
    action, rest = lists[direction][index].text.split(" ", 1)
    lists[direction][index] = rule_from_text(f"{'DROP' if action == 'ACCEPT' else 'ACCEPT'} {rest}")
    return SecurityGroup(group.group_id, *map(tuple, lists.values()), group.names)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_finding_is_about_something_that_is_there(seed: int) -> None:
    snapshot, _ = random_snapshot(seed)
    for each in lint_snapshot(snapshot):
        if each.policy_index is not None:
            rules = snapshot.groups[each.group].rules(each.direction)
            assert rules[each.policy_index].text == each.rule
        assert each.severity in Severity


@pytest.mark.parametrize("seed", range(how_many(15, thorough=40, long=150)))
def test_half_read_and_unusual_snapshots_are_linted_too(seed: int) -> None:
    """Whatever is missing, what is there is judged; and each finding once."""
    found = lint_snapshot(Snapshot(world(seed).document))

    assert len({str(each.to_dict()) for each in found}) == len(found)
