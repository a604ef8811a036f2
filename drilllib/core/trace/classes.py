"""
The paths of a question in classes that no check tells apart, each walked once and counted.

A path is a target and an endpoint. Targets of one kind, and endpoints of one kind, differ in names, addresses and in
who is on whose node. So first one pair is walked for each kind of target and of endpoint, once with the endpoint on the
node and once elsewhere; what its gates were asked about the node's or the pod's own address then tells which others
get the same answers. The cost follows the number of different paths.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drilllib.core.trace.endpoint_kinds import EndpointKinds, Grouped, Position, count_in, group_of, kinds_of
from drilllib.core.trace.gates import Asked
from drilllib.core.trace.local_facts import TargetFacts
from drilllib.core.trace.node import Pick
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Path
from drilllib.core.trace.shape import shape
from drilllib.core.trace.walker import Attempt, Walker
from drilllib.errors import TooComplexError

MOST = 5000  # classes that are walked
Start = Callable[[TargetFacts], Attempt]  # a client's attempt at a target, or a probe of it
Pairs = tuple[Sequence[int], Sequence[int], int]  # targets, endpoints, and how many pairs of them


@dataclass(frozen=True, slots=True)
class PathClass:
    """
    *count* paths that are alike; *path* is the first, of the pair *place*: a target and an endpoint, -1 for none.

    *targets* and *endpoints* are the places of all that have such a path, *pods* names the endpoints. *kinds* tell
    target and endpoint from those that a check may treat otherwise.
    """

    path: Path
    place: tuple[int, int]
    targets: Sequence[int]
    endpoints: Sequence[int] = ()
    count: int = 1
    pods: EndpointKinds | None = None
    kinds: tuple[Hashable, Hashable] = (None, None)
    is_here: bool = False  # are the endpoints on the nodes of their targets?


@dataclass(slots=True)
class _Part:
    """Targets and endpoints of one kind each, here or elsewhere, that may be paired."""

    kind: int | None
    is_here: bool
    targets: list[int] = field(default_factory=list)


class Classes:
    """Sorts the paths to some targets, for attempts or for probes of one walker."""

    def __init__(self, walker: Walker, targets: Sequence[TargetFacts], start: Start, *, each: bool = False) -> None:
        self._walker, self._targets, self._make = walker, targets, start
        self._attempts: dict[int, Attempt] = {}
        self._kinds = kinds_of(walker.snapshot, walker.standing, walker.transport)
        self._peers: set[Origin] = set()
        self._each = each
        self._left = MOST

    def found(self, groups: Mapping[tuple[Hashable, str], Sequence[int]]) -> list[PathClass]:
        """
        The classes in the order of their first paths. *groups* are the places of targets by kind and health.

        Raises:
            TooComplexError: There are more than `MOST`.
        """
        made = self._each_path(groups) if self._each else self._classes(groups)
        return sorted(map(self._counted, made), key=lambda each: each.place)

    def _counted(self, found: PathClass) -> PathClass:
        self._left -= 1
        if self._left < 0:
            raise TooComplexError(
                "The request has more than {most} paths that differ",
                remedy="Ask about one Service with fewer different targets",
                most=MOST,
            )
        return found

    def _each_path(self, groups: Mapping[tuple[Hashable, str], Sequence[int]]) -> Iterator[PathClass]:
        for place in sorted(place for places in groups.values() for place in places):
            attempt = self._start(place)
            for number, pick in enumerate(self._walker.picks(attempt)):
                kinds = (place, number)
                yield PathClass(self._walker.path(attempt, pick), kinds, (place,), (number,), kinds=kinds)

    def _classes(self, groups: Mapping[tuple[Hashable, str], Sequence[int]]) -> Iterator[PathClass]:
        for (kind, _), places in groups.items():
            pods = self._endpoints(self._start(places[0]))
            for part in self._parts(places, pods).values():
                yield from self._split(part, pods, kind)

    def _start(self, place: int) -> Attempt:
        """The attempt at one target; who is asked about then is no node and no pod."""
        if place not in self._attempts:
            self._walker.keeper.asked()
            self._attempts[place] = self._make(self._targets[place])
            self._peers |= {each.peer for each in self._walker.keeper.asked()}
        return self._attempts[place]

    def _endpoints(self, attempt: Attempt) -> EndpointKinds | None:
        """The endpoints that kube-proxy may pick from; None where there is nothing to pick."""
        if not attempt.picks_endpoint:
            return None
        return self._kinds.endpoints(attempt.port, attempt.facts.address.version)

    def _parts(self, places: Sequence[int], pods: EndpointKinds | None) -> dict[tuple[Hashable, ...], _Part]:
        """What targets of one kind may pick, by the kind of endpoint and whether it is on the node."""
        positions = self._positions(pods) if pods else None
        by_position: dict[Hashable, list[int]] = {}
        for place in places:
            by_position.setdefault(positions[place] if positions else (), []).append(place)
        parts: dict[tuple[Hashable, ...], _Part] = {}
        for found in by_position.values():
            for endpoint, pick in self._picks(found[0], pods):
                kind = None if endpoint is None or pods is None else pods.kinds[endpoint]
                is_here = pick[0] is not None and pick[0].node_name == self._node_name(found[0])
                key = kind, is_here, shape(pick[1])
                parts.setdefault(key, _Part(kind, is_here)).targets += found
        for part in parts.values():
            part.targets.sort()
        return parts

    def _picks(
        self, place: int, pods: EndpointKinds | None, wanted: int | None = None
    ) -> Iterator[tuple[int | None, Pick]]:
        """What kube-proxy picks at a target, among one endpoint of each kind."""
        attempt = self._start(place)
        if pods is None:
            yield from ((None, pick) for pick in self._walker.picks(attempt))
            return
        some = pods.some(self._node_name(place), wanted)
        by_identity = {id(pods.endpoints[each]): each for each in some}
        for pick in self._walker.picks(attempt, tuple(pods.endpoints[each] for each in some)):
            yield (None if pick[0] is None else by_identity[id(pick[0])]), pick

    def _node_name(self, place: int) -> str | None:
        node = self._targets[place].node
        return node.node.name if node else None

    def _walk(self, place: int, endpoint: int | None, pods: EndpointKinds | None) -> tuple[Path, list[Asked]]:
        """The path of one pair, and what was asked about its own addresses."""
        keeper = self._walker.keeper
        attempt = self._start(place)
        others = {attempt.source, *self._peers}
        keeper.asked()
        (pick,) = (pick for number, pick in self._picks(place, pods, endpoint) if number == endpoint)
        path = self._walker.path(attempt, pick)
        return path, [each for each in keeper.asked() if each.peer not in others]

    def _split(self, part: _Part, pods: EndpointKinds | None, kind: Hashable) -> Iterator[PathClass]:
        """The classes of a part: where an answer depends on an address, those whose addresses get the same answers."""
        if part.kind is None or pods is None:
            path, _ = self._walk(part.targets[0], None, pods)
            place = part.targets[0], -1
            yield PathClass(path, place, part.targets, count=len(part.targets), kinds=(kind, None))
            return
        first = self._first(part, part.targets, pods.members[part.kind], pods)
        path, asked = self._walk(*first, pods)
        nodes, endpoints = self._grouped(part, first, asked, pods)
        pairs = self._pairs_here if part.is_here else self._pairs_elsewhere
        for places, members, count in pairs(part, nodes, endpoints, pods):
            pair = self._first(part, places, members, pods)
            found = path if pair == first else self._walk(*pair, pods)[0]
            yield PathClass(found, pair, places, members, count, pods, (kind, part.kind), part.is_here)

    def own(self, classes: Iterable[PathClass], place: int) -> list[Path]:
        """One path of each of the *classes* of one target, to that target itself."""
        found: dict[int, Path] = {}
        for each in classes:
            if place == each.place[0]:
                found[each.place[1]] = each.path
            else:
                pods = self._endpoints(self._start(place))
                end = self._partner(each, place, pods) if pods and each.pods else None
                found[-1 if end is None else end] = self._walk(place, end, pods)[0]
        return [found[end] for end in sorted(found)]

    def _partner(self, found: PathClass, place: int, pods: EndpointKinds) -> int:
        """The first endpoint of a class that is a pair with that target."""
        name = self._node_name(place)
        return next(each for each in found.endpoints if (pods.endpoints[each].node_name == name) is found.is_here)

    def _first(
        self, part: _Part, places: Sequence[int], members: Sequence[int], pods: EndpointKinds
    ) -> tuple[int, int]:
        """The first target and endpoint that are a pair of the part."""
        return next(
            (place, endpoint)
            for place in places
            for endpoint in members
            if (pods.endpoints[endpoint].node_name == self._node_name(place)) is part.is_here
        )

    def _grouped(
        self, part: _Part, first: tuple[int, int], asked: Sequence[Asked], pods: EndpointKinds
    ) -> tuple[Grouped, Grouped]:
        """The targets and the endpoints of a part, by what was *asked* about the addresses of the pair *first*."""
        node, pod = self._targets[first[0]].node, pods.endpoints[first[1]]
        own = {node.node.address_of(family) for family in (4, 6)} - {None} if node else set()
        members = pods.members[part.kind or 0]
        if not all(each.peer.is_anyone or each.peer.address in (*own, pod.address) for each in asked):
            return {each: [each] for each in part.targets}, {each: [each] for each in members}  # about whom was that?
        of_node = [each for each in asked if each.peer.address in own]
        of_pod = [each for each in asked if each.peer.address == pod.address]
        return self._by_answers(part.targets, of_node, self._node_numbers), self._by_answers(
            members, of_pod, lambda _: pods.numbers
        )

    def _by_answers(
        self, places: Sequence[int], asked: Sequence[Asked], numbers_of: Callable[[int], Sequence[int | None]]
    ) -> Grouped:
        """Places by the answers to what was *asked* of one of them, asked about the address of each."""
        answers: list[Sequence[Hashable]] = []
        for each in asked:
            family = each.peer.blocks[0].version
            teller, numbers = self._kinds.addresses.teller(each, family), numbers_of(family)
            ours = [numbers[place] for place in places]
            if not teller.is_one(ours):
                answers.append([teller.answer(number) for number in ours])
        if not answers:
            return {(): places}
        found: dict[Hashable, list[int]] = {}
        for place, key in zip(places, zip(*answers, strict=True), strict=True):
            found.setdefault(key, []).append(place)
        return found

    def _node_numbers(self, family: int) -> Sequence[int | None]:
        """The address of each target's node, as the pods see it."""
        nodes = [each.node.node if each.node else None for each in self._targets]
        key = "numbers", id(self._targets), family
        return self._walker.snapshot.memo.once(
            key, lambda: [int(found) if node and (found := node.address_of(family)) else None for node in nodes]
        )

    def _pairs_here(self, part: _Part, nodes: Grouped, endpoints: Grouped, pods: EndpointKinds) -> Iterator[Pairs]:
        """Targets with the endpoints on their nodes, by the groups that both are in."""
        groups = group_of(endpoints)
        for places in nodes.values():
            found: dict[Hashable, list[tuple[int, int]]] = {}
            for place in places:
                for endpoint in pods.here(self._node_name(place)).get(part.kind or 0, ()):
                    found.setdefault(groups.get(endpoint, ()), []).append((place, endpoint))
            for pairs in found.values():
                targets, members = (list(dict.fromkeys(each)) for each in zip(*pairs, strict=True))
                yield targets, sorted(members), len(pairs)

    def _pairs_elsewhere(self, part: _Part, nodes: Grouped, endpoints: Grouped, pods: EndpointKinds) -> Iterator[Pairs]:
        """Targets with the endpoints on other nodes."""
        groups = group_of(endpoints)
        positions = self._positions(pods)
        seated = [place for place in part.targets if positions[place]]
        here = {place: own for place in seated if (own := pods.here(self._node_name(place)).get(part.kind or 0))}
        for places in nodes.values():
            for group, members in endpoints.items():
                local = {place: count_in(here[place], group, groups) for place in places if place in here}
                targets = [place for place in places if local.get(place, 0) < len(members)] if local else places
                if targets:
                    only = self._only_node(targets)
                    others = [each for each in members if pods.endpoints[each].node_name != only] if only else members
                    count = len(targets) * len(members) - sum(local.get(place, 0) for place in targets if local)
                    yield targets, others, count

    def _only_node(self, places: Sequence[int]) -> str | None:
        """The name of the one node that all these targets are on; None where they are on several."""
        first = self._node_name(places[0])
        return first if all(self._node_name(place) == first for place in places[1:]) else None

    def _positions(self, pods: EndpointKinds) -> Sequence[Position]:
        """Where each target stands among the endpoints."""
        key = "positions", id(self._targets), id(pods)
        names = map(self._node_name, range(len(self._targets)))
        return self._walker.snapshot.memo.once(key, lambda: [pods.position(name) for name in names])


def by_target(classes: Iterable[PathClass]) -> dict[int, list[int]]:
    """Which of the *classes* each target has a path of, by their numbers."""
    found: dict[int, list[int]] = {}
    for number, each in enumerate(classes):
        for place in each.targets:
            found.setdefault(place, []).append(number)
    return found
