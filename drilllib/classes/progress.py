"""How far each learner is with each drill that is set, and who is stuck where: what a board's page shows beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from drilllib.classes.board import board, own_attempts
from drilllib.classes.plan import Item, Plan
from drilllib.classes.tally import Counted


class State(StrEnum):
    """How far a learner is with a drill that was begun."""

    PASSED = "passed"
    FAILED = "failed"  # finished, and no attempt that counts has passed
    BEGUN = "begun"  # and nothing of it that counts is finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    A learner at a drill. *tries* are attempts; *spent* and *hints* are of the first that passed, else of the last;
    *ended* is when that one's last line was written, by the learner's clock.
    """

    drill: str
    level: int
    state: State
    tries: int
    spent: int
    hints: int
    ended: str

    def to_dict(self) -> dict[str, Any]:
        """The cell as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


def progress(plan: Plan, logs: Iterable[Counted]) -> Mapping[str, Sequence[Cell]]:
    """What each learner has begun, in the order in which it is set; *logs* come by learner."""
    return {
        learner: [_cell(item, attempts) for item in plan.items if (attempts := own.get(item))]
        for learner, theirs in groupby(logs, key=lambda each: each.verdict.learner)
        if (own := own_attempts(plan, [each for each in theirs if each.why_not is None]))
    }


def _cell(item: Item, attempts: Sequence[Counted]) -> Cell:
    finished = [each for each in attempts if each.counts]
    passed = next((each for each in finished if each.verdict.passed), None)
    told = (passed or (finished or attempts)[-1]).verdict
    state = State.PASSED if passed else State.FAILED if finished else State.BEGUN
    return Cell(
        drill=item.drill,
        level=item.level,
        state=state,
        tries=len(attempts),
        spent=told.spent,
        hints=told.hints,
        ended=told.ended,
    )


def page_document(plan: Plan, logs: Sequence[Counted]) -> dict[str, Any]:
    """All that the page shows but the attempts: the board's document, and `progress` by learner."""
    found = progress(plan, logs)
    cells = {learner: [each.to_dict() for each in theirs] for learner, theirs in found.items()}
    return {**board(plan, logs).to_dict(), "progress": cells}
