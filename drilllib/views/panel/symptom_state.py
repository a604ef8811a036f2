"""What the client of a `LabReport` met, as state for the page and as text."""

from drilllib.core.drills.lab import Observation
from drilllib.core.trace.verdict import CAUSES, suspects
from drilllib.quoting import terminal_text
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.messages import ProbeState
from drilllib.views.phrases.catalog import say
from drilllib.views.text.trace import request_text, symptom_text

STEPS_S = (2, 20, 50, 100, 500)  # a scale has three steps; the last is also that of longer waits


def symptom_of(report: LabReport, language: str) -> ProbeState:
    """The outcome, the transcript, and which causes can and cannot produce this symptom, judged from it alone."""
    command = f"$ {request_text(report.trace.question)}"
    if report.observed is None:
        outcome = say(language, "ui_unknown", problem=report.probe_problem)
        told: ProbeState = {
            "outcome": outcome,
            "look": "unknown",
            "transcript": command,
            "seconds": None,
            "scale": [],
            "suspects": [],
            "ruled_out": [],
        }
        return told
    listener = report.trace.listener
    causes = suspects(report.observed.symptom, listener.layer if listener else None)
    return {
        "outcome": _outcome(report.observed, language),
        "look": "passed" if report.observed.symptom.works else "stopped",
        "transcript": f"{command}\n{report.observed.transcript}",
        "seconds": report.observed.seconds,
        "scale": _scale(report.observed.seconds),
        "suspects": [say(language, cause) for cause in causes],
        "ruled_out": [say(language, cause) for cause in CAUSES if causes and cause not in causes],
    }


def symptom_words(state: ProbeState, language: str) -> str:
    """The state as text."""
    lines = [*state["transcript"].split("\n"), state["outcome"]]
    for name, causes in (("suspects", state["suspects"]), ("ruled_out", state["ruled_out"])):
        if causes:
            title = say(language, "ui_titled", title=say(language, f"ui_{name}"))
            lines += [title, *(f"  - {each}" for each in causes)]
    return terminal_text(lines)


def _scale(seconds: float) -> list[int]:
    """The marks below the bar of a wait, in seconds: the shortest scale that it fits."""
    step = next((each for each in STEPS_S if seconds <= 3 * each), STEPS_S[-1])
    return [step * count for count in range(4)]


def _outcome(observed: Observation, language: str) -> str:
    """The symptom, with the time that passed unless the symptom names one itself."""
    symptom = symptom_text(observed.symptom, language)
    if observed.symptom.seconds:
        return symptom
    key = "ui_waits" if observed.seconds else "ui_at_once"
    return say(language, key, symptom=symptom, seconds=observed.seconds)
