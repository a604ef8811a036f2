"""
Words to write a case with: ``lab(second_target, ingress(NODE_GROUP, "DROP ALL 0.0.0.0/0 ALL"), listener="TCP")``.

`changes` and `changes_cluster` have the changes.
"""

from typing import Any

from changes import Change

from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.snapshot.semantics import DOCUMENTED, Semantics
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.path import Hop, Symptom
from drilllib.core.trace.request import trace

LISTENERS = ("HTTP", "TCP")

# What a client meets when nobody answers, and when somebody says no, at each kind of listener.
SILENCE = {"HTTP": "504 after 4 s", "TCP": "connect_timeout"}
REFUSAL = {"HTTP": "502", "TCP": "refused"}


def lab(*changes: Change, listener: str = "HTTP", semantics: Semantics = DOCUMENTED) -> Snapshot:
    """The default lab with *changes* made in turn."""
    document = default_lab(listener=listener, semantics=semantics)
    for change in changes:
        change(document)
    return Snapshot(document)


def ask(snapshot: Snapshot, *, all_paths: bool = False, **question: Any) -> Trace:
    """The default client's question about the default Service, but for what *question* says."""
    who = {} if "vip" in question else {"service": SERVICE}
    return trace(snapshot, Question(**{"client": CLIENT, **who, **question}), all_paths=all_paths)


def said(symptom: Symptom | None) -> str:
    """A symptom in short: ``connect_timeout``, ``refused``, ``200``, ``504 after 4 s``."""
    if symptom is None:
        return "?"
    what = symptom.kind if symptom.status is None else str(symptom.status)
    return f"{what} after {symptom.seconds:g} s" if symptom.seconds else what


def fate(answer: Trace) -> str:
    """Verdict and every symptom, the worst first: ``intermittent: connect_timeout, 200``."""
    return f"{answer.verdict}: {', '.join(map(said, answer.symptoms))}"


def health(answer: Trace) -> list[str]:
    """The predicted health of each target."""
    return [each.predicted for each in answer.health]


def blocked_at(answer: Trace) -> list[tuple[str, str]]:
    """Hop and reason of every blocker that shows at once, in order."""
    return [(each.hop, each.reason) for each in answer.blockers if not each.hypothetical]


def hop(answer: Trace, name: str, path: int = 0) -> Hop:
    """The hop called clb, node or pod on one of the answer's paths."""
    return next(each for each in answer.paths[path].hops if each.hop == name)


def codes(answer: Trace) -> set[str]:
    """The assumptions of an answer."""
    return set(answer.assumptions)
