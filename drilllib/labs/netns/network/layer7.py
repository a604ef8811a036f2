"""
A layer-7 CLB: it takes the connection itself, asks one target after the other, and answers 504 or 502 where none does.

Towards its targets it is transparent: it keeps the client's address, unless keep-alive, SnatPro or another address
family hides it [CLB-LIS]. A silent target costs it its connect timeout, a refusal nothing, and both send it on to the
next one [CLB-L7]; the last one tried decides what it answers.
"""

import asyncio
import contextlib
import random
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Listener, Target
from drilllib.core.trace.curl import error_page, status_text
from drilllib.core.trace.forwarding_rules import forwarding_rule
from drilllib.labs.netns.kernel import Namespace
from drilllib.labs.netns.network.pods import http_date
from drilllib.labs.netns.plan import KEPT_ALIVE_FROM, BalancerHost

HEAD_LIMIT = 65536
READ_TIMEOUT_S = 60  # documented: how long a target may take to answer
IPV6_TRANSPARENT = 75
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class Balancer:
    """
    The layer-7 listeners of one CLB. *targets* says which targets of a listener are in use now; *timeout_s* is real.

    *slowness* is what a documented second takes.
    """

    def __init__(
        self,
        place: BalancerHost,
        namespace: Namespace,
        listeners: Sequence[Listener],
        targets: Callable[[Listener], Sequence[Target]],
        timeout_s: float,
        slowness: float,
    ) -> None:
        self._place, self._namespace, self._targets = place, namespace, targets
        self._rules = {each.port: each.rules for each in listeners}
        self._timeout_s, self._slowness = timeout_s, slowness
        self._random = random.Random()
        self._servers: list[asyncio.AbstractServer] = []

    async def start(self) -> None:
        """Listen on every VIP and port of a layer-7 listener."""
        for port in {each.port for each in self._place.listeners if each.layer == 7}:
            for vip in self._place.balancer.vips:
                with self._namespace.inside():
                    sock = socket.create_server((str(vip), port), family=_family(vip), backlog=512)
                self._servers.append(await asyncio.start_server(self._serve, sock=sock, limit=HEAD_LIMIT))

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        """One client's connection, request after request."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            while await self._request(reader, writer):
                pass
        writer.close()

    async def _request(self, reader: Reader, writer: Writer) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(_header(head, "content-length") or 0))
        client, port = ip_address(writer.get_extra_info("peername")[0]), writer.get_extra_info("sockname")[1]
        listener = self._listener(port, head, writer.get_extra_info("sockname")[0])
        if listener is None:
            writer.write(b"HTTP/1.1 404 Not Found\r\nServer: stgw\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        is_head = head.startswith(b"HEAD ")
        status, upstream = await self._connected(listener, client)
        if upstream is None:
            writer.write(_error(status, is_head=is_head))
        else:
            writer.write(await self._relayed(upstream, head, body, is_head=is_head))
        await writer.drain()
        return _header(head, "connection").lower() != "close"

    def _listener(self, port: int, head: bytes, vip: str) -> Listener | None:
        """The listener's forwarding rule for this request; None where no rule takes it."""
        path = head.split(b" ", 2)[1].decode("latin-1")
        host = _header(head, "host").rpartition(":")[0] if "]:" in _header(head, "host") else _header(head, "host")
        host = host.strip("[]") if ":" in vip else host.partition(":")[0]
        rule, _ = forwarding_rule(self._rules[port], host or vip, path.partition("?")[0])
        ours = (each for each in self._place.listeners if each.port == port and each.layer == 7)
        return next((each for each in ours if rule and each.location_id == rule.listener.location_id), None)

    async def _connected(self, listener: Listener, client: Address) -> tuple[int, tuple[Reader, Writer] | None]:
        """A connection to the first target that takes it, or the status of what the last one did."""
        status = 502
        for target in _shuffled(self._targets(listener), self._random):
            try:
                return 200, await asyncio.wait_for(self._connect(listener, target, client), self._timeout_s)
            except TimeoutError:
                status = 504
            except OSError:
                status = 502
        return status, None

    async def _connect(self, listener: Listener, target: Target, client: Address) -> tuple[Reader, Writer]:
        assert target.address is not None
        with self._namespace.inside():
            sock = socket.socket(_family(target.address))
        try:
            _bind(sock, self._source(listener, target.address, client))
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, (str(target.address), target.port))
            return await asyncio.open_connection(sock=sock, limit=HEAD_LIMIT)
        except BaseException:
            sock.close()
            raise

    def _source(self, listener: Listener, target: Address, client: Address) -> Address:
        """The source address that the target sees."""
        balancer = self._place.balancer
        ours = [each for each in balancer.snat_ips if each.version == target.version] if balancer.snat_pro else []
        if ours:
            return ours[0]
        hidden = listener.keepalive or client.version != target.version
        return self._place.own_address(KEPT_ALIVE_FROM, target.version) if hidden else client

    async def _relayed(self, upstream: tuple[Reader, Writer], head: bytes, body: bytes, *, is_head: bool) -> bytes:
        """The target's whole answer; 504 where it takes too long, 502 where it ends the connection without one."""
        reader, writer = upstream
        try:
            lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
            writer.write(b"\r\n".join([*lines, b"Connection: close", b"", body]))
            answer = await asyncio.wait_for(reader.read(-1), READ_TIMEOUT_S * self._slowness)
            kept = answer.replace(b"\r\nConnection: close\r\n", b"\r\nConnection: keep-alive\r\n", 1)
            return kept or _error(502, is_head=is_head)
        except TimeoutError:
            return _error(504, is_head=is_head)
        except OSError:
            return _error(502, is_head=is_head)
        finally:
            writer.close()


def _shuffled(targets: Sequence[Target], chance: random.Random) -> list[Target]:
    """All of them in a random order, heavier ones first more often."""
    return sorted(targets, key=lambda each: chance.random() ** (1 / each.share), reverse=True)


def _bind(sock: socket.socket, source: Address) -> None:
    """Bind to *source*, even where it is another host's address."""
    if source.version == 6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
    else:
        sock.setsockopt(socket.SOL_IP, socket.IP_TRANSPARENT if hasattr(socket, "IP_TRANSPARENT") else 19, 1)
    sock.bind((str(source), 0))


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if address.version == 6 else socket.AF_INET


def _header(head: bytes, name: str) -> str:
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return next((value.strip().decode("latin-1") for key, _, value in lines if key.lower() == name.encode()), "")


def _error(status: int, *, is_head: bool) -> bytes:
    page = error_page(status)
    lines = (
        f"HTTP/1.1 {status_text(status)}",
        "Server: stgw",
        f"Date: {http_date()}",
        "Content-Type: text/html",
        f"Content-Length: {len(page)}",
        "Connection: keep-alive",
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + ("" if is_head else page)).encode()
