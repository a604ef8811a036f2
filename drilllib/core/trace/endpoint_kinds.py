"""Endpoints sorted into kinds, and addresses by what a list of rules decides about them."""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import islice

from drilllib.core.rules.addresses import KIND
from drilllib.core.rules.members import PRIVATE
from drilllib.core.snapshot.resources import Endpoint
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.gates import Asked, Gatekeeper
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.origin import from_address
from drilllib.core.trace.shape import shape

Here = Mapping[int, Sequence[int]]  # the endpoints on one node: their places, by kind
Grouped = Mapping[Hashable, Sequence[int]]  # places by what they have in common
Position = tuple[tuple[int, bool], ...]  # the kinds on a node, and whether all of a kind are
Span = tuple[int, ...] | None  # see `span_of`


class EndpointKinds:
    """
    The endpoints behind one NodePort. Those of one kind differ in their names, addresses and nodes alone.

    An endpoint is known by its place among *endpoints*, a kind by its number.
    """

    def __init__(self, endpoints: Sequence[Endpoint], local_facts: LocalFacts) -> None:
        self.endpoints = endpoints
        numbers: dict[Hashable, int] = {}
        self.kinds = [numbers.setdefault(shape(each), len(numbers)) for each in local_facts.of_pods(endpoints)]
        self.numbers = [int(each.address) for each in endpoints]
        self.names = [each.pod for each in endpoints]
        self.members: list[list[int]] = [[] for _ in numbers]
        self._on: dict[str, dict[int, list[int]]] = {}
        for place, (each, kind) in enumerate(zip(endpoints, self.kinds, strict=True)):
            self.members[kind].append(place)
            self._on.setdefault(each.node_name, {}).setdefault(kind, []).append(place)
        self.spans = [span_of([self.numbers[each] for each in found]) for found in self.members]

    def here(self, node_name: str | None) -> Here:
        """The endpoints on a node."""
        return self._on.get(node_name, {}) if node_name is not None else {}

    def position(self, node_name: str | None) -> Position:
        """Where a node stands among the endpoints: equal for nodes that have the same kinds here and elsewhere."""
        here = self.here(node_name)
        if not here:
            return ()
        return tuple(sorted([(kind, len(found) == len(self.members[kind])) for kind, found in here.items()]))

    def some(self, node_name: str | None) -> list[int]:
        """For a node, one endpoint of each kind here and one elsewhere, in their order."""
        found, here = list[int](), self.here(node_name)
        for kind, members in enumerate(self.members):
            if kind not in here:
                found.append(members[0])
                continue
            found.append(here[kind][0])
            found += islice((each for each in members if self.endpoints[each].node_name != node_name), 1)
        return sorted(found)

    def with_one(self, some: Sequence[int], wanted: int, node_name: str | None) -> list[int]:
        """*some* for a node with *wanted* in the place of that which stands for it."""
        return sorted(wanted if self._stands_for(wanted, each, node_name) else each for each in some)

    def _stands_for(self, place: int, other: int, node_name: str | None) -> bool:
        """Are both of one kind, and both on the node or both elsewhere?"""
        is_here = [self.endpoints[each].node_name == node_name for each in (place, other)]
        return self.kinds[place] == self.kinds[other] and is_here[0] == is_here[1]


def span_of(addresses: Sequence[int | None]) -> Span:
    """The lowest and the highest of some addresses; empty where none is known, None where some are not."""
    known = [each for each in addresses if each is not None]
    if len(known) < len(addresses) or not known:
        return None if known else ()
    return min(known), max(known)


class Teller:
    """
    A gate's answer, all but the address, for any address at the far end, given as a number.

    It changes at *points* only, so one address between two of them is asked for all.
    """

    def __init__(self, keeper: Gatekeeper, asked: Asked, points: Sequence[int], family: int) -> None:
        self._keeper, self._asked, self._points, self._family = keeper, asked, points, family
        self._known: dict[int, Hashable] = {}

    def answer(self, address: int | None) -> Hashable:
        """What the gate says; None for an address that is not known."""
        if address is None:
            return None
        place = bisect_right(self._points, address)
        if place not in self._known:
            asked, peer = self._asked, from_address(KIND[self._family](address))
            self._known[place] = shape(self._keeper.ask(asked.gate, asked.direction, peer, asked.protocol, asked.port))
            self._keeper.asked()
        return self._known[place]

    def is_one(self, span: Span) -> bool:
        """Is the answer surely the same for all addresses of that span?"""
        if not span:
            return span is not None
        return bisect_right(self._points, span[0]) == bisect_right(self._points, span[1])


class AddressKinds:
    """
    Tells addresses apart where a gate's answer about them differs.

    An answer can change only where some rule's range begins or has just ended, or a private range does.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot, self._keeper = snapshot, Gatekeeper(snapshot)
        self._tellers: dict[tuple[Hashable, ...], Teller] = {}

    def teller(self, asked: Asked, family: int) -> Teller:
        """What the gate that was asked says about any address of that family."""
        key = asked.gate.groups, asked.direction, asked.protocol, asked.port, family
        if key not in self._tellers:
            self._tellers[key] = Teller(self._keeper, asked, sorted({*self._edges(asked, family)}), family)
        return self._tellers[key]

    def _edges(self, asked: Asked, family: int) -> Iterator[int]:
        for name in asked.gate.groups or ():
            for first, last, _ in self._snapshot.group(name).rows(asked.direction, asked.protocol, family):
                yield from (first, last + 1)
        for block in PRIVATE if family == 4 else ():
            yield from (int(block.network_address), int(block.broadcast_address) + 1)


class Kinds:
    """What a snapshot's endpoints and addresses look like to packets of one transport protocol; see `kinds_of`."""

    def __init__(self, snapshot: Snapshot, standing: LocalFacts, transport: str) -> None:
        self._snapshot, self._standing, self._transport = snapshot, standing, transport
        self.addresses = AddressKinds(snapshot)

    def endpoints(self, node_port: int, family: int) -> EndpointKinds | None:
        """The endpoints behind a NodePort; None where there are none, or none were read. No rule changes them."""
        key = "endpoints", self._transport, node_port, family
        return self._snapshot.lasting.once(key, lambda: self._sorted(node_port, family))

    def _sorted(self, node_port: int, family: int) -> EndpointKinds | None:
        owned = self._standing.service(node_port)
        found = self._standing.endpoints(node_port, family) if owned else None
        return EndpointKinds(found, self._standing) if found else None


def kinds_of(snapshot: Snapshot, standing: LocalFacts, transport: str) -> Kinds:
    """The kinds of a snapshot, sorted once for all questions."""
    return snapshot.memo.once(("kinds", transport), lambda: Kinds(snapshot, standing, transport))
