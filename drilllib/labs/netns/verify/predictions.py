"""
What the model says can become of one request, and how likely each way and symptom is at least: a model that lists too
many is found out by those that never occur.
"""

from collections import Counter
from collections.abc import Sequence
from math import fsum, log, log1p

from drilllib.core.rules.rules import Action
from drilllib.core.trace.agreement import symptom_text
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Path, PathOutcome
from drilllib.core.trace.verdict import Verdict, used
from drilllib.labs.netns.results import Comparison

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
    weights = [each.share for each in (model.listener and model.listener.targets) or () if each.share]
    unknown = any(each.predicted == "Unknown" for each in model.health)
    unknown = unknown or any(path.outcome is PathOutcome.UNDETERMINED for path in model.paths)
    if model.verdict is Verdict.UNDETERMINED or unknown or len(model.symptoms) < 2 or not weights:
        return {}
    tried = 1 if model.listener is None or model.listener.layer == 4 else len(weights)
    most = max(Counter(path.target for path in model.paths).values())
    least = min(weights) / sum(weights) / most**tried
    return {("symptom", symptom_text(each)): least for each in model.symptoms} if tried <= 2 else {}


def _ways(model: Trace, health: dict[str, str]) -> dict[Way, float]:
    if model.listener is None or model.verdict is Verdict.UNDETERMINED or model.paths[0].target is None:
        return {}
    if any(_ends_before_choice(path) for path in model.paths):
        return {}
    by_target: dict[str, set[Way]] = {}
    for path in model.paths:
        by_target.setdefault(path.target or "", set()).add((path.target, path.endpoint if _is_told(path) else None))
    names = used({name: health.get(name, "") for name in by_target})
    weights = {each.name: each.share for each in model.listener.targets or () if each.name in names}
    share = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    return {way: share[name] / len(by_target[name]) for name in share for way in by_target[name]}


def _ends_before_choice(path: Path) -> bool:
    """Do the CLB's own groups stop the request, or may they, or the target's, so that nothing is sure to be seen?"""
    first = (check for hop in path.hops[:2] for check in hop.checks[:1])
    return path.hops[1].hypothetical or any(check.action is Action.UNDETERMINED for check in first)


def _is_told(path: Path) -> bool:
    """Does the packet get so far that one sees which pod was picked? A pod that the CLB asks itself was."""
    at_target = path.hops[1]
    return at_target.hop is HopKind.POD or at_target.checks[0].action is not Action.DROP


def ways_seen(seen: Sequence[Comparison]) -> set[Way]:
    """The ways and symptoms that occurred."""
    ways = {(path.target, path.endpoint) for each in seen for path in each.kernel.paths}
    return ways | {("symptom", symptom_text(each.observed.symptom)) for each in seen}


class Tally:
    """
    Over many cases: how many ways and symptoms were predicted, and how many of them were never seen.

    Only those count that chance hides in one case of ten at most.
    """

    def __init__(self) -> None:
        self._hidden: list[tuple[float, bool]] = []  # by what chance a way stays unseen, and whether it did

    def add(self, seen: Sequence[Comparison], at_most: int) -> None:
        """Count one case that may have been asked *at_most* times; nothing where health changed meanwhile."""
        measured = [each.health for each in seen]
        if any(each != measured[0] for each in measured):
            return
        met = ways_seen(seen)
        for way, least in predicted(seen[0].model, measured[0]).items():
            chance = max((1 - least) ** at_most, 1e-9)
            if chance <= 0.1:
                self._hidden.append((chance, way not in met))

    @property
    def predicted(self) -> int:
        """How many there are."""
        return len(self._hidden)

    @property
    def missed(self) -> int:
        """How many never occurred."""
        return sum(missed for _, missed in self._hidden)

    @property
    def expected(self) -> float:
        """How many of them by chance, at most, on the average."""
        return fsum(chance for chance, _ in self._hidden)

    @property
    def plausible(self) -> bool:
        """
        Is it chance that they did not occur? A way counts the more the less likely it is to stay unseen.

        By the Chernoff bound chance would do that once in ten thousand tallies at most, were all ways independent; some
        come or stay away together.
        """
        return min(self._bound(tilt / 10) for tilt in range(1, 10)) > log(1e-4)

    def _bound(self, tilt: float) -> float:
        """The logarithm of a bound of the probability that as much stays unseen."""
        expected = fsum(log1p(chance ** (1 - tilt) - chance) for chance, _ in self._hidden)
        return expected + tilt * fsum(log(chance) for chance, missed in self._hidden if missed)
