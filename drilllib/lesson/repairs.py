"""
A lesson's repair: what a learner writes is held against what the drill intends, what is left to write is asked for.

A run without a learner (`drill run`, the build of the notebooks, their test) has DRILL_HEADLESS or DRILL_SOLVE in its
environment, and the reference repair is put in where a rule is left to write; a line says so.
"""

import os
from collections.abc import Callable
from types import EllipsisType

from drilllib.core.check.repairs import check_repair
from drilllib.core.drills.intents import Intent, RulePut
from drilllib.core.drills.lab import Lab
from drilllib.core.trace.answer import Question
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
    """The repair of a *drill* by what it intends; *solve*: put the reference in where something is left blank."""

    def __init__(
        self, drill: str, lab: Lab, question: Question, language: str, intent: Intent, *, solve: bool | None
    ) -> None:
        self.drill, self._lab, self._question, self._language, self._intent = drill, lab, question, language, intent
        self._solve = solving() if solve is None else solve

    def verify(self) -> ShownRepair:
        """See `Edits.verify`."""
        return ShownRepair(check_repair(self._lab.snapshot(), self._question, self._intent), self._language)

    def fill(self, group_id: str, at: int | EllipsisType, put: Callable[[RulePut], Shown]) -> Shown:
        """What a cell does whose rule or place is left blank: nothing, or what the reference repair does there."""
        if self.verify().passed:
            return Shown(say(self._language, "repair_done"))
        step = next((each for each in self._intent.reference if each.group == group_id), None)
        if step is None or not self._solve:
            return Shown(say(self._language, "repair_blank"))
        place = step.place if isinstance(at, EllipsisType) else at
        shown = put(RulePut(group_id, step.rule, place))
        return below(Shown(say(self._language, "repair_filled", rule=step.rule, place=place)), shown)
