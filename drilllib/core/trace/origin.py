"""Where packets come from, or go to, as far as that is known."""

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, ip_address, ip_network, summarize_address_range

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import EVERYONE, Address, Block, holds
from drilllib.core.rules.members import PRIVATE
from drilllib.core.rules.ranges import ranges_of, without

_NOBODY = tuple(map(IPv4Network, ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/3")))  # no packet comes from there
PUBLIC: tuple[Block, ...] = tuple(
    block
    for _, first, last in without(ranges_of([EVERYONE[4]]), ranges_of([*PRIVATE, *_NOBODY]))
    for block in summarize_address_range(ip_address(first), ip_address(last))
)


@dataclass(frozen=True, slots=True)
class Origin:
    """
    Where a packet comes from, or goes to: one address, or some address of *blocks*.

    *unknown* names the fact that would tell which; None where nobody can know, because any may be used. *address* is
    the address, where it is just one.
    """

    blocks: tuple[Block, ...]
    unknown: Fact | None = None
    address: Address | None = field(init=False, compare=False, repr=False)
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        only = self.blocks[0] if len(self.blocks) == 1 else None
        is_one = only is not None and only.prefixlen == only.max_prefixlen
        object.__setattr__(self, "address", only.network_address if only is not None and is_one else None)
        object.__setattr__(self, "_hash", hash((self.blocks, self.unknown)))

    def __hash__(self) -> int:
        """Found once: every check is looked up by the far end that it was asked about."""
        return self._hash

    @property
    def is_anyone(self) -> bool:
        """May it be any address of a family, because nothing tells which?"""
        return self.blocks == PUBLIC or any(each.prefixlen == 0 for each in self.blocks)

    def holds(self, other: "Origin") -> bool:
        """Is all of *other* in it?"""
        return all(any(holds(block, each) for block in self.blocks) for each in other.blocks)

    def __str__(self) -> str:
        """The address or the blocks, as a person writes them; all public ones are many."""
        if self.address is not None:
            return str(self.address)
        if self.blocks == PUBLIC:
            return "public"
        return ", ".join(str(each).removesuffix("/32").removesuffix("/128") for each in self.blocks)


@lru_cache(maxsize=4096)
def from_address(*addresses: Address) -> Origin:
    """One address, or any of several."""
    return Origin(tuple(ip_network(address) for address in addresses))


def from_anywhere(family: int, unknown: Fact) -> Origin:
    """An address of that family that is not known; *unknown* names the fact that would tell it."""
    return Origin((EVERYONE[family],), unknown)


def from_public(unknown: Fact) -> Origin:
    """A public IPv4 address that is not known; *unknown* names the fact that would tell it."""
    return Origin(PUBLIC, unknown)
