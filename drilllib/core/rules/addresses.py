"""IP addresses and blocks, read strictly: no zones, no netmasks, no numbers in disguise."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from drilllib.errors import InvalidInputError, Message, quoted

Address = IPv4Address | IPv6Address
Block = IPv4Network | IPv6Network

BITS = {4: 32, 6: 128}
KIND: dict[int, type[IPv4Address] | type[IPv6Address]] = {4: IPv4Address, 6: IPv6Address}
EVERYONE: dict[int, Block] = {4: IPv4Network("0.0.0.0/0"), 6: IPv6Network("::/0")}
WIDE = {4: 8, 6: 16}  # a block with a shorter prefix than this is open to the world
PROBE_RANGE = IPv4Network("100.64.0.0/10")  # health checks come from there [CLB-HCIP]


class _Address4(IPv4Address):
    """An IPv4 address as any other, of which hash, text and family are at hand; the library makes them each time."""

    __slots__ = ("_hash", "_text")
    version = 4
    _ip: int

    def __init__(self, number: int, text: str = "") -> None:
        self._ip, self._hash = number, hash(hex(number))
        self._text = text or super().__str__()

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"IPv4Address({self._text!r})"

    def __reduce__(self) -> tuple[type[IPv4Address], tuple[int]]:
        return IPv4Address, (int(self),)


@lru_cache(maxsize=1 << 14)  # a snapshot writes an address in several of its objects
def address_at(text: str) -> Address:
    """
    The address of that text.

    Raises:
        ValueError: It is none.
    """
    try:
        four = bytes(map(int, text.split(".")))
    except ValueError:
        return ip_address(text)
    if len(four) == 4 and "%d.%d.%d.%d" % tuple(four) == text:  # noqa: UP031  the quickest way
        return _Address4(int.from_bytes(four), text)
    return ip_address(text)


def parse_client(text: str) -> Address:
    """
    The address of a client: one that can send a packet and get an answer.

    Raises:
        InvalidInputError: It is no address, or unspecified, loopback, multicast or reserved.
    """
    address = parse_address(text, Message("The client"))
    reserved = address.version == 4 and address.is_reserved
    if address.is_unspecified or address.is_loopback or address.is_multicast or reserved:
        raise InvalidInputError(
            "The client is {address}, which no packet can come from",
            remedy="Give the address that the load balancer sees",
            address=address,
        )
    return address


def at(address: Address | str, port: int | None) -> str:
    """An address and a port as one writes them: ``192.0.2.10:80``, ``[2001:db8::10]:80``; ``:?`` for no known port."""
    text, shown = str(address), "?" if port is None else port
    return f"[{text}]:{shown}" if ":" in text else f"{text}:{shown}"


def parse_address(text: str, what: str | Message) -> Address:
    """
    One IPv4 or IPv6 address.

    Raises:
        InvalidInputError: It is not one; *what* names it in the message.
    """
    try:
        if not isinstance(text, str) or "%" in text:
            raise ValueError(text)
        return ip_address(text)
    except ValueError:
        raise InvalidInputError(
            "{what} is {text}", remedy="Write one IPv4 or IPv6 address", what=what, text=quoted(text)
        ) from None


def parse_block(text: object, what: str | Message) -> Block:
    """
    One address or CIDR block; host bits are cleared.

    Raises:
        InvalidInputError: It is neither; *what* names it in the message.
    """
    try:
        if not isinstance(text, str) or "%" in text:
            raise ValueError(text)
        return ip_network(text, strict=False)
    except ValueError:
        raise InvalidInputError(
            "{what} is {text}", remedy="Write a block such as 203.0.113.0/24", what=what, text=quoted(text)
        ) from None


def parse_written_block(text: object, said: str | Message) -> Block:
    """
    One address or CIDR block as somebody wrote it down; one with bits behind its length says two things.

    Raises:
        InvalidInputError: It is neither, or has such bits; *said* begins the message.
    """
    address, _, length = text.partition("/") if isinstance(text, str) else ("", "", "")
    try:
        if not isinstance(text, str) or "%" in text or not (length.isdecimal() or "/" not in text):
            raise ValueError(text)
        loose = ip_network(text, strict=False)
    except ValueError:
        raise InvalidInputError(
            "{said} {text}", remedy="Write an address or a block, such as 203.0.113.0/24", said=said, text=quoted(text)
        ) from None
    if loose.network_address != ip_address(address):
        raise InvalidInputError(
            "{said} {text}, which is inside {loose}", remedy="Write {loose}", said=said, text=quoted(text), loose=loose
        )
    return loose


def holds(block: Block, other: Block) -> bool:
    """Does all of *other* lie in *block*? Blocks of two families have nothing in common."""
    ends = int(other.network_address), int(other.broadcast_address)
    return (
        block.version == other.version
        and int(block.network_address) <= ends[0]
        and ends[1] <= int(block.broadcast_address)
    )
