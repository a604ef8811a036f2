"""
The calls from one list to another: they arrive, in few steps, and no list on the way is worse than either end.

Witnesses that are not the code's own: the local cloud's insertion and deletion (as the vendor documents them) say where
each call leads, and `decide`, flow by flow, says what a list lets in.
"""

from itertools import product
from typing import Any

import pytest

from drilllib.core.changes.between import Harm
from drilllib.core.changes.change import RuleChange, keys_of, rules_from, same_key
from drilllib.core.changes.steps import Step, harm, steps
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action, Direction, Flow, Rule, SecurityGroup, decide
from tests.core.change_lists import BELOW, FLOWS, POOL, random_lists
from tests.thorough import how_many

IN = Direction.INGRESS


def rules(*texts: str) -> tuple[Rule, ...]:
    return tuple(map(rule_from_text, texts))


def change_of(before: tuple[Rule, ...], after: tuple[Rule, ...]) -> RuleChange:
    return RuleChange("sg-test0001", IN, before, after)


def sent(listed: list[Rule], call: dict[str, Any]) -> list[Rule]:
    """What the API makes of a list: a block goes in before one index, or those at indexes go."""
    policies = call["SecurityGroupPolicySet"]["Ingress"]
    if set(policies[0]) == {"PolicyIndex"}:
        gone = {each["PolicyIndex"] for each in policies}
        assert gone <= set(range(len(listed)))
        return [each for place, each in enumerate(listed) if place not in gone]
    (place,) = {each.get("PolicyIndex", len(listed)) for each in policies}
    found = [*listed[:place], *rules_from(policies), *listed[place:]]
    assert len({same_key(each) for each in found}) == len(found), "the API refuses a rule twice"
    return found


def fate(listed: tuple[Rule, ...], flow: Flow) -> tuple[Action, Action]:
    """What becomes of a flow, with a deny and with an accept for all below the list."""
    group = SecurityGroup("sg-test0001", listed, ())
    return decide([group], IN, flow).action, decide([group, BELOW], IN, flow).action


def harmed(change: RuleChange, taken: tuple[Step, ...]) -> bool:
    """Does some flow fare on the way as at neither end?"""
    ends = {flow: (fate(change.before, flow), fate(change.after, flow)) for flow in FLOWS}
    for step, (flow, (old, new)) in product(taken, ends.items()):
        if any(mine not in pair for mine, *pair in zip(fate(step.after, flow), old, new, strict=True)):
            return True
    return False


@pytest.mark.parametrize("seed", range(how_many(20, thorough=200, long=600)))
def test_the_calls_arrive_and_harm_nothing_where_no_rule_moves(seed: int) -> None:
    change = change_of(*random_lists(seed, moves=False))
    taken = steps(change)
    listed = list(change.before)
    for each in taken:
        assert keys_of(listed) == keys_of(each.before)
        listed = sent(listed, each.call("7").request)

    assert keys_of(listed) == keys_of(change.after)
    assert not harmed(change, taken)
    assert harm(change, taken) == Harm()


@pytest.mark.parametrize("seed", range(how_many(20, thorough=200, long=600)))
def test_the_calls_arrive_where_rules_move_and_harm_is_told(seed: int) -> None:
    change = change_of(*random_lists(seed, moves=True))
    taken = steps(change)
    listed = list(change.before)
    for each in taken:
        listed = sent(listed, each.call("7").request)

    assert keys_of(listed) == keys_of(change.after)
    assert harmed(change, taken) <= (harm(change, taken) != Harm())


def test_two_rules_that_change_places_do_so_without_harm() -> None:
    """The accept stays and the drop moves: the other way everything would be dropped for a moment."""
    wide, narrow = "ACCEPT TCP 10.0.0.0/8 80", "DROP TCP 10.1.0.0/16 80"
    for before, after in (((wide, narrow), (narrow, wide)), ((narrow, wide), (wide, narrow))):
        taken = steps(change_of(rules(*before), rules(*after)))
        assert len(taken) == 2
        assert not harmed(change_of(rules(*before), rules(*after)), taken)


def test_a_list_becomes_another_one_in_two_calls() -> None:
    before = rules("ACCEPT TCP 10.0.0.0/8 22", "DROP ALL 0.0.0.0/0")
    after = rules("ACCEPT TCP 203.0.113.0/24 80", "ACCEPT TCP 10.0.0.0/8 80")
    taken = steps(change_of(before, after))
    assert [each.call("3").action for each in taken] == ["CreateSecurityGroupPolicies", "DeleteSecurityGroupPolicies"]
    assert taken[0].call("3").request["SecurityGroupPolicySet"]["Version"] == "3"


def test_nothing_to_do_is_no_call() -> None:
    assert steps(change_of(rules(*POOL[:3]), rules(*POOL[:3]))) == ()


def test_what_is_inserted_at_the_bottom_has_no_index() -> None:
    (step,) = steps(change_of(rules(POOL[0]), rules(*POOL[:2])))
    assert "PolicyIndex" not in step.call("1").request["SecurityGroupPolicySet"]["Ingress"][0]


def test_a_full_list_makes_room_before_it_takes_more() -> None:
    """A group has 100 rules a direction by default: old and new ones at once would be refused."""
    full = rules(*(f"ACCEPT TCP 10.0.{number}.0/24 80" for number in range(100)))
    change = change_of(full, (*full[:50], *rules("ACCEPT TCP 10.9.0.0/16 80"), *full[51:]))
    taken = steps(change)
    assert [each.call("1").action for each in taken] == ["DeleteSecurityGroupPolicies", "CreateSecurityGroupPolicies"]
    assert max(len(each.after) for each in taken) <= 100
    assert steps(change_of(full[:99], change.after[:99]))[0].rules, "where there is room, the new one comes first"
