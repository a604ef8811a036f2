"""All paths of one question, and the health of all its targets, both in classes."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Target
from drilllib.core.trace.answer import NAMED, Health
from drilllib.core.trace.classes import Classes, PathClass
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.fates import Crowd
from drilllib.core.trace.health import Prediction, observed_by, predict
from drilllib.core.trace.path import Outcome, Path
from drilllib.core.trace.standing import shape
from drilllib.core.trace.walker import Walker

ENTRIES = (
    8  # of health, that tell apart what a check might; where there are more, only states and causes are told apart
)


class Survey:
    """
    What becomes of one client's requests at every target of a listener, and of the probes.

    Targets are known by their places in *targets*. With *each* every path and target is by itself.

    Raises:
        TooComplexError: Too many paths differ.
    """

    def __init__(self, walker: Walker, client: Address, targets: Sequence[Target], *, each: bool = False) -> None:
        self._walker, self._each = walker, each
        self.targets = [walker.facts(target) for target in targets]
        self._kinds = [place if each else shape(facts) for place, facts in enumerate(self.targets)]
        self._predictions: dict[Hashable, Prediction] = {}
        self._prober = Classes(walker, self.targets, walker.probe, each=each)
        self._probes = self._sorted(self._prober, self._probed())
        self._observed = [observed_by(walker, facts.target) for facts in self.targets]
        self.states = self._states()
        requests = Classes(walker, self.targets, lambda facts: walker.request(facts, client), each=each)
        self.classes, self._by_target = self._sorted(requests, self._asking())

    def _sorted(
        self, classes: Classes, groups: dict[tuple[Hashable, str], list[int]]
    ) -> tuple[list[PathClass], dict[int, list[int]]]:
        """The classes, and which of them each target has."""
        found, by_target = classes.found(groups), dict[int, list[int]]()
        for number, each in enumerate(found):
            for place in each.targets:
                by_target.setdefault(place, []).append(number)
        return found, by_target

    def _probed(self) -> dict[tuple[Hashable, str], list[int]]:
        groups: dict[tuple[Hashable, str], list[int]] = {}
        for place, kind in enumerate(self._kinds if self._walker.listener.probes else ()):
            groups.setdefault((kind, ""), []).append(place)
        return groups

    def _asking(self) -> dict[tuple[Hashable, str], list[int]]:
        """The targets that take requests, by kind and health. Of two entries for one target the later counts."""
        by_name = {facts.target.name: place for place, facts in enumerate(self.targets) if facts.target.weight != 0}
        groups: dict[tuple[Hashable, str], list[int]] = {}
        for name, place in by_name.items():
            groups.setdefault((self._kinds[place], self.states[name]), []).append(place)
        return groups

    def _states(self) -> dict[str, str]:
        """The health of each target by its name: observed where that was read, else predicted."""
        predicted = [self._predicted(place)[0] for place in range(len(self.targets))]
        names = (facts.target.name for facts in self.targets)
        return {name: seen or mine for name, seen, mine in zip(names, self._observed, predicted, strict=True)}

    def _predicted(self, place: int) -> Prediction:
        """What follows from the rules; its blocker is that of another target of the kind."""
        classes, by_target = self._probes
        key = self._kinds[place], tuple(by_target.get(place, ()))
        if key not in self._predictions:
            paths = [classes[number].path for number in key[1]]
            self._predictions[key] = predict(self._walker, self.targets[place], paths)
        return self._predictions[key]

    @property
    def assumptions(self) -> set[Assumption]:
        """What the predictions take for granted."""
        return {one for _, _, assumptions in self._predictions.values() for one in assumptions}

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """One path a class, with what it stands for."""
        return tuple(self._path(each) for each in self.classes)

    def _path(self, found: PathClass) -> Path:
        if found.count == 1 or found.path.target is None:
            return found.path
        others = (place for place in found.targets if place != found.place[0])
        endpoints = found.pods.endpoints if found.pods else ()
        names = (endpoints[place].name for place in found.endpoints if place != found.place[1])
        return replace(
            found.path,
            count=found.count,
            targets=len(found.targets),
            endpoints=len(found.endpoints),
            like=_some(self.targets[place].target.name for place in others),
            like_endpoints=_some(names),
        )

    @cached_property
    def health(self) -> tuple[Health, ...]:
        """The health of every target, one entry for those that are alike."""
        groups = self._health_groups(self._alike)
        if len(groups) > ENTRIES and not self._each:
            groups = self._health_groups(self._faring_alike)
        return tuple(self._health(places) for places in groups)

    def _health_groups(self, kind: Callable[[int], Hashable]) -> list[list[int]]:
        groups: dict[Hashable, list[int]] = {}
        for place in range(len(self.targets)):
            groups.setdefault(place if self._each else kind(place), []).append(place)
        return list(groups.values())

    def _alike(self, place: int) -> Hashable:
        """What tells targets apart: their kind, their paths, what the CLB sees."""
        mine = (tuple(by_target.get(place, ())) for by_target in (self._by_target, self._probes[1]))
        return self._kinds[place], self._observed[place], *mine

    def _faring_alike(self, place: int) -> Hashable:
        predicted, blocker, _ = self._predicted(place)
        why = blocker and (blocker.hop, blocker.reason, shape(blocker.check))
        return self.targets[place].target.weight != 0, predicted, self._observed[place], why

    def _health(self, places: Sequence[int]) -> Health:
        first, others = places[0], places[1:]
        target = self.targets[first].target
        predicted, blocker, _ = self._predicted(first)
        return Health(
            target=target.name,
            predicted=predicted,
            observed=self._observed[first],
            blocker=blocker and predict(self._walker, self.targets[first], self._own_probes(first))[1],
            others=tuple(self.targets[place].target.name for place in others),
            takes_requests=target.weight != 0,
        )

    def _own_probes(self, place: int) -> list[Path]:
        """The probes of one target itself, one for each way that differs."""
        classes, by_target = self._probes
        return self._prober.own([classes[number] for number in by_target[place]], place)

    def crowds(self, *, unknown_passes: bool) -> list[Crowd]:
        """The targets that take requests, counted by health and by how attempts at them can end."""
        behind_clb = [replace(each.path, hops=each.path.hops[1:]) for each in self.classes]
        ends = [path.end(unknown_passes=unknown_passes)[0] for path in behind_clb]
        known: dict[tuple[int, ...], frozenset[Outcome]] = {}
        counts: Counter[tuple[str, frozenset[Outcome]]] = Counter()
        for place, numbers in self._by_target.items():
            key = tuple(numbers)
            if key not in known:
                known[key] = frozenset(ends[number] for number in numbers)
            counts[self.states[self.targets[place].target.name], known[key]] += 1
        return [Crowd(state, each, count) for (state, each), count in counts.items()]


def _some(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:NAMED]
