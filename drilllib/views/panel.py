"""One panel to learn at: rules, packet path and symptom, which change together with every click."""

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from drilllib.core.answers import Question
from drilllib.core.drills import Lab
from drilllib.core.rules import Rule
from drilllib.errors import DrillError
from drilllib.views.desk import Desk, Sight
from drilllib.views.path_view import PathView
from drilllib.views.rule_panel import Command, RulePanel
from drilllib.views.still import stills
from drilllib.views.symptom_view import SymptomView
from drilllib.views.work import Worker

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"


class DrillPanel(widgets.VBox):
    """
    A lab to work at: a click on a rule changes the lab, and path and symptom show what came of it.

    *groups* are shown, by default those that the packet meets; *offered* are rules that stand ready beside a group's
    own. Displayed in a notebook it leaves a picture and a text besides, kept up to date, for when no kernel runs.

    Raises:
        DrillError: The lab cannot be read.
    """

    def __init__(
        self,
        lab: Lab,
        question: Question,
        language: str,
        *,
        groups: Sequence[str] = (),
        offered: Mapping[str, Sequence[Rule]] | None = None,
    ) -> None:
        self._desk = Desk(lab, question, groups, offered)
        self._worker: Worker[Command, tuple[Sight | DrillError, int]] = Worker(self._work, self._show)
        self._left: list[tuple[DisplayHandle, DisplayHandle]] = []
        self._language, self._sight = language, self._desk.look()
        self.rules = RulePanel(language, self._worker.put)
        self.rules.show(self._sight)
        self.path = PathView(self._sight.trace, language)
        self.symptom = SymptomView(self._sight, language)
        super().__init__([self.rules, self.path, self.symptom])
        self.add_class("drill-panel")

    def do(self, **command: Any) -> None:
        """One command as the page sends it, done before this returns; see `Desk.do`."""
        self._worker.do(command)

    def __repr__(self) -> str:
        return f"{self.rules!r}\n\n{self.symptom!r}"

    def _ipython_display_(self) -> None:
        display({LIVE_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}, raw=True)
        picture, text = stills(self._sight, self._language)
        self._left.append((display(picture, display_id=True), display(text, display_id=True)))

    def _work(self, commands: Sequence[Command]) -> tuple[Sight | DrillError, int]:
        """In a thread: whatever goes wrong has to be shown, because nobody else hears of it."""
        ticket = max((each.get("ticket", 0) for each in commands), default=0)
        try:
            for command in commands:
                self._desk.do(command)
            return self._desk.look(), ticket
        except DrillError as error:
            return error, ticket
        except Exception as error:  # a lab of somebody else may raise anything
            return DrillError(f"{type(error).__name__}: {error}", remedy="Run the cell again"), ticket

    def _show(self, result: tuple[Sight | DrillError, int]) -> None:
        seen, ticket = result
        if isinstance(seen, DrillError):
            self.rules.alert(str(seen), ticket=ticket)
            return
        self._sight = seen
        self.path.show(seen.trace)
        self.symptom.show(seen)
        self.rules.show(seen, ticket=ticket)
        picture, text = stills(seen, self._language)
        for drawn, written in self._left:
            drawn.update(picture)
            written.update(text)
