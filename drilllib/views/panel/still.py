"""What a panel leaves behind where no kernel runs: a picture of the path, and rules, symptom and reach in words."""

import os

from drilllib.views.panel.desk import Sight
from drilllib.views.panel.reach_state import reach_of, reach_words
from drilllib.views.panel.rule_state import lists_of, lists_text
from drilllib.views.panel.symptom_state import symptom_of, symptom_words
from drilllib.views.shown import Shown, still_path

HEADLESS = "DRILL_HEADLESS"


def headless() -> bool:
    """Does the kernel run for nobody to look at? Then widgets would only cost time. Set by `drill run`."""
    return bool(os.environ.get(HEADLESS))


def stills(sight: Sight, language: str) -> tuple[Shown, Shown]:
    """The picture with the trace in words, and the words of rules, symptom and reach."""
    rules = lists_text(lists_of(sight, language))
    symptom = symptom_words(symptom_of(sight, language), language)
    reached = reach_words(reach_of(sight, None, language), language)
    return still_path(sight.trace, language), Shown(f"{rules}\n\n{symptom}\n\n{reached}")


class StillPanel:
    """A panel that nobody will touch, for runs without a page: no widgets, the same picture and text."""

    def __init__(self, sight: Sight, language: str) -> None:
        self._stills = stills(sight, language)

    def __repr__(self) -> str:
        return self._stills[1].text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(*self._stills)
