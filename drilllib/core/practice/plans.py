"""The best plan: which looks, at which price, single out what is wrong, each splitting in half as well as it can."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from drilllib.core.drills.worlds.world import CauseKind, World
from drilllib.core.practice.hypotheses import Hypotheses
from drilllib.core.practice.looks import Look, LookKind


class Split(NamedTuple):
    """What a *look* does to a number of hypotheses: how *many* pairs it tells apart, and how many may stay together."""

    look: Look
    pairs: int
    worst: int


def best_plan(worlds: Sequence[World]) -> tuple[Look, ...]:
    """
    The looks by which half-splitting finds out what is wrong, in their order.

    *worlds* are those that it could have been, the world itself the first (`candidates`). At each step the look is
    taken that tells the most pairs of remaining hypotheses apart for its price: that is greedy, and need not be the
    cheapest. Last come the looks without which nobody could name what is left (`naming`).
    """
    hypotheses = Hypotheses(worlds)
    left, plan = hypotheses.all, list[Look]()
    while (split := best_split(hypotheses, left, plan)) is not None:
        plan.append(split.look)
        left = hypotheses.left(left, hypotheses.of_world(split.look))
    return (*plan, *naming(worlds[0], plan))


def naming(world: World, taken: Iterable[Look] = ()) -> Iterator[Look]:
    """The looks besides those *taken* that show the group, at one of its interfaces, and the rule to be stated."""
    done = list(taken)
    for cause in world.causes:
        if cause.kind is not CauseKind.GROUP:
            continue
        places = [Look(LookKind.GROUPS, each) for each in (cause.resource, *cause.alike)]
        rules = Look(LookKind.RULES, cause.group)
        missing = [*([] if any(each in done for each in places) else places[:1]), *([] if rules in done else [rules])]
        done += missing
        yield from missing


def price_of(looks: Iterable[Look]) -> int:
    """What some looks cost."""
    return sum(look.price for look in looks)


def best_split(hypotheses: Hypotheses, left: Sequence[int], taken: Iterable[Look] = ()) -> Split | None:
    """The look that splits what is left best for its price, the first of equals; None where none does."""
    found: Split | None = None
    for look in hypotheses.telling if len(left) > 1 else ():
        if look in taken:
            continue
        sizes = [len(part) for part in hypotheses.parts(left, look)]
        pairs = (len(left) ** 2 - sum(size**2 for size in sizes)) // 2
        if pairs and (found is None or pairs * found.look.price > found.pairs * look.price):
            found = Split(look, pairs, max(sizes))
    return found
