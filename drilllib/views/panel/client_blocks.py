"""
Sets of clients in as few CIDR blocks as possible, the widest first: ``203.0.113.0/24 except 203.0.113.10``.

Blocks may cover addresses that no client has (nodes, pods, loopback, multicast), because nobody asks about those:
without them, 10.0.0.0/8 with one node in it would take 24 blocks, and everyone 70.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from drilllib.core.reach.clients import Reach
from drilllib.core.rules.addresses import KIND
from drilllib.core.sets.flowsets import LAST_ADDRESS, FlowSet
from drilllib.core.trace.verdict import Verdict

Ranges = Sequence[tuple[int, int]]  # ascending, both ends included
Block = tuple[int, int]  # its first address, and the number of its host bits


@dataclass(frozen=True, slots=True)
class Part:
    """The clients of one block, a single address without a prefix length; None is everyone. Not those in *but*."""

    block: str | None
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientBlocks:
    """Clients of one address family; none where there are no parts. Parts with exceptions stand last."""

    family: int
    parts: tuple[Part, ...]

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def everyone(self) -> bool:
        """Are they (almost) all that there are?"""
        return any(part.block is None for part in self.parts)


def client_blocks(reached: Reach, clients: FlowSet) -> ClientBlocks:
    """Some of the clients of *reached*, listed or by exclusion, whichever names fewer blocks."""
    family = ip_address(reached.question.client).version
    if not clients:
        return ClientBlocks(family, ())
    others = reached.clients(*Verdict) - clients
    if not others:
        return ClientBlocks(family, (Part(None),))
    told = _told(clients.addresses(family), others.addresses(family), 0, LAST_ADDRESS[family].bit_length())
    found = sorted(told.best, key=lambda part: (bool(part[1]), _widest_first(part[0])))
    return ClientBlocks(family, tuple(_part(family, *each) for each in found))


def few_blocks(family: int, clients: FlowSet, others: FlowSet) -> tuple[str, ...]:
    """
    The fewest blocks that contain all *clients* and none of the *others*, each as narrow as possible.

    A single address is written without a prefix length, as in rules.
    """
    told = _told(clients.addresses(family), others.addresses(family), 0, LAST_ADDRESS[family].bit_length())
    return tuple(_text(family, each) for each in sorted(told.wanted, key=_widest_first))


@dataclass(frozen=True, slots=True)
class _Told:
    """What is to be told of a block: *wanted* and *others* as blocks, and the *best* way to say the former."""

    wanted: list[Block]
    others: list[Block]
    best: list[tuple[Block, list[Block]]]


def _told(wanted: Ranges, others: Ranges, first: int, bits: int) -> _Told:
    """The block that begins at *first* and has so many host bits, of which these are the ranges in it."""
    if not wanted:
        return _Told([], [_tight(others)] if others else [], [])
    if not others:
        return _Told([_tight(wanted)], [], [(_tight(wanted), [])])
    middle = first + (1 << bits - 1)
    low = _told(_below(wanted, middle), _below(others, middle), first, bits - 1)
    high = _told(_from(wanted, middle), _from(others, middle), middle, bits - 1)
    best, excluded = [*low.best, *high.best], [*low.others, *high.others]
    if 1 + len(excluded) < sum(1 + len(but) for _, but in best):
        best = [((first, bits), excluded)]
    return _Told([*low.wanted, *high.wanted], excluded, best)


def _below(ranges: Ranges, end: int) -> Ranges:
    """The parts of *ranges* below an address."""
    found = ranges[: bisect_left(ranges, end, key=lambda ends: ends[0])]
    return [*found[:-1], (found[-1][0], min(found[-1][1], end - 1))] if found else found


def _from(ranges: Ranges, start: int) -> Ranges:
    """The parts of *ranges* from an address on."""
    found = ranges[bisect_left(ranges, start, key=lambda ends: ends[1]) :]
    return [(max(found[0][0], start), found[0][1]), *found[1:]] if found else found


def _tight(ranges: Ranges) -> Block:
    """The narrowest block that contains all *ranges*."""
    first, last = ranges[0][0], ranges[-1][1]
    bits = (first ^ last).bit_length()
    return first >> bits << bits, bits


def _part(family: int, block: Block, but: Sequence[Block]) -> Part:
    everyone = block[1] == LAST_ADDRESS[family].bit_length()
    return Part(None if everyone else _text(family, block), tuple(_text(family, each) for each in but))


def _text(family: int, block: Block) -> str:
    first, bits = block
    return f"{KIND[family](first)}{f'/{LAST_ADDRESS[family].bit_length() - bits}' if bits else ''}"


def _widest_first(block: Block) -> tuple[int, int]:
    return -block[1], block[0]
