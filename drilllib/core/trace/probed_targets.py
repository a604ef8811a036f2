"""The targets of a listener in kinds, and their health, whoever asks."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import cached_property

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.resources import Listener, Target
from drilllib.core.trace.answer import Health
from drilllib.core.trace.classes import Classes, PathClass, by_target
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.health import Prediction, observed_by, predict
from drilllib.core.trace.local_facts import TargetFacts
from drilllib.core.trace.path import Path
from drilllib.core.trace.shape import shape
from drilllib.core.trace.walker import Walker

ENTRIES = 8  # of health, that tell apart what a check might; instead of more there is one for each state and cause


class ProbedTargets:
    """
    Every target of a listener with its health. Targets are known by their places.

    With *each* every target is by itself.

    Raises:
        TooComplexError: Too many paths differ.
    """

    def __init__(self, walker: Walker, targets: Sequence[Target], *, each: bool) -> None:
        self._walker, self._each = walker, each
        self.facts, kinds = _sorted(walker, targets)
        self.kinds: Sequence[Hashable] = range(len(kinds)) if each else kinds
        self._prober = Classes(walker, self.facts, walker.probe, each=each)
        self.classes = self._prober.found(self._groups())
        self._by_target = by_target(self.classes)
        self._observed = [observed_by(walker, facts.target) for facts in self.facts]
        self._predictions: dict[Hashable, Prediction] = {}
        self._predicted = [self._prediction(place) for place in range(len(targets))]
        self.asked = [self._asked(place) for place in range(len(targets))]
        self.kinds_asked = [
            self.kinds[place] if each or it is self.facts[place] else shape(it) for place, it in enumerate(self.asked)
        ]

    def _groups(self) -> dict[tuple[Hashable, str], list[int]]:
        groups: dict[tuple[Hashable, str], list[int]] = {}
        for place, kind in enumerate(self.kinds if self._walker.listener.probes is not False else ()):
            groups.setdefault((kind, ""), []).append(place)
        return groups

    def _prediction(self, place: int) -> Prediction:
        """What follows from the rules; its blocker is that of another target of the kind."""
        key = self.kinds[place], tuple(self._by_target.get(place, ()))
        if key not in self._predictions:
            paths = [self.classes[number].path for number in key[1]]
            self._predictions[key] = predict(self._walker, self.facts[place], paths)
        return self._predictions[key]

    def _asked(self, place: int) -> TargetFacts:
        """The target as requests meet it, with the doubts about whether the CLB sends to it, and gets an answer."""
        facts, name = self.facts[place], self.facts[place].target.name
        doubts: tuple[Fact, ...] = ()
        if facts.target.weight is None:
            doubts += (fact(FactCode.TARGET_WEIGHT, target=name),)
        if self._observed[place] == "Dead" and self._predicted[place].state == "Alive":
            doubts += (fact(FactCode.DEAD_TARGET, target=name),)
        return replace(facts, doubts=facts.doubts + doubts) if doubts else facts

    @cached_property
    def states(self) -> dict[str, str]:
        """
        The health of each target by its name: observed where that was read, else predicted.

        One whose weight was not read may be in use, like one of unknown health.
        """
        known = zip((facts.target for facts in self.facts), self._observed, self._predicted, strict=True)
        return {it.name: "Unknown" if it.weight is None else seen or found.state for it, seen, found in known}

    @property
    def assumptions(self) -> set[Assumption]:
        """What the predictions take for granted."""
        return {one for each in self._predictions.values() for one in each.assumptions}

    def health(self, paths: dict[int, list[int]]) -> tuple[Health, ...]:
        """
        The health of every target, one entry for those that are alike.

        *paths* tells targets apart that otherwise are: what each has of the paths of requests.
        """
        groups = self._health_groups(lambda place: self._alike(place, paths))
        if len(groups) > ENTRIES and not self._each:
            groups = self._health_groups(self._faring_alike)
        return tuple(map(self._health, groups))

    def _health_groups(self, kind: Callable[[int], Hashable]) -> list[list[int]]:
        groups: dict[Hashable, list[int]] = {}
        for place in range(len(self.facts)):
            groups.setdefault(place if self._each else kind(place), []).append(place)
        return list(groups.values())

    def _alike(self, place: int, paths: dict[int, list[int]]) -> Hashable:
        """What tells targets apart: their kind, their paths, what the CLB sees."""
        mine = (tuple(found.get(place, ())) for found in (paths, self._by_target))
        return self.kinds[place], self._observed[place], *mine

    def _faring_alike(self, place: int) -> Hashable:
        found = self._predicted[place]
        why = found.blocker and (found.blocker.hop, found.blocker.reason, shape(found.blocker.check))
        return self.facts[place].target.weight != 0, found.state, self._observed[place], why

    def _health(self, places: Sequence[int]) -> Health:
        first, others = places[0], places[1:]
        target, found = self.facts[first].target, self._predicted[first]
        own = predict(self._walker, self.facts[first], self._own_probes(first)) if found.blocker else found
        return Health(
            target=target.name,
            predicted=found.state,
            observed=self._observed[first],
            blocker=own.blocker,
            gaps=own.gaps,
            others=tuple(self.facts[place].target.name for place in others),
            takes_requests=target.weight != 0,
        )

    def _own_probes(self, place: int) -> list[Path]:
        """The probes of one target itself, one for each way that differs."""
        mine: list[PathClass] = [self.classes[number] for number in self._by_target[place]]
        return self._prober.own(mine, place)


def _sorted(walker: Walker, targets: Sequence[Target]) -> tuple[list[TargetFacts], list[Hashable]]:
    """The facts of all targets, and their kinds; no rule changes them, but what the CLB saw of probes does."""
    listener, snapshot = walker.listener, walker.snapshot
    key = "targets", walker.balancer.balancer_id, id(listener), len(targets)

    def found() -> tuple[Listener, list[TargetFacts], list[Hashable]]:
        facts = [walker.facts(target) for target in targets]
        return listener, facts, [shape(each) for each in facts]  # the listener is kept, so that its id stays its own

    return (snapshot.memo if snapshot.has("target_health") else snapshot.lasting).once(key, found)[1:]


def probed_targets(walker: Walker, targets: Sequence[Target], *, each: bool) -> ProbedTargets:
    """The targets of the walker's listener, whose probes are walked once for all clients that come by one VIP."""
    key = "probed", walker.balancer.balancer_id, walker.frontend, id(walker.listener), len(targets), each
    return walker.snapshot.memo.once(key, lambda: ProbedTargets(walker, targets, each=each))
