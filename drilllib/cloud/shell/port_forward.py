"""
Ports of the cloud inside a host of a real-packet lab: what connects to a socket there is joined to a port here.

The lab has no link to the machine; only the socket itself was made inside.
"""

import contextlib
import socket
import threading

CHUNK = 1 << 16


class PortForward:
    """Passes on every connection that *listening* takes to *port* of 127.0.0.1, until closed."""

    def __init__(self, listening: socket.socket, port: int) -> None:
        self._listening, self._port = listening, port
        threading.Thread(target=self._accept, daemon=True, name=f"forward-{port}").start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                inside, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(inside,), daemon=True).start()

    def _join(self, inside: socket.socket) -> None:
        try:
            outside = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        except OSError:
            inside.close()
            return
        outside.settimeout(None)
        # A server that closes has nothing more to hear, and who is inside may never close.
        back = threading.Thread(target=_pass_on, args=(outside, inside, socket.SHUT_RDWR), daemon=True)
        back.start()
        _pass_on(inside, outside)
        back.join()
        inside.close()
        outside.close()


def _pass_on(source: socket.socket, target: socket.socket, end: int = socket.SHUT_WR) -> None:
    """Copy everything from one to the other, then close the other's writing end, or what *end* says of it."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(end)
