"""Practice: what it takes to make worlds, as a ratio to one `trace` of each, taken in the same run."""

from collections.abc import Iterator
from itertools import cycle, islice

from bench.table import duration, seconds_of
from drilllib.core.drills.worlds.make import candidates, make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.proof import prove
from drilllib.core.trace.request import trace
from drilllib.practice.library import drills

WORLDS, FEW = 1000, 100
COLUMNS = ("practice", "each", "of one trace")


def rows() -> Iterator[tuple[str, str, str]]:
    """Worlds of every drill and level in turn: made, with all that they could have been, and proved."""
    drills()  # read before the clock starts
    worlds: list[World] = []
    made = seconds_of(lambda: worlds.extend(make_world(*each) for each in _asked(WORLDS))) / WORLDS
    traced = seconds_of(lambda: [trace(each.snapshot, each.question) for each in worlds]) / WORLDS
    others = seconds_of(lambda: [candidates(*each) for each in _asked(FEW)]) / FEW
    proved = seconds_of(lambda: [prove(*each) for each in _asked(FEW)]) / FEW
    yield f"trace, {WORLDS} worlds", duration(traced), "1.0x"
    for what, seconds in (
        (f"make_world, {WORLDS} worlds", made),
        (f"candidates, {FEW} worlds", others),
        (f"prove, {FEW} worlds", proved),
    ):
        yield what, duration(seconds), f"{seconds / traced:.1f}x"


def _asked(count: int) -> Iterator[tuple]:
    """Drill, seed and level of so many worlds."""
    asked = enumerate(islice(cycle(drills()), count))
    return ((drill, seed, drill.levels[seed % len(drill.levels)]) for seed, drill in asked)
