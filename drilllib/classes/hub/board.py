"""
The board of a class as a service of its hub: `python -m drilllib.classes.hub.board FILE LANGUAGE`, started by the hub.

The hub says who may see it. Logs are taken from whoever sends them: the key that signs them says whose they are.
"""

import os
import sys
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler, authenticated

from drilllib.classes.board_pages import BoardPages
from drilllib.classes.board_server import HEADERS
from drilllib.classes.drop_box import DropBox
from drilllib.classes.handed_in import LARGEST
from drilllib.classes.place import Place, place_of
from drilllib.classes.regrade import Regrade
from drilllib.errors import DrillError
from drilllib.views.phrases.catalog import LANGUAGES, error_text, said


class _Quiet(RequestHandler):
    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)


class _Page(HubOAuthenticated, _Quiet):
    """The board itself, and a learner's attempts; tornado answers by ETag who has it already."""

    def initialize(self, pages: BoardPages, language: str) -> None:
        self.pages, self.language = pages, language

    @authenticated  # type: ignore[untyped-decorator]  # JupyterHub has no types
    async def get(self, name: str) -> None:
        wanted = self.get_query_argument("lang", "")
        language = wanted if wanted in LANGUAGES else self.language
        try:
            page = await IOLoop.current().run_in_executor(None, self._made(name, language))
        except DrillError as error:
            self.set_status(503)
            self.finish(error_text(error, language))
            return
        if page is None:
            self.send_error(404)
        else:
            self.finish(page)

    def _made(self, name: str, language: str) -> Any:
        if name:
            return partial(self.pages.learner, self.get_query_argument("id", ""), language)
        first = self.get_query_argument("first", "0")[:7]
        return partial(self.pages.board, language, int(first) if first.isascii() and first.isdecimal() else 0)


class _Box(_Quiet):
    """Takes a log."""

    def initialize(self, box: DropBox, grader: Regrade, language: str) -> None:
        self.box, self.grader, self.language = box, grader, language

    async def post(self) -> None:
        answer = await IOLoop.current().run_in_executor(None, self.box.take, self.request.body)
        if answer.status == 201:
            self.grader.wake()
        self.set_status(answer.status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{said(answer.told, self.language)}\n")


def application(place: Place, grader: Regrade, root: str, language: str) -> Application:
    """What answers below the path *root*, which ends with a slash."""
    return Application(
        [
            (f"{root}oauth_callback", HubOAuthCallbackHandler),
            (f"{root}hand-in", _Box, {"box": DropBox(place), "grader": grader, "language": language}),
            (f"{root}(|learner)", _Page, {"pages": BoardPages(place), "language": language}),
        ],
        cookie_secret=os.urandom(32),
    )


def main(file: str, language: str) -> None:
    """Serve it where the hub says, until the hub ends us."""
    place, url = place_of(file), urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    with suppress(KeyboardInterrupt), Regrade(place) as grader:
        made = application(place, grader, os.environ["JUPYTERHUB_SERVICE_PREFIX"], language)
        HTTPServer(made, max_body_size=LARGEST).listen(url.port, url.hostname)
        IOLoop.current().start()


if __name__ == "__main__":
    main(*sys.argv[1:])
