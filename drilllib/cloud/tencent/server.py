"""The Tencent Cloud API on 127.0.0.1: bytes in, one call of a pure function, bytes out."""

import time
from collections.abc import Callable
from threading import Thread

from drilllib.cloud import proof
from drilllib.cloud.tencent.requests import LARGEST_BODY, Fate, Request, Response
from drilllib.machine.loopback import LOOPBACK, BodyError, LoopbackHandler, LoopbackServer, cut

Handle = Callable[[Request], Response]


class CloudServer(LoopbackServer):
    """
    Serves *handle* until it is stopped; use it in a ``with`` block, or call `start` and `stop`.

    *port* 0 takes a free one. With an *identity* it proves to be that. *on_crash* is called where a fault lets the
    cloud crash; without it the server cuts all connections and stops, as a killed process would.
    """

    def __init__(
        self,
        handle: Handle,
        *,
        port: int = 0,
        identity: proof.Identity | None = None,
        on_crash: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(_Handler, port)
        self.identity = identity
        self.address = f"{LOOPBACK}:{self.port}"
        self.handle, self.on_crash = handle, on_crash or self._crash

    def _crash(self) -> None:
        self.cut_off()
        Thread(target=self.stop, daemon=True).start()  # not here: this is a thread of the server that is to stop


class _Handler(LoopbackHandler):
    largest_body = LARGEST_BODY
    server: CloudServer

    def respond(self) -> None:
        try:
            request = Request(self.command, self.path, self.header_values(), self.body())
        except BodyError as error:
            self.send_error(error.status)
            self.drain()
        else:
            proves = request.target == proof.TARGET and self.server.identity
            self._send(_proven(proves, request.body) if proves else self.server.handle(request))

    def _send(self, response: Response) -> None:
        time.sleep(response.wait_s)
        if response.fate not in (Fate.SENT, Fate.HALVED):
            self._hang_up(crash=response.fate is Fate.CRASHED)
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        halved = response.fate is Fate.HALVED
        self.wfile.write(b"" if self.command == "HEAD" else response.body[: len(response.body) // (1 + halved)])
        if halved:
            self.wfile.flush()
            self._hang_up(crash=False)

    def _hang_up(self, *, crash: bool) -> None:
        self.close_connection = True
        if crash:
            self.server.on_crash()
        cut(self.connection)


def _proven(identity: proof.Identity, body: bytes) -> Response:
    answer = identity.answer(body)
    return Response(status=403, body=b"{}") if answer is None else Response(body=answer)
