"""An attempt on the board's page: what became of it, and each of its steps with what it showed."""

from collections.abc import Sequence
from dataclasses import dataclass

from drilllib.quoting import markup
from drilllib.views.phrases.catalog import say
from drilllib.views.text.attempt import StepRow
from drilllib.views.text.cause_label import label_text

BUTTONS = ("first", "back", "on", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """
    A learner's attempt: *standing* is the code of what the log is, or why it does not count, *passed* whether it did;
    *true* and *stated* are causes as the board counts them, empty where nothing was graded.
    """

    learner: str
    drill: str
    level: int
    started: str
    standing: str
    passed: bool
    true: str
    stated: str
    steps: Sequence[StepRow]


def played_section(played: Played, language: str, *, folded: bool) -> str:
    """The attempt; *folded* where many stand on a page, else with buttons to step through it, for a script."""
    title, told = (
        markup(_title(played, language)),
        "".join(f"<p>{markup(each)}</p>" for each in _told(played, language)),
    )
    listed = "".join(_step(each, language) for each in played.steps)
    inside = f"{told}<ol>{listed}</ol>"
    if folded:
        return f"<details><summary>{title}</summary>{inside}</details>"
    return f'<section class="drill-attempt"><h2>{title}</h2>{_buttons(language)}{inside}</section>'


def _title(played: Played, language: str) -> str:
    state = say(language, f"class.is_{played.standing}")
    if played.standing == "graded":
        state = say(language, "board.is_passed" if played.passed else "board.is_failed")
    named = {"learner": played.learner, "drill": f"{played.drill} {played.level}", "started": played.started}
    return say(language, "attempt.title", state=state, **named)


def _told(played: Played, language: str) -> list[str]:
    if not played.true:
        return []
    stated = label_text(played.stated, language) or "-"
    return [say(language, "attempt.causes", true=label_text(played.true, language), stated=stated)]


def _step(row: StepRow, language: str) -> str:
    price = say(language, "attempt.price", price=row.price, spent=row.spent) if row.price else ""
    line = markup("  ".join(filter(None, (row.time, row.step, price))))
    shown = "\n".join(map(markup, row.shown.split("\n")))
    return f"<li>{line}{f'<pre tabindex=0>{shown}</pre>' if shown else ''}</li>"


def _buttons(language: str) -> str:
    """Hidden until a script shows them: without one, all steps are there to read."""
    buttons = "".join(
        f'<button class="drill-button" type="button" data-step="{each}">{markup(words)}</button> '
        for each, words in ((each, say(language, f"attempt.{each}")) for each in BUTTONS)
    )
    label = markup(say(language, "attempt.steps"))
    return (
        f'<div class="drill-steps" role="group" aria-label="{label}" hidden>{buttons}<span role="status"></span></div>'
    )
