"""
Two parallel forms of a test: of each item two worlds that the engine cannot tell apart by what makes them hard.

What makes a world hard is computed of the world, never listed: see `Facts`. Parallel forms: Crocker, Algina,
Introduction to Classical and Modern Test Theory, 1986, chapter 7 (here by content and difficulty of each item; that
learners find them equally hard is shown by data alone).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from drilllib.classes.labels import labelled
from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.make import candidates
from drilllib.core.practice.plans import best_plan, price_of
from drilllib.core.practice.replay import digest
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError

MOST_WORLDS = 200  # that are tried for an item; it takes some ten


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What makes a world hard to diagnose: what is wrong and where (*cause*), in how many ways it could have been wrong
    (*hypotheses*), the price of the best plan of looks (*best*), what becomes of the ticket's request (*verdict*,
    *reason*).
    """

    category: str
    level: int
    cause: str
    hypotheses: int
    best: int
    verdict: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain data."""
        return asdict(self)


def facts_of(drill: Drill, seed: int, level: int) -> tuple[Facts, str]:
    """The facts of that world, and its digest. See `make_world` for errors."""
    worlds = candidates(drill, seed, level)
    world = worlds[0]
    met = trace(world.snapshot, world.question)
    facts = Facts(
        category=world.category,
        level=level,
        cause=labelled(world.causes),
        hypotheses=len(worlds),
        best=price_of(best_plan(worlds)),
        verdict=str(met.verdict),
        reason=str(met.reason),
    )
    return facts, digest(world)


def parallel(drill: Drill, level: int, seed: Callable[[int], int]) -> tuple[Facts, tuple[int, int]]:
    """
    The seeds of two different worlds that have the same facts, the first such pair; *seed* gives the n-th to try.

    Raises:
        InvalidInputError: There is no such pair, or the drill is not to be played at that level.
    """
    met = dict[Facts, tuple[int, str]]()
    for number in range(MOST_WORLDS):
        drawn = seed(number)
        facts, made = facts_of(drill, drawn, level)
        first, other = met.setdefault(facts, (drawn, made))
        if other != made:
            return facts, (first, drawn)
    raise InvalidInputError(
        "{drill} has no two worlds that are equally hard at level {level}",
        remedy="Test another drill of its category, or another level",
        drill=drill.name,
        level=level,
    )
