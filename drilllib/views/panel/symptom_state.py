"""What the client of a Sight met, as a page shows it, and the same as text."""

from drilllib.core.drills.lab import Observation
from drilllib.core.trace.verdict import CAUSES, suspects
from drilllib.views.panel.desk import Sight
from drilllib.views.panel.messages import ProbeState
from drilllib.views.phrases.catalog import say
from drilllib.views.text.trace import request_text, symptom_text


def symptom_of(sight: Sight, language: str) -> ProbeState:
    """The outcome in words, the transcript, and what can and cannot cause this on its own, judged from outside."""
    asked = f"$ {request_text(sight.trace.question)}"
    if sight.observed is None:
        outcome = say(language, "ui_unknown", problem=sight.problem)
        return {"outcome": outcome, "look": "unknown", "transcript": asked, "suspects": [], "ruled_out": []}
    listener = sight.trace.listener
    found = suspects(sight.observed.symptom, listener.layer if listener else None)
    return {
        "outcome": _outcome(sight.observed, language),
        "look": "passed" if sight.observed.symptom.works else "stopped",
        "transcript": f"{asked}\n{sight.observed.transcript}",
        "suspects": [say(language, each) for each in found],
        "ruled_out": [say(language, each) for each in CAUSES if found and each not in found],
    }


def symptom_words(state: ProbeState, language: str) -> str:
    """The same as lines of text."""
    lines = [state["transcript"], state["outcome"]]
    for name, causes in (("suspects", state["suspects"]), ("ruled_out", state["ruled_out"])):
        if causes:
            title = say(language, "ui_titled", title=say(language, f"ui_{name}"))
            lines += [title, *(f"  - {each}" for each in causes)]
    return "\n".join(lines)


def _outcome(observed: Observation, language: str) -> str:
    """The symptom with its time, where it does not say one itself."""
    symptom = symptom_text(observed.symptom, language)
    if observed.symptom.seconds:
        return symptom
    key = "ui_waits" if observed.seconds else "ui_at_once"
    return say(language, key, symptom=symptom, seconds=observed.seconds)
