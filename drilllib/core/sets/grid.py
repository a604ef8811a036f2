"""
Rectangles of addresses and ports, cut into a grid.

The ports where something begins or ends cut the ports into rows, the addresses the addresses into columns. A row is one
integer with a bit for each column, so that a rule is drawn over a thousand columns in one operation. Ports are
taken in stretches, each with the columns of its own rectangles only: that keeps the grid small where many rules have
many ports.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter

from drilllib.errors import TooComplexError

Box = tuple[int, int, int, int]  # first and last address, first and last port, all included
Piece = tuple[int, int, int, int]  # number of the rectangle; first row, row behind the last; its columns as bits

STRETCH = 128  # rows that are cut and drawn together
CELLS = 1 << 33  # bits of all rows drawn over in one question, at most: a few seconds
RUNS = 4  # of layers of one kind, up to which a single band of ports is drawn without a grid
BOXES = 1_000_000  # of one answer, at most


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of ports: where its rows and columns begin, with the end of the last, and the pieces drawn there."""

    ports: list[int]
    addresses: list[int]
    pieces: list[Piece]


class Budget:
    """How much one question may still cost."""

    def __init__(self, cells: int = CELLS) -> None:
        self._left = cells

    def spend(self, cells: int) -> None:
        """
        Take *cells* of it.

        Raises:
            TooComplexError: Nothing is left.
        """
        self._left -= cells
        if self._left < 0:
            raise TooComplexError(
                "The rules overlap in too many ways for an exact answer",
                remedy="Ask about fewer rules at a time, or merge their blocks and ports",
            )


def stretches(boxes: Sequence[Box], budget: Budget) -> Iterator[Stretch]:
    """
    The grid of *boxes*, one stretch of ports after the other.

    Raises:
        TooComplexError: It costs more than the budget has left.
    """
    cuts = sorted({box[2] for box in boxes} | {box[3] + 1 for box in boxes})
    waiting = sorted(range(len(boxes)), key=lambda number: boxes[number][2], reverse=True)
    here: list[int] = []
    for start in range(0, len(cuts) - 1, STRETCH):
        ports = cuts[start : start + STRETCH + 1]
        while waiting and boxes[waiting[-1]][2] < ports[-1]:
            here.append(waiting.pop())
        here = sorted(number for number in here if boxes[number][3] >= ports[0])
        yield _cut(boxes, here, ports, budget)


def _cut(boxes: Sequence[Box], here: Sequence[int], ports: list[int], budget: Budget) -> Stretch:
    """The boxes numbered *here*, cut at *ports* and at their own addresses."""
    found = [boxes[number] for number in here]
    addresses = sorted({box[0] for box in found} | {box[1] + 1 for box in found})
    columns = {address: column for column, address in enumerate(addresses)}
    rows = {port: row for row, port in enumerate(ports)}
    pieces = []
    for number, (first, last, low, high) in zip(here, found, strict=True):
        column, end = columns[first], columns[last + 1]
        top, bottom = rows.get(low, 0), rows.get(high + 1, len(ports) - 1)
        budget.spend((bottom - top) * (end + 64))
        pieces.append((number, top, bottom, (1 << end) - (1 << column)))
    return Stretch(ports, addresses, pieces)


def painted(layers: Sequence[tuple[Box, bool]], budget: Budget | None = None) -> tuple[Box, ...]:
    """
    What is covered once *layers* were drawn one over the other, True covering and False clearing what is beneath.

    The answer is canonical: the same points give the same boxes. They are disjoint, in the order of their ports, then
    of their addresses; neighbouring ports with the same addresses are one box.

    Raises:
        TooComplexError: The layers, or the answer, are too many to be told exactly.
    """
    if len({box[2:] for box, _ in layers}) == 1:
        runs = [(covers, [box[:2] for box, _ in run]) for covers, run in groupby(layers, key=itemgetter(1))]
        if len(runs) <= RUNS:
            return _on_one_band(runs, layers[0][0])
    bands: list[tuple[int, int, tuple[int, ...]]] = []
    for stretch in stretches([box for box, _ in layers], budget or Budget()):
        rows = [0] * (len(stretch.ports) - 1)
        for number, top, bottom, mask in stretch.pieces:
            if layers[number][1]:
                rows[top:bottom] = [row | mask for row in rows[top:bottom]]
            else:
                rows[top:bottom] = [row & ~mask for row in rows[top:bottom]]
        _add_bands(bands, stretch, rows)
    return _boxes(bands)


def _on_one_band(runs: Iterable[tuple[bool, Sequence[tuple[int, int]]]], like: Box) -> tuple[Box, ...]:
    """The same for boxes with the same ports, those of *like*: the addresses of layers of one kind taken together."""
    found: list[tuple[int, int]] = []
    for covers, run in runs:
        found = _joined([*found, *run]) if covers else _without(found, _joined(run))
        require_few(len(found))
    return tuple((first, last, *like[2:]) for first, last in found)


def _joined(ends: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges, each by its first and last, in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ends):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def _without(ends: Iterable[tuple[int, int]], gone: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of the one is not in the other; both are disjoint and in order."""
    found, place = list[tuple[int, int]](), 0
    for first, last in ends:
        while place < len(gone) and gone[place][1] < first:
            place += 1
        following = place
        while following < len(gone) and gone[following][0] <= last:
            if first < gone[following][0]:
                found.append((first, gone[following][0] - 1))
            first = gone[following][1] + 1
            following += 1
        if first <= last:
            found.append((first, last))
    return found


def _add_bands(bands: list[tuple[int, int, tuple[int, ...]]], stretch: Stretch, rows: Iterable[int]) -> None:
    """The rows as bands of ports with the same addresses, joined to the band before where they continue it."""
    seen: dict[int, tuple[int, ...]] = {}
    for (low, end), row in zip(pairwise(stretch.ports), rows, strict=True):
        if row not in seen:
            seen[row] = tuple(_edges(row, stretch.addresses))
        edges = seen[row]
        if bands and bands[-1][1] == low - 1 and bands[-1][2] == edges:
            bands[-1] = (bands[-1][0], end - 1, edges)
        elif edges:
            bands.append((low, end - 1, edges))


def _edges(row: int, addresses: Sequence[int]) -> Iterator[int]:
    """Where the set bits of *row* begin and end, as addresses in turn: first, behind the last, first ..."""
    changes = f"{row ^ (row << 1):b}"[::-1]
    column = changes.find("1")
    while column >= 0:
        yield addresses[column]
        column = changes.find("1", column + 1)


def _boxes(bands: Iterable[tuple[int, int, tuple[int, ...]]]) -> tuple[Box, ...]:
    found: list[Box] = []
    for low, high, edges in bands:
        found += ((first, end - 1, low, high) for first, end in zip(edges[::2], edges[1::2], strict=True))
        require_few(len(found))
    return tuple(found)


def require_few(count: int) -> None:
    """Raises TooComplexError for an answer of more parts than anybody would read."""
    if count > BOXES:
        raise TooComplexError(
            "The answer has more than {boxes} parts", remedy="Ask about fewer rules at a time", boxes=f"{BOXES:,}"
        )
