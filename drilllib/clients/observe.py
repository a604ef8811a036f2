"""One real request, by Python's own sockets: HEAD over HTTP, or one datagram; nothing else is sent."""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass

from drilllib.core.diagnosis.observation import Observation
from drilllib.core.trace.answer import Question
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import InvalidInputError, printable, quoted

CONNECT_S = 10.0  # what a client waits for the handshake
ANSWER_S = 60.0  # and for the answer: a CLB tries target after target, a few seconds each
UDP_S = 3.0
_DATAGRAM = b"\0"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited, in seconds: for a handshake, for an answer, for a datagram."""

    connect: float = CONNECT_S
    answer: float = ANSWER_S
    datagram: float = UDP_S


def observe(question: Question, limits: Limits = Limits()) -> Observation:
    """
    Send the request that *question* is about from this machine, and say what it meets.

    The certificate of an HTTPS listener is not checked: whether packets get there is asked, and nothing secret is sent.

    Raises:
        InvalidInputError: The question has no VIP or port yet, or its address cannot be used from here.
    """
    if not question.vip or not question.port:
        raise InvalidInputError(
            "There is nothing to send a request to: the address or the port is not known",
            remedy="See what is not known in the answer, or leave --observe out",
        )
    try:
        return _by_udp(question, limits) if question.protocol == "UDP" else _by_http(question, limits)
    except OSError as error:  # no route, no such family on this machine, a name without an address
        raise InvalidInputError(
            "No request can be sent to {vip} from here: {reason}",
            remedy="Leave --observe out, or run it where the client is",
            vip=quoted(question.vip),
            reason=printable(error.strerror or type(error).__name__),
        ) from None


def _by_http(question: Question, limits: Limits) -> Observation:
    begun = time.monotonic()
    try:
        opened = socket.create_connection((question.vip, question.port), limits.connect)
    except TimeoutError:
        return Observation(Symptom(kind=SymptomKind.CONNECT_TIMEOUT), "")
    except ConnectionRefusedError:
        return Observation(Symptom(kind=SymptomKind.REFUSED, seconds=0.0), "")
    except ConnectionResetError:
        return Observation(Symptom(kind=SymptomKind.RESET, seconds=0.0), "")
    with opened:
        opened.settimeout(limits.answer)
        source = str(opened.getsockname()[0])
        kind, status = _answer(question, opened)
    return Observation(Symptom(kind=kind, status=status, seconds=round(time.monotonic() - begun, 1)), source)


def _answer(question: Question, opened: socket.socket) -> tuple[SymptomKind, int | None]:
    """What comes back: the status of HTTP; else the connection stood, and what answered speaks something else."""
    host = question.host or question.vip or ""
    connection = http.client.HTTPConnection(f"[{host}]" if ":" in host else host, question.port)
    try:
        connection.sock = _encrypted(opened, host) if question.scheme == "https" else opened
        connection.request("HEAD", question.path, headers={"User-Agent": "drill-diagnose", "Connection": "close"})
        return SymptomKind.HTTP, connection.getresponse().status
    except ConnectionResetError:
        return SymptomKind.RESET, None
    except (OSError, http.client.HTTPException, ValueError):
        return SymptomKind.OTHER, None
    finally:
        connection.close()


def _encrypted(opened: socket.socket, host: str) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(opened, server_hostname=host)


def _by_udp(question: Question, limits: Limits) -> Observation:
    address = socket.getaddrinfo(question.vip, question.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(address[0], socket.SOCK_DGRAM) as opened:
        opened.settimeout(limits.datagram)
        opened.connect(address[4])
        source = str(opened.getsockname()[0])
        try:
            opened.send(_DATAGRAM)
            opened.recv(1)
            found = Symptom(kind=SymptomKind.ANSWERED, seconds=0.0)
        except TimeoutError:
            found = Symptom(kind=SymptomKind.NO_ANSWER)
        except ConnectionRefusedError:
            found = Symptom(kind=SymptomKind.PORT_UNREACHABLE, seconds=0.0)
    return Observation(found, source)
