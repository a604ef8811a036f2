"""The cases on which a broken engine is tried: all, or those that have what is broken in them."""

from collections.abc import Iterator
from functools import cache

from walker_comparison import FEATURES
from worlds import World, world

CASES = 20_000


@cache
def used(seed: int) -> frozenset[str]:
    """The features of a world; remembered, for worlds themselves are large."""
    return world(seed, FEATURES).used


def cases_with(needed: frozenset[str]) -> Iterator[World]:
    """The worlds in which all of these features were used; of worlds with anything a quarter is looked at."""
    for seed in range(CASES if needed else CASES // 4):
        if needed <= used(seed):
            yield world(seed, FEATURES)
