"""What a grade tells to do next: steps that lead to the reference, and the engine's own smallest repair passes."""

from dataclasses import replace
from random import Random

import pytest

from drilllib import _library
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.facts import Fact
from drilllib.core.practice.attempt import Attempt, Changed, Finished, Header, Hinted, Looked, Stated
from drilllib.core.practice.feedback import shortest_repair, steps_of_list
from drilllib.core.practice.grade import grade
from drilllib.core.practice.looks import Look, LookKind
from drilllib.core.practice.reasons import GradeCode, Part
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of, with_binding, with_rules
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.practice import library
from drilllib.practice.worlds import Worlds
from tests.core.hand_made_worlds import WORLDS as BY_HAND
from tests.thorough import how_many, one_in

MADE = Worlds()
CASES = [(name, level) for name in library.names() for level in library.drill(name).levels]
SEEDS = range(how_many(1, thorough=2, long=10))
OF_GROUPS = {GradeCode.REPAIR, GradeCode.PUT_IN, GradeCode.TAKE_OUT, GradeCode.MOVE, GradeCode.BIND}


def header(name: str, level: int, seed: int) -> Header:
    return Header(drill=name, seed=seed, level=level, engine="", world="", started="")


def followed(world: World, steps: list[Fact]) -> Snapshot:
    """The world after somebody did as the steps say, one after the other, each in the list as it is by then."""
    now = world.snapshot
    for code, each in ((each.code, dict(each.values)) for each in steps):
        if code is GradeCode.BIND:
            now = with_binding(now, each["resource"], each["groups"].split(", "))
        if code in (GradeCode.TAKE_OUT, GradeCode.PUT_IN, GradeCode.MOVE):
            group, direction, place = each["group"], Direction(each["direction"]), int(each["place"])
            rules = list(rules_of(now, group, direction))
            taken = None if code is GradeCode.PUT_IN else rules.pop(place)
            assert taken is None or taken.text == each["text"]
            if code is not GradeCode.TAKE_OUT:
                rules.insert(int(each.get("to", place)), taken or rule_from_text(each["text"]))
            now = with_rules(now, group, direction, rules)
    return now


@pytest.mark.parametrize(("name", "level"), one_in(4, CASES))
def test_whoever_does_what_the_shortest_repair_says_passes(name: str, level: int) -> None:
    """The steps are told with their places; somebody will type them."""
    for seed in SEEDS:
        head = header(name, level, seed)
        world = MADE.world(head)
        steps = list(shortest_repair(world))
        assert steps
        if {each.code for each in steps} <= OF_GROUPS:
            patch = difference(world.snapshot.to_dict(), followed(world, steps).to_dict())
            done = Attempt(head, (Stated(world.causes), Changed(2, patch), Finished()))
            found = grade(done, MADE.yardstick(head))
            assert found.passed, (seed, list(map(str, steps)), list(map(str, found.reasons)))
        else:
            assert GradeCode.NOTHING_TO_REPAIR not in {each.code for each in steps} or not world.causes


def test_the_steps_of_a_list_make_it_the_other_one_after_the_other() -> None:
    """Deleted, moved and inserted in any number: whoever types them in their order ends at the reference's list."""
    random = Random(1)
    for _ in range(how_many(300, thorough=2_000, long=20_000)):
        before, after = ([str(random.randrange(6)) for _ in range(random.randrange(7))] for _ in range(2))
        now = list(before)
        for step in steps_of_list("sg-1", Direction.INGRESS, before, after):
            each = dict(step.values)
            if step.code is not GradeCode.PUT_IN:
                assert now.pop(int(each["place"])) == each["text"]
            if step.code is not GradeCode.TAKE_OUT:
                now.insert(int(each.get("to", each["place"])), each["text"])
        assert now == after, before


@pytest.mark.parametrize(("name", "level"), [case for case in CASES if case[1] < how_many(3, thorough=4)])
def test_the_smallest_repair_that_drill_fix_proposes_passes(name: str, level: int) -> None:
    """A repair that nobody made for this world, by a part of the engine that knows of no grade."""
    for seed in SEEDS:
        head = header(name, level, seed)
        world = MADE.world(head)
        if world.causes and all(each.kind is CauseKind.GROUP for each in world.causes):
            best = _library.fix(world.snapshot, world.meant, world.served).best.made(world.snapshot)
            patch = difference(world.snapshot.to_dict(), best.to_dict())
            found = grade(Attempt(head, (Stated(world.causes), Changed(2, patch), Finished())), MADE.yardstick(head))
            assert found.passed, (seed, list(map(str, found.reasons)))


@pytest.mark.parametrize("name", BY_HAND)
def test_every_kind_of_cause_has_its_repair_in_words(name: str) -> None:
    """No world with a cause is told that nothing is to be repaired, and no other."""
    codes = {each.code for each in shortest_repair(BY_HAND[name])}

    assert (GradeCode.NOTHING_TO_REPAIR in codes) == (not BY_HAND[name].causes)


def test_what_is_next_depends_on_how_it_went() -> None:
    """After a pass with hints the same kind once more; with too many looks fewer; else on."""
    head = header("node-source", 1, 7)
    world, plan = MADE.world(head), (Look(LookKind.CURL, "client"),)
    patch = difference(world.snapshot.to_dict(), world.reference.to_dict())

    def after(*first: Hinted | Looked) -> str:
        done = Attempt(head, (*first, Stated(world.causes), Changed(2, patch), Finished()))
        return grade(done, MADE.yardstick(head), plan).of(Part.NEXT)[-1].code

    assert after() == GradeCode.NEXT_LEVEL
    idle = grade(Attempt(head, (Finished(),)), MADE.yardstick(head), plan).of(Part.NEXT)
    assert [dict(each.values).get("lesson") for each in idle][-1] == "02-node"
    assert after(Hinted(1, 2)) == GradeCode.PRACTISE
    assert after(Looked(plan[0], 1), Looked(plan[0], 1)) == GradeCode.FEWER_LOOKS


def test_the_right_group_at_a_wrong_place_is_not_called_innocent() -> None:
    """It does not pass; but who is told that the group which drops is innocent goes and looks for another."""
    head = header("inherited-groups", 2, 3012)
    world = MADE.world(head)
    (cause,) = world.causes

    def told(stated: Cause) -> dict[str, str]:
        found = grade(Attempt(head, (Stated((stated,)), Finished())), MADE.yardstick(head))
        assert found.localised == (stated is cause)
        return {each.code: str(each) for each in found.of(Part.LOCALISED)}

    assert set(told(cause)) == {GradeCode.NAMED}
    other_rule, elsewhere = replace(cause, rule=0), replace(cause, resource="ins-68810bdb", alike=())
    for each in (other_rule, elsewhere):
        assert set(told(each)) == {GradeCode.MISSED, GradeCode.NEARLY}
    other_group = replace(cause, group="sg-60a0573e", resource="lb-0a168f0b", alike=())
    assert set(told(other_group)) == {GradeCode.MISSED, GradeCode.BLAMED}


def test_where_several_things_may_be_wrong_the_grade_says_what_its_plan_does_not_do() -> None:
    for level, said in ((1, False), (2, False), (3, True)):
        head = header("rule-order", level, 1)
        found = grade(Attempt(head, (Finished(),)), MADE.yardstick(head))
        assert (GradeCode.SINGLY in {each.code for each in found.of(Part.LOOKS)}) == said
