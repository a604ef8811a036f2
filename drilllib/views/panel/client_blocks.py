"""
Sets of clients in as few CIDR blocks as possible, the widest first.

Blocks may cover addresses that no client has (nodes, pods, loopback, multicast), because nobody asks about those:
without them, 10.0.0.0/8 with one node in it would take 24 blocks, and everyone 70.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from drilllib.core.reach.clients import Reach, clients_from, possible_clients
from drilllib.core.rules.addresses import EVERYONE, KIND
from drilllib.core.sets.boxes import blocks
from drilllib.core.sets.flowsets import LAST_ADDRESS, FlowSet


@dataclass(frozen=True, slots=True)
class ClientBlocks:
    """Clients of one address family: those in *blocks*, or with *everyone* all others."""

    family: int
    everyone: bool
    blocks: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.everyone or bool(self.blocks)


def client_blocks(reached: Reach, clients: FlowSet) -> ClientBlocks:
    """Some of the clients of *reached*, listed or by exclusion, whichever is shorter."""
    family = ip_address(reached.question.client).version
    if not clients:
        return ClientBlocks(family, False, ())
    others = possible_clients(family) - reached.inside - clients
    if not others:
        return ClientBlocks(family, True, ())
    listed = few_blocks(family, clients, others)
    excluded = few_blocks(family, others, clients) if len(listed) > 1 else listed
    by_exclusion = len(excluded) < len(listed)
    return ClientBlocks(family, by_exclusion, excluded if by_exclusion else listed)


def few_blocks(family: int, clients: FlowSet, others: FlowSet) -> tuple[str, ...]:
    """
    The fewest blocks that contain all *clients* and none of the *others*, each as narrow as possible.

    A single address is written without a prefix length, as in rules.
    """
    free = clients_from([EVERYONE[family]]) - others
    wanted = clients.addresses(family)
    ranges = (ends for first, last in free.addresses(family) for ends in blocks(first, last))
    tight = sorted((_tight(*ends) for block in ranges for ends in _within(wanted, *block)), key=_widest_first)
    longest = LAST_ADDRESS[family].bit_length()
    return tuple(f"{KIND[family](first)}{f'/{longest - bits}' if bits else ''}" for first, bits in tight)


def _within(wanted: Sequence[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    """The first and last wanted address in a block, if there are any."""
    start = bisect_left(wanted, first, key=lambda ends: ends[1])
    end = bisect_left(wanted, last + 1, key=lambda ends: ends[0])
    if start < end:
        yield max(first, wanted[start][0]), min(last, wanted[end - 1][1])


def _tight(first: int, last: int) -> tuple[int, int]:
    """The narrowest block that contains *first* and *last*: its first address, and the number of its host bits."""
    bits = (first ^ last).bit_length()
    return first >> bits << bits, bits


def _widest_first(block: tuple[int, int]) -> tuple[int, int]:
    return -block[1], block[0]
