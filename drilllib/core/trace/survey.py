"""All paths of one question, in classes, and what becomes of requests at each target."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Target
from drilllib.core.trace.answer import NAMED, Health
from drilllib.core.trace.classes import Classes, PathClass
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
        probed = self.probed
        requests = Classes(walker, probed.listed, lambda facts: walker.request(facts, client), probed.asked, each=each)
        self.classes = requests.found(probed.takers)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """One path a class, with what it stands for."""
        return tuple(self._path(each) for each in self.classes)

    def _path(self, found: PathClass) -> Path:
        if found.count == 1 or found.path.target is None:
            return found.path
        endpoints, names = found.pods.endpoints if found.pods else (), self.probed.listed.names
        return Path(
            target=found.path.target,
            endpoint=found.path.endpoint,
            hops=found.path.hops,
            count=found.count,
            targets=len(found.targets),
            endpoints=len(found.endpoints),
            like=self._others(found.targets, found.place[0], names.__getitem__),
            like_endpoints=self._others(found.endpoints, found.place[1], lambda place: endpoints[place].name),
        )

    def _others(self, places: Sequence[int], own: int, name_of: Callable[[int], str]) -> tuple[str, ...]:
        """Some names of others than one's own; many questions share the lists."""
        if len(places) == 1 and places[0] == own:
            return ()
        key, memo = ("others", own), self._walker.snapshot.memo
        return memo.of(places, key, lambda: _some(name_of(place) for place in places if place != own))

    @cached_property
    def health(self) -> tuple[Health, ...]:
        """The health of every target, one entry for those that are alike."""
        return self.probed.health(self.classes)

    def state_of(self, name: str) -> str:
        """The health of a target by its name, as the CLB takes it for this client."""
        return self._own_states.get(name) or self.probed.state_of(name)

    @cached_property
    def _own_states(self) -> Mapping[str, str]:
        return self._walker.own_states(self.targets)

    def crowds(self, *, unknown_passes: bool, refuses: bool = False) -> list[Crowd]:
        """The targets that take requests, counted by health and by how attempts at them can end; see `Hop.end`."""
        as_if = {"unknown_passes": unknown_passes, "refuses": refuses}
        ends = [each.path.end(behind_clb=True, **as_if)[0] for each in self.classes]
        counts: Counter[tuple[str, frozenset[PathOutcome], bool]] = Counter()
        for numbers, state, sticks, count in self._ways:
            counts[state, frozenset(map(ends.__getitem__, numbers)), sticks] += count
        return [Crowd(state, ends, count, sticks) for (state, ends, sticks), count in counts.items()]

    @cached_property
    def _ways(self) -> list[tuple[tuple[int, ...], str, bool, int]]:
        """The numbers of classes that targets have paths of; their health, whether they keep a client, how many."""
        found = []
        for numbers, places in self.probed.ways(self.classes).items():  # of one kind and one health
            first = self.targets[places[0]]
            sticks = self._walker.sticks(first, self._client) is not None
            found.append((numbers, self.state_of(first.target.name), sticks, len(places)))
        return found

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
