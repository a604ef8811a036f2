"""
Exact sets of flows, and the arithmetic on them.

A flow is an address family, the far end's address, a protocol and, for TCP and UDP, a destination port from 1 to 65535.
Each protocol in each family is one plane of addresses and ports, a set the disjoint rectangles it covers
there (see `grid`). The form is canonical: equal sets compare equal, however they were made.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import NamedTuple

from drilllib.core.rules.addresses import Block
from drilllib.core.rules.members import range_of
from drilllib.core.rules.rules import LAST_PORT, PROTOCOLS_WITH_PORTS, Flow, require_protocol
from drilllib.core.sets.grid import Box, Budget, painted


class Plane(NamedTuple):
    """One protocol in one address family, 4 or 6."""

    protocol: str
    family: int


PLANES = tuple(
    Plane(protocol, family)
    for family, protocols in ((4, ("TCP", "UDP", "ICMP", "GRE")), (6, ("TCP", "UDP", "ICMPV6", "GRE")))
    for protocol in protocols
)
"""The flows there are. ICMP does not exist in IPv6, nor ICMPv6 in IPv4."""

LAST_ADDRESS = {4: (1 << 32) - 1, 6: (1 << 128) - 1}
NO_PORT = (0, 0)  # the one place on the port axis of a protocol without ports
EVERY_PORT = (1, LAST_PORT)


def ports_of(plane: Plane, low: int, high: int) -> tuple[int, int] | None:
    """The part of the port axis that *low* to *high* means there; None where that is nothing."""
    if plane.protocol not in PROTOCOLS_WITH_PORTS:
        return NO_PORT if low == 0 else None
    return (max(low, 1), high) if high >= 1 else None


@dataclass(frozen=True, slots=True)
class FlowSet:
    """
    A set of flows. ``|``, ``&`` and ``-`` combine two, ``<=`` is inclusion, ``in`` membership of a `Flow`; an empty set
    is false.

    *planes* has an entry only where something is covered. Build one with `everything`, `flows_of` or `painted_set`.

    Operators raise TooComplexError where the answer cannot be told in bounded time.
    """

    planes: Mapping[Plane, tuple[Box, ...]] = field(default_factory=dict, hash=False)

    def __bool__(self) -> bool:
        return bool(self.planes)

    def __or__(self, other: "FlowSet") -> "FlowSet":
        if not self or not other:
            return self or other
        return self._with(other, covering=True)

    def __sub__(self, other: "FlowSet") -> "FlowSet":
        return self._with(other, covering=False) if self and other else self

    def __and__(self, other: "FlowSet") -> "FlowSet":
        return self - (self - other)

    def __le__(self, other: "FlowSet") -> bool:
        return not self - other

    def __contains__(self, flow: object) -> bool:
        if not isinstance(flow, Flow):
            return False
        peer, port = int(flow.peer), flow.port or 0
        boxes = self.planes.get(Plane(flow.protocol, flow.peer.version), ())
        band = bisect_right(boxes, port, key=lambda box: box[2])  # behind the boxes of the ports around this one
        if not band or port > boxes[band - 1][3]:
            return False
        place = bisect_right(boxes, (boxes[band - 1][2], peer), key=lambda box: (box[2], box[0]))
        return bool(place) and boxes[place - 1][2] == boxes[band - 1][2] and peer <= boxes[place - 1][1]

    @property
    def size(self) -> int:
        """How many flows it has."""
        boxes = chain.from_iterable(self.planes.values())
        return sum((last - first + 1) * (high - low + 1) for first, last, low, high in boxes)

    def addresses(self, family: int) -> tuple[tuple[int, int], ...]:
        """Every far end of that family, whatever the protocol and port, as disjoint ranges in order."""
        boxes = [box for plane, found in self.planes.items() if plane.family == family for box in found]
        flat = painted([((first, last, 0, 0), True) for first, last, _, _ in boxes])
        return tuple((first, last) for first, last, _, _ in flat)

    def only(self, protocol: str, port: int | None = None) -> "FlowSet":
        """The flows of that protocol, of any family, and to that port where one is named."""
        number = port or 0
        kept = {}
        for plane, boxes in self.planes.items():
            if plane.protocol == protocol:
                found = [box for box in boxes if port is None or box[2] <= number <= box[3]]
                if found:
                    kept[plane] = tuple(found) if port is None else tuple((*box[:2], port, port) for box in found)
        return FlowSet(kept)

    def _with(self, other: "FlowSet", *, covering: bool) -> "FlowSet":
        """*other* drawn over this set."""
        budget = Budget()
        found = dict(self.planes)
        for plane, boxes in other.planes.items():
            below = self.planes.get(plane, ())
            if below or covering:
                found[plane] = painted([*((box, True) for box in below), *((box, covering) for box in boxes)], budget)
        return _filled(found)


EMPTY = FlowSet()


def _filled(planes: Mapping[Plane, tuple[Box, ...]]) -> FlowSet:
    """The set of those planes that cover anything, in the order of `PLANES`."""
    return FlowSet({plane: planes[plane] for plane in PLANES if planes.get(plane)})


def painted_set(layers: Mapping[Plane, Sequence[tuple[Box, bool]]]) -> FlowSet:
    """What is covered on each plane once its layers were drawn one over the other; see `grid.painted`."""
    budget = Budget()
    return _filled({plane: painted(each, budget) for plane, each in layers.items()})


def union_of(sets: Iterable[FlowSet]) -> FlowSet:
    """All of them together, drawn at once; raises TooComplexError as the operators do."""
    unlike: list[FlowSet] = []
    for each in sets:
        if each not in unlike:
            unlike.append(each)
    if len(unlike) == 1:
        return unlike[0]
    layers: dict[Plane, list[tuple[Box, bool]]] = {}
    for each in unlike:
        for plane, boxes in each.planes.items():
            layers.setdefault(plane, []).extend([(box, True) for box in boxes])
    return painted_set(layers)


def everything(families: Iterable[int] = (4, 6)) -> FlowSet:
    """Every flow of those families."""
    wanted = set(families)
    planes = (plane for plane in PLANES if plane.family in wanted)
    return FlowSet({plane: ((0, LAST_ADDRESS[plane.family], *all_ports(plane)),) for plane in planes})


def all_ports(plane: Plane) -> tuple[int, int]:
    """The whole port axis of a plane."""
    return EVERY_PORT if plane.protocol in PROTOCOLS_WITH_PORTS else NO_PORT


def flows_of(blocks: Iterable[Block], protocol: str = "ALL", ports: tuple[int, int] | None = None) -> FlowSet:
    """
    The flows of *protocol*, or of ALL, with a far end in *blocks*; *ports* are the first and the last, None for all.

    Raises:
        InvalidInputError: The protocol is unknown.
    """
    require_protocol(protocol, "ALL")
    ranges = [range_of(block) for block in blocks]
    return flows_in(ranges, protocol, ports)


def flows_in(ranges: Iterable[tuple[int, int, int]], protocol: str, ports: tuple[int, int] | None = None) -> FlowSet:
    """The same, for ranges of addresses: family, first and last."""
    by_family: dict[int, list[tuple[int, int]]] = {}
    for family, first, last in ranges:
        by_family.setdefault(family, []).append((first, last))
    layers: dict[Plane, list[tuple[Box, bool]]] = {}
    for family, found in by_family.items():
        for plane in _planes(protocol, family):
            low_high = ports_of(plane, *ports) if ports else all_ports(plane)
            if low_high:
                layers[plane] = [((first, last, *low_high), True) for first, last in found]
    return painted_set(layers)


@cache
def _planes(protocol: str, family: int) -> tuple[Plane, ...]:
    return tuple(plane for plane in PLANES if plane.family == family and protocol in ("ALL", plane.protocol))
