"""Bytes that no client sends, to the Kubernetes API on its socket: a Status of Kubernetes, or the connection ends."""

import json
import logging
import socket
import ssl
from collections.abc import Iterator

import pytest
from kubernetes_cluster import TOKEN, Cluster

from drilllib.cloud.kube.server import KubeServer
from drilllib.core.drills.default_lab import default_lab
from tests.waits import PATIENCE_S

pytest.importorskip("trustme")
LIST = "/api/v1/namespaces/shop/pods"
SIGNED = f"Authorization: Bearer {TOKEN}\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[KubeServer]:
    made = KubeServer(Cluster(default_lab()).api, {TOKEN: "tester"})
    yield made
    made.close()


def sent(server: KubeServer, data: bytes) -> bytes:
    """What comes back until the connection ends."""
    trusted = ssl.create_default_context(cadata=server.authority.decode())
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as plain,
        trusted.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(data)
        found = b""
        while piece := connection.recv(1 << 16):
            found += piece
        return found


def asked(server: KubeServer, target: str, headers: str = "", method: str = "GET") -> tuple[int, dict]:
    """The status and the JSON of an answer."""
    line = f"{method} {target} HTTP/1.1\r\n{SIGNED}{headers}Connection: close\r\n\r\n"
    head, _, body = sent(server, line.encode("latin-1")).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (f"https://127.0.0.1{LIST}", 200),
        (f"http://user:word@elsewhere:99999{LIST}?limit=1#x", 200),
        (f"https://[::1{LIST}", 400),
        (f"https://[x]{LIST}", 400),
        ("https://", 400),
        ("http:", 400),
        ("*", 400),
        ("api/v1", 400),
        ("?limit=1", 400),
        ("//", 404),
        (f"//elsewhere{LIST}", 404),
        ("/%00", 404),
        ("/api/v1/../../etc/passwd", 404),
        ("/api/v1/namespaces/%2e%2e/pods/%2fetc%2fpasswd", 404),
        ("/" + "a" * 5_000, 404),
        ("/\xff\xfe", 404),
    ],
)
def test_the_target_of_a_request_is_read_or_refused(server: KubeServer, target: str, code: int) -> None:
    """A proxy's client sends it with scheme and host, which count for nothing here."""
    found, answer = asked(server, target)

    assert (found, answer["kind"]) == (code, "PodList" if code == 200 else "Status")
    assert "Traceback" not in str(answer)


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        ("", 200),
        (",", 200),
        (",,;;,", 200),
        ("*/*", 200),
        ("application/json;q=x", 200),
        ("application/json;q=0.5;q=0", 406),
        ("application/json;as=Table", 406),
        ("application/json;as=;v=;g=", 200),
        ("application/json; charset=utf-8", 200),
        ("APPLICATION/JSON", 200),
        ("application/json;" * 2_000, 200),
        ("text/html, image/*;q=0.8", 406),
        ("text/html, */*;q=0.001", 200),
        ("\xff", 406),
        ("application/yaml;q=2, application/json", 200),
    ],
)
def test_whatever_a_client_accepts_it_gets_a_form_or_406(server: KubeServer, accept: str, code: int) -> None:
    line = f"GET {LIST} HTTP/1.1\r\n{SIGNED}Accept: {accept}\r\nConnection: close\r\n\r\n"
    head = sent(server, line.encode("latin-1")).partition(b"\r\n")[0]

    assert head.split()[1] == str(code).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100 + b"\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"H%d: v\r\n" % number for number in range(300)) + b"\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\nAuthorization\r\n\r\n",
    ],
    ids=range(11),
)
def test_bytes_that_are_no_request_tell_nothing(
    server: KubeServer, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback goes out, and the next client is served."""
    with caplog.at_level(logging.ERROR):
        found = sent(server, data or b"\r\n")

    assert b"Traceback" not in found
    assert b".py" not in found
    assert caplog.records == []
    assert asked(server, LIST)[0] == 200
