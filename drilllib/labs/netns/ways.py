"""
What the model says can become of one request, and how likely each way and symptom is at least: a model that lists too
many is found out by those that never occur.
"""

from collections import Counter
from collections.abc import Sequence
from math import fsum, sqrt

from drilllib.core.answers import Trace
from drilllib.core.evidence import Outcome, Path
from drilllib.core.requests import Verdict, used_sets
from drilllib.core.rules import Action
from drilllib.core.witness import symptom_text
from drilllib.labs.netns.lab import Witnessed

Way = tuple[str | None, str | None]  # target and endpoint; or "symptom" and which


def predicted(model: Trace, health: dict[str, str]) -> dict[Way, float]:
    """Every way and symptom, given the targets' measured *health*, with the least chance that one request meets it."""
    return _ways(model, health) | _symptoms(model)


def _symptoms(model: Trace) -> dict[Way, float]:
    """
    Each comes from one choice of endpoints at least and, at layer 7, from one order of two targets.

    Nothing is said of more targets at layer 7, nor where a path or health is not known: then some symptoms are only
    what might be.
    """
    weights = [each.weight for each in (model.listener and model.listener.targets) or () if each.weight]
    unknown = any(each.predicted == "Unknown" for each in model.health)
    unknown = unknown or any(path.outcome is Outcome.UNDETERMINED for path in model.paths)
    if model.verdict is Verdict.UNDETERMINED or unknown or len(model.symptoms) < 2 or not weights:
        return {}
    tried = 1 if model.listener.layer == 4 else len(weights)
    most = max(Counter(path.target for path in model.paths).values())
    least = min(weights) / sum(weights) / most**tried
    return {("symptom", symptom_text(each)): least for each in model.symptoms} if tried <= 2 else {}


def _ways(model: Trace, health: dict[str, str]) -> dict[Way, float]:
    if model.listener is None or model.verdict is Verdict.UNDETERMINED or model.paths[0].target is None:
        return {}
    if any(hop.hypothetical for path in model.paths for hop in path.hops[1:2]):
        return {}  # the CLB's own groups stop the request
    by_target: dict[str, set[Way]] = {}
    for path in model.paths:
        by_target.setdefault(path.target or "", set()).add((path.target, path.endpoint if _is_told(path) else None))
    (used,) = used_sets({name: health.get(name, "") for name in by_target})
    weights = {each.name: each.weight for each in model.listener.targets or () if each.name in used}
    share = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    return {way: share[name] / len(by_target[name]) for name in share for way in by_target[name]}


def _is_told(path: Path) -> bool:
    """Does the packet get so far that one sees which pod was picked? A pod that the CLB asks itself was."""
    at_target = path.hops[1]
    return at_target.hop == "pod" or at_target.checks[0].action is not Action.DROP


def gone(seen: Sequence[Witnessed]) -> set[Way]:
    """What was seen of these."""
    ways = {(path.target, path.endpoint) for each in seen for path in each.kernel.paths}
    return ways | {("symptom", symptom_text(each.observed.symptom)) for each in seen}


class Tally:
    """
    Over many cases: how many ways and symptoms were predicted, how many never seen, and how many of those by chance.

    Only those count that chance hides in one case of ten at most.
    """

    def __init__(self) -> None:
        self.predicted = self.missed = 0
        self._chances: list[float] = []

    def add(self, seen: Sequence[Witnessed], at_most: int) -> None:
        """Count one case that may have been asked *at_most* times; nothing where health changed meanwhile."""
        measured = [each.health for each in seen]
        if any(each != measured[0] for each in measured):
            return
        ways = {way: (1 - least) ** at_most for way, least in predicted(seen[0].model, measured[0]).items()}
        likely = {way: hidden for way, hidden in ways.items() if hidden <= 0.1}
        self.predicted += len(likely)
        self.missed += len(likely.keys() - gone(seen))
        self._chances += likely.values()

    @property
    def expected(self) -> float:
        """How many are missed by chance, at most, on the average."""
        return fsum(self._chances)

    @property
    def plausible(self) -> bool:
        """Are no more missed than five standard deviations allow? Five, because some come or stay away together."""
        return self.missed <= self.expected + 5 * sqrt(fsum(each * (1 - each) for each in self._chances))
