"""The head of a panel: the question, how it can be asked, its answer as far as it is shown, and what was guessed."""

from drilllib.core.drills.settings import LISTENERS, POLICIES
from drilllib.core.trace.path import Hop
from drilllib.errors import printable
from drilllib.views.panel import guess
from drilllib.views.panel.commands import SettingName
from drilllib.views.panel.guess import ALL, PLACE, SYMPTOM
from drilllib.views.panel.lab_report import FROM_ELSEWHERE, LabReport
from drilllib.views.panel.messages import HeadState, Level, Setting, StepsState
from drilllib.views.panel.symptom_state import symptom_of
from drilllib.views.phrases.catalog import say
from drilllib.views.text.trace import request_text

CHOICES: dict[SettingName, tuple[str, ...]] = {"client": (), "listener": LISTENERS, "policy": POLICIES}
LEVELS: dict[int, Level] = {SYMPTOM: 1, PLACE: 2, ALL: 3}


def head_of(report: LabReport, language: str) -> HeadState:
    """The head's state. What its level hides is not in it."""
    question, symptom = report.trace.question, symptom_of(report, language)
    return {
        "level": LEVELS[report.level],
        "service": printable(question.service or question.vip or ""),
        "command": printable(request_text(question)),
        "settings": [_setting(report, name, language) for name in CHOICES if name in report.settings],
        "outcome": symptom["outcome"],
        "look": symptom["look"] if report.level > SYMPTOM else "plain",
        "place": _place(report, language) if report.level > SYMPTOM else "",
        "spot": _spot(report) if report.level == ALL else "",
        "ask": _ask(report, language),
        "said": _said(report, language),
        "right": bool(report.said and report.said.right),
    }


def steps_of(report: LabReport, language: str) -> StepsState:
    """What can be undone and done again, by name."""
    steps = report.steps
    return {"undo": _step(steps.undo, language), "redo": _step(steps.redo, language), "changed": steps.changed}


def _step(name: str, language: str) -> str:
    return say(language, f"ui_step_{name}") if name in (FROM_ELSEWHERE, "reset") else printable(name)


def _setting(report: LabReport, name: SettingName, language: str) -> Setting:
    choices = [[each, say(language, f"ui_choice_{each}")] for each in CHOICES[name]]
    label, value = say(language, f"ui_setting_{name}"), printable(report.settings[name])
    return {"name": name, "label": label, "value": value, "choices": choices}


def _ask(report: LabReport, language: str) -> str:
    return {SYMPTOM: say(language, "ui_ask_where"), PLACE: say(language, "ui_ask_which")}.get(report.level, "")


def _place(report: LabReport, language: str) -> str:
    ends = guess.stops(report.trace)
    return say(language, "ui_stops_at", name=_name(ends[0], language)) if ends else ""


def _spot(report: LabReport) -> str:
    """The rule that drops it, ``sg-node0001[2]``."""
    for check in guess.deciding(report.trace):
        group, index = guess.spot(check)
        return printable(f"{group}[{'-' if index is None else index}]")
    return ""


def _name(hop: Hop, language: str) -> str:
    return printable(f"{say(language, hop.hop)} {hop.name}")


def _said(report: LabReport, language: str) -> str:
    """The judgement of the learner's last answer, in a sentence."""
    said = report.said
    if said is None:
        return ""
    place = {"place": _name(said.hop, language)} if said.hop else {}
    return printable(say(language, f"ui_said_{said.code}", **place, **said.values))
