"""What of a list stays where it is while it becomes another one; the rest has to go, to come, or both."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from drilllib.core.changes.change import Key, key_of, same_key
from drilllib.core.rules.rules import Action, Rule

Weight = Callable[[Rule], int]
# A rule that moves goes before it comes again; which of two that change places stays may decide what that cuts or opens
WEIGHTS: tuple[Weight, ...] = (
    lambda rule: 1,
    lambda rule: 1000 if rule.action is Action.ACCEPT else 1,
    lambda rule: 1000 if rule.action is Action.DROP else 1,
)
KEPT = 10**6  # more than all others together


@dataclass(frozen=True, slots=True)
class Slot:
    """
    A rule in the two lists laid over each other: in the old one, the new one, or both; new ones above old ones where
    both stand between two that stay. *gap* counts the rules above that stay.
    """

    rule: Rule
    old: bool
    new: bool
    gap: int

    @property
    def stays(self) -> bool:
        return self.old and self.new


def aligned(before: Sequence[Rule], after: Sequence[Rule], weight: Weight = WEIGHTS[0]) -> tuple[Slot, ...]:
    """The two lists as one, from the top, with a common subsequence of the greatest weight kept in place."""
    found: list[Slot] = []
    old = new = gap = 0
    for here, there in (*_common(before, after, weight), (len(before), len(after))):
        found += (Slot(each, False, True, gap) for each in after[new:there])
        found += (Slot(each, True, False, gap) for each in before[old:here])
        found += (Slot(each, True, True, gap) for each in before[here : here + 1])
        old, new, gap = here + 1, there + 1, gap + 1
    return tuple(found)


def moved(slots: Sequence[Slot]) -> set[Key]:
    """The rules that go in one place and come in another: they have to be gone before they come."""
    gone = {same_key(each.rule) for each in slots if each.old and not each.new}
    return {same for each in slots if each.new and not each.old and (same := same_key(each.rule)) in gone}


def alignments(before: Sequence[Rule], after: Sequence[Rule], keep: Collection[Key] = ()) -> Iterator[tuple[Slot, ...]]:
    """
    The first alone where nothing moves; else one of each weight.

    Rules in *keep* stay in place in all of them, if both lists have them in one order.
    """
    weights = [_keeping(each, keep) for each in WEIGHTS]
    first = aligned(before, after, weights[0])
    yield first
    if moved(first):
        yield from (aligned(before, after, each) for each in weights[1:])


def _keeping(weight: Weight, keep: Collection[Key]) -> Weight:
    return lambda rule: weight(rule) + (KEPT if keep and key_of(rule) in keep else 0)


def _common(before: Sequence[Rule], after: Sequence[Rule], weight: Weight) -> list[tuple[int, int]]:
    """Places of the heaviest common subsequence, in both lists."""
    mine, theirs = [key_of(each) for each in before], [key_of(each) for each in after]
    weights = [weight(each) for each in before]
    best = [[0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
    for i in reversed(range(len(mine))):
        for j in reversed(range(len(theirs))):
            here = best[i + 1][j + 1] + weights[i] if mine[i] == theirs[j] else 0
            best[i][j] = max(here, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(mine) and j < len(theirs):
        if mine[i] == theirs[j] and best[i][j] == best[i + 1][j + 1] + weights[i]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found
