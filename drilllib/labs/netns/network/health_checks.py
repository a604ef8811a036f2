"""
A CLB's health checks, made for real: from 100.64.0.0/10 or the VIP, to every target of every listener [CLB-HC].

One check decides, where the cloud asks for three in a row. A TCP target is healthy when it takes a connection; a UDP
target when it answers a ping and does not refuse a packet [CLB-UDP].
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Listener, Target
from drilllib.labs.netns.kernel import Namespace
from drilllib.labs.netns.network.client import FRESH_PORTS
from drilllib.labs.netns.plan import PROBES_FROM, BalancerHost

TIMEOUT_S = 2  # documented: how long a check waits for an answer
ECHO, ECHO_REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}


class Checker:
    """The health checks of one CLB; *timeout_s* is real. *health* is by listener, forwarding rule and target."""

    def __init__(self, place: BalancerHost, namespace: Namespace, timeout_s: float) -> None:
        self._place, self._namespace, self._timeout_s = place, namespace, timeout_s
        self.health: dict[tuple[str, str | None, str], str] = {}

    async def round(self) -> bool:
        """Check every target once, all at the same time. Did anything change?"""
        pairs = [(each, target) for each in self._place.listeners for target in each.targets or ()]
        states = await asyncio.gather(*(self._state(*pair) for pair in pairs))
        before = self.health
        self.health = {key(*pair): state for pair, state in zip(pairs, states, strict=True)}
        return self.health != before

    async def _state(self, listener: Listener, target: Target) -> str:
        if not listener.probes:
            return "Close"
        check = self._over_udp if listener.transport == "UDP" else self._over_tcp
        try:
            return "Alive" if await check(listener, target) else "Dead"
        except OSError:  # somebody took the CLB's own address or route away
            return "Dead"

    async def _over_tcp(self, listener: Listener, target: Target) -> bool:
        sock = self._socket(listener, target, socket.SOCK_STREAM)
        with sock:
            return await self._settled(asyncio.get_running_loop().sock_connect(sock, self._to(listener, target)))

    async def _over_udp(self, listener: Listener, target: Target) -> bool:
        if not await self._pinged(listener, target):
            return False
        with self._socket(listener, target, socket.SOCK_DGRAM) as sock:
            sock.connect(self._to(listener, target))
            sock.send(b"\0")
            try:
                await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sock, 64), self._timeout_s)
            except TimeoutError:
                return True
            except OSError:
                return target.address is not None and self._place.balancer.vips[0].version == 6
            return True

    async def _pinged(self, listener: Listener, target: Target) -> bool:
        assert target.address is not None
        version, number = target.address.version, next(FRESH_PORTS)  # a firewall would let the next of a series in
        with self._socket(listener, target, socket.SOCK_RAW) as sock:
            sock.connect((str(target.address), 0))
            sock.send(_echo_request(version, number))
            return await self._settled(_echo_reply(sock, version, number))

    async def _settled(self, waiting: Awaitable[object]) -> bool:
        try:
            await asyncio.wait_for(waiting, self._timeout_s)
        except (OSError, TimeoutError):
            return False
        return True

    def _socket(self, listener: Listener, target: Target, kind: socket.SocketKind) -> socket.socket:
        assert target.address is not None
        version = target.address.version
        with self._namespace.inside():
            protocol = 0 if kind is not socket.SOCK_RAW else 1 if version == 4 else 58
            made = socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET, kind, protocol)
        made.setblocking(False)
        port = next(FRESH_PORTS) if kind is socket.SOCK_DGRAM else 0
        made.bind((str(self._source(listener, version)), port))
        return made

    def _source(self, listener: Listener, version: int) -> Address:
        vips = [vip for vip in self._place.balancer.vips if vip.version == version]
        return vips[0] if listener.probe_source_type == 0 and vips else self._place.own_address(PROBES_FROM, version)

    @staticmethod
    def _to(listener: Listener, target: Target) -> tuple[str, int]:
        return str(target.address), listener.probe_port or target.port


def key(listener: Listener, target: Target) -> tuple[str, str | None, str]:
    """The key of a target's health."""
    return listener.listener_id, listener.location_id, target.name


def _echo_request(version: int, number: int) -> bytes:
    """An ICMP echo request; over IPv6 the kernel fills in the checksum."""
    packet = struct.pack("!BBHHH", ECHO[version], 0, 0, number, 1)
    total = sum(struct.unpack("!4H", packet))
    folded = (total & 0xFFFF) + (total >> 16)
    return packet if version == 6 else struct.pack("!BBHHH", ECHO[version], 0, ~folded & 0xFFFF, number, 1)


async def _echo_reply(sock: socket.socket, version: int, number: int) -> None:
    """Wait for the reply to that request; a raw socket is also told of errors, and of replies to others."""
    wanted = ECHO_REPLY[version], number.to_bytes(2, "big")
    while True:
        data = await asyncio.get_running_loop().sock_recv(sock, 256)
        start = (data[0] & 15) * 4 if version == 4 else 0  # behind the header, which IPv4 leaves before it
        if (data[start], data[start + 4 : start + 6]) == wanted:
            return
