"""A local cloud for readers: both APIs on 127.0.0.1, and readers that know where they are."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from drilllib.clients.credentials import Credentials, Place
from drilllib.clients.endpoints import Endpoint
from drilllib.clients.parallel import Until
from drilllib.clients.sdk import SdkReader
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import default_lab
from tests.waits import PATIENCE_S

SECRET_ID, SECRET_KEY, TOKEN = "AKIDplantedPlantedPlanted01", "plantedKeyPlantedKey02", "plantedTokenPlantedToken03"
PLANTED = (SECRET_ID, SECRET_KEY, TOKEN)
KEYS = Credentials(SECRET_ID, SECRET_KEY, source="the test")


def place(home: Path, *, profile: str = "", metadata: str = "", now: float = 0.0, **variables: str) -> Place:
    """Where keys are looked for: a home folder, and variables."""
    return Place(variables, home, profile, metadata, lambda: now)


def reader(address: str, **options: Any) -> SdkReader:
    """A reader of the API at *address* that waits but shortly before it tries again."""
    until = options.pop("until", None) or Until(PATIENCE_S)
    made = SdkReader(KEYS, Endpoint(address=address, scheme="http"), "ap-guangzhou", until, **options)
    made._backoff = type(made._backoff)(until, first_wait_s=0.001)
    return made


@contextmanager
def served(document: Any = None) -> Iterator[tuple[TencentApi, str]]:
    """The vendor's API of a cloud, and its address."""
    api = TencentApi(CloudState(document or default_lab()), {SECRET_ID: SECRET_KEY})
    with CloudServer(api.handle) as server:
        yield api, f"127.0.0.1:{server.port}"


class Stub:
    """A server that answers what it is told: *answer* gives a status, a content type, a body (of 3xx the Location)."""

    def __init__(self, answer: Callable[[str, Any], tuple[int, str, bytes]], *, cut: int = 0) -> None:
        self.heard: list[tuple[str, Any]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                said = json.loads(body) if body else dict(self.headers)
                asked = self.headers.get("X-TC-Action") or self.path
                stub.heard.append((asked, said))
                status, kind, sent = answer(asked, said)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if 300 <= status < 400:
                    self.send_header("Location", sent.decode())
                self.send_header("Content-Length", str(len(sent) + cut))
                self.end_headers()
                self.wfile.write(sent)

            do_POST = do_GET  # noqa: N815  as the base class calls it

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> "Stub":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
