"""The panel: rules, packet path and symptom in one widget, updated together by every click."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from drilllib.core.drills.lab import Lab
from drilllib.core.rules.rules import Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from drilllib.views.panel.desk import Desk
from drilllib.views.panel.guess import ALL
from drilllib.views.panel.head_state import LEVELS
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.path_view import PathView
from drilllib.views.panel.rule_panel import RulePanel
from drilllib.views.panel.static import static_outputs
from drilllib.views.panel.symptom_view import SymptomView
from drilllib.views.panel.worker import Worker
from drilllib.views.phrases.catalog import error_text

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"


class DrillPanel(widgets.VBox):
    """
    A lab to work on: a click on a rule changes the lab, and path and symptom show the effect.

    *groups* are the groups to show, by default those that the packet meets; *offered* has rules to suggest for each.
    *reveal* is how much is shown before the learner has answered (`guess.py`), and *meant* is the lab as it is meant to
    be, by which rules and ways past the CLB are too wide.
    Displaying it also leaves a picture and a text in the notebook, kept up to date, for readers without a kernel.

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
        reveal: int = ALL,
        meant: Snapshot | None = None,
    ) -> None:
        self._desk = Desk(lab, question, groups, offered, level=reveal, meant=meant)
        self._worker: Worker[Mapping[str, object], tuple[LabReport | None, str, int]] = Worker(
            self._work, self._show, self._leave
        )
        self._displays: list[tuple[DisplayHandle, DisplayHandle]] = []
        self._language, self._report = language, self._desk.report()
        self.rules = RulePanel(language, self._worker.put)
        self.rules.show(self._report)
        self.path = PathView(self._report.trace, language, reveal=LEVELS[self._report.level], on_where=self._where)
        self.symptom = SymptomView(self._report, language)
        self.symptom.show_past(self._desk.with_past(self._report))
        body = widgets.VBox([self.path, self.rules, self.symptom])
        body.add_class("drill-body")
        super().__init__([body])
        self.add_class("drill-panel").add_class("drill")

    def do(self, **command: Any) -> None:
        """Carry out a command as the page sends it, before this returns; see `Desk.do`."""
        self._worker.do(command)

    def _where(self, hop: str) -> None:
        self._worker.put({"do": "where", "hop": hop})

    def __repr__(self) -> str:
        return f"{self.rules!r}\n\n{self.symptom!r}"

    def _ipython_display_(self) -> None:
        self.rules.has_static_output = True  # the page must know it before it shows the panel
        display({LIVE_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}, raw=True)
        picture, text = static_outputs(self._report, self._language)
        self._displays.append((display(picture, display_id=True), display(text, display_id=True)))

    def refresh(self) -> None:
        """Show the lab as it is now, after a change from elsewhere. The static picture and text stay as they are."""
        with contextlib.suppress(DrillError):  # of a closed lab the next click tells
            self._show_live(self._desk.report())

    def _work(self, commands: Sequence[Mapping[str, object]]) -> tuple[LabReport | None, str, int]:
        """The new report, what went wrong, and the last ticket. Errors in this thread would reach nobody else."""
        problems = [problem for command in commands if (problem := _failure(self._language, self._desk.do, command))]
        ticket = max((_ticket(command) for command in commands), default=0)
        reports: list[LabReport] = []
        if problem := _failure(self._language, lambda: reports.append(self._desk.report())):
            return None, problem, ticket
        return reports[0], " ".join(problems), ticket

    def _show(self, result: tuple[LabReport | None, str, int]) -> None:
        report, problem, ticket = result
        if report is None:
            self.rules.alert(problem, ticket=ticket)
            return
        self._show_live(report, ticket=ticket, problem=problem)

    def _leave(self, result: tuple[LabReport | None, str, int]) -> None:
        """Keep the static picture and text up to date, which takes a program to draw and no learner waits for."""
        if result[0] is None:
            return
        picture, text = static_outputs(result[0], self._language)
        for picture_display, text_display in self._displays:
            picture_display.update(picture)
            text_display.update(text)

    def _show_live(self, report: LabReport, **about: Any) -> None:
        self._report = report
        self.path.show(report.trace, LEVELS[report.level])
        self.symptom.show(report)
        self.rules.show(report, **about)
        with contextlib.suppress(DrillError):  # of a closed lab the next click tells
            self.symptom.show_past(self._desk.with_past(report))


def _ticket(message: Mapping[str, object]) -> int:
    ticket = message.get("ticket")
    return ticket if isinstance(ticket, int) else 0


def _failure(language: str, step: Callable[..., None], *arguments: Any) -> str:
    """What went wrong in a step; empty if nothing did."""
    try:
        step(*arguments)
    except DrillError as error:
        return error_text(error, language)
    except Exception as error:  # a lab from elsewhere may raise anything
        return f"{type(error).__name__}: {error}."
    return ""
