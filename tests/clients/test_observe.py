"""One real request, against listeners of this machine that answer in every way there is."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from drilllib.clients.observe import Limits, observe
from drilllib.core.trace.answer import Question
from drilllib.core.trace.path import SymptomKind
from drilllib.errors import InvalidInputError

SHORT = Limits(connect=0.3, answer=0.3, datagram=0.3)
PATIENT = Limits()
Behave = Callable[[socket.socket], bytes]


@contextmanager
def listener(behave: Behave, kind: socket.SocketKind = socket.SOCK_STREAM) -> Iterator[tuple[int, list[bytes]]]:
    """A listener on loopback that treats one client as *behave* says; its port, and what it received."""
    received: list[bytes] = []
    with socket.socket(type=kind) as opened:
        opened.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            opened.listen()

        def serve() -> None:
            connection = opened.accept()[0] if kind == socket.SOCK_STREAM else opened
            received.append(behave(connection))

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield opened.getsockname()[1], received
        server.join(10)


def answering(answer: bytes) -> Behave:
    def behave(connection: socket.socket) -> bytes:
        with connection:
            data = connection.recv(4096)
            connection.sendall(answer)
            return data

    return behave


def asked(port: int, **more: object) -> Question:
    return Question(vip="127.0.0.1", port=port, **more)


@pytest.mark.parametrize("status", [200, 404, 504])
def test_the_status_of_an_answer_is_told(status: int) -> None:
    with listener(answering(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())) as (port, received):
        found = observe(asked(port, host="www.example.com", path="/pay"), PATIENT)

    assert (found.symptom.kind, found.symptom.status, found.source) == (SymptomKind.HTTP, status, "127.0.0.1")
    assert received[0].startswith(b"HEAD /pay HTTP/1.1\r\nHost: www.example.com:")
    assert b"Authorization" not in received[0]


def test_what_speaks_no_http_was_reached_all_the_same() -> None:
    with listener(answering(b"220 smtp.example.com\r\n")) as (port, _):
        assert observe(asked(port), PATIENT).symptom.kind is SymptomKind.OTHER


def test_an_application_that_stays_silent_was_connected_to() -> None:
    gone = threading.Event()

    def silent(connection: socket.socket) -> bytes:
        with connection:
            gone.wait(10)
            return connection.recv(4096)

    with listener(silent) as (port, _):
        found = observe(asked(port), SHORT)
        gone.set()

    assert found.symptom.kind is SymptomKind.OTHER


def test_a_closed_port_refuses() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        assert observe(asked(taken.getsockname()[1]), PATIENT).symptom.kind is SymptomKind.REFUSED


def test_a_full_queue_is_a_timeout() -> None:
    """Loopback drops nothing by itself; a listener that accepts nobody lets the handshake wait."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        found = observe(asked(address[1]), SHORT)
        for each in waiting:
            each.close()

    assert found.symptom.kind is SymptomKind.CONNECT_TIMEOUT


def test_a_datagram_is_answered_or_not() -> None:
    def echo(opened: socket.socket) -> bytes:
        data, sender = opened.recvfrom(64)
        opened.sendto(b"x", sender)
        return data

    with listener(echo, socket.SOCK_DGRAM) as (port, received):
        assert observe(asked(port, protocol="UDP"), PATIENT).symptom.kind is SymptomKind.ANSWERED
    assert received == [b"\0"]
    with socket.socket(type=socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        assert observe(asked(port, protocol="UDP"), SHORT).symptom.kind is SymptomKind.NO_ANSWER
    assert observe(asked(port, protocol="UDP"), PATIENT).symptom.kind is SymptomKind.PORT_UNREACHABLE


@pytest.mark.parametrize("question", [Question(service="shop/web"), Question(vip="no-such-host.invalid", port=80)])
def test_what_cannot_be_sent_is_one_sentence(question: Question) -> None:
    with pytest.raises(InvalidInputError):
        observe(question, SHORT)
