"""A worktop with its history: every change is a step that can be taken back and taken again."""

from collections.abc import Callable

from drilllib.views.panel.history import History
from drilllib.views.panel.lab_report import FROM_ELSEWHERE, Steps
from drilllib.views.panel.worktop import Worktop


class Bench:
    """The *top* on which a learner works, and what has been done there."""

    def __init__(self, top: Worktop) -> None:
        self.top = top
        self._history = History(top.standing())

    def change(self, step: Callable[[], str]) -> None:
        """Carry out a change, which names itself; one that changes nothing is no step."""
        before = self.top.standing()
        name = step()
        if name and self.top.standing() != before:
            self._history.add(name, before)

    def travel(self, way: str) -> None:
        """Undo, redo, or go back to the beginning as a step of its own."""
        now = self.top.standing()
        if way == "reset":
            if now != self._history.first:
                self._history.add(way, now)
                self.top.restore(self._history.first)
            return
        if wanted := self._history.undo(now) if way == "undo" else self._history.redo(now):
            self.top.restore(wanted)

    def sync(self) -> None:
        """What a cell has changed meanwhile is a step, too."""
        before = self.top.standing()
        if self.top.sync():
            self._history.add(FROM_ELSEWHERE, before)

    def steps(self) -> Steps:
        """What can be undone and done again."""
        done, undone = self._history.done, self._history.undone
        changed = bool(done) and self.top.standing() != self._history.first
        return Steps(done[-1].name if done else "", undone[-1].name if undone else "", changed)
