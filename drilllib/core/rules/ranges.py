"""Sets of addresses as ranges: in order, apart from each other, both address families side by side."""

from collections.abc import Iterable, Iterator

from drilllib.core.rules.addresses import EVERYONE, Address, Block
from drilllib.core.rules.members import Range, range_of

Ranges = tuple[Range, ...]
ALL: Ranges = tuple(range_of(EVERYONE[family]) for family in (4, 6))


def ranges_of(blocks: Iterable[Block]) -> Ranges:
    """The addresses of all these blocks."""
    return merged(map(range_of, blocks))


def ranges_at(addresses: Iterable[Address]) -> Ranges:
    """Just these addresses."""
    return merged((each.version, int(each), int(each)) for each in addresses)


def merged(*sets: Iterable[Range]) -> Ranges:
    """The addresses that any of them has."""
    found: list[Range] = []
    for family, first, last in sorted(each for some in sets for each in some):
        if found and found[-1][0] == family and first <= found[-1][2] + 1:
            found[-1] = family, found[-1][1], max(last, found[-1][2])
        else:
            found.append((family, first, last))
    return tuple(found)


def without(ranges: Ranges, others: Ranges) -> Ranges:
    """The addresses of *ranges* that *others* does not have."""
    return tuple(part for each in ranges for part in _left(each, others))


def in_both(some: Ranges, others: Ranges) -> Ranges:
    """The addresses that both have."""
    return without(some, without(ALL, others))


def _left(whole: Range, others: Ranges) -> Iterator[Range]:
    family, first, last = whole
    for other, low, high in others:
        if other == family and low <= last and high >= first:
            if first < low:
                yield family, first, low - 1
            first = high + 1
    if first <= last:
        yield family, first, last
