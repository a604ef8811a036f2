"""One panel to learn at: rules, packet path and symptom, which change together with every click."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from drilllib.core.drills.lab import Lab
from drilllib.core.rules.rules import Rule
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from drilllib.views.panel.desk import Desk, Sight
from drilllib.views.panel.path_view import PathView
from drilllib.views.panel.rule_panel import RulePanel
from drilllib.views.panel.still import stills
from drilllib.views.panel.symptom_view import SymptomView
from drilllib.views.panel.worker import Worker

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
        self._worker: Worker[Mapping[str, object], tuple[Sight | None, str, int]] = Worker(self._work, self._show)
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
        self.rules.left = True  # known to the page before it shows the panel
        display({LIVE_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}, raw=True)
        picture, text = stills(self._sight, self._language)
        self._left.append((display(picture, display_id=True), display(text, display_id=True)))

    def refresh(self) -> None:
        """Look at the lab again, which something else may have changed. What is left for a reader stays."""
        with contextlib.suppress(DrillError):  # a closed lab is said at the next click
            self._show_live(self._desk.look())

    def _work(self, commands: Sequence[Mapping[str, object]]) -> tuple[Sight | None, str, int]:
        """In a thread: whatever goes wrong has to be shown, because nobody else hears of it."""
        problems = [said for command in commands if (said := _failure(self._desk.do, command))]
        seen: list[Sight] = []
        failed = _failure(lambda: seen.append(self._desk.look()))
        ticket = max((_ticket(each) for each in commands), default=0)
        return (None, failed, ticket) if failed else (seen[0], " ".join(problems), ticket)

    def _show(self, result: tuple[Sight | None, str, int]) -> None:
        seen, problem, ticket = result
        if seen is None:
            self.rules.alert(problem, ticket=ticket)
            return
        self._show_live(seen, ticket=ticket, problem=problem)
        picture, text = stills(seen, self._language)
        for drawn, written in self._left:
            drawn.update(picture)
            written.update(text)

    def _show_live(self, seen: Sight, **about: Any) -> None:
        self._sight = seen
        self.path.show(seen.trace)
        self.symptom.show(seen)
        self.rules.show(seen, **about)


def _ticket(message: Mapping[str, object]) -> int:
    ticket = message.get("ticket")
    return ticket if isinstance(ticket, int) else 0


def _failure(step: Callable[..., None], *arguments: Any) -> str:
    """What went wrong in a step, or nothing."""
    try:
        step(*arguments)
    except DrillError as error:
        return str(error)
    except Exception as error:  # a lab of somebody else may raise anything
        return f"{type(error).__name__}: {error}."
    return ""
