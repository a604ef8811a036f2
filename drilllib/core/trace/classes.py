"""
The paths of a question in classes that no check tells apart, each walked once and counted.

A path is a target and an endpoint. Targets of one kind, and endpoints of one kind, differ in names, addresses and in
who is on whose node. So first one pair is walked for each kind of target and of endpoint, once with the endpoint on the
node and once elsewhere; what its gates were asked about the node's or the pod's own address then tells which others
get the same answers. The cost follows the number of different paths.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from drilllib.core.trace.attempt import Attempt
from drilllib.core.trace.endpoint_kinds import EndpointKinds, Grouped, Span, kinds_of
from drilllib.core.trace.gates import Asked
from drilllib.core.trace.node import Pick
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.pairs import Pairing
from drilllib.core.trace.path import Path
from drilllib.core.trace.shape import shape
from drilllib.core.trace.target_kinds import Pairs, Part, TargetKinds
from drilllib.core.trace.walker import Walker
from drilllib.errors import TooComplexError

MOST = 5000  # classes that are walked
Start = Callable[[TargetFacts], Attempt]  # a client's attempt at a target, or a probe of it
Picks = dict[int | None, Pick]  # by the place of the endpoint
Ways = dict[tuple[int, ...], list[int]]  # places of targets by the numbers of their classes


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


class Classes:
    """
    Sorts the paths to some targets, for attempts or for probes of one walker.

    *met* are the targets of *listed* as these attempts meet them, where that is otherwise.
    """

    def __init__(
        self,
        walker: Walker,
        listed: TargetKinds,
        start: Start,
        met: Sequence[TargetFacts] | None = None,
        *,
        each: bool = False,
    ) -> None:
        self._walker, self._listed, self._make = walker, listed, start
        self._targets = listed.facts if met is None else met
        self._attempts: dict[int, Attempt] = {}
        self._picked: dict[int, tuple[list[int], Picks]] = {}
        self._kinds = kinds_of(walker.snapshot, walker.standing, walker.transport)
        self._known_pairs: dict[Hashable, tuple[Part, list[Pairs]]] = walker.snapshot.memo.once("pairs", dict)
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
            attempt = self._start(places[0])
            pods, make = self._endpoints(attempt), partial(self._parts, places, self._endpoints(attempt))
            for part in self._listed.parts(places, pods, make, loop=attempt.loops):
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

    def _parts(self, places: Sequence[int], pods: EndpointKinds | None) -> Iterable[Part]:
        """What targets of one kind may pick, by the kind of endpoint and whether it is on the node."""
        positions = self._listed.positions(pods) if pods else None
        by_position: dict[Hashable, list[int]] = {}
        for place in places:
            by_position.setdefault(positions[place] if positions else (), []).append(place)
        parts: dict[Hashable, Part] = {}
        for found in by_position.values():
            name = self._listed.node_names[found[0]]
            for endpoint, (pod, hop) in self._picks(found[0], pods).items():
                kind = None if endpoint is None or pods is None else pods.kinds[endpoint]
                is_here = pod is not None and pod.node_name == name
                parts.setdefault((kind, is_here, shape(hop)), Part(kind, is_here)).targets += found
        alike: dict[tuple[int, ...], list[int]] = {}
        for part in parts.values():
            part.targets.sort()
            part.targets = alike.setdefault(tuple(part.targets), part.targets)
        return parts.values()

    def _picks(self, place: int, pods: EndpointKinds | None, wanted: int | None = None) -> Picks:
        """What kube-proxy picks at a target, among one endpoint of each kind; *wanted* is one of them."""
        if pods is None:
            (pick,) = self._walker.picks(self._start(place))
            return {None: pick}
        name = self._listed.node_names[place]
        if place not in self._picked:
            some = pods.some(name)
            self._picked[place] = some, self._picks_among(place, pods, some)
        some, picks = self._picked[place]
        if wanted is None or wanted in some:
            return picks
        return self._picks_among(place, pods, pods.with_one(some, wanted, name))

    def _picks_among(self, place: int, pods: EndpointKinds, some: Sequence[int]) -> Picks:
        by_identity = {id(pods.endpoints[each]): each for each in some}
        picks = self._walker.picks(self._start(place), tuple([pods.endpoints[each] for each in some]))
        return {None if pick[0] is None else by_identity[id(pick[0])]: pick for pick in picks}

    def _walk(self, place: int, endpoint: int | None, pods: EndpointKinds | None) -> Path:
        """The path of one pair."""
        return self._walker.path(self._start(place), self._picks(place, pods, endpoint)[endpoint])

    def _walk_asking(self, place: int, endpoint: int | None, pods: EndpointKinds) -> tuple[Path, tuple[Asked, ...]]:
        """The path of one pair, and what was asked about its own addresses."""
        keeper, source = self._walker.keeper, self._start(place).source
        self._picks(place, pods, endpoint)
        keeper.asked()
        path = self._walk(place, endpoint, pods)
        return path, tuple([each for each in keeper.asked() if each.peer != source and each.peer not in self._peers])

    def _split(self, part: Part, pods: EndpointKinds | None, kind: Hashable) -> Iterator[PathClass]:
        """The classes of a part: where an answer depends on an address, those whose addresses get the same answers."""
        if part.kind is None or pods is None:
            place = part.targets[0]
            path = self._walk(place, None, pods)
            yield PathClass(path, (place, -1), part.targets, count=len(part.targets), kinds=(kind, None))
            return
        if part.first is None:
            part.first = Pairing(self._listed, pods, part).first(part.targets, pods.members[part.kind])
        path, asked = self._walk_asking(*part.first, pods)
        for pair, places, members, count in self._pairs(part, asked, pods):
            found = path if pair == part.first else self._walk(*pair, pods)
            yield PathClass(found, pair, places, members, count, pods, (kind, part.kind), part.is_here)

    def _pairs(self, part: Part, asked: tuple[Asked, ...], pods: EndpointKinds) -> list[Pairs]:
        """The pairs of a part by what was *asked* about the addresses of its first; found once for all clients."""
        key = id(part), asked
        if key not in self._known_pairs:
            nodes, endpoints = self._grouped(part, asked, pods)
            pairing = Pairing(self._listed, pods, part)
            if len(nodes) > 1 or len(endpoints) > 1:
                made = pairing.all(nodes, endpoints)
            else:
                made = part.whole = part.whole or pairing.all(nodes, endpoints)
            self._known_pairs[key] = part, made
        return self._known_pairs[key][1]

    def own(self, classes: Iterable[PathClass], place: int) -> list[Path]:
        """One path of each of the *classes* of one target, to that target itself."""
        found: dict[int, Path] = {}
        for each in classes:
            if place == each.place[0]:
                found[each.place[1]] = each.path
            else:
                pods = self._endpoints(self._start(place))
                end = self._partner(each, place, pods) if pods and each.pods else None
                found[-1 if end is None else end] = self._walk(place, end, pods)
        return [found[end] for end in sorted(found)]

    def _partner(self, found: PathClass, place: int, pods: EndpointKinds) -> int:
        """The first endpoint of a class that is a pair with that target."""
        name = self._listed.node_names[place]
        return next(each for each in found.endpoints if (pods.endpoints[each].node_name == name) is found.is_here)

    def _grouped(self, part: Part, asked: Sequence[Asked], pods: EndpointKinds) -> tuple[Grouped, Grouped]:
        """The targets and the endpoints of a part, by what was *asked* about the addresses of its first pair."""
        target, endpoint = part.first or (0, 0)
        node, pod = self._targets[target].node, pods.endpoints[endpoint]
        own = {node.node.address_of(family) for family in (4, 6)} - {None} if node else set()
        kind = part.kind or 0
        if not all(each.peer.is_anyone or each.peer.address in (*own, pod.address) for each in asked):
            return {each: [each] for each in part.targets}, {each: [each] for each in pods.members[kind]}  # about whom?
        of_node = [each for each in asked if each.peer.address in own]
        of_pod = [each for each in asked if each.peer.address == pod.address]
        span = partial(self._listed.span, part)
        return (
            self._by_answers(part.targets, of_node, span, self._listed.numbers),
            self._by_answers(pods.members[kind], of_pod, lambda _: pods.spans[kind], lambda _: pods.numbers),
        )

    def _by_answers(
        self,
        places: Sequence[int],
        asked: Sequence[Asked],
        span_in: Callable[[int], Span],
        numbers_of: Callable[[int], Sequence[int | None]],
    ) -> Grouped:
        """Places by the answers to what was *asked* of one of them, asked about the address of each."""
        answers: list[Sequence[Hashable]] = []
        for each in asked:
            family = each.peer.blocks[0].version
            teller = self._kinds.addresses.teller(each, family)
            if not teller.is_one(span_in(family)):
                numbers = numbers_of(family)
                answers.append([teller.answer(numbers[place]) for place in places])
        if not answers:
            return {(): places}
        found: dict[Hashable, list[int]] = {}
        for place, key in zip(places, zip(*answers, strict=True), strict=True):
            found.setdefault(key, []).append(place)
        return found


def ways_of(classes: Iterable[PathClass]) -> Ways:
    """The places of targets, by the numbers of those of the *classes* that they have a path of."""
    lists: dict[int, tuple[Sequence[int], list[int]]] = {}  # of which many classes share one
    for number, each in enumerate(classes):
        lists.setdefault(id(each.targets), (each.targets, []))[1].append(number)
    marks: dict[int, int] = {}  # a bit for each list that a target is in
    for bit, (targets, _) in enumerate(lists.values()):
        for place in targets:
            marks[place] = marks.get(place, 0) | 1 << bit
    places: dict[int, list[int]] = {}
    for place, mark in marks.items():
        places.setdefault(mark, []).append(place)
    numbers = [each for _, each in lists.values()]
    return {_numbers_in(mark, numbers): found for mark, found in places.items()}


def _numbers_in(mark: int, numbers: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted(number for bit, found in enumerate(numbers) if mark >> bit & 1 for number in found))
