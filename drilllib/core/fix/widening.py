"""What stands for the nodes and pods of today, which come and go: their subnets."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

from drilllib.core.rules.addresses import BITS, Block
from drilllib.core.rules.members import Range, range_of
from drilllib.core.sets.flowsets import FlowSet

_SUBNET = {4: 24, 6: 64}  # what stands for a subnet that was not read
NeededFlows = tuple[FlowSet, FlowSet]  # that must pass, and that are meant to
Meant = tuple[NeededFlows, bool]  # and whether that is a guess


@dataclass(frozen=True)
class Widening:
    """What nodes are taken to be: *nodes* where the user said so, else the subnets in the snapshot, else a guess."""

    subnets: tuple[Block, ...]
    nodes: tuple[Block, ...] = ()

    def around(self, far_ends: Sequence[Range], *, is_node: bool) -> tuple[list[Range], bool]:
        """What stands for addresses or blocks of one family, and whether any of it is a guess."""
        if is_node and self.nodes:
            return [each for each in map(range_of, self.nodes) if each[0] == far_ends[0][0]], False
        left, found = sorted(far_ends), list[Range]()
        for subnet in self._subnets:
            inside = [each for each in _within(left, subnet) if each[2] <= subnet[2]]
            if inside:
                found.append(subnet)
                left = sorted({*left}.difference(inside))
        return [*found, *map(_subnet_around, left)], bool(left)

    @cached_property
    def _subnets(self) -> list[Range]:
        """The smallest first."""
        return [range_of(each) for each in sorted(self.subnets, key=lambda each: -each.prefixlen)]

    @cached_property
    def flows(self) -> dict[Hashable, Meant]:
        """What was found of the nodes and pods at far ends, by all that it depends on."""
        return {}


def _within(ranges: Sequence[Range], subnet: Range) -> Sequence[Range]:
    """Those that begin in a subnet."""
    family, first, last = subnet
    return ranges[bisect_left(ranges, (family, first, 0)) : bisect_left(ranges, (family, last + 1, 0))]


def _subnet_around(found: Range) -> Range:
    """What stands for the subnet of an address, or of a block, whose subnet was not read."""
    family, first, last = found
    size = max(BITS[family] - _SUBNET[family], (last - first).bit_length())
    return family, first >> size << size, first | (1 << size) - 1
