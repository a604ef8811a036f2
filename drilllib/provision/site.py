"""Where a drill is played and how it starts: the values that its parts are made from."""

import re
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network

from drilllib.errors import InvalidInputError, quoted
from drilllib.provision.starts import Start

WIDEST = 8  # prefix of a block of clients


@dataclass(frozen=True, slots=True)
class Site:
    """
    One drill of a cluster: its id *drill*, when it should be gone (*until*), how it starts.

    *clients* are the IPv4 blocks that the repaired state lets in, *subnets* the ids of those for the nodes with the
    blocks of *node_blocks*. *setting* is the add-on's list of groups before: None where it was off.
    """

    drill: str
    cluster: str
    region: str
    until: datetime
    start: Start
    clients: tuple[str, ...]
    subnets: tuple[str, ...]
    node_blocks: tuple[str, ...]
    instance_types: tuple[str, ...]
    namespace: str
    setting: tuple[str, ...] | None


def require_namespace(text: str) -> None:
    """
    What Kubernetes takes as the name of a namespace; it would say so only when machines are running already.

    Raises:
        InvalidInputError: It is none.
    """
    if re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text) is None:
        raise InvalidInputError(
            "The namespace is {name}",
            remedy="Use lower-case letters, digits and hyphens, 63 at most",
            name=quoted(text),
        )


def require_block(text: str) -> str:
    """
    An IPv4 block with its first address before the slash.

    Raises:
        InvalidInputError: It is none, or wider than a /8, or begins with 0: the API makes all addresses of that.
    """
    try:
        block = IPv4Network(text)
    except ValueError:
        block = None
    if block is None or block.prefixlen < WIDEST or text.startswith("0."):
        raise InvalidInputError(
            "The clients are {text}", remedy="Give an IPv4 block such as 203.0.113.10/32", text=quoted(text)
        )
    return str(block)
