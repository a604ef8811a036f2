"""Pods: the servers in them, and what they answer: the pod's name, and the client's address as the pod sees it."""

import asyncio
import contextlib
import socket
import time
from ipaddress import ip_address
from typing import Any

from drilllib.core.trace.curl import WELCOME_PAGE_BYTES
from drilllib.errors import InvalidInputError, quoted
from drilllib.labs.netns.kernel import Namespace
from drilllib.labs.netns.plan import PodHost

LISTENING, REFUSING, SLOW = "listens", "refuses", "slow"
SLOW_S = 30  # documented seconds that a slow pod takes to answer


def http_date() -> str:
    """The time as a Date header has it; the lab's process has no locale. (Importing email would take 4 ms.)"""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())


class Pod:
    """One pod's servers. *behaviour*: it listens, refuses every connection, or is slow to answer."""

    def __init__(self, place: PodHost, namespace: Namespace, slowness: float) -> None:
        self.behaviour = LISTENING
        self._place, self._namespace, self._slowness = place, namespace, slowness
        self._servers: list[asyncio.AbstractServer | asyncio.BaseTransport] = []

    async def behave(self, behaviour: str) -> None:
        """
        Change what the pod does.

        Raises:
            InvalidInputError: It is none of the three.
        """
        if behaviour not in (LISTENING, REFUSING, SLOW):
            raise InvalidInputError(
                "The behaviour of {name} is {behaviour}",
                remedy="Use {listening}, {refusing} or {slow}",
                name=self._place.name,
                behaviour=quoted(behaviour),
                listening=LISTENING,
                refusing=REFUSING,
                slow=SLOW,
            )
        self.behaviour = behaviour
        self.close()
        if behaviour != REFUSING:
            for transport, port in sorted(self._place.listens):
                for address in self._place.addresses:
                    self._servers.append(await self._listen(transport, str(address), port))

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
        self._servers = []

    async def _listen(self, transport: str, address: str, port: int) -> asyncio.AbstractServer | asyncio.BaseTransport:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self._namespace.inside():
            kind = socket.SOCK_DGRAM if transport == "UDP" else socket.SOCK_STREAM
            sock = socket.socket(family, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        if transport == "UDP":
            loop = asyncio.get_running_loop()
            return (await loop.create_datagram_endpoint(lambda: _Echo(self), sock=sock))[0]
        return await asyncio.start_server(self._answer, sock=sock, backlog=512)

    async def pause(self) -> None:
        """As long as a slow pod thinks."""
        if self.behaviour == SLOW:
            await asyncio.sleep(SLOW_S * self._slowness)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            asked = await reader.readuntil(b"\r\n\r\n")
            await self.pause()
            writer.write(self._page(writer.get_extra_info("peername")[0], asked))
            await writer.drain()
        writer.close()

    def _page(self, peer: str, asked: bytes) -> bytes:
        body = f"{self._place.name} on {self._place.node}: you come from {ip_address(peer)}\n"
        body += "." * (WELCOME_PAGE_BYTES - len(body) - 1) + "\n"  # as long as nginx's own page
        closes = b"\r\nconnection: close" in asked.lower()
        lines = (
            "HTTP/1.1 200 OK",
            "Server: nginx",
            f"Date: {http_date()}",
            "Content-Type: text/html",
            f"Content-Length: {len(body)}",
            f"Connection: {'close' if closes else 'keep-alive'}",
        )
        return ("\r\n".join(lines) + "\r\n\r\n" + ("" if asked.startswith(b"HEAD ") else body)).encode()


class _Echo(asyncio.DatagramProtocol):
    """A UDP server that sends back what it gets."""

    def __init__(self, pod: Pod) -> None:
        self._pod = pod

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport  # asyncio's own is no DatagramTransport before Python 3.12

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        self._transport.sendto(data, sender)
