"""The Kubernetes API on 127.0.0.1: TLS with a CA of its own, bearer tokens, one thread a connection."""

import base64
import hmac
import json
import logging
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.errors import KubeError, bad_request
from drilllib.cloud.kube.requests import LARGEST_BODY, Request, Response, json_response
from drilllib.errors import MissingToolError

HOST = "127.0.0.1"
IDLE_S = 60.0  # a connection that says nothing for so long is closed
log = logging.getLogger(__name__)


class KubeServer:
    """
    Serves a `KubeApi` until closed. *tokens* maps each bearer token to its user; *port* 0 takes a free one.

    Raises:
        MissingToolError: The package trustme is not installed.
        OSError: The port is taken.
    """

    def __init__(self, api: KubeApi, tokens: Mapping[str, str], *, port: int = 0) -> None:
        self._api = api
        context, self.authority = _tls()
        self._server = _Server((HOST, port), api, dict(tokens), context)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def kubeconfig(self, token: str, *, namespace: str = "default") -> str:
        """The text of a kubeconfig file for that token; JSON, which is YAML too."""
        authority = base64.b64encode(self.authority).decode()
        context = {"cluster": "drill", "user": "drill", "namespace": namespace}
        config: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": "drill"}
        config["clusters"] = [
            {"name": "drill", "cluster": {"server": self.url, "certificate-authority-data": authority}}
        ]
        config["users"] = [{"name": "drill", "user": {"token": token}}]
        config["contexts"] = [{"name": "drill", "context": context}]
        return json.dumps(config, indent=2) + "\n"

    def close(self) -> None:
        """Stop serving; safe to call twice."""
        self._api.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _tls() -> tuple[ssl.SSLContext, bytes]:
    """A server's context for `HOST`, and the certificate of the CA that vouches for it, as PEM."""
    try:
        import trustme
    except ImportError:
        remedy = "Install it: pip install 'drilllib[local]'"
        raise MissingToolError("The local cloud speaks TLS, and trustme is not installed", remedy=remedy) from None
    authority = trustme.CA(organization_name="drilllib local cloud")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    return context, authority.cert_pem.bytes()


class _Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def __init__(
        self, address: tuple[str, int], api: KubeApi, tokens: Mapping[str, str], context: ssl.SSLContext
    ) -> None:
        self.api, self.tokens, self._context = api, tokens, context
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[Any, Any]:
        """The handshake is left to the connection's own thread, or one slow client would keep out all others."""
        connection, address = super().get_request()
        connection.settimeout(IDLE_S)
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up, and what is no TLS, are everyday."""
        log.debug("connection from %s ended", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """One connection: its requests one after another."""

    protocol_version, server_version, sys_version = "HTTP/1.1", "drilllib", ""
    disable_nagle_algorithm = True  # or the second of two small writes waits 40 ms for the client's acknowledgement
    server: _Server

    def _answer(self) -> None:
        try:
            response = self.server.api.handle(self._request())
        except KubeError as error:
            self.close_connection = True  # what is left of the request was not read
            response = json_response(error.code, error.status())
        self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815  so http.server calls them

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        user = _user(self.server.tokens, headers)
        return Request(self.command, parts.path, query, headers, self._body(headers), user)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
            raise KubeError(411, "LengthRequired", "send the body with a Content-Length")
        if len(length) > 12 or int(length) > LARGEST_BODY:
            raise KubeError(413, "RequestEntityTooLarge", f"the body is larger than {LARGEST_BODY} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise bad_request("the body ended early")
        return body

    def _send(self, response: Response) -> None:
        self.send_response(response.code)
        self.send_header("Content-Type", response.content_type)
        if response.stream is None:
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else response.body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in response.stream:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  http.server names it so
        log.debug(format, *arguments)


def _user(tokens: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """Who sent the request; every token is compared in full, so that the time tells nothing."""
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    found = [user for token, user in tokens.items() if hmac.compare_digest(token.encode(), sent.strip().encode())]
    return found[0] if found and scheme.lower() == "bearer" else None
