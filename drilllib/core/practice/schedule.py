"""
What to practise next: categories are interleaved and spaced, the weakest first, until each was right often enough in
a row without hints; one of them is kept for the end, as a test of whether what was learned carries over.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.plain import plain

NEEDED = 3  # right attempts in a row, without hints, that master a category
LEVELS = 3
_FURTHEST = 5  # 2 to this power is the most attempts at others that are asked for before a category comes again


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A finished attempt. *hints* is how many were taken."""

    drill: str
    category: str
    seed: str
    level: int
    passed: bool
    hints: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    How far the learner is in one category.

    *streak* is how many were right in a row without hints; a right one with hints neither adds nor breaks. *since* is
    how many attempts at others were made since; None where none was made at this one. *transfer*: it is the one that is
    kept for the end, of which one right attempt is enough.
    """

    category: str
    streak: int = 0
    tries: int = 0
    passed: int = 0
    since: int | None = None
    transfer: bool = False

    @property
    def needed(self) -> int:
        """How many in a row it takes."""
        return 1 if self.transfer else NEEDED

    @property
    def mastered(self) -> bool:
        """Was it right so often in a row, up to the last?"""
        return self.streak >= self.needed

    @property
    def is_due(self) -> bool:
        """Is it time for another? The more were right in a row, the longer that may wait."""
        return self.since is None or self.since >= 2 ** min(self.streak, _FURTHEST)

    def to_dict(self) -> dict[str, Any]:
        """The fields, and what follows from them."""
        return {**plain(self), "needed": self.needed, "mastered": self.mastered}


@dataclass(frozen=True, slots=True, kw_only=True)
class Practised:
    """
    How far the learner is in practice. *waiting* attempts are not finished; *ungraded* ones have no grade by this
    version, and count neither way.
    """

    standings: tuple[Standing, ...] = ()
    waiting: int = 0
    ungraded: int = 0

    @property
    def begun(self) -> bool:
        """Is there any attempt?"""
        return bool(self.waiting or self.ungraded) or any(each.tries for each in self.standings)

    def to_dict(self) -> dict[str, Any]:
        """Every category, and the attempts that do not count."""
        listed = [each.to_dict() for each in self.standings]
        return {"categories": listed, "waiting": self.waiting, "ungraded": self.ungraded}


def standings(played: Iterable[Played], categories: Sequence[str], transfer: str | None) -> tuple[Standing, ...]:
    """The standing of each of *categories*, by the attempts in their order; of each world the first one counts."""
    first: dict[tuple[str, str, int], Played] = {}
    for each in played:
        first.setdefault((each.drill, each.seed, each.level), each)
    return tuple(_standing(name, tuple(first.values()), transfer=name == transfer) for name in categories)


def _standing(category: str, counted: Sequence[Played], *, transfer: bool) -> Standing:
    mine = [place for place, each in enumerate(counted) if each.category == category]
    streak = 0
    for place in mine:
        each = counted[place]
        streak = 0 if not each.passed else streak + (not each.hints)
    return Standing(
        category=category,
        streak=streak,
        tries=len(mine),
        passed=sum(counted[place].passed for place in mine),
        since=len(counted) - 1 - mine[-1] if mine else None,
        transfer=transfer,
    )


def upcoming(found: Sequence[Standing], without: Collection[str] = ()) -> Standing | None:
    """
    What to practise next, none of the categories *without*; None where there is no other.

    Of those that are due the one with the fewest right in a row, the tried before the untried, the longest ago first.
    Where none is due, the one that was longest ago. The one for the end comes once all others are mastered.
    """
    ready = all(each.mastered for each in found if not each.transfer)
    left = [each for each in found if each.category not in without]
    pool = [each for each in left if ready or not each.transfer] or left
    due = [each for each in pool if each.is_due]
    if due:
        return min(due, key=lambda each: (each.streak, each.since is None, -(each.since or 0)))
    return max(pool, key=lambda each: each.since or 0, default=None)


def level_of(standing: Standing) -> int:
    """The level to play at: one more with each that was right in a row."""
    return 1 + min(standing.streak, LEVELS - 1)


def drill_of(names: Sequence[str], played: Iterable[Played]) -> str:
    """Which of the drills of a category: the one not played for longest, the first of those never played."""
    last = {each.drill: place for place, each in enumerate(played)}
    return min(names, key=lambda name: last.get(name, -1))
