"""The targets of a listener in kinds, and their health, whoever asks."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.resources import Target
from drilllib.core.trace.answer import Health
from drilllib.core.trace.classes import Classes, PathClass, Ways, ways_of
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.health import Prediction, observed_by, predict
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.path import Path
from drilllib.core.trace.shape import shape
from drilllib.core.trace.target_kinds import TargetKinds
from drilllib.core.trace.walker import Walker

_Shared = tuple[list[Sequence[int]], Ways, tuple[Health, ...] | None]  # the health once it is asked for
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
        self.listed = listed_targets(walker, targets)
        self.facts: Sequence[TargetFacts] = self.listed.facts
        self.kinds: Sequence[Hashable] = range(len(targets)) if each else self.listed.kinds
        self._prober = Classes(walker, self.listed, walker.probe, each=each)
        self.classes = self._prober.found(self._groups())
        self._probes = self._probes_of_each()
        self._observed = observed_by(walker, targets)
        self._predictions: dict[Hashable, Prediction] = {}
        self._whys: dict[int, Hashable] = {}
        self._predicted = [self._prediction(*each) for each in enumerate(zip(self.kinds, self._probes, strict=True))]
        self.asked, self.kinds_asked = self._as_asked()
        self._known: dict[tuple[int, ...], _Shared] = {}  # by the identities of the lists of targets

    def _groups(self) -> dict[tuple[Hashable, str], list[int]]:
        if self._walker.listener.probes is False:
            return {}
        if self._each:
            return {(place, ""): [place] for place in range(len(self.facts))}
        return {(kind, ""): places for kind, places in self.listed.by_kind.items()}

    def _probes_of_each(self) -> list[tuple[int, ...]]:
        """The classes of its probes, by their numbers, for each target."""
        found: list[tuple[int, ...]] = [()] * len(self.facts)
        for numbers, places in ways_of(self.classes).items():
            for place in places:
                found[place] = numbers
        return found

    def _prediction(self, place: int, kind: tuple[Hashable, tuple[int, ...]]) -> Prediction:
        """What follows from the rules; its blocker is that of another target of the kind with the same probes."""
        if kind not in self._predictions:
            paths = [self.classes[number].path for number in kind[1]]
            self._predictions[kind] = predict(self._walker, self.facts[place], paths)
        return self._predictions[kind]

    def _as_asked(self) -> tuple[Sequence[TargetFacts], Sequence[Hashable]]:
        """The targets as requests meet them, and their kinds: with doubts whether the CLB sends to them."""
        if not self.listed.has_unread_weight and "Dead" not in self._observed:
            return self.facts, self.kinds
        asked, kinds = list(self.facts), list(self.kinds)
        for place, facts in enumerate(asked):
            doubts = self._doubts(place) if facts.target.weight is None or self._observed[place] == "Dead" else ()
            if doubts:
                asked[place] = replace(facts, doubts=facts.doubts + doubts)
                kinds[place] = kinds[place] if self._each else shape(asked[place])
        return asked, kinds

    def _doubts(self, place: int) -> tuple[Fact, ...]:
        """About whether the CLB sends to a target, and gets an answer."""
        target, doubts = self.facts[place].target, tuple[Fact, ...]()
        if target.weight is None:
            doubts += (fact(FactCode.TARGET_WEIGHT, target=target.name),)
        if self._observed[place] == "Dead" and self._predicted[place].state == "Alive":
            doubts += (fact(FactCode.DEAD_TARGET, target=target.name),)
        return doubts

    @cached_property
    def takers(self) -> dict[tuple[Hashable, str], list[int]]:
        """The targets that take requests, by kind and health."""
        groups: dict[tuple[Hashable, str], list[int]] = {}
        for place in self.listed.takers:
            groups.setdefault((self.kinds_asked[place], self._state_at(place)), []).append(place)
        return groups

    @property
    def states(self) -> dict[str, str]:
        """The health of each target by its name; see `state_of`."""
        return {name: self._state_at(place) for name, place in self.listed.by_name.items()}

    def state_of(self, name: str) -> str:
        """
        The health of a target: observed where that was read, else predicted.

        One whose weight was not read may be in use, like one of unknown health.
        """
        return self._state_at(self.listed.by_name[name])

    def _state_at(self, place: int) -> str:
        if self.facts[place].target.weight is None:
            return "Unknown"
        return self._observed[place] or self._predicted[place].state

    @property
    def assumptions(self) -> set[Assumption]:
        """What the predictions take for granted."""
        return {one for each in self._predictions.values() for one in each.assumptions}

    def ways(self, classes: Sequence[PathClass]) -> Ways:
        """The targets by the *classes* of requests that they have paths of; what many clients share is found once."""
        return self._shared(classes)[1]

    def health(self, classes: Sequence[PathClass]) -> tuple[Health, ...]:
        """
        The health of every target, one entry for those that are alike.

        *classes* of requests tell targets apart that otherwise are.
        """
        lists, ways, known = self._shared(classes)
        if known is None:
            known = tuple(map(self._health_of, self._alike_in(ways)))
            if not self._each:  # whose lists are made anew each time
                self._known[tuple(map(id, lists))] = lists, ways, known
        return known

    def _shared(self, classes: Sequence[PathClass]) -> _Shared:
        lists = [each.targets for each in classes]
        key = tuple(map(id, lists))
        if key not in self._known:
            found = ways_of(classes)
            if self._each:
                return lists, found, None
            self._known[key] = lists, found, None
        return self._known[key]

    def _alike_in(self, ways: Ways) -> list[list[int]]:
        """The places of targets that are alike."""
        numbers = {place: found for found, places in ways.items() for place in places}
        groups = self._grouped(lambda place: self._alike(place, numbers), most=ENTRIES)
        return self._faring if groups is None else groups

    @cached_property
    def _faring(self) -> list[list[int]]:
        return self._grouped(self._faring_alike) or []

    def _grouped(self, kind: Callable[[int], Hashable], *, most: int | None = None) -> list[list[int]] | None:
        """The places of all targets by their kind; None where these are more than *most*."""
        if self._each:
            return [[place] for place in range(len(self.facts))]
        groups: dict[Hashable, list[int]] = {}
        for place in range(len(self.facts)):
            groups.setdefault(kind(place), []).append(place)
            if most is not None and len(groups) > most:
                return None
        return list(groups.values())

    def _alike(self, place: int, paths: Mapping[int, tuple[int, ...]]) -> Hashable:
        """What tells targets apart: their kind, their paths, what the CLB sees."""
        return self.kinds[place], self._observed[place], paths.get(place, ()), self._probes[place]

    def _faring_alike(self, place: int) -> Hashable:
        found = self._predicted[place]
        return self.listed.are_used[place], found.state, self._observed[place], self._why(found)

    def _why(self, found: Prediction) -> Hashable:
        """What stops probes, told once for all targets that share a prediction."""
        if id(found) not in self._whys:
            stop = found.blocker
            self._whys[id(found)] = stop and (stop.hop, stop.reason, shape(stop.check))
        return self._whys[id(found)]

    def _health_of(self, places: Sequence[int]) -> Health:
        first, others = places[0], places[1:]
        target, found = self.facts[first].target, self._predicted[first]
        own = predict(self._walker, self.facts[first], self._own_probes(first)) if found.blocker else found
        return Health(
            target=target.name,
            predicted=found.state,
            observed=self._observed[first],
            blocker=own.blocker,
            gaps=own.gaps,
            others=tuple(self.listed.names[place] for place in others),
            takes_requests=target.weight != 0,
        )

    def _own_probes(self, place: int) -> list[Path]:
        """The probes of one target itself, one for each way that differs."""
        mine: list[PathClass] = [self.classes[number] for number in self._probes[place]]
        return self._prober.own(mine, place)


def listed_targets(walker: Walker, targets: Sequence[Target]) -> TargetKinds:
    """
    All targets in kinds. No rule changes them, but what the CLB saw of probes does; and which groups are bound to pods
    does not, where all targets are nodes.
    """
    snapshot, key = walker.snapshot, ("targets", walker.balancer.balancer_id, len(targets))
    about: tuple[object, ...] = (walker.listener,)
    memo = snapshot.memo if snapshot.has("target_health") else snapshot.lasting
    if memo is snapshot.lasting and all(target.is_node for target in targets):
        memo, about = snapshot.ungrouped, (walker.listener, snapshot.nodes)
    return memo.of_all(about, key, lambda: TargetKinds([walker.facts(target) for target in targets]))


def probed_targets(walker: Walker, targets: Sequence[Target], *, each: bool) -> ProbedTargets:
    """The targets of the walker's listener, whose probes are walked once for all clients that come by one VIP."""
    key = "probed", walker.balancer.balancer_id, walker.frontend, id(walker.listener), len(targets), each
    return walker.snapshot.memo.once(key, lambda: ProbedTargets(walker, targets, each=each))
