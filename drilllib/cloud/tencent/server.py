"""
HTTP on 127.0.0.1, and on no other address: bytes in, one call of a pure function, bytes out.

Nothing a client sends brings it down: bodies are bounded, connections time out, and what goes wrong inside is logged
here and told outside in one line.
"""

import logging
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from drilllib.cloud.tencent.wire import LARGEST_BODY, Fate, Request, Response

LOG = logging.getLogger("drilllib.cloud")
LOOPBACK = "127.0.0.1"
IDLE_S = 30.0  # how long a connection may say nothing
Handle = Callable[[Request], Response]


class CloudServer:
    """
    Serves *handle* until it is stopped; use it in a ``with`` block, or call `start` and `stop`.

    *port* 0 takes a free one. *on_crash* is called where a fault lets the cloud crash; without it the server cuts all
    connections and stops, as a killed process would.
    """

    def __init__(self, handle: Handle, *, port: int = 0, on_crash: Callable[[], None] | None = None) -> None:
        self._http = _Server(handle, port, on_crash or self._go_down)
        self.port = self._http.server_address[1]
        self.address = f"{LOOPBACK}:{self.port}"
        self._thread: Thread | None = None

    def start(self) -> "CloudServer":
        """Serve in a thread of its own, and return at once."""
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), daemon=True, name="drilllib-cloud")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection; safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._http.shutdown()
            thread.join()
        self._http.server_close()
        self._http.cut_all()

    def _go_down(self) -> None:
        _cut(self._http.socket)  # closed alone, it would go on listening while the other thread waits on it
        self._http.server_close()
        self._http.cut_all()
        Thread(target=self.stop, daemon=True).start()  # not here: this is a thread of the server that is to stop

    def __enter__(self) -> "CloudServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # so many clients may knock at the same time

    def __init__(self, handle: Handle, port: int, on_crash: Callable[[], None]) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.handle_request_of, self.on_crash = handle, on_crash
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_all(self) -> None:
        """Cut every connection that is still open."""
        with self._lock:
            for connection in self._open:
                _cut(connection)

    def handle_error(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        LOG.debug("A connection from %s broke off", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "drilllib", ""
    error_content_type, error_message_format = "text/plain", "%(code)d\n"
    timeout = IDLE_S
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self._length()
        if length is None:
            return
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._answer(self.server.handle_request_of(Request(self.command, self.path, headers, body)))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815  so http.server calls them

    def _length(self) -> int | None:
        """How many bytes the body has; None where the request was refused for that."""
        lengths = self.headers.get_all("Content-Length") or ["0"]
        plain = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdecimal() and len(lengths[0]) < 12
        if "Transfer-Encoding" in self.headers or not plain:
            return self._refuse(411 if "Transfer-Encoding" in self.headers else 400)
        return int(lengths[0]) if int(lengths[0]) <= LARGEST_BODY else self._refuse(413)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self.send_error(status)
        self._drain()

    def _drain(self) -> None:
        """Take in a little of what is still coming; closing at once would reset the line, and the answer be lost."""
        self.connection.settimeout(0.2)
        left = LARGEST_BODY
        try:
            while left > 0 and (piece := self.rfile.read1(1 << 16)):
                left -= len(piece)
        except OSError:
            return

    def _answer(self, response: Response) -> None:
        time.sleep(response.wait_s)
        if response.fate is not Fate.SENT:
            self.close_connection = True
            if response.fate is Fate.CRASHED:
                self.server.on_crash()
            _cut(self.connection)
            return
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")  # exactly so: the SDK overlooks errors in any other
        self.send_header("Content-Length", str(len(response.body)))
        self._headers_buffer.append(b"\r\n" + (b"" if self.command == "HEAD" else response.body))
        self.flush_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server names it so
        LOG.debug(format, *args)


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
