"""
What the kernel did to each packet: nftables' trace, read from a netlink socket.

The kernel reports every packet that a rule marked for it: which chain it ran through, which rule matched, and what
became of it. `linux/netfilter/nf_tables.h` has the numbers.
"""

import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

NETLINK_NETFILTER, TRACE_GROUP, NETLINK_ADD_MEMBERSHIP, SOL_NETLINK = 12, 9, 1, 270
TRACE_MESSAGE = 10 << 8 | 17
TABLE, CHAIN, HANDLE, KIND, VERDICT, IDENTITY, NETWORK, TRANSPORT, IIF, OIF = 1, 2, 3, 4, 5, 6, 8, 9, 10, 12
POLICY, RULE = 1, 3  # kinds of a message
DROP, ACCEPT = 0, 1
PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 47: "GRE", 58: "ICMPV6"}
# First packets of conversations, and what says no to them.
MARKS = (
    "add table inet story",
    "add chain inet story arriving { type filter hook prerouting priority raw - 10; policy accept; }",
    "add chain inet story leaving { type filter hook output priority raw - 10; policy accept; }",
    "add rule inet story arriving tcp flags & (syn | ack) == syn meta nftrace set 1",
    "add rule inet story arriving meta l4proto udp meta nftrace set 1",
    "add rule inet story leaving tcp flags rst meta nftrace set 1",
    "add rule inet story leaving icmp type destination-unreachable meta nftrace set 1",
    "add rule inet story leaving icmpv6 type destination-unreachable meta nftrace set 1",
)


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a conversation, as one chain met it. Ports are 0 for protocols without."""

    protocol: str
    source: str
    source_port: int
    destination: str
    port: int


@dataclass(slots=True)
class Run:
    """One packet's way through one hook's chain: the rules met, by chain and handle, and what became of it."""

    host: str
    table: str
    chain: str
    iif: int
    oif: int
    packet: Packet
    rules: list[tuple[str, int]] = field(default_factory=list)
    verdict: str = "accept"


class Tracer:
    """Listens in the network namespace that the caller is in when it is made."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, NETLINK_NETFILTER)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self._socket.bind((0, 0))
        self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, TRACE_GROUP)

    def read(self) -> list[tuple[int, Run]]:
        """Everything reported since the last call, in order; each run with the packet's identity in this host."""
        found: list[tuple[int, Run]] = []
        for attributes in self._messages():
            identity = struct.unpack("!I", attributes[IDENTITY])[0]
            if NETWORK in attributes:
                found.append((identity, self._begun(attributes)))
            else:
                ours = [run for each, run in found if each == identity]
                if ours:
                    _go_on(ours[-1], attributes)
        return found

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _messages(self) -> Iterator[dict[int, bytes]]:
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            offset = 0
            while offset + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, offset)
                if kind == TRACE_MESSAGE:
                    yield _attributes(data[offset + 20 : offset + length])
                offset += (length + 3) & ~3

    def _begun(self, attributes: dict[int, bytes]) -> Run:
        iif, oif = (struct.unpack("!I", attributes.get(each, bytes(4)))[0] for each in (IIF, OIF))
        packet = _packet(attributes[NETWORK], attributes.get(TRANSPORT, b""))
        run = Run(self.host, _text(attributes[TABLE]), _text(attributes[CHAIN]), iif, oif, packet)
        _go_on(run, attributes)
        return run


def _go_on(run: Run, attributes: dict[int, bytes]) -> None:
    """Add one message to the run it belongs to."""
    kind = struct.unpack("!I", attributes[KIND])[0]
    if kind == RULE and HANDLE in attributes:
        run.rules.append((_text(attributes[CHAIN]), struct.unpack("!Q", attributes[HANDLE])[0]))
    if kind in (RULE, POLICY):
        verdict = _attributes(attributes.get(VERDICT, b"")).get(1) if kind == RULE else attributes.get(16)
        code = struct.unpack("!i", verdict)[0] if verdict else ACCEPT
        run.verdict = {DROP: "drop", ACCEPT: "accept"}.get(code & 0xFF if code >= 0 else code, run.verdict)


def _attributes(data: bytes) -> dict[int, bytes]:
    found, offset = {}, 0
    while offset + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, offset)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def _text(data: bytes) -> str:
    return data.rstrip(b"\0").decode()


def _packet(network: bytes, transport: bytes) -> Packet:
    if network[0] >> 4 == 4:
        number, source, destination = network[9], network[12:16], network[16:20]
    else:
        number, source, destination = network[6], network[8:24], network[24:40]
    protocol = PROTOCOLS.get(number, str(number))
    ports = struct.unpack("!HH", transport[:4]) if protocol in ("TCP", "UDP") and len(transport) >= 4 else (0, 0)
    return Packet(protocol, str(ip_address(source)), ports[0], str(ip_address(destination)), ports[1])


def interface_names() -> dict[int, str]:
    """The interfaces of the namespace that the caller is in, by their numbers."""
    return dict(socket.if_nameindex()) if os.name == "posix" else {}
