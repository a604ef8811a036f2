"""However many connections are opened, the cloud's threads and files are bounded, and who asks is answered."""

import resource
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.shell.port_forward import PortForward
from drilllib.cloud.state import CloudState
from drilllib.core.drills.default_lab import new_cluster
from drilllib.machine import loopback
from drilllib.machine.loopback import LoopbackHandler, LoopbackServer
from tests.waits import PATIENCE_S, wait_until

MOST = 4
GET = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"


class Slow(LoopbackHandler):
    """Answers ``/slow`` once it may."""

    largest_body = 100
    may_answer = threading.Event()

    def respond(self) -> None:
        self.body()
        if self.path == "/slow":
            self.may_answer.wait(PATIENCE_S)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    Slow.may_answer.clear()
    with LoopbackServer(Slow, most=MOST) as made:
        yield made
        Slow.may_answer.set()


@pytest.fixture
def client(server: LoopbackServer) -> Iterator[Callable[..., socket.socket]]:
    """Opens a connection, and sends something on it."""
    with ExitStack() as stack:

        def opened(data: bytes = b"") -> socket.socket:
            made = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
            made.sendall(data)
            return made

        yield opened


def is_answered(connection: socket.socket) -> bool:
    """Is there an answer? False: the connection is closed."""
    try:
        return b"200 OK" in connection.recv(4096)
    except ConnectionError:
        return False


def accepted(server: LoopbackServer) -> list[object]:
    """The other ends of the connections that it has."""
    with server._lock:
        return [connection.getpeername() for connection in server._open]


def threads() -> int:
    """How many serve a connection."""
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def test_of_many_that_send_nothing_those_that_did_so_longest_are_closed(
    server: LoopbackServer, client: Callable[..., socket.socket]
) -> None:
    silent = [client() for _ in range(20)]

    assert is_answered(client(GET % b"/"))
    assert [is_answered(each) for each in silent[: 20 - MOST]] == [False] * (20 - MOST)
    assert wait_until(lambda: threads() <= MOST)


def test_half_a_request_is_none(server: LoopbackServer, client: Callable[..., socket.socket]) -> None:
    """A head or a body that never comes to its end."""
    for _ in range(MOST):
        client(b"GET / HTTP/1.1\r\nX: ")
        client(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1")

    assert is_answered(client(GET % b"/"))


def test_a_connection_that_is_used_is_kept(server: LoopbackServer, client: Callable[..., socket.socket]) -> None:
    """A client's own, from which it sends now and then, outlives those of others that send nothing."""
    used = client()
    for _ in range(5 * MOST):
        silent = client().getsockname()
        assert wait_until(
            lambda silent=silent: silent in accepted(server)
        )  # many at a time would be newer, all of them
        used.sendall(GET % b"/")
        assert is_answered(used)


def test_one_that_waits_for_its_answer_is_never_closed(
    server: LoopbackServer, client: Callable[..., socket.socket]
) -> None:
    """Where all do, there is no room: the new one is closed, and comes in once there is."""
    waiting = [client(GET % b"/slow") for _ in range(MOST)]
    assert wait_until(lambda: list(server._open.values()) == [None] * MOST)

    assert not is_answered(client(GET % b"/"))
    Slow.may_answer.set()
    assert [is_answered(each) for each in waiting] == [True] * MOST
    assert is_answered(client(GET % b"/"))


def test_the_api_server_is_no_other() -> None:
    """Connections that never begin their TLS, more than there is room for."""
    server = KubeServer(KubeApi(CloudState(new_cluster())), {"token": "drill"})
    authority = ssl.create_default_context(cadata=server.authority.decode())
    try:
        with ExitStack() as stack:
            for _ in range(loopback.MOST_CONNECTIONS + 20):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
            with authority.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                connection.sendall(GET % b"/version")
                assert b"HTTP/1.1 " in connection.recv(4096)
            assert wait_until(lambda: threads() <= loopback.MOST_CONNECTIONS)
    finally:
        server.close()


FEW = """
import resource, sys
from drilllib.machine.loopback import LoopbackServer
from tests.cloud.test_connections import Slow
resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
with LoopbackServer(Slow) as server:
    print(server.port, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on open files that a test could lower")
def test_with_few_files_to_open_it_makes_room() -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 100  # ours
    root = Path(__file__).parents[2]
    pipe = subprocess.PIPE
    running = subprocess.Popen([sys.executable, "-c", FEW], cwd=root, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    port = int(running.stdout.readline())
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
        last = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
        last.sendall(GET % b"/")
        assert is_answered(last)
    said, errors = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, said, errors) == (0, "", "")


def test_a_forwarded_connection_ends_with_the_servers(server: LoopbackServer) -> None:
    """Who is inside a host may never close its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    forward = PortForward(listening, server.port)
    before = set(threading.enumerate())
    try:
        with ExitStack() as stack:
            for _ in range(3 * MOST):
                stack.enter_context(socket.create_connection(listening.getsockname(), timeout=PATIENCE_S))
            # Two forward each connection, and one serves it.
            assert wait_until(lambda: len(set(threading.enumerate()) - before) == 3 * MOST)
    finally:
        forward.close()
