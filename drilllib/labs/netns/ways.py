"""
The ways that the model says one request can go, and how likely each is at least: a model that lists too many is found
out by those that never occur.
"""

from collections.abc import Sequence
from math import fsum, sqrt

from drilllib.core.answers import Trace
from drilllib.core.evidence import Path
from drilllib.core.requests import Verdict, used_sets
from drilllib.core.rules import Action
from drilllib.labs.netns.lab import Witnessed

Way = tuple[str | None, str | None]  # target and endpoint


def predicted(model: Trace, health: dict[str, str]) -> dict[Way, float]:
    """Every way, given the targets' measured *health*, with the least chance that one request goes it."""
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
    """The ways that were seen."""
    return {(path.target, path.endpoint) for each in seen for path in each.kernel.paths}


class Tally:
    """Over many cases: how many ways were predicted, how many never seen, and how many of those chance explains."""

    def __init__(self) -> None:
        self.predicted = self.missed = 0
        self._chances: list[float] = []

    def add(self, seen: Sequence[Witnessed], at_most: int) -> None:
        """Count one case that may have been asked *at_most* times; nothing where health changed meanwhile."""
        measured = [each.health for each in seen]
        if any(each != measured[0] for each in measured):
            return
        ways = predicted(seen[0].model, measured[0])
        self.predicted += len(ways)
        self.missed += len(ways.keys() - gone(seen))
        self._chances += [(1 - chance) ** at_most for chance in ways.values()]

    @property
    def expected(self) -> float:
        """How many are missed by chance, at most, on the average."""
        return fsum(self._chances)

    @property
    def plausible(self) -> bool:
        """Are there no more missed than four standard deviations allow?"""
        return self.missed <= self.expected + 4 * sqrt(fsum(each * (1 - each) for each in self._chances)) + 1
