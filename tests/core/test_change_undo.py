"""What a change is taken back to: exactly what was before where nobody else was there, else with what others did."""

import random
from itertools import pairwise, product

import pytest

from drilllib.core.changes.change import RuleChange, key_of, keys_of, same_key
from drilllib.core.changes.steps import steps
from drilllib.core.changes.undo import Unclear, chained, undone
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule, decide
from drilllib.core.rules.rules import SecurityGroup as Group
from tests.core.change_lists import FLOWS, random_lists, rules_of
from tests.thorough import how_many

IN = Direction.INGRESS
SEEDS = range(how_many(20, thorough=200, long=500))
(STRANGER,) = rules_of(["ACCEPT TCP 198.51.100.0/24 443"])


def change_of(seed: int) -> RuleChange:
    return RuleChange("sg-test0001", IN, *random_lists(seed, moves=seed % 2 == 1))


def without(rules: tuple[Rule, ...], rule: Rule) -> list[object]:
    return [each for each in keys_of(rules) if each != key_of(rule)]


@pytest.mark.parametrize("seed", SEEDS)
def test_from_every_list_on_the_way_it_goes_back_to_what_was_before(seed: int) -> None:
    change = change_of(seed)
    for mid in (change.before, *(each.after for each in steps(change))):
        back = undone(change, mid, finished=False)
        assert (keys_of(back.rules), back.unclear) == (keys_of(change.before), ())
    assert keys_of(undone(change, change.after).rules) == keys_of(change.before)
    assert undone(change, change.after).unclear == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rule_of_somebody_elses_stays_wherever_it_was_put(seed: int) -> None:
    change = change_of(seed)
    lists = [(change.after, True), *((each.after, False) for each in steps(change))]
    for listed, finished in lists:
        for place in range(len(listed) + 1):
            present = (*listed[:place], STRANGER, *listed[place:])
            found = undone(change, present, finished=finished).rules
            assert keys_of(found).count(key_of(STRANGER)) == 1
            assert without(found, STRANGER) == [*keys_of(change.before)]
            assert len({same_key(each) for each in found}) == len(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rule_that_somebody_else_took_out_stays_out(seed: int) -> None:
    """One that both lists of ours have; of one that we put in nothing is left to take out, and that is told."""
    change = change_of(seed)
    both = set(keys_of(change.before)) & set(keys_of(change.after))
    for gone in change.after:
        found = undone(change, tuple(each for each in change.after if each is not gone))
        if key_of(gone) in both:
            assert keys_of(found.rules) == tuple(each for each in keys_of(change.before) if each != key_of(gone))
        else:
            assert keys_of(found.rules) == keys_of(change.before)
            assert (Unclear.GONE, gone) in found.unclear


def test_what_cannot_be_told_apart_is_told() -> None:
    before, after = (
        rules_of(["DROP TCP 10.0.0.0/8 80", "ACCEPT TCP 0.0.0.0/0 80"]),
        rules_of(["ACCEPT TCP 0.0.0.0/0 80"]),
    )
    change = RuleChange("sg-test0001", IN, before, after)
    back = undone(change, (*before[:1], *after))
    assert [code for code, _ in back.unclear] == [Unclear.BACK]

    theirs = rule_from_text("ACCEPT TCP 10.1.0.0/16 80")  # above or below the DROP that comes back?
    back = undone(change, (theirs, *after))
    assert [code for code, _ in back.unclear] == [Unclear.PLACE]
    assert without(back.rules, theirs) == [*keys_of(before)]

    harmless = rule_from_text("ACCEPT TCP 192.0.2.0/24 22")
    assert undone(change, (harmless, *after)).unclear == ()


def test_a_rule_that_comes_back_though_somebody_may_have_taken_it_out_is_told() -> None:
    """Of two that change places one is away at a time."""
    change = RuleChange(
        "sg-test0001",
        IN,
        *(rules_of(["ACCEPT TCP 10.0.0.0/8 80", "DROP TCP 10.1.0.0/16 80"][::way]) for way in (1, -1)),
    )
    for left in change.before:
        assert undone(change, (left,), finished=False).unclear == ()
    back = undone(change, (), finished=False)
    assert keys_of(back.rules) == keys_of(change.before)
    assert [code for code, _ in back.unclear] == [Unclear.RETURNED] * 2


def test_an_order_that_somebody_else_made_stays() -> None:
    first, second, ours = rules_of(["ACCEPT TCP 10.0.0.0/8 80", "DROP TCP 10.1.0.0/16 80", "ACCEPT TCP 10.1.2.3 22"])
    change = RuleChange("sg-test0001", IN, (first, second), (ours, first, second))
    back = undone(change, (ours, second, first))
    assert keys_of(back.rules) == keys_of((second, first))
    assert [code for code, _ in back.unclear] == [Unclear.ORDER]


def test_a_rule_whose_description_somebody_changed_is_theirs() -> None:
    """The API would refuse ours beside it."""
    ours, kept = rules_of(["ACCEPT TCP 10.1.2.3 22", "ACCEPT TCP 10.0.0.0/8 80"])
    theirs = rule_from_text("ACCEPT TCP 10.1.2.3 22")
    object.__setattr__(theirs, "policy", {**theirs.policy, "PolicyDescription": "needed by backup"})
    back = undone(RuleChange("sg-test0001", IN, (ours, kept), (kept,)), (theirs, kept))
    assert keys_of(back.rules) == keys_of((theirs, kept))


@pytest.mark.parametrize("seed", range(how_many(20, thorough=200, long=500)))
def test_changes_one_after_the_other_are_taken_back_as_one(seed: int) -> None:
    rng = random.Random(seed)
    lists = [random_lists(rng.randrange(10**6), moves=True)[0] for _ in range(4)]
    made = [RuleChange("sg-test0001", IN, a, b) for a, b in pairwise(lists)]
    (one,) = chained(made)
    assert (keys_of(one.before), keys_of(one.after)) == (keys_of(lists[0]), keys_of(lists[-1]))
    assert len(chained([made[0], made[2]])) == (1 if keys_of(lists[1]) == keys_of(lists[2]) else 2)


def test_the_rules_that_come_back_decide_as_before() -> None:
    """Flow by flow, with a stranger that meets none of them."""
    for seed in range(how_many(20, thorough=200)):
        change = change_of(seed)
        back = undone(change, (STRANGER, *change.after)).rules
        groups = [Group("sg-test0001", each, ()) for each in (change.before, back)]
        for flow, (old, new) in product(FLOWS, [groups]):
            assert decide([old], IN, flow).action == decide([new], IN, flow).action
