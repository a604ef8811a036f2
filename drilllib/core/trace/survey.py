"""All paths of one question, in classes, and what becomes of requests at each target."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Target
from drilllib.core.trace.answer import NAMED, Health
from drilllib.core.trace.classes import Classes, PathClass, by_target
from drilllib.core.trace.fates import Crowd
from drilllib.core.trace.path import Path, PathOutcome
from drilllib.core.trace.probed_targets import probed_targets
from drilllib.core.trace.walker import Walker


class Survey:
    """
    What becomes of one client's requests at every target of a listener, and of the probes.

    Targets are known by their places in *targets*. With *each* every path and target is by itself.

    Raises:
        TooComplexError: Too many paths differ.
    """

    def __init__(self, walker: Walker, client: Address, targets: Sequence[Target], *, each: bool = False) -> None:
        self.probed = probed_targets(walker, targets, each=each)
        self.targets, self._walker, self._client = self.probed.facts, walker, client
        requests = Classes(walker, self.probed.asked, lambda facts: walker.request(facts, client), each=each)
        self.classes = requests.found(self._groups())
        self._by_target = by_target(self.classes)

    def _groups(self) -> dict[tuple[Hashable, str], list[int]]:
        """The targets that take requests, by kind and health. Of two entries for one target the later counts."""
        by_name = {facts.target.name: place for place, facts in enumerate(self.targets) if facts.target.weight != 0}
        groups: dict[tuple[Hashable, str], list[int]] = {}
        for name, place in by_name.items():
            groups.setdefault((self.probed.kinds_asked[place], self.probed.states[name]), []).append(place)
        return groups

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
        return self.probed.health(self._by_target)

    def crowds(self, *, unknown_passes: bool) -> list[Crowd]:
        """The targets that take requests, counted by health and by how attempts at them can end."""
        behind_clb = [replace(each.path, hops=each.path.hops[1:]) for each in self.classes]
        ends = [path.end(unknown_passes=unknown_passes)[0] for path in behind_clb]
        known: dict[tuple[int, ...], tuple[frozenset[PathOutcome], bool]] = {}
        counts: Counter[tuple[str, frozenset[PathOutcome], bool]] = Counter()
        for place, numbers in self._by_target.items():
            key = tuple(numbers)  # targets that have the same are of one kind
            if key not in known:
                sticks = self._walker.sticks(self.targets[place], self._client) is not None
                known[key] = frozenset(ends[number] for number in numbers), sticks
            counts[self.probed.states[self.targets[place].target.name], *known[key]] += 1
        return [Crowd(state, ends, count, sticks) for (state, ends, sticks), count in counts.items()]

    def affinities(self) -> tuple[Fact, ...]:
        """The places that one client stays with, of which nobody can tell which they are."""
        listener = self._walker.listener
        stays = fact(FactCode.TARGET_OF_CLIENT, listener=listener.listener_id, client=self._client)
        unlike = {(each.target.kind, each.target.port, each.address.version): each for each in self.targets}
        services = (self._walker.sticks(facts, self._client) for facts in unlike.values())
        at_nodes = (fact(FactCode.ENDPOINT_OF_CLIENT, service=each.name) for each in services if each)
        return tuple(dict.fromkeys((*([stays] if listener.keeps_client else []), *at_nodes)))


def _some(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        if len(found) == NAMED:
            break
    return tuple(found)
