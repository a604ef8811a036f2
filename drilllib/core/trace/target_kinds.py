"""The targets of a listener sorted into kinds, and paired with kinds of endpoints."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from drilllib.core.trace.endpoint_kinds import EndpointKinds, Position, Span, span_of
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.shape import shape

Pairs = tuple[tuple[int, int], Sequence[int], Sequence[int], int]  # the first pair, targets, endpoints, number of pairs


@dataclass(slots=True)
class Part:
    """
    Targets and endpoints of one kind each, here or elsewhere, that may be paired.

    What is found about it as long as no address is told from another is kept here: *first* is the first pair, *whole*
    are all pairs, *spans* the lowest and the highest address of the nodes, by family.
    """

    kind: int | None
    is_here: bool
    targets: list[int] = field(default_factory=list)
    first: tuple[int, int] | None = None
    whole: list[Pairs] | None = None
    spans: dict[int, Span] = field(default_factory=dict)


class TargetKinds:
    """
    The targets of a listener. Those of one kind differ in their names and addresses alone; no client tells them apart.

    A target is known by its place among *facts*, a kind by its number.
    """

    def __init__(self, facts: Sequence[TargetFacts]) -> None:
        numbers: dict[Hashable, int] = {}
        self.facts = facts
        self.kinds = [numbers.setdefault(shape(each), len(numbers)) for each in facts]
        self.names = [each.target.name for each in facts]
        self.labels = [each.label for each in facts]
        self.are_used = [each.target.weight != 0 for each in facts]
        self.has_unread_weight = any(each.target.weight is None for each in facts)
        self.node_names = [each.node.node.name if each.node else None for each in facts]
        self._positions: dict[int, tuple[EndpointKinds, list[Position]]] = {}
        self._parts: dict[tuple[int, tuple[int, ...], bool], list[Part]] = {}
        self._addresses: dict[int, list[int | None]] = {}

    @cached_property
    def by_kind(self) -> dict[Hashable, list[int]]:
        """The targets of each kind."""
        found: dict[Hashable, list[int]] = {}
        for place, kind in enumerate(self.kinds):
            found.setdefault(kind, []).append(place)
        return found

    @cached_property
    def takers(self) -> list[int]:
        """Those that take requests, in order. Of two entries for one target the later counts."""
        used = {name: place for place, name in enumerate(self.names) if self.are_used[place]}
        return sorted(used.values())

    @cached_property
    def by_name(self) -> dict[str, int]:
        """The place of each name; of two the later."""
        return {name: place for place, name in enumerate(self.names)}

    def positions(self, pods: EndpointKinds) -> Sequence[Position]:
        """Where each target stands among the endpoints."""
        if id(pods) not in self._positions:
            self._positions[id(pods)] = pods, [pods.position(name) for name in self.node_names]
        return self._positions[id(pods)][1]

    def parts(
        self, places: Sequence[int], pods: EndpointKinds | None, make: Callable[[], Iterable[Part]], *, loop: bool
    ) -> Sequence[Part]:
        """The parts of some targets and all *pods*, made once; where requests *loop* for these alone."""
        key = id(pods), tuple(places), loop
        if key not in self._parts:
            self._parts[key] = list(make())
        return self._parts[key]

    def numbers(self, family: int) -> Sequence[int | None]:
        """The address of each target's node, as the pods see it."""
        if family not in self._addresses:
            nodes = [each.node.node if each.node else None for each in self.facts]
            addresses = [node.address_of(family) if node else None for node in nodes]
            self._addresses[family] = [None if each is None else int(each) for each in addresses]
        return self._addresses[family]

    def span(self, part: Part, family: int) -> Span:
        """The lowest and the highest address of a part's nodes."""
        if family not in part.spans:
            numbers = self.numbers(family)
            part.spans[family] = span_of([numbers[place] for place in part.targets])
        return part.spans[family]
