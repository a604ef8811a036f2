"""The static form of a panel, for readers without a kernel: a picture of the path, and the rest as text."""

import os

from drilllib.errors import MissingToolError
from drilllib.views.panel.guess import ALL
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.reach_state import reach_of, reach_words
from drilllib.views.panel.rule_state import lists_of, lists_text
from drilllib.views.panel.symptom_state import symptom_of, symptom_words
from drilllib.views.phrases.catalog import say
from drilllib.views.shown import Shown, shown_path

HEADLESS = "DRILL_HEADLESS"


def headless() -> bool:
    """Is nobody looking, so that widgets would only cost time? `drill run` sets this."""
    return bool(os.environ.get(HEADLESS))


def static_outputs(report: LabReport, language: str) -> tuple[Shown, Shown]:
    """The picture (as text: the trace), and the text of rules, symptom and reach; what is to be found is in neither."""
    rules = lists_text(lists_of(report, language))
    symptom = symptom_words(symptom_of(report, language), language)
    reached = reach_words(reach_of(report, None, language), language)
    path = shown_path(report.trace, language) if report.level == ALL else Shown(say(language, "ui_ask_where"))
    return path, Shown(f"{rules}\n\n{symptom}\n\n{reached}")


class StaticPanel:
    """A panel for runs without a page: no widgets, the same picture and text."""

    def __init__(self, report: LabReport, language: str) -> None:
        self._outputs = static_outputs(report, language)

    def __repr__(self) -> str:
        return self._outputs[1].text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(*self._outputs)


def no_panel() -> MissingToolError:
    """The error where the library of the widgets is not there."""
    return MissingToolError(
        "anywidget is not installed, so there is no panel",
        remedy="pip install 'drilllib[course]', or go on with the next cell",
    )
