"""Which world is played: of the drill that is named, or that is due, one that the lab can play."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress

from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.schedule import Played, Standing
from drilllib.errors import LabStateError
from drilllib.practice.attempts import following, fresh_seed, playable_level

Require = Callable[[World], None]  # raises LabStateError where the lab cannot play a world
FEW = 20  # worlds of a drill that are tried until the lab can play one


def anything(_: World) -> None:
    """What the simulated lab requires: it plays every world."""


def seeded_world(chosen: Drill, seed: int, level: int, require: Require = anything) -> World:
    """
    The world of that seed, and no other.

    Raises:
        LabStateError: The lab cannot play it; with the next seed that it can, if one of a few is.
    """
    world = make_world(chosen, seed, level)
    try:
        require(world)
    except LabStateError as error:
        follower = _first(chosen, level, range(seed + 1, seed + FEW + 1), require)
        raise _refusal(error, chosen, follower) from error
    return world


def drawn_world(chosen: Drill, level: int, played: Collection[Played], require: Require = anything) -> World:
    """
    A world that the learner has not met, and that the lab can play.

    Raises:
        LabStateError: None of a few was one; then the lab has no likeness of what the drill is about.
    """
    world = make_world(chosen, fresh_seed(chosen, level, played), level)
    try:
        require(world)
    except LabStateError as error:
        found = _first(chosen, level, (fresh_seed(chosen, level, played) for _ in range(FEW)), require)
        if found is None:
            raise _refusal(error, chosen, None) from error
        return found
    return world


def due_world(
    played: Sequence[Played], found: Sequence[Standing], level: int | None, require: Require = anything
) -> World:
    """
    A world of what should be practised next, at that level or by how far the learner is; categories of which the
    lab can play nothing are passed over.

    Raises:
        LabStateError: It can play none of them.
        UnknownNameError: There are no drills.
    """
    refused: list[str] = []
    while True:
        chosen, suited = following(played, found, without=refused)
        try:
            return drawn_world(chosen, playable_level(chosen, level or suited), played, require)
        except LabStateError:
            refused.append(chosen.category)
            if len(refused) == len(found):
                raise


def _first(chosen: Drill, level: int, seeds: Iterable[int], require: Require) -> World | None:
    """The first of these worlds that the lab can play; one that is written down is the same whatever the seed."""
    for seed in () if chosen.own else seeds:
        with suppress(LabStateError):
            world = make_world(chosen, seed, level)
            require(world)
            return world
    return None


def _refusal(error: LabStateError, chosen: Drill, follower: World | None) -> LabStateError:
    """The lab's own words, and what to do now."""
    if follower is None:
        return LabStateError(
            error.problem_message,
            remedy="None of {few} worlds of {drill} can be played there: name another drill, or play it simulated",
            few=FEW,
            drill=chosen.name,
        )
    return LabStateError(
        error.problem_message,
        remedy="Take --seed {seed}, the next world of {drill} that can be played there, or play it simulated",
        drill=chosen.name,
        seed=follower.seed,
    )
