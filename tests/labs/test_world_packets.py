"""Real packets fare in worlds of practice as the engine says: what the client meets, and the targets' health."""

import pytest
from real import SLOWNESS, UNPLAYED, needs_real_packets

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.trace.request import trace
from drilllib.labs.netns.lab import NetnsLab
from drilllib.practice.library import drill, names
from tests.thorough import how_many

pytestmark = needs_real_packets

PLAYED = [name for name in names() if name not in UNPLAYED]
COUNT = how_many(2, thorough=10, long=200)
STEP = 7  # so that a few already are of several drills and levels


def played(number: int) -> World:
    chosen = drill(PLAYED[STEP * number % len(PLAYED)])
    return make_world(chosen, seed=number, level=chosen.levels[number % len(chosen.levels)])


@pytest.mark.parametrize("number", range(COUNT))
def test_a_world_fares_with_real_packets_as_the_engine_says(number: int) -> None:
    world = played(number)
    predicted = trace(world.snapshot, world.question)
    with NetnsLab(world.snapshot, client=world.question.client, slowness=SLOWNESS) as lab:
        met, health = lab.probe(world.question).symptom, lab.status()["health"]

    assert met in predicted.symptoms, world.drill
    known = [each for each in predicted.health if each.predicted != "Unknown"]  # else by the pod that is tried
    told = {name: each.predicted for each in known for name in (each.target, *each.others)}
    assert {name: health.get(name) for name in told} == told, world.drill
