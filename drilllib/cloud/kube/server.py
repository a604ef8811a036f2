"""The Kubernetes API on 127.0.0.1: TLS with a CA of its own, and bearer tokens."""

import base64
import hmac
import json
import ssl
import time
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.errors import KubeError, bad_request
from drilllib.cloud.kube.requests import LARGEST_BODY, Request, Response, json_response
from drilllib.errors import MissingToolError
from drilllib.machine.loopback import LOOPBACK, BodyError, LoopbackHandler, LoopbackServer, cut


class KubeServer(LoopbackServer):
    """
    Serves a `KubeApi` from its making until it is closed. *tokens* maps each bearer token to its user; *port* 0 takes
    a free one.

    Raises:
        MissingToolError: The package trustme is not installed.
        OSError: The port is taken.
    """

    def __init__(self, api: KubeApi, tokens: Mapping[str, str], *, port: int = 0) -> None:
        context, self.authority = _tls()
        super().__init__(_Handler, port, context=context)
        self.api, self.tokens = api, dict(tokens)
        self.url = f"https://{LOOPBACK}:{self.port}"
        self.start()

    def kubeconfig(self, token: str, *, namespace: str = "default") -> str:
        """The text of a kubeconfig file for that token; JSON, which is YAML too."""
        authority = base64.b64encode(self.authority).decode()
        cluster = {"server": self.url, "certificate-authority-data": authority}
        context = {"cluster": "drill", "user": "drill", "namespace": namespace}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "drill",
            "clusters": [{"name": "drill", "cluster": cluster}],
            "users": [{"name": "drill", "user": {"token": token}}],
            "contexts": [{"name": "drill", "context": context}],
        }
        return json.dumps(config, indent=2) + "\n"

    def close(self) -> None:
        """Stop serving, watches included; safe to call twice."""
        self.api.close()
        self.stop()


def _tls() -> tuple[ssl.SSLContext, bytes]:
    """A server's context for `LOOPBACK`, and the certificate of the CA that vouches for it, as PEM."""
    try:
        import trustme
    except ImportError:
        remedy = "Install it: pip install 'drilllib[local]'"
        raise MissingToolError("The local cloud speaks TLS, and trustme is not installed", remedy=remedy) from None
    authority = trustme.CA(organization_name="drilllib local cloud")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(LOOPBACK, "localhost").configure_cert(context)
    return context, authority.cert_pem.bytes()


class _Handler(LoopbackHandler):
    largest_body = LARGEST_BODY
    server: KubeServer

    def respond(self) -> None:
        try:
            response = self.server.api.handle(self._request())
        except KubeError as error:
            response = json_response(error.code, error.status())
        self._send(response)

    def _request(self) -> Request:
        headers = self.header_values()
        try:
            parts = urlsplit(self.path)
        except ValueError:
            raise bad_request("the request line names no path") from None
        if not parts.path.startswith("/"):
            raise bad_request("the request line names no path")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            body = self.body()
        except BodyError as error:
            raise _refusal(error.status) from None
        return Request(self.command, parts.path, query, headers, body, _user(self.server.tokens, headers))

    def _send(self, response: Response) -> None:
        time.sleep(response.wait_s)
        if response.is_dropped:
            self.close_connection = True
            cut(self.connection)
            return
        self.send_response(response.code)
        self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.stream is None:
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else response.body)
        else:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._send_chunks(response.stream)

    def _send_chunks(self, pieces: Iterator[bytes]) -> None:
        self.wfile.flush()  # the head: the first piece may be a while
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


def _refusal(status: int) -> KubeError:
    """What a body that cannot be read is answered with."""
    if status == 411:
        return KubeError(411, "LengthRequired", "send the body with a Content-Length")
    if status == 413:
        return KubeError(413, "RequestEntityTooLarge", f"the body is larger than {LARGEST_BODY} bytes")
    return bad_request("the body ended early")


def _user(tokens: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """Who sent the request; every token is compared in full, so that the time tells nothing."""
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    found = [user for token, user in tokens.items() if hmac.compare_digest(token.encode(), sent.strip().encode())]
    return found[0] if found and scheme.lower() == "bearer" else None
