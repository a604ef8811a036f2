"""
What a learner has done in a panel, to be undone and done again: rules, their order, and how the question is asked.

A step keeps all that stood before it. Nothing here knows what that is, or touches a lab.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """A change: its *name*, such as ``+ ACCEPT TCP 203.0.113.0/24 80``, and the state before (or, undone, after) it."""

    name: str
    state: State


@dataclass(slots=True)
class History(Generic[State]):
    """*first* is the state at the beginning. A new step forgets those that were undone. Kept are the last *most*."""

    first: State
    most: int = 200
    done: list[Step[State]] = field(default_factory=list)
    undone: list[Step[State]] = field(default_factory=list)

    def add(self, name: str, before: State) -> None:
        """A step was taken, from *before*."""
        self.done = [*self.done, Step(name, before)][-self.most :]
        self.undone = []

    def undo(self, now: State) -> State | None:
        """The state before the last step, which can be done again; None where there is none."""
        return _move(self.done, self.undone, now)

    def redo(self, now: State) -> State | None:
        """The state after the step that was undone last; None where there is none."""
        return _move(self.undone, self.done, now)


def _move(source: list[Step[State]], target: list[Step[State]], now: State) -> State | None:
    if not source:
        return None
    step = source.pop()
    target.append(Step(step.name, now))
    return step.state
