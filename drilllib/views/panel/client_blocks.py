"""
Sets of clients in as few CIDR blocks as can be, the widest first.

Addresses that no client has (nodes, pods, loopback, multicast) are asked about nowhere. Blocks are written across
them: else 10.0.0.0/8 with one node in it would be 24 blocks, and everyone 70.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from drilllib.core.reach.clients import Reach, clients_from, possible_clients
from drilllib.core.sets.boxes import blocks
from drilllib.core.sets.flowsets import KIND, LAST_ADDRESS, FlowSet

_EVERY_ADDRESS = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


@dataclass(frozen=True, slots=True)
class Who:
    """Clients of one address family: those in *blocks*; where *everyone*, all but those."""

    family: int
    everyone: bool
    blocks: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.everyone or bool(self.blocks)


def who(reached: Reach, clients: FlowSet) -> Who:
    """Some of the clients of *reached*, said in the shorter way."""
    family = ip_address(reached.question.client).version
    if not clients:
        return Who(family, False, ())
    others = possible_clients(family) - reached.inside - clients
    if not others:
        return Who(family, True, ())
    found = few_blocks(family, clients, others)
    left_out = few_blocks(family, others, clients) if len(found) > 1 else found
    return Who(family, True, left_out) if len(left_out) < len(found) else Who(family, False, found)


def few_blocks(family: int, clients: FlowSet, others: FlowSet) -> tuple[str, ...]:
    """
    The fewest blocks that hold all *clients* and none of the *others*, none wider than it need be.

    A block of one address is written as that address, as in rules.
    """
    free = clients_from([_EVERY_ADDRESS[family]]) - others
    wanted = clients.addresses(family)
    ranges = (ends for first, last in free.addresses(family) for ends in blocks(first, last))
    found = sorted((_tight(*ends) for block in ranges for ends in _within(wanted, *block)), key=_widest_first)
    longest = LAST_ADDRESS[family].bit_length()
    return tuple(f"{KIND[family](first)}{f'/{longest - bits}' if bits else ''}" for first, bits in found)


def _within(wanted: Sequence[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    """From the first to the last wanted address in a block, if there is any."""
    start = bisect_left(wanted, first, key=lambda ends: ends[1])
    end = bisect_left(wanted, last + 1, key=lambda ends: ends[0])
    if start < end:
        yield max(first, wanted[start][0]), min(last, wanted[end - 1][1])


def _tight(first: int, last: int) -> tuple[int, int]:
    """The narrowest block from *first* to *last*: where it begins, and how many bits its addresses differ in."""
    bits = (first ^ last).bit_length()
    return first >> bits << bits, bits


def _widest_first(block: tuple[int, int]) -> tuple[int, int]:
    return -block[1], block[0]
