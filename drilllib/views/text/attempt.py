"""An attempt that is replayed, in words: each step, when it was taken, what it cost and what it showed."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from drilllib.core.practice.attempt import Action, Changed, Finished, Hinted, Looked, Probed, Stated
from drilllib.core.practice.steps import Step
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.looks import evidence_text, look_text
from drilllib.views.text.practice import typed_text


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in words; *price* is empty where it cost nothing, *shown* has the lines that it printed or changed."""

    time: str
    step: str
    price: str
    spent: str
    shown: str


def step_rows(steps: Iterable[Step], started: str, language: str) -> Iterator[StepRow]:
    """The steps of an attempt that was begun at *started*; times count from there, in minutes and seconds."""
    spent = 0
    for each in steps:
        price = each.action.price if isinstance(each.action, Looked | Hinted) else 0
        spent += price
        words = step_text(each.action, language)
        shown = _shown(each, language)
        yield StepRow(_since(started, each.at), words, str(price or ""), str(spent), shown)


def step_text(action: Action, language: str) -> str:
    """What was done, in one line."""
    match action:
        case Looked(look, _):
            return look_text(look, language)
        case Hinted(rung, _):
            return say(language, "attempt.hint", rung=rung)
        case Stated(causes):
            return printable(say(language, "attempt.stated", typed=typed_text(causes)))
        case Changed(_, patch, by_lab):
            return say(language, "attempt.by_lab" if by_lab else "attempt.changed", count=len(patch))
        case Probed():
            return say(language, "attempt.probed")
        case Finished():
            return say(language, "attempt.finished")
    return say(language, "attempt.told")


def _shown(step: Step, language: str) -> str:
    if step.seen is not None:
        return evidence_text(step.seen, language)
    if isinstance(step.action, Changed):
        return terminal_text([json.dumps(each, ensure_ascii=False) for each in step.action.patch])
    return ""


def _since(started: str, at: str) -> str:
    """As in ``2:07``; as it is written where it is no time, or before the start."""
    with suppress(ValueError, TypeError):
        passed = int((datetime.fromisoformat(at) - datetime.fromisoformat(started)).total_seconds())
        if passed >= 0:
            return f"{passed // 60}:{passed % 60:02}"
    return printable(at)
