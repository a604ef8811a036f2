"""Which clients an anonymous snapshot can be asked about: those whose new addresses it may have."""

from collections.abc import Iterable
from ipaddress import ip_network

from drilllib.core.rules.addresses import Block
from drilllib.core.snapshot.anonymous.addresses import is_kept
from drilllib.core.snapshot.shapes import is_address
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError

MARK = "anonymous"  # the part of a document that lists the blocks that its public addresses are in


def require_renamed(snapshot: Snapshot, clients: Iterable[Block]) -> None:
    """
    Raises InvalidInputError where *snapshot* is anonymous and a client's address is a public one as it was before.

    Rules for that address name others now, so that the answer would be of somebody else. Private addresses stay.
    """
    blocks = snapshot.public_blocks
    if blocks is None:
        return
    for client in clients:
        if client.prefixlen and not is_kept(client) and not any(_meet(client, each) for each in blocks):
            raise InvalidInputError(
                "The snapshot is anonymous, and {client} is no public address of it",
                remedy="Ask about the address that drill capture --anonymize --from ADDR told its sender instead",
                client=client.network_address if client.prefixlen == client.max_prefixlen else client,
            )


def require_renamed_vip(snapshot: Snapshot, vip: str | None) -> None:
    """The same of the VIP that a question names; a domain name is looked for as it is."""
    if vip and is_address(vip):
        require_renamed(snapshot, [ip_network(vip)])


def _meet(one: Block, other: Block) -> bool:
    if one.version != other.version:
        return False
    return max(int(one[0]), int(other[0])) <= min(int(one[-1]), int(other[-1]))
