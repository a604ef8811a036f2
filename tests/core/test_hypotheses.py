"""Hypotheses, plans and hints: the truth stays, what is said to be out is out, and a hint gives no fix away."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.worlds.make import candidates
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.hints import RUNGS, Hint, hint
from drilllib.core.practice.hypotheses import SEVERAL, CausePlace, Hypotheses, first_place
from drilllib.core.practice.looks import Look, LookKind, see
from drilllib.core.practice.plans import best_plan, best_split, price_of
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.answer import Question
from drilllib.practice.library import drill, names
from drilllib.views.text.hints import hint_text
from tests.thorough import THOROUGH, how_many

SEEDS = how_many(1, thorough=1, long=20)
LEVELS = [(each, drill(each).levels) for each in names()]
SOME = [(name, levels[number % len(levels)]) for number, (name, levels) in enumerate(LEVELS)]  # each drill once
EVERY = [(name, level) for name, levels in LEVELS for level in levels] if THOROUGH else SOME[::2]
CURL, HEALTH = Look(LookKind.CURL, "client"), Look(LookKind.HEALTH)


@cache
def worlds_of(name: str, level: int, seed: int) -> tuple[World, ...]:
    return candidates(drill(name), seed, level)


def every_seed(name: str, level: int) -> Iterator[tuple[World, ...]]:
    return (worlds_of(name, level, seed) for seed in range(SEEDS))


def by_hand(first: str) -> tuple[World, ...]:
    """The default lab with a fault at one of three groups, or with none; *first* is what it is."""
    resources = {"group-1": "lb-lab00001", "group-2": "ins-nodea001", "group-3": "eni-podsb001", "healthy": ""}
    question = Question(client=CLIENT, service=SERVICE, port=80)
    return tuple(
        World(
            drill="by-hand",
            category="groups",
            seed=0,
            level=1,
            snapshot=open_fault(fault),
            reference=open_fault("healthy"),
            question=question,
            meant=question,
            served=("203.0.113.0/24",),
            causes=(Cause(kind=CauseKind.GROUP, resource=name, group=fault, direction=Direction.INGRESS),)
            if name
            else (),
            ticket={},
        )
        for fault, name in sorted(resources.items(), key=lambda each: each[0] != first)
    )


@pytest.mark.parametrize(
    ("fault", "plan"),
    [("healthy", (CURL,)), ("group-1", (CURL,)), ("group-2", (CURL, HEALTH)), ("group-3", (CURL, HEALTH))],
)
def test_the_plan_of_a_lab_that_was_worked_out_by_hand(fault: str, plan: tuple[Look, ...]) -> None:
    """200, a timeout, or 504 twice; then health checks, which group 2 lets in and not group 3; then what to name."""
    worlds = by_hand(fault)
    named = [
        look
        for cause in worlds[0].causes
        for look in (Look(LookKind.GROUPS, cause.resource), Look(LookKind.RULES, cause.group))
    ]
    assert best_plan(worlds) == (*plan, *named)


@pytest.mark.parametrize(("name", "level"), SOME)
def test_the_best_plan_shows_all_that_has_to_be_named(name: str, level: int) -> None:
    """A grade is held against its price: nobody can state a group and a rule that were never on the screen."""
    for worlds in every_seed(name, level):
        plan = best_plan(worlds)
        assert len(set(plan)) == len(plan)
        for cause in worlds[0].causes:
            if cause.kind is CauseKind.GROUP:
                assert Look(LookKind.RULES, cause.group) in plan
                assert any(Look(LookKind.GROUPS, each) in plan for each in (cause.resource, *cause.alike))


def test_a_look_is_worth_the_pairs_that_it_tells_apart_for_its_price() -> None:
    """Of six pairs curl tells five apart, and all but two stay alone."""
    hypotheses = Hypotheses(by_hand("group-2"))

    assert best_split(hypotheses, hypotheses.all) == (CURL, 5, 2)
    assert best_split(hypotheses, hypotheses.all[:1]) is None


def test_what_cannot_be_told_of_a_hypothesis_does_not_rule_it_out() -> None:
    """Nor does a look count as one that splits, while such a hypothesis is left."""
    worlds = by_hand("group-2")
    unread = replace(worlds[1], snapshot=worlds[1].snapshot.with_parts(listeners={}))
    hypotheses = Hypotheses((worlds[0], unread, *worlds[2:]))

    assert 1 in hypotheses.left(hypotheses.all, hypotheses.of_world(CURL), hypotheses.of_world(HEALTH))
    assert hypotheses.parts(hypotheses.all, CURL) == [[*hypotheses.all]]


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_the_best_plan_leaves_what_is_true_and_nothing_else(name: str, level: int) -> None:
    for worlds in every_seed(name, level):
        hypotheses = Hypotheses(worlds)
        left = hypotheses.left(hypotheses.all, *map(hypotheses.of_world, best_plan(worlds)))

        assert left == hypotheses.true
        assert {cause for each in left for cause in hypotheses.worlds[each].causes} == {*worlds[0].causes}


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_no_look_rules_out_what_is_true(name: str, level: int) -> None:
    """Not even of several causes that hide each other: asked of the evidence alone, without being told the truth."""
    for worlds in every_seed(name, level):
        hypotheses = Hypotheses(worlds)
        true, hypotheses.true = hypotheses.true, ()
        for look in hypotheses.looks:
            assert {*true} <= {*hypotheses.left(hypotheses.all, hypotheses.of_world(look))}, look


@pytest.mark.parametrize(("name", "level"), [each for each in EVERY if each[1] < SEVERAL])
def test_where_there_is_one_fault_what_shows_otherwise_is_out(name: str, level: int) -> None:
    """Counted here without hypotheses, from what each look shows of each world."""
    for worlds in every_seed(name, level):
        looks = (CURL, HEALTH, Look(LookKind.CAPTURE, "clb"))
        evidence = [see(worlds[0].snapshot, worlds[0].question, look) for look in looks]
        same = [each for each in worlds if all(see(each.snapshot, each.question, it.look) == it for it in evidence)]

        (line,) = [each for each in hint(1, worlds, evidence).told if each.about == "left"]

        assert (line["count"], line["all"]) == (str(len(same)), str(len(worlds)))


def hints_on_the_way(worlds: tuple[World, ...]) -> Iterator[Hint]:
    """Every rung, before the first look of the best plan, before its last, and at the end."""
    plan, world = best_plan(worlds), worlds[0]
    evidence = [see(world.snapshot, world.question, look) for look in plan]
    for taken in sorted({0, max(len(plan) - 1, 0), len(plan)}):
        yield from (hint(rung, worlds, evidence[:taken]) for rung in range(1, RUNGS + 1))


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_no_hint_names_a_group_a_rule_or_a_way_of_repair(name: str, level: int) -> None:
    tells = re.compile(
        r"\b(ACCEPT|DROP|insert|delete|move|bind|unbind|add|remove|open)\b|\d+/\d+|放通|插入|删除|绑定到"
    )
    for worlds in every_seed(name, level):
        known = {*worlds[0].snapshot.groups, *(each.group for world in worlds for each in world.causes if each.group)}
        for told in hints_on_the_way(worlds):
            for language in ("zh", "en"):
                text = hint_text(told, language)
                assert not [group for group in known if group in text], text
                assert not tells.search(text), text


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_the_last_rung_names_the_first_hop_that_is_wrong(name: str, level: int) -> None:
    for worlds in every_seed(name, level):
        places = {"lb": CausePlace.CLB, "ins": CausePlace.NODE, "eni": CausePlace.POD}
        of_groups = [each.resource for each in worlds[0].causes if each.kind is CauseKind.GROUP]
        (line,) = hint(RUNGS, worlds, ()).told

        assert line["place"] == first_place(worlds[0])
        if worlds[0].causes and len(of_groups) == len(worlds[0].causes):
            expected = min((places[each.partition("-")[0]] for each in of_groups), key=list(CausePlace).index)
            assert line["place"] == expected


def test_a_plan_costs_what_its_looks_cost() -> None:
    assert price_of([CURL, HEALTH, Look(LookKind.RULES, "sg-1"), Look(LookKind.CAPTURE, "clb")]) == 1 + 1 + 2 + 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hints_read_as_they_always_did(language: str, golden) -> None:
    worlds = by_hand("group-3")
    looks = [CURL, HEALTH, Look(LookKind.CAPTURE, "clb")]
    evidence = [see(worlds[0].snapshot, worlds[0].question, look) for look in looks]
    texts = [
        hint_text(hint(rung, worlds, evidence[:taken]), language) for taken in (0, 1, 3) for rung in range(1, RUNGS + 1)
    ]

    golden(f"hints.{language}.txt", "\n\n".join(texts) + "\n")
