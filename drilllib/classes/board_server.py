"""
A class's board on 127.0.0.1, and the box that learners' logs are sent to.

Its pages stand under a path that nobody can guess: on a machine that several people use, no other can read them. A name
that somebody points to 127.0.0.1 leads nowhere.
"""

import secrets
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from drilllib.classes.board_pages import BoardPages
from drilllib.classes.drop_box import Answer, DropBox
from drilllib.classes.handed_in import LARGEST
from drilllib.classes.place import Place
from drilllib.errors import DrillError, Message
from drilllib.machine.loopback import LOOPBACK, BodyError, LoopbackHandler, LoopbackServer
from drilllib.views.phrases.catalog import LANGUAGES, error_text, said

HAND_IN = "/hand-in"
_MOST_CONNECTIONS = 32
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'",
}
_BODIES = {
    400: Message("The log did not come whole"),
    411: Message("Say how long the log is: Content-Length"),
    413: Message("The log is too large"),
}


class BoardServer(LoopbackServer):
    """
    Serves the board of a class in that language, where the reader asks for no other. With *box* it takes logs, and
    calls *taken* after each new one.

    Raises:
        OSError: The port is taken.
    """

    def __init__(
        self,
        place: Place,
        language: str,
        *,
        port: int = 0,
        box: DropBox | None = None,
        taken: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(_Handler, port, most=_MOST_CONNECTIONS)
        self.pages, self.language, self.box, self.taken = BoardPages(place), language, box, taken
        self.root = f"/{secrets.token_urlsafe(16)}/"
        self.url = f"http://{LOOPBACK}:{self.port}{self.root}"
        self.hosts = (f"{LOOPBACK}:{self.port}", f"localhost:{self.port}")


class _Handler(LoopbackHandler):
    largest_body = LARGEST
    server: BoardServer

    def respond(self) -> None:
        if self.header_values().get("host") not in self.server.hosts:
            self._say(421, Message("This is the board of a class, on this machine alone"))
        elif self.command == "POST" and self.path == HAND_IN and self.server.box is not None:
            self._take(self.server.box)
        elif self.command in ("GET", "HEAD"):
            self._page()
        else:
            self._say(405 if self.path == HAND_IN else 404, Message("There is nothing to be done here"))

    def _take(self, box: DropBox) -> None:
        try:
            answer = box.take(self.body())
        except BodyError as error:
            answer = Answer(error.status, _BODIES[error.status])
        self._say(answer.status, answer.told)
        if answer.status == 413:
            self.drain()
        if answer.status == 201 and self.server.taken is not None:
            self.server.taken()

    def _page(self) -> None:
        self.server.answers(self.connection)
        address = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(address.query).items()}
        wanted = asked.get("lang", "")
        language = wanted if wanted in LANGUAGES else self.server.language
        try:
            page = self._made(address.path, asked, language)
        except DrillError as error:
            self._send(503, "text/plain", error_text(error, language))
            return
        if page is None:
            self._say(404, Message("There is no such page"))
        else:
            self._send(200, "text/html", page)

    def _made(self, path: str, asked: dict[str, str], language: str) -> str | None:
        if path == self.server.root:
            first = asked.get("first", "0")[:7]
            return self.server.pages.board(language, int(first) if first.isascii() and first.isdecimal() else 0)
        if path == f"{self.server.root}learner":
            return self.server.pages.learner(asked.get("id", ""), language)
        return None

    def _say(self, status: int, told: Message) -> None:
        if self.command == "POST" and status not in (200, 201):
            self.close_connection = True  # its body may not have been read
        self._send(status, "text/plain", f"{said(told, self.server.language)}\n")

    def _send(self, status: int, kind: str, text: str) -> None:
        data = text.encode()
        mark = f'"{sha256(data).hexdigest()[:32]}"'
        is_known = status == 200 and self.header_values().get("if-none-match") == mark
        self.send_response(304 if is_known else status)
        for name, value in {**HEADERS, "ETag": mark, "Content-Type": f"{kind}; charset=utf-8"}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", "0" if is_known else str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and not is_known:
            self.wfile.write(data)
