"""
Which of many rectangles overlap a given one, found without looking at them all.

Addresses and ports are cut into aligned blocks whose length is a power of two; most peers are one CIDR block already.
Of two such blocks one holds the other or they have nothing in common, so the larger ones that meet a block are found by
name, one for each length in use, and the smaller ones stand together in the order of their first numbers.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from drilllib.core.sets.grid import Box, Budget

Kept = TypeVar("Kept")
Span = tuple[int, int]  # the length of a block, as a power of two, and its first number

LOOK = 1024  # what one look into a block costs, in cells of a grid: about as long as it takes


def spans(first: int, last: int) -> Iterator[Span]:
    """A range, both ends included, as the fewest aligned blocks."""
    while first <= last:
        size = (last - first + 1).bit_length() - 1
        if first:
            size = min(size, (first & -first).bit_length() - 1)
        yield size, first
        first += 1 << size


class _Axis(Generic[Kept]):
    """Things kept at blocks of one axis, found by the ranges that meet those."""

    def __init__(self, make: Callable[[], Kept]) -> None:
        self._make = make
        self._kept: dict[Span, Kept] = {}
        self._sizes: list[int] = []
        self._order: list[Span] = []  # first number, then length; in order

    def at(self, span: Span) -> Kept:
        """What is kept at that block; made where there is nothing yet."""
        if span not in self._kept:
            self._kept[span] = self._make()
            self._order = []
        return self._kept[span]

    def meeting(self, first: int, last: int) -> Iterator[Kept]:
        """Whatever is kept at blocks that have a number in the range. The same may come twice."""
        self._put_in_order()
        for size, start in spans(first, last):
            yield from self._around(size, start)
            yield from self._inside(size, start)

    def count(self, first: int, last: int) -> int:
        """How many blocks begin in the range: about as many as `meeting` has to look at."""
        self._put_in_order()
        return bisect_left(self._order, (last + 1, 0)) - bisect_left(self._order, (first, 0))

    def _put_in_order(self) -> None:
        if not self._order:
            self._order = sorted((start, size) for size, start in self._kept)
            self._sizes = sorted({size for size, _ in self._kept})

    def _around(self, size: int, start: int) -> Iterator[Kept]:
        for length in self._sizes[bisect_left(self._sizes, size) :]:
            kept = self._kept.get((length, start >> length << length))
            if kept is not None:
                yield kept

    def _inside(self, size: int, start: int) -> Iterator[Kept]:
        place, end = bisect_left(self._order, (start, 0)), start + (1 << size)
        while place < len(self._order) and self._order[place][0] < end:
            first, length = self._order[place]
            if length < size:
                yield self._kept[length, first]
            place += 1


Tree = _Axis[_Axis[list[int]]]


class Overlaps:
    """
    An index over rectangles, which are numbered from 0 in the order they are given in.

    It is kept twice, by addresses and then ports and the other way round: a search begins where it has less to look at.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        self._by_address: Tree = _Axis(lambda: _Axis(list))
        self._by_port: Tree = _Axis(lambda: _Axis(list))
        for number, (first, last, low, high) in enumerate(boxes):
            ports = list(spans(*_whole(low, high)))
            for block in spans(first, last):
                for each in ports:
                    self._by_address.at(block).at(each).append(number)
                    self._by_port.at(each).at(block).append(number)

    def of(self, box: Box, budget: Budget) -> list[int]:
        """
        The numbers of the rectangles that have a point in common with *box*, in order.

        Raises:
            TooComplexError: The budget is spent.
        """
        addresses, ports = box[:2], _whole(*box[2:])
        trees = (self._by_address, addresses, ports), (self._by_port, ports, addresses)
        tree, outer, inner = min(trees, key=lambda each: each[0].count(*each[1]))
        found: set[int] = set()
        for line in tree.meeting(*outer):
            budget.spend(LOOK)
            for numbers in line.meeting(*inner):
                budget.spend(LOOK * (1 + len(numbers)))
                found.update(numbers)
        return sorted(number for number in found if self._meets(number, *box[2:]))

    def _meets(self, number: int, low: int, high: int) -> bool:
        """Do the ports meet? A port 0 was added to some."""
        return self._boxes[number][2] <= high and low <= self._boxes[number][3]


def _whole(low: int, high: int) -> tuple[int, int]:
    """No protocol has both a port 0 and a port 1: with 0 added all ports are one block and not sixteen."""
    return (0, high) if low == 1 else (low, high)
