"""
Sets of flows as a person reads them: whole CIDR blocks and ranges of ports, as few as can be found, none overlapping.

There are several ways to cut the same set into such boxes. Ports first or addresses first, and what holds for all
protocols said once or for each: of these the one with the fewest boxes is taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.rules.addresses import BITS, KIND, Address
from drilllib.core.rules.members import port_text
from drilllib.core.rules.rules import LAST_PORT, PROTOCOLS_WITH_PORTS, Flow
from drilllib.core.sets.flowsets import LAST_ADDRESS, PLANES, FlowSet, Plane, all_ports, painted_set
from drilllib.core.sets.grid import Box, painted, require_few
from drilllib.core.sets.overlaps import spans


@dataclass(frozen=True, slots=True)
class FlowBox:
    """Every flow of *protocol*, or of ALL, between one block of far ends and a range of ports, None for all of them."""

    protocol: str
    family: int
    first: int
    last: int
    ports: tuple[int, int] | None

    @property
    def block(self) -> str:
        """The far ends as a CIDR block, ``203.0.113.0/24``."""
        length = BITS[self.family] - (self.last - self.first).bit_length()
        return f"{KIND[self.family](self.first)}/{length}"

    @property
    def port_text(self) -> str:
        """``80``, ``8000-8010`` or ``ALL``."""
        return port_text(self.ports and (self.ports,))

    @property
    def example(self) -> Flow:
        """One flow of it: the block's first address that can be a host's."""
        protocol = "TCP" if self.protocol == "ALL" else self.protocol
        port = None if protocol not in PROTOCOLS_WITH_PORTS else self.ports[0] if self.ports else 1
        return Flow(protocol=protocol, peer=self._host(), port=port)

    def _host(self) -> Address:
        inside = self.first + (self.last - self.first > 1)
        return KIND[self.family](inside)

    def to_dict(self) -> dict[str, Any]:
        """The box, with one packet of it."""
        example = self.example
        packet = {"protocol": example.protocol, "source": str(example.peer), "port": example.port}
        return {"protocol": self.protocol, "source": self.block, "ports": self.port_text, "example": packet}


def boxes(flows: FlowSet) -> tuple[FlowBox, ...]:
    """
    *flows* as few disjoint boxes, IPv4 first.

    Raises:
        TooComplexError: They are too many to be told.
    """
    found: list[FlowBox] = []
    for family in (4, 6):
        planes = {plane: flows.planes.get(plane, ()) for plane in PLANES if plane.family == family}
        shared = common_ends(family, planes.values())
        apart = [box for plane, each in planes.items() for box in _fewest(plane.protocol, plane, each)]
        if shared:
            left = painted_set(
                {plane: [*_layers(each, True), *_layers(shared, False)] for plane, each in planes.items()}
            )
            together = [FlowBox("ALL", family, *ends, None) for box in shared for ends in blocks(*box[:2])]
            together += [box for plane, each in left.planes.items() for box in _fewest(plane.protocol, plane, each)]
            apart = min(together, apart, key=len)
        found += apart
    return tuple(found)


def _layers(found: Iterable[Box], covering: bool) -> list[tuple[Box, bool]]:
    return [(box, covering) for box in found]


def common_ends(family: int, planes: Iterable[Sequence[Box]]) -> tuple[Box, ...]:
    """The far ends whose every flow is covered, whatever the protocol and the port, over all ports."""
    missing: list[tuple[Box, bool]] = []
    for plane, each in zip((plane for plane in PLANES if plane.family == family), planes, strict=True):
        whole = (0, LAST_ADDRESS[family], *all_ports(plane))
        rest = painted([(whole, True), *_layers(each, False)])
        missing += [((first, last, 0, LAST_PORT), True) for first, last, _, _ in rest]
    return painted([((0, LAST_ADDRESS[family], 0, LAST_PORT), True), *_layers((box for box, _ in missing), False)])


def _fewest(protocol: str, plane: Plane, found: Sequence[Box]) -> list[FlowBox]:
    """The rectangles of one plane as boxes, cut along the ports first or along the addresses first."""
    turned = painted([((low, high, first, last), True) for first, last, low, high in found])
    back = [(first, last, low, high) for low, high, first, last in turned]
    return min(_boxes(protocol, plane, found), _boxes(protocol, plane, back), key=len)


def _boxes(protocol: str, plane: Plane, found: Iterable[Box]) -> list[FlowBox]:
    made = []
    for first, last, low, high in found:
        ports = None if (low, high) == all_ports(plane) else (low, high)
        made += [FlowBox(protocol, plane.family, *ends, ports) for ends in blocks(first, last)]
        require_few(len(made))
    return made


def blocks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """A range of addresses as the fewest CIDR blocks, each by its first and last address."""
    return ((start, start + (1 << size) - 1) for size, start in spans(first, last))


def blocks_of(flows: FlowSet) -> tuple[str, ...]:
    """Every far end of *flows* as CIDR blocks, whatever the protocol and port; IPv4 first."""
    return tuple(
        FlowBox("ALL", family, *ends, None).block
        for family in (4, 6)
        for first, last in flows.addresses(family)
        for ends in blocks(first, last)
    )
