"""What the lesson about studies calls: the test's forms, single attempts, what was found; simulated or from a file."""

from collections.abc import Iterable, Mapping
from typing import Any

from drilllib.classes.study.figures import study
from drilllib.classes.study.simulated import SimulatedStudy
from drilllib.classes.study.tried import Tried, read_events, tried
from drilllib.views.html.elements import Items, Page, Table
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.shown import Shown
from drilllib.views.text.study import form_heads, form_rows, forms_text, heads, notes, rows, study_text


class Study:
    """
    A class that was tested before its drills and after them. *log* is the file that `drill class study CLASS.yaml
    --events FILE` wrote; empty for so many simulated *learners*, the same for the same *seed*.

    Raises:
        InvalidInputError: The file cannot be read, or is no log of events.
    """

    def __init__(self, log: str = "", *, learners: int = 24, seed: int = 12) -> None:
        self._language = language(None)
        self._simulated = None if log else SimulatedStudy(learners, seed)
        self.events: list[Mapping[str, Any]] = list(self._simulated.events() if self._simulated else read_events(log))
        self.attempts: list[Tried] = tried(self.events)

    def forms(self) -> Shown:
        """The items of the test, and what both worlds of each are alike in; of a real class they are told there."""
        if self._simulated is None:
            return Shown(say(self._language, "study.forms_elsewhere"))
        items = [{"drill": each.drill, "facts": each.facts.to_dict()} for each in self._simulated.items]
        told = form_rows(items, self._language)
        page = self._page(Table(say(self._language, "study.items"), form_heads(self._language), told))
        return Shown(forms_text(items, self._language), page=page)

    def learner(self, who: str) -> Shown:
        """What one learner did, a line an event."""
        lines = [_line(each) for each in self.events if each.get("who") == who]
        return Shown("\n".join(lines) or say(self._language, "study.nobody", who=who))

    def found(self, attempts: Iterable[Tried] | None = None) -> Shown:
        """Gain, time, price and transfer with confidence intervals, of all *attempts* or of those that are given."""
        result = study(self.attempts if attempts is None else attempts).to_dict()
        shown = Table(say(self._language, "study.title"), heads(self._language), rows(result, self._language))
        page = self._page(shown, Items("", notes(result, self._language)))
        return Shown(study_text(result, self._language), page=page)

    def _page(self, *blocks: Table | Items) -> Page:
        return Page(self._language, blocks)


def _line(event: Mapping[str, Any]) -> str:
    values = {name: value for name, value in event.items() if name not in ("who", "event", "attempt")}
    told = " ".join(f"{name}={value}" for name, value in values.items() if value not in (None, ""))
    return f"{event['attempt']:>4} {event['event']:8} {told}"
