"""A right repair passes, whoever finds it: what `drill fix` proposes first is graded like any learner's."""

from ipaddress import ip_network

import pytest

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import CauseKind, World
from drilllib.core.fix.proposals import fix
from drilllib.core.practice.attempt import Attempt, Changed, Finished, Header, Stated
from drilllib.core.practice.grade import Yardstick, grade
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.practice.library import drill, names
from tests.thorough import how_many

FIRST = 100
SEEDS = how_many(1, thorough=5, long=12)


def graded(world: World, repaired: Snapshot) -> list[str]:
    """Why an attempt that states the causes and leaves this snapshot does not pass; nothing where it does."""
    header = Header(drill=world.drill, seed=world.seed, level=world.level, engine="", world="", started="")
    patch = difference(world.snapshot.to_dict(), repaired.to_dict())
    found = grade(Attempt(header, (Stated(world.causes), Changed(2, patch), Finished())), Yardstick(world))
    return [] if found.passed else list(map(str, found.reasons))


@pytest.mark.parametrize("name", names())
def test_the_smallest_repair_that_the_engine_finds_passes(name: str) -> None:
    """
    It knows nothing of the reference; where only rules are wrong it has always one to propose.

    It leaves a wrong rule where it is. At level 3, with pass-to-target, nothing may be left in the way of those whom
    that one lets in: then a learner has to take it out, and the grade says who gets through.
    """
    for seed in range(FIRST, FIRST + SEEDS):
        world = make_world(played := drill(name), seed, played.levels[seed % len(played.levels)])
        if world.causes and all(each.kind is CauseKind.GROUP for each in world.causes):
            found = fix(world.snapshot, world.meant, [ip_network(each) for each in world.served])

            assert found.proposals, seed
            told = graded(world, found.best.made(world.snapshot))
            left = (
                world.level == 3
                and name == "pass-to-target"
                and [each for each in told if "now get through to" in each]
            )
            assert told == [] or left, seed


@pytest.mark.parametrize("name", names())
def test_the_reference_repair_passes_and_doing_nothing_does_not(name: str) -> None:
    for seed in range(FIRST, FIRST + SEEDS):
        world = make_world(played := drill(name), seed, played.levels[seed % len(played.levels)])

        assert not world.causes or graded(world, world.reference) == [], seed
        assert not world.causes or graded(world, world.snapshot) != [], seed
