"""Thousands of worlds, all proved; how symptoms and causes are spread over levels is printed."""

from collections import Counter

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.proof import prove
from drilllib.core.trace.path import Symptom
from drilllib.core.trace.request import trace
from drilllib.practice.library import door_names, drills
from tests.thorough import how_many

FIRST = 1000  # the seeds below are proved drill by drill
DRILLS = [each for each in drills() if each.name not in door_names()]  # those have a test of their own
WORLDS = how_many(60, thorough=200, long=10_000)


def test_many_worlds_are_proved_and_every_level_has_symptoms_of_all_kinds() -> None:
    """Else one could tell a drill by its symptom, without a look."""
    found: Counter[tuple[int, str]] = Counter()
    kinds: Counter[tuple[int, int]] = Counter()
    for number in range(WORLDS):
        drill = DRILLS[number % len(DRILLS)]
        seed, level = FIRST + number, drill.levels[number // len(DRILLS) % len(drill.levels)]
        assert list(map(str, prove(drill, seed, level))) == [], (drill.name, seed, level)
        world = make_world(drill, seed, level)
        found[level, symptom_of(world)] += 1
        kinds[level, len(world.causes)] += 1
    for (level, what), count in sorted([*found.items(), *kinds.items()], key=str):
        print(f"level {level}: {count:5} {what if isinstance(what, str) else f'with {what} causes'}")

    usual = {"504 after a while", "connect_timeout", *(["no_answer", "200"] if WORLDS >= 600 else [])}
    for level in (1, 2, 3):
        refused = {"502"} if (600 if level < 3 else 10_000) <= WORLDS else set()  # other faults mostly hide it
        assert usual | refused <= {what for at, what in found if at == level}
    assert max(count for _, count in kinds) == 3
    assert {level for level, count in kinds if count > 1} == {3}


def symptom_of(world: World) -> str:
    """Everything that the ticket's client can meet, in short."""
    return ", ".join(dict.fromkeys(map(said, trace(world.snapshot, world.question).symptoms)))


def said(symptom: Symptom) -> str:
    what = str(symptom.kind) if symptom.status is None else str(symptom.status)
    return f"{what} after a while" if symptom.seconds else what
