"""
Other public addresses in the place of public addresses; who contains whom, prefix lengths and order in ranges stay.

The largest blocks that are named get places in the ranges for documentation (RFC 5737, RFC 3849), then in that for
benchmarks (RFC 2544). Below such a block addresses keep their common prefixes, as tcpdpriv and Crypto-PAn keep them:
of the two halves of a block the one that comes first becomes the lower one. Nothing of it can be turned round without
the snapshot. Where the ranges are too small all addresses of that family are mapped in place in the same way, which
for one may give the same again, and leaves the first bits of blocks beside private ranges.

Private, shared, link-local, loopback, multicast and reserved addresses stay, host part and all: anybody may have them,
and which of them stands in which subnet or group is the topology.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from drilllib.core.rules.addresses import BITS, Address, Block, address_at

_KEPT: dict[int, tuple[Block, ...]] = {
    4: tuple(
        map(
            ip_network,
            (
                *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
                *("192.168.0.0/16", "224.0.0.0/3"),
            ),
        )
    ),
    6: tuple(map(ip_network, ("::/127", "fc00::/7", "fe80::/10", "ff00::/8"))),
}
_PLACES: dict[int, tuple[Block, ...]] = {
    4: tuple(map(ip_network, ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/15"))),
    6: (ip_network("2001:db8::/32"),),
}
NETWORK: dict[int, type[IPv4Network] | type[IPv6Network]] = {4: IPv4Network, 6: IPv6Network}
_Node = tuple[int, int]  # the length of a prefix, and its bits as a number


class AddressMap:
    """
    What stands in the place of each address of one family.

    Args:
        family: 4 or 6.
        blocks: every block that is named, an address as one of full length, in the order of the snapshot.
        ends: the first and last addresses of ranges, with the smallest block around both among *blocks*.

    `new` are the blocks that the public addresses are in afterwards.
    """

    def __init__(self, family: int, blocks: Iterable[Block], ends: Iterable[Address]) -> None:
        self.family, self._bits = family, BITS[family]
        named = [each for each in dict.fromkeys(blocks) if each.prefixlen and not is_kept(each)]
        self._fixed = set(_above(each for each in _KEPT[family]))
        outer = _outermost(named)
        places = _placed(family, outer)
        self._places = {_node(old): new for old, new in (places or {}).items()}
        self._fixed |= set(_above(block_of(each) for each in ends))
        self._first: dict[_Node, int] = {}
        for each in named:
            self._learn(each)
        self.new = tuple(map(self.block, outer)) if places is None else _PLACES[family]

    def block(self, block: Block) -> Block:
        """The block in its place, of the same length; every address, a kept block and one not named stay."""
        if not block.prefixlen or is_kept(block):
            return block
        start, number = self._start(_node(block))
        for length in range(start + 1, block.prefixlen + 1):
            bit = _bits_of(block, length) & 1
            number = number << 1 | bit ^ self._first.get((length - 1, _bits_of(block, length - 1)), 0)
        return NETWORK[self.family]((number << (self._bits - block.prefixlen), block.prefixlen))

    def _start(self, node: _Node) -> tuple[int, int]:
        """The named block without one around it that has its own place, and the bits of that place."""
        length, number = node
        for size in range(length + 1):
            place = self._places.get((size, number >> (length - size)))
            if place is not None:
                return size, _bits_of(place, size)
        return 0, 0

    def _learn(self, block: Block) -> None:
        """Which half of each block around *block* came first; the halves of fixed ones stay as they are."""
        for length in range(block.prefixlen):
            node = length, _bits_of(block, length)
            if node not in self._fixed:
                self._first.setdefault(node, _bits_of(block, length + 1) & 1)


def is_kept(block: Block) -> bool:
    """Is all of it in a range that anybody may have, or that no host has?"""
    return any(_inside(block, each) for each in _KEPT[block.version])


def block_of(address: Address) -> Block:
    """One address as a block."""
    return NETWORK[address.version]((int(address), BITS[address.version]))


def common_block(low: Address, high: Address) -> Block:
    """The smallest block that has both."""
    bits = BITS[low.version]
    length = bits - (int(low) ^ int(high)).bit_length()
    return ip_network(f"{low}/{length}", strict=False)


def address_in(text: str) -> Address | None:
    """The address that *text* is; None where it is none."""
    try:
        return None if "%" in text else address_at(text)
    except ValueError:
        return None


def _placed(family: int, blocks: list[Block]) -> dict[Block, Block] | None:
    """A place for each of these, the largest first; None where they do not all fit."""
    places, found = list(_PLACES[family]), {}
    free = [int(each.network_address) for each in places]
    for block in sorted(blocks, key=lambda each: each.prefixlen):
        size = 1 << (BITS[family] - block.prefixlen)
        for number, place in enumerate(places):
            start = free[number] + (size == 1 and free[number] == int(place.network_address))
            if start + size - 1 <= int(place.broadcast_address) and block.prefixlen >= place.prefixlen:
                found[block] = NETWORK[family]((start, block.prefixlen))
                free[number] = start + size
                break
        else:
            return None
    return found


def _outermost(blocks: Iterable[Block]) -> list[Block]:
    """Those that are in no other one, in their order."""
    nodes = {_node(each): each for each in blocks}
    return [each for each in nodes.values() if not any(node in nodes for node in _above([each]))]


def _above(blocks: Iterable[Block]) -> Iterator[_Node]:
    """Every block around each of these."""
    return ((length, _bits_of(each, length)) for each in blocks for length in range(each.prefixlen))


def _node(block: Block) -> _Node:
    return block.prefixlen, _bits_of(block, block.prefixlen)


def _bits_of(block: Block, length: int) -> int:
    """The first bits of a block as a number."""
    return int(block.network_address) >> (BITS[block.version] - length)


def _inside(block: Block, outer: Block) -> bool:
    return block.prefixlen >= outer.prefixlen and _bits_of(block, outer.prefixlen) == _bits_of(outer, outer.prefixlen)
