"""
An HTTP server on 127.0.0.1, and on no other address: both APIs of the local cloud stand on it, and a class's board.

Nothing a client sends brings it down: bodies and connections are bounded, those that are silent time out, and errors
inside are logged.
"""

import logging
import socket
import ssl
import time
from errno import EMFILE, ENFILE
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

LOG = logging.getLogger("drilllib.loopback")
LOOPBACK = "127.0.0.1"
IDLE_S = 60.0  # a connection that is silent for so long is closed
MOST_CONNECTIONS = 128  # at once; each has a thread, and a lab of real packets two more files for it
FULL_S = 0.05  # how long none is accepted where no more files can be opened


class BodyError(Exception):
    """The body of a request cannot be read; *status* is the HTTP status that says so: 400, 411 or 413."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class LoopbackServer(ThreadingHTTPServer):
    """
    One thread a connection; *port* 0 takes a free one. With *context* it speaks TLS.

    Of more than *most* connections, the one that we have waited longest for is closed: it sends no request, or none
    that comes to its end. Where all are being answered, watches among them, the new one is closed.

    Raises:
        OSError: The port is taken.
    """

    daemon_threads = True
    request_queue_size = 128  # connections that may wait to be accepted

    def __init__(
        self,
        handler: type["LoopbackHandler"],
        port: int = 0,
        *,
        context: ssl.SSLContext | None = None,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        super().__init__((LOOPBACK, port), handler)
        self.port: int = self.server_address[1]
        self._context = context
        self._thread: Thread | None = None
        self._most = most
        self._open: dict[socket.socket, float | None] = {}  # since when we wait for a request; None: we answer one
        self._lock = Lock()

    def start(self) -> Self:
        """Serve in a thread of its own, and return at once; where it serves already, nothing."""
        if self._thread is None:
            self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="drilllib-loopback")
            self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection; safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self.shutdown()
            thread.join()
        self.cut_off()

    def cut_off(self) -> None:
        """Close the port and every connection at once, as the end of the process would."""
        cut(self.socket)  # closed alone, it would go on listening while the serving thread waits on it
        self.server_close()
        with self._lock:
            for connection in self._open:
                cut(connection)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake is left to the connection's own thread, or one slow client would keep out all others."""
        try:
            connection, address = super().get_request()
        except OSError as error:
            if error.errno in (EMFILE, ENFILE) and not self._make_room():
                time.sleep(FULL_S)
            raise
        if self._context is not None:
            connection.settimeout(IDLE_S)
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Is there room for one more?"""
        with self._lock:
            full = len(self._open) >= self._most
        return not full or self._make_room()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.waits_for(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def waits_for(self, connection: socket.socket) -> None:
        """From now on we wait for a request on that connection."""
        with self._lock:
            self._open[connection] = time.monotonic()

    def answers(self, connection: socket.socket) -> None:
        """From now on that connection waits for us."""
        with self._lock:
            if connection in self._open:
                self._open[connection] = None

    def _make_room(self) -> bool:
        """Close the connection that we have waited longest for; False where there is none."""
        with self._lock:
            waiting = {each: since for each, since in self._open.items() if since is not None}
            if not waiting:
                return False
            longest = min(waiting, key=waiting.__getitem__)
            del self._open[longest]
            cut(longest)
            return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up, and bytes that are not TLS, are nothing unusual."""
        LOG.debug("A connection from %s broke off", client_address, exc_info=True)


class LoopbackHandler(BaseHTTPRequestHandler):
    """One connection, its requests one after another. A subclass names its `largest_body` and writes `respond`."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "drilllib", ""
    error_content_type, error_message_format = "text/plain", "%(code)d\n"
    timeout = IDLE_S
    wbufsize = -1  # an answer's head and body leave in one write
    disable_nagle_algorithm = True  # or the second of two small writes waits 40 ms for the client's acknowledgement
    largest_body: int  # bytes
    server: LoopbackServer

    def handle_one_request(self) -> None:
        super().handle_one_request()
        if not self.close_connection:
            self.server.waits_for(self.connection)

    def respond(self) -> None:
        """Read the request and write the answer."""
        raise NotImplementedError

    def _respond(self) -> None:
        self.respond()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _respond  # noqa: N815  so http.server calls them

    def header_values(self) -> dict[str, str]:
        """The headers, by lower-case names."""
        return {name.lower(): value for name, value in self.headers.items()}

    def body(self) -> bytes:
        """
        The body of the request. Where it cannot be read, the connection is closed after the answer.

        Raises:
            BodyError: 411, its length is not given as one number; 413, it is too large; 400, it ended early.
        """
        lengths = self.headers.get_all("Content-Length") or ["0"]
        plain = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdecimal()
        if "Transfer-Encoding" in self.headers or not plain:
            raise self._unreadable(411)
        length = int(lengths[0][:13])  # of a number that is too long the first digits are enough
        if length > self.largest_body:
            raise self._unreadable(413)
        body = self.rfile.read(length)
        if len(body) < length:
            raise self._unreadable(400)
        self.server.answers(self.connection)
        return body

    def _unreadable(self, status: int) -> BodyError:
        self.close_connection = True
        return BodyError(status)

    def drain(self) -> None:
        """Read a little of what is still coming: closing at once would reset the line, and the answer be lost."""
        self.wfile.flush()
        self.connection.settimeout(0.2)
        left = self.largest_body
        try:
            while left > 0 and (piece := self.rfile.read1(1 << 16)):
                left -= len(piece)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server names it so
        LOG.debug(format, *args)


def cut(connection: socket.socket) -> None:
    """End both directions, whoever waits on them; TLS is not asked."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
