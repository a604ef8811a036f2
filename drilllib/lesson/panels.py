"""The panels that a lesson has opened: made for its lab, and kept up to date when code changes the lab."""

import weakref
from collections.abc import Sequence
from typing import Any

from drilllib.core.drills.lab import Lab
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.panel.desk import Desk, groups_met
from drilllib.views.panel.guess import ALL, PLACE, SYMPTOM
from drilllib.views.panel.static import StaticPanel, headless, no_panel


class Panels:
    """Opens panels on a lab; *healthy* has the rules that they suggest, *meant* the most that is meant to be open."""

    def __init__(self, lab: Lab, question: Question, language: str, healthy: Snapshot, meant: Snapshot) -> None:
        self._lab, self._question, self._language = lab, question, language
        self._healthy, self._meant = healthy, meant
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()

    def open(self, group_ids: Sequence[str], suggestions: bool, reveal: int = SYMPTOM) -> Any:
        """A panel on these groups, on all where none is named; see `Lesson.panel`."""
        if reveal not in (SYMPTOM, PLACE, ALL):
            raise InvalidInputError("reveal is {reveal}", remedy="Use 1, 2 or 3", reveal=quoted(reveal))
        snapshot = self._lab.snapshot()
        met = groups_met(trace(snapshot, self._question))
        chosen = group_ids or tuple(dict.fromkeys([*met, *snapshot.groups]))
        offered = {group_id: self._suggested(group_id) for group_id in chosen} if suggestions else {}
        if headless():
            return StaticPanel(Desk(self._lab, self._question, chosen, offered).report(), self._language)
        try:
            from drilllib.views.panel.panel import DrillPanel
        except ImportError:
            raise no_panel() from None
        wanted: dict[str, Any] = {"groups": chosen, "offered": offered, "reveal": reveal, "meant": self._meant}
        panel = DrillPanel(self._lab, self._question, self._language, **wanted)
        self._open.add(panel)
        return panel

    def refresh(self) -> None:
        """Let them show what code has changed."""
        for panel in self._open:
            panel.refresh()

    def _suggested(self, group_id: str) -> Sequence[Rule]:
        return self._healthy.group(group_id).rules(Direction.INGRESS) or ()
