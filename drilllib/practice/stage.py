"""How far an attempt has come."""

from collections.abc import Collection
from enum import StrEnum

from drilllib.core.practice.attempt import Attempt, Changed
from drilllib.errors import LabStateError


class Stage(StrEnum):
    """How far an attempt has come."""

    LOOK = "look"
    """Nothing has been stated."""
    STATED = "stated"
    """The causes are stated, and nothing is changed yet."""
    REPAIR = "repair"
    """Something is changed, probed or told: the statement stands."""
    GRADED = "graded"
    """It is over."""


def stage_of(attempt: Attempt) -> Stage:
    """How far it has come."""
    if attempt.finished:
        return Stage.GRADED
    if attempt.statement_stands:
        return Stage.REPAIR
    return Stage.LOOK if attempt.statement is None else Stage.STATED


def require_stage(attempt: Attempt, stages: Collection[Stage]) -> None:
    """Do nothing at one of these stages. Raises LabStateError at another, with what to do now."""
    stage = stage_of(attempt)
    if stage in stages:
        return
    if stage is Stage.LOOK:
        raise LabStateError("No cause is stated yet", remedy="State what is wrong first, then repair it")
    if not any(isinstance(each, Changed) and not each.by_lab for each in attempt.actions):
        raise LabStateError(
            "Since the statement you were told more, for nothing: it stands", remedy="Repair what needs it, then done"
        )
    raise LabStateError("The repair has begun", remedy="Finish it; the statement stands")
