"""Which targets with which endpoints: the pairs of a part, sorted into classes and counted, and not made one by one."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from drilllib.core.trace.endpoint_kinds import EndpointKinds, Grouped
from drilllib.core.trace.target_kinds import Pairs, Part, TargetKinds

_Found = tuple[Sequence[int], Sequence[int], int]  # targets, endpoints, and how many pairs of them


class Pairing:
    """The pairs of one part."""

    def __init__(self, listed: TargetKinds, pods: EndpointKinds, part: Part) -> None:
        self._listed, self._pods, self._part = listed, pods, part
        self._kind = part.kind or 0

    def first(self, places: Sequence[int], members: Sequence[int]) -> tuple[int, int]:
        """The first target and endpoint that are a pair."""
        ours = frozenset(members) if len(members) < len(self._pods.members[self._kind]) else None
        for place in places:
            name = self._listed.node_names[place]
            if self._part.is_here:
                some = (each for each in self._here(place) if ours is None or each in ours)
            else:
                some = (each for each in members if self._pods.endpoints[each].node_name != name)
            for each in some:
                return place, each
        raise AssertionError("every class has a pair")

    def all(self, nodes: Grouped, endpoints: Grouped) -> list[Pairs]:
        """All pairs, by the groups that both are in."""
        pairs = (self._pairs_here if self._part.is_here else self._pairs_elsewhere)(nodes, endpoints)
        return [(self.first(places, members), places, members, count) for places, members, count in pairs]

    def _here(self, place: int) -> Sequence[int]:
        """The endpoints of the part's kind on a target's node."""
        return self._pods.here(self._listed.node_names[place]).get(self._kind, ())

    def _pairs_here(self, nodes: Grouped, endpoints: Grouped) -> Iterator[_Found]:
        """Targets with the endpoints on their nodes."""
        groups = _group_of(endpoints)
        for places in nodes.values():
            found: dict[Hashable, list[tuple[int, int]]] = {}
            for place in places:
                for endpoint in self._here(place):
                    found.setdefault(groups.get(endpoint, ()), []).append((place, endpoint))
            for pairs in found.values():
                targets, members = (list(dict.fromkeys(each)) for each in zip(*pairs, strict=True))
                yield targets, sorted(members), len(pairs)

    def _pairs_elsewhere(self, nodes: Grouped, endpoints: Grouped) -> Iterator[_Found]:
        """Targets with the endpoints on other nodes."""
        groups, pods = _group_of(endpoints), self._pods
        positions = self._listed.positions(pods)
        here = {place: own for place in self._part.targets if positions[place] and (own := self._here(place))}
        for places in nodes.values():
            for group, members in endpoints.items():
                local = {place: _count_in(here[place], group, groups) for place in places if place in here}
                full = [place for place, count in local.items() if count >= len(members)]
                targets = [place for place in places if local.get(place, 0) < len(members)] if full else places
                if targets:
                    only = self._only_node(targets)
                    others = [each for each in members if pods.endpoints[each].node_name != only] if only else members
                    count = len(targets) * len(members) - sum(local.get(place, 0) for place in targets if local)
                    yield targets, others, count

    def _only_node(self, places: Sequence[int]) -> str | None:
        """The name of the one node that all these targets are on; None where they are on several."""
        names = self._listed.node_names
        return names[places[0]] if all(names[place] == names[places[0]] for place in places[1:]) else None


def _group_of(groups: Grouped) -> Mapping[int, Hashable]:
    """The group of each place; left out where there is one group, called ()."""
    if len(groups) == 1:
        return {}
    return {place: group for group, places in groups.items() for place in places}


def _count_in(places: Sequence[int], group: Hashable, group_of: Mapping[int, Hashable]) -> int:
    """How many of the *places* are in that group."""
    return sum(group_of[each] == group for each in places) if places and group_of else len(places)
