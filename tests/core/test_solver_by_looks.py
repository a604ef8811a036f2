"""Looks are enough: who only reads what they print finds the cause, and who guesses does not. Figures by `-s`."""

import random
from collections import Counter
from functools import cache

import pytest

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.looks import CLIENT, Look, LookKind, offered, see
from drilllib.core.practice.statements import statable
from drilllib.core.rules.rules import Direction
from drilllib.practice.library import drill, names
from drilllib.views.text.looks import evidence_text
from tests.core.solver_by_looks import Solver, Statement
from tests.thorough import how_many

SEEDS = how_many(2, thorough=15, long=100)
LEVELS = {level: [each for each in names() if level in drill(each).levels] for level in (1, 2)}


class Played:
    """A world as the solver meets it: texts, and what they cost."""

    def __init__(self, world: World) -> None:
        self.world, self.spent = world, 0

    def look(self, kind: str, place: str) -> str:
        look = Look(LookKind(kind), place)
        self.spent += look.price
        return evidence_text(see(self.world.snapshot, self.world.question, look), "en")

    def menu(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {kind: [] for kind in LookKind}
        for look in offered(self.world.snapshot, self.world.question):
            found[look.kind].append(look.place)
        return found

    def is_right(self, stated: tuple[Statement, ...]) -> bool:
        """Is every cause named, and nothing else?"""
        causes = [_cause(each) for each in stated]
        own = self.world.causes
        return len(causes) == len(own) and all(any(each.names(it) for it in causes) for each in own)


def _cause(stated: Statement) -> Cause:
    return Cause(
        kind=CauseKind(stated.kind),
        resource=stated.resource,
        group=stated.group,
        direction=Direction(stated.direction) if stated.direction else None,
        rule=stated.rule,
    )


@cache
def solved(level: int) -> dict[str, tuple[int, int]]:
    """By drill: how many of its worlds of a level the solver solves, and what it spends on all."""
    found = {}
    for name in LEVELS[level]:
        right = spent = 0
        for seed in range(SEEDS):
            played = Played(make_world(drill(name), seed, level))
            ticket = played.world.ticket["en"]
            stated = Solver(f"{ticket['title']}. {ticket['text']}", played.menu(), played.look).solve()
            right += played.is_right(stated)
            spent += played.spent
        found[name] = right, spent
    return found


def guessed(world: World, drawn: random.Random) -> tuple[Statement, ...]:
    """A statement that anybody can make: any kind, at any resource, by any rule of any group."""
    every = statable(world.snapshot)
    kind = drawn.choice([*every, None])
    if kind is None:
        return ()
    resource = drawn.choice(every[kind])
    if kind is not CauseKind.GROUP:
        return (Statement(kind, resource),)
    group, direction = drawn.choice([*world.snapshot.groups]), drawn.choice([*Direction])
    rules = world.snapshot.groups[group].rules(direction) or ()
    return (Statement(kind, resource, group, direction, drawn.choice([None, *range(len(rules))])),)


@pytest.mark.parametrize("level", LEVELS)
def test_a_solver_that_only_reads_looks_names_the_causes(level: int) -> None:
    right, worlds = sum(each for each, _ in solved(level).values()), SEEDS * len(LEVELS[level])
    for name, (own, spent) in solved(level).items():
        print(f"{name:<20}{own:>4} of {SEEDS}   {spent / SEEDS:.1f} a world")
    print(f"by looks: {right} of {worlds} worlds of level {level}, {right / worlds:.1%}")

    assert right >= 0.95 * worlds


@pytest.mark.parametrize("name", LEVELS[1])
def test_no_drill_is_beyond_it(name: str) -> None:
    assert solved(1)[name][0] >= 0.5 * SEEDS


def test_who_guesses_does_not() -> None:
    drawn, right, tries = random.Random(1), 0, 20
    for name in LEVELS[1]:
        for seed in range(SEEDS):
            played = Played(make_world(drill(name), seed, 1))
            right += sum(played.is_right(guessed(played.world, drawn)) for _ in range(tries))
    share = right / (tries * SEEDS * len(LEVELS[1]))
    print(f"by guessing: {share:.1%}")

    assert share < 0.2


def test_where_it_looks_is_where_it_is_told_of() -> None:
    """It takes the client's own look first or the CLB's page, and never a look that the menu does not have."""
    for name in LEVELS[1]:
        played, taken = Played(make_world(drill(name), 0, 1)), Counter[tuple[str, str]]()

        def look(kind: str, place: str, played: Played = played, taken: Counter[tuple[str, str]] = taken) -> str:
            taken[kind, place] += 1
            return played.look(kind, place)

        Solver(played.world.ticket["en"]["text"], played.menu(), look).solve()

        assert all(place in played.menu()[kind] for kind, place in taken)
        assert max(taken.values(), default=1) == 1
        assert CLIENT in played.menu()["curl"]
