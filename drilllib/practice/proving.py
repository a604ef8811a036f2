"""One world of a drill held against all that a drill promises: what `drill author prove` does, seed by seed."""

from collections import Counter
from collections.abc import Iterator

from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.practice.proof import prove
from drilllib.core.practice.wrongs import REFERENCE, tried
from drilllib.errors import Message
from drilllib.practice.authored import told_in_ticket


def objections(drill: Drill, seed: int, level: int, counts: Counter[str]) -> Iterator[Message]:
    """What speaks against the world; *counts* is told how many attempts of each way were graded as they have to be."""
    yield from prove(drill, seed, level)
    for word in told_in_ticket(make_world(drill, seed, level)):
        yield Message("The ticket tells {word}", word=word)
    for each in tried(drill, seed, level):
        if each.is_right:
            counts[each.way] += 1
        else:
            passed = Message("The attempt {way} passes", way=each.way)
            yield Message("The reference repair does not pass") if each.way == REFERENCE else passed
