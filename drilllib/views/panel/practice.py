"""The panel of practice: ticket and looks, the path as it was seen, the statement, the repair and the grade."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import anywidget
import ipywidgets as widgets
import traitlets
from IPython.display import DisplayHandle, display

from drilllib.errors import DrillError
from drilllib.views.panel.assets import script, widget_style
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.panel import LIVE_VIEW
from drilllib.views.panel.path_state import WORDS as PATH_WORDS
from drilllib.views.panel.practice_desk import PracticeDesk, Session
from drilllib.views.panel.practice_lists import lists_report
from drilllib.views.panel.practice_messages import PracticeState
from drilllib.views.panel.practice_path import SeenPathState, path_state, resource_at, route_of
from drilllib.views.panel.practice_state import practice_state, practice_text, stage_of
from drilllib.views.panel.rule_panel import RulePanel
from drilllib.views.panel.worker import Worker
from drilllib.views.phrases.catalog import error_text, say
from drilllib.views.shown import Shown

WORDS = (
    *("stages", "done", "looks", "seen", "no_verdicts", "nothing_seen", "log", "statement", "statement_help"),
    *("state_it", "another_cause", "no_fault", "no_fault_sure", "no_fault_yes", "no_fault_no", "incomplete"),
    *("where", "cause", "group", "rule", "no_rule", "look_first", "choose", "remove_cause", "restate", "repair"),
    *("other_changes", "settle", "try_it", "finish", "grade", "grade_help", "again"),
)
SCRIPTS = ("dom.js", "practice_looks.js", "practice_statement.js", "practice_repair.js", "practice_view.js")
PATH_SCRIPTS = (
    *("dom.js", "path_text.js", "path_card.js", "path_rail.js", "path_layout.js", "path_play.js", "path_view.js"),
)
Message = Mapping[str, object]
Outcome = tuple[str, dict[str, int]]  # what went wrong, and the last ticket of each widget


class PracticeView(anywidget.AnyWidget):
    """Everything of the panel but the path and the rule lists; passes the learner's commands to *on_command*."""

    _esm = script(*SCRIPTS)
    _css = widget_style("panel.css", "practice_view.css", "practice_parts.css")
    state = cast("traitlets.TraitType[PracticeState, PracticeState]", traitlets.Dict().tag(sync=True))
    words = traitlets.Dict().tag(sync=True)
    has_static_output = traitlets.Bool(False).tag(sync=True)  # the page hides it while the panel is live

    def __init__(self, state: PracticeState, language: str, on_command: Callable[[Message], None]) -> None:
        words = {name: say(language, f"practice_panel.{name}") for name in WORDS}
        shared = {name: say(language, f"ui_{name}") for name in ("working", "slow", "gone", "lang")}
        super().__init__(words={**words, **shared})
        self.state = state
        self.on_msg(lambda _, message, __: on_command(message))


class SeenPath(anywidget.AnyWidget):
    """The places of the path, and what was seen there; a press tells *on_where* the key of a card."""

    _esm = script(*PATH_SCRIPTS)
    _css = widget_style("path.css")
    state = cast("traitlets.TraitType[SeenPathState, SeenPathState]", traitlets.Dict().tag(sync=True))
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, state: SeenPathState, language: str, on_where: Callable[[str], None]) -> None:
        words = {name: say(language, f"ui_{name}", at="{at}", count="{count}") for name in PATH_WORDS}
        super().__init__(words={**words, "lang": say(language, "ui_lang")})
        self.state = state
        self.on_msg(lambda _, message, __: on_where(str(message.get("where", ""))))


class PracticePanel(widgets.VBox):
    """
    A *session* of practice to work on. Displaying it also leaves its text in the notebook, kept up to date.

    *again* begins another attempt and returns its session; without it none is offered.
    """

    def __init__(self, session: Session, language: str, *, again: Callable[[], Session] | None = None) -> None:
        self._language, self._again = language, again
        self._displays: list[DisplayHandle] = []
        self._worker: Worker[tuple[str, Message], Outcome] = Worker(self._work, self._show, self._leave)
        self._tickets = {"view": 0, "rules": 0}
        self._open(session)
        self.view = PracticeView(self._state(), language, lambda message: self._put("view", message))
        self.path = SeenPath(self._path(), language, lambda key: self._put("path", {"where": key}))
        self.path.add_class("drill-p-path")
        self.rules = RulePanel(language, lambda message: self._put("rules", message))
        self.rules.add_class("drill-p-rules")
        body = widgets.VBox([self.view, self.path, self.rules])
        body.add_class("drill-practice-body")
        super().__init__([body])
        self.add_class("drill-panel").add_class("drill").add_class("drill-practice")
        self._show_rules()

    def do(self, **command: Any) -> None:
        """Carry out a command as the page sends it, before this returns; see `practice_messages`."""
        self._worker.do(("view", command))

    def refresh(self) -> None:
        """Show what code has done meanwhile."""
        self._show(("", {}))

    def __repr__(self) -> str:
        return practice_text(self._desk, self._language)

    def _ipython_display_(self) -> None:
        self.view.has_static_output = True  # the page must know it before it shows the panel
        display({LIVE_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}, raw=True)
        self._displays.append(display(Shown(repr(self)), display_id=True))

    def _open(self, session: Session) -> None:
        self._desk, self._route = PracticeDesk(session), route_of(session.world)

    def _put(self, source: str, message: Message) -> None:
        self._worker.put((source, message))

    def _work(self, items: Sequence[tuple[str, Message]]) -> Outcome:
        """What went wrong, and the tickets that are answered. Errors in this thread would reach nobody else."""
        problems = [problem for source, message in items if (problem := self._failure(source, message))]
        tickets = dict[str, int]()
        for source, message in items:
            ticket = message.get("ticket")
            tickets[source] = ticket if isinstance(ticket, int) else 0
        return " ".join(problems), tickets

    def _failure(self, source: str, message: Message) -> str:
        try:
            if source == "path":
                self._desk.chosen = resource_at(str(message["where"]), self._route, self._desk.session.world)
            elif message.get("do") == "again" and self._again:
                self._open(self._again())
            else:
                self._desk.do(message)
        except DrillError as error:
            return error_text(error, self._language)
        except Exception as error:  # a lab from elsewhere may raise anything
            return f"{type(error).__name__}: {error}."
        return ""

    def _show(self, outcome: Outcome) -> None:
        problem, tickets = outcome
        for source, ticket in tickets.items():
            self._tickets[source] = max(ticket, self._tickets.get(source, 0))
        self.view.state = self._state("" if set(tickets) == {"rules"} else problem)
        self.path.state = self._path()
        self._show_rules(problem if set(tickets) == {"rules"} else "")

    def _leave(self, _: Outcome) -> None:
        for each in self._displays:
            each.update(Shown(repr(self)))

    def _state(self, problem: str = "") -> PracticeState:
        again = self._again is not None
        return practice_state(self._desk, self._language, ticket=self._tickets["view"], problem=problem, again=again)

    def _path(self) -> SeenPathState:
        desk, asks = self._desk, stage_of(self._desk) == "look"
        return path_state(desk.session.world, self._route, desk.evidence, desk.chosen, self._language, asks=asks)

    def _show_rules(self, problem: str = "") -> None:
        """The lists whose rules were looked at, once a cause is stated."""
        report: LabReport | None = lists_report(self._desk, self._route)
        if report is None:
            self.remove_class("drill-repairing")
            return
        self.add_class("drill-repairing")
        self.rules.show_lists(report, ticket=self._tickets["rules"], problem=problem)
