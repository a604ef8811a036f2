"""An attempt step by step: when each thing was done, and what it showed to who did it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Action, Attempt, Looked, Probed
from drilllib.core.practice.looks import CLIENT, Evidence, Look, LookKind, see
from drilllib.core.practice.replay import moments
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError

_PROBE = Look(LookKind.CURL, CLIENT)


@dataclass(frozen=True, slots=True)
class Step:
    """
    An action, its *number* from 1, when it was done by the clock of who plays (*at*, as its line has it), and what it
    showed: None where it shows nothing, was not replayed, or cannot be told now.
    """

    number: int
    at: str
    action: Action
    seen: Evidence | None = None


def steps(attempt: Attempt, times: Sequence[str]) -> Iterator[Step]:
    """The steps as the log has them; *times* are those of its actions."""
    for number, (at, action) in enumerate(zip(times, attempt.actions, strict=True), 1):
        yield Step(number, at, action)


def replayed(attempt: Attempt, times: Sequence[str], world: World) -> Iterator[Step]:
    """
    The steps with what each showed, in the world as it stood then.

    Raises:
        InvalidInputError: A change does not fit the world; the message names its line in the log.
    """
    for step, now in zip(steps(attempt, times), moments(world, attempt), strict=False):
        yield Step(step.number, step.at, step.action, _seen(now, world, step.action))


def _seen(now: Snapshot, world: World, action: Action) -> Evidence | None:
    look = action.look if isinstance(action, Looked) else _PROBE if isinstance(action, Probed) else None
    if look is None:
        return None
    try:
        return see(now, world.question, look)
    except DrillError:
        return None
