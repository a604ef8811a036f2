"""
Hints, a ladder of three: what looks have ruled out so far; which look would split the rest best; at which hop it is.

They are facts about the looks, never the fix: no hint names a group, a rule or a way of repair.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.hypotheses import CausePlace, Hypotheses, first_place, place_of
from drilllib.core.practice.looks import Evidence, Look, LookKind
from drilllib.core.practice.plans import best_split
from drilllib.core.practice.rows import Row, row
from drilllib.core.snapshot.snapshot import Snapshot

RUNGS = 3


@dataclass(frozen=True, slots=True)
class Hint:
    """
    One hint. Its lines are about: `left` (how many hypotheses of how many), then for each place and kind of cause
    `open` or `out` with their number; or `split` (which look, what it costs, how many would be left at most), or
    `done` where no look splits what is left; or `hop`.
    """

    rung: int
    told: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """The rung and its lines."""
        return {"rung": self.rung, "told": [each.to_dict() for each in self.told]}


def hint(rung: int, worlds: Sequence[World], evidence: Sequence[Evidence]) -> Hint:
    """
    The hint on that rung, 1 to `RUNGS`, after some looks have shown this *evidence*.

    *worlds* are those that it could be, the world itself the first (`core.drills.worlds.make.candidates`).
    """
    hypotheses = Hypotheses(worlds)
    if rung == RUNGS:
        return Hint(rung, (row("hop", place=first_place(hypotheses.world)),))
    left = hypotheses.left(hypotheses.all, *evidence)
    told = _counted(hypotheses, left) if rung == 1 else _best(hypotheses, left, evidence)
    return Hint(rung, tuple(told))


def _counted(hypotheses: Hypotheses, left: Sequence[int]) -> Iterator[Row]:
    """How many hypotheses are left, and by places and kinds which are and which are not."""
    yield row("left", count=len(left), all=len(hypotheses.all))
    every, still = (Counter(_what(hypotheses, place) for place in some) for some in (hypotheses.all, left))
    for place, kind in sorted(every, key=lambda each: (list(CausePlace).index(each[0]), each[1])):
        count = still[place, kind]
        yield row("open" if count else "out", place=place, kind=kind, count=count or every[place, kind])


def _what(hypotheses: Hypotheses, number: int) -> tuple[CausePlace, str]:
    """Where a hypothesis is, and of which kind."""
    causes = hypotheses.worlds[number].causes
    return (place_of(causes[0], hypotheses.world), causes[0].kind) if causes else (CausePlace.NOWHERE, "none")


def _best(hypotheses: Hypotheses, left: Sequence[int], evidence: Sequence[Evidence]) -> Iterator[Row]:
    split = best_split(hypotheses, left, [each.look for each in evidence])
    if split is None:
        yield row("done", count=len(left))
        return
    look = _unnamed(hypotheses.world.snapshot, split.look)
    yield row("split", kind=look.kind, at=look.place, price=look.price, left=len(left), worst=split.worst)


def _unnamed(snapshot: Snapshot, look: Look) -> Look:
    """The look without the name of a group: at the first CLB, instance or interface that it is bound to, if any."""
    if look.kind is not LookKind.RULES:
        return look
    bound = (name for name, groups in snapshot.bound_groups().items() if look.place in (groups or ()))
    return Look(look.kind, next(bound, ""))
