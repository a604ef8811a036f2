"""Where packets come from, or go to, as far as that is known."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import EVERYONE, Address, Block, holds


@dataclass(frozen=True, slots=True)
class Origin:
    """
    Where a packet comes from, or goes to: one address, or some address of *blocks*.

    *unknown* names the fact that would tell which; None where nobody can know, because any may be used.
    """

    blocks: tuple[Block, ...]
    unknown: Fact | None = None

    @property
    def is_anyone(self) -> bool:
        """May it be any address of a family, because nothing tells which?"""
        return any(each.prefixlen == 0 for each in self.blocks)

    def holds(self, other: "Origin") -> bool:
        """Is all of *other* in it?"""
        return all(any(holds(block, each) for block in self.blocks) for each in other.blocks)

    @property
    def address(self) -> Address | None:
        """The address, where it is just one."""
        only = self.blocks[0] if len(self.blocks) == 1 else None
        return only.network_address if only is not None and only.prefixlen == only.max_prefixlen else None

    def __str__(self) -> str:
        """The address or the blocks, as a person writes them."""
        if self.address is not None:
            return str(self.address)
        return ", ".join(str(each).removesuffix("/32").removesuffix("/128") for each in self.blocks)


@lru_cache(maxsize=4096)
def from_address(*addresses: Address) -> Origin:
    """One address, or any of several."""
    return Origin(tuple(ip_network(address) for address in addresses))


def from_anywhere(family: int, unknown: Fact) -> Origin:
    """An address of that family that is not known; *unknown* names the fact that would tell it."""
    return Origin((EVERYONE[family],), unknown)
