"""
The opening packet of a flow as bytes on a cable, and the number it carries.

The number stands where every protocol has room for one, 8 bytes after the beginning of the transport header: TCP has
there what it acknowledges, which nobody reads in a first segment, the others have their payload. Checksums above IPv4's
own are left out: whoever forwards a packet does not look at them.
"""

import struct
from ipaddress import ip_address, ip_network

from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import Direction, Flow

NUMBER = "@th,64,32"  # where nftables finds it
NUMBERS = {"TCP": 6, "UDP": 17, "ICMP": 1, "ICMPV6": 58, "GRE": 47}
GATEWAY = "02:00:00:00:00:0f"  # of both the fabric's ends of its cables
OWN = {4: ip_address("10.0.35.11"), 6: ip_address("2001:db8:35::11")}  # the address of whoever the groups are bound to
UNFORWARDED = {
    4: tuple(map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32"))),
    6: tuple(map(ip_network, ("::/128", "::1/128", "::ffff:0:0/96", "fe80::/10", "ff00::/8"))),
}

_TO = bytes.fromhex(GATEWAY.replace(":", "")) + bytes.fromhex("020000000005")
_ETHERNET = {4: _TO + b"\x08\x00", 6: _TO + b"\x86\xdd"}
_PLACES = {b"\x08\x00": (23, 34), b"\x86\xdd": (20, 54)}  # where the protocol stands, and where its header begins
_OURS = frozenset(NUMBERS.values())


def frame(number: int, direction: Direction, flow: Flow) -> bytes:
    """The packet: from the peer for ingress, to the peer for egress."""
    peer, own = flow.peer.packed, OWN[flow.peer.version].packed
    source, destination = (peer, own) if direction is Direction.INGRESS else (own, peer)
    header = _ipv4 if flow.peer.version == 4 else _ipv6
    body = _transport(number, flow)
    return _ETHERNET[flow.peer.version] + header(NUMBERS[flow.protocol], len(body), source + destination) + body


def forwarded(peer: Address) -> bool:
    """Does every kernel pass on packets from and to *peer*? If not, a rule may never be asked about it."""
    return not any(peer in block for block in UNFORWARDED[peer.version])


def end_of_batch() -> bytes:
    """A packet with the number 0, which no rule is asked about: when it arrives, all that was sent before has."""
    return frame(0, Direction.INGRESS, Flow(protocol="UDP", peer=OWN[4], port=1))


def number_of(packet: bytes) -> int | None:
    """The number a received packet carries; None where it cannot be one of ours."""
    protocol, transport = _PLACES.get(packet[12:14], (0, 0))
    if not protocol or len(packet) < transport + 12 or packet[protocol] not in _OURS:
        return None
    return int.from_bytes(packet[transport + 8 : transport + 12], "big")


def _ipv4(protocol: int, length: int, addresses: bytes) -> bytes:
    words = struct.unpack("!4H", addresses)
    total = 0x4500 + 20 + length + 0x4000 + (64 << 8) + protocol + sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    checksum = 0xFFFF - ((total & 0xFFFF) + (total >> 16))
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, protocol, checksum) + addresses


def _ipv6(protocol: int, length: int, addresses: bytes) -> bytes:
    return struct.pack("!IHBB", 6 << 28, length, protocol, 64) + addresses


def _transport(number: int, flow: Flow) -> bytes:
    source = 1 + number * 7919 % 65535  # no rule asks for it
    if flow.protocol == "TCP":
        return struct.pack("!HHIIBBHHH", source, flow.port, 0, number, 5 << 4, 0x02, 64240, 0, 0)
    if flow.protocol == "UDP":
        return struct.pack("!HHHHI", source, flow.port, 12, 0, number)
    if flow.protocol == "GRE":
        return struct.pack("!HHII", 0, 0x0800, 0, number)
    kind = 8 if flow.protocol == "ICMP" else 128
    return struct.pack("!BBHHHI", kind, 0, 0, 0, 0, number)
