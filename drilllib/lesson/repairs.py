"""
A lesson's repair: what a learner writes is held against what the drill intends, what is left to write is asked for.

A run without a learner (`drill run`, the build of the notebooks, their test) has DRILL_HEADLESS or DRILL_SOLVE in its
environment, and the reference repair is put in where a rule is left to write; a line says so.
"""

import os
from collections.abc import Callable, Sequence
from types import EllipsisType

from drilllib.core.check.connections import ConnectionCheck
from drilllib.core.check.repairs import RepairCheck
from drilllib.core.drills.intents import RulePut
from drilllib.core.drills.lab import Lab
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.views.panel.static import headless
from drilllib.views.phrases.catalog import say
from drilllib.views.repair_page import ShownRepair
from drilllib.views.shown import Shown, below

SOLVE = "DRILL_SOLVE"
_BLANKS = ("...", "…", "___")


def solving() -> bool:
    """Is there nobody to write what is left to write?"""
    return headless() or bool(os.environ.get(SOLVE))


def is_blank(*values: object) -> bool:
    """Is any of these still to be written: ``...`` itself, or a text with dots in it?"""
    return any(each is ... or (isinstance(each, str) and any(dots in each for dots in _BLANKS)) for each in values)


class Repair:
    """
    The repair of a *drill*: *check* holds the lab against what the drill intends, *reference* is one that is right.

    *solve*: put the reference in where something is left blank.
    """

    def __init__(
        self,
        drill: str,
        lab: Lab,
        language: str,
        check: Callable[[Snapshot], RepairCheck | ConnectionCheck],
        reference: Sequence[RulePut],
        *,
        solve: bool | None,
    ) -> None:
        self.drill, self._lab, self._language, self._check, self._reference = drill, lab, language, check, reference
        self._solve = solving() if solve is None else solve

    def verify(self) -> ShownRepair:
        """See `Edits.verify`."""
        return ShownRepair(self._check(self._lab.snapshot()), self._language)

    def fill(
        self, group_id: str, direction: Direction, at: int | EllipsisType, put: Callable[[RulePut], Shown]
    ) -> Shown:
        """What a cell does whose rule or place is left blank: nothing, or what the reference repair does there."""
        if self.verify().passed:
            return Shown(say(self._language, "repair_done"))
        step = self._next(group_id, direction)
        if step is None or not self._solve:
            return Shown(say(self._language, "repair_blank"))
        place = step.place if isinstance(at, EllipsisType) else at
        shown = put(RulePut(group_id, step.rule, place, direction))
        return below(Shown(say(self._language, "repair_filled", rule=step.rule, place=place)), shown)

    def _next(self, group_id: str, direction: Direction) -> RulePut | None:
        """The first step there that is not made yet, else the first there, whose rule may only have to move."""
        steps = [each for each in self._reference if (each.group, each.direction) == (group_id, direction)]
        standing = [rule.text for rule in self._lab.rules(group_id, direction)]
        return next((each for each in steps if each.rule not in standing), next(iter(steps), None))
