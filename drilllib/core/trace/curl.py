"""
What the client prints: `curl -I` for a symptom, in the words of a named client.

Wording and exit code belong to the curl version, not to the network: older builds end a connect that the kernel gave up
on with exit 7, newer ones with 28 (curl's own source). Never tell a timeout from a refusal by exit code 7 alone.
"""

from typing import NamedTuple

from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import UnknownNameError, printable, quoted

# As nginx, which the CLB's own server descends from, words them.
_PHRASES = {
    200: "OK",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    303: "See Other",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    502: "Bad Gateway",
    504: "Gateway Time-out",
}


def status_text(status: int) -> str:
    """A status with its phrase: ``504 Gateway Time-out``."""
    return f"{status} {_PHRASES.get(status, '')}".strip()


class ClientProfile(NamedTuple):
    """
    One curl. *patience_s* is how long it waits for a handshake: Linux sends a SYN and *syn_retries* more, each wait
    twice the last from 1 s, so 6 retries end after 127 s.
    """

    name: str
    syn_retries: int
    timeout_line: str
    timeout_exit: int
    refused_line: str

    @property
    def patience_s(self) -> int:
        """Seconds until the kernel gives up."""
        return (2 << self.syn_retries) - 1


CLIENTS = {
    client.name: client
    for client in (
        ClientProfile(
            name="original",
            syn_retries=6,
            timeout_line="curl: (7) Failed to connect to {host} port {port}: Connection timed out",
            timeout_exit=7,
            refused_line="curl: (7) Failed to connect to {host} port {port}: Connection refused",
        ),
        ClientProfile(
            name="curl-7.88",
            syn_retries=6,
            timeout_line="curl: (28) Failed to connect to {host} port {port} after {ms} ms: Couldn't connect to server",
            timeout_exit=28,
            refused_line="curl: (7) Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server",
        ),
    )
}
# There is no one tool for UDP that everybody uses, so these are plain words.
_OVER_UDP = {
    SymptomKind.ANSWERED: "answer from {host} port {port}",
    SymptomKind.NO_ANSWER: "no answer from {host} port {port}",
    SymptomKind.PORT_UNREACHABLE: "{host} port {port} is unreachable (ICMP)",
}
SILENT = (SymptomKind.CONNECT_TIMEOUT, SymptomKind.NO_ANSWER)
WELCOME_PAGE_BYTES = 615
# A response needs a Date. Labs that must be repeatable print the original drill's.
ORIGINAL_DATE = "Tue, 22 Jul 2025 12:41:43 GMT"


def client_profile(name: str) -> ClientProfile:
    """
    The client of that name.

    Raises:
        UnknownNameError: There is no such client.
    """
    if name not in CLIENTS:
        raise UnknownNameError(
            "There is no client {name}", remedy="Use one of {choices}", name=quoted(name), choices=", ".join(CLIENTS)
        )
    return CLIENTS[name]


def error_page(status: int) -> str:
    """The page the CLB sends with 502 or 504: nginx's standard page with its own product name, 159 bytes for 504."""
    title = status_text(status)
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>stgw</center>\r\n</body>\r\n</html>\r\n"
    )


def transcript(
    symptom: Symptom, *, host: str, port: int, client: ClientProfile, date: str, server: str = "nginx"
) -> str:
    """
    What ``curl -I http://HOST`` prints; *server* is the product name of the application's own 200.

    A HEAD answer has no body, but the Content-Length that a GET would have.
    """
    facts = {"host": printable(host), "port": port, "ms": client.patience_s * 1000}
    if symptom.kind is SymptomKind.CONNECT_TIMEOUT:
        return client.timeout_line.format(**facts)
    if symptom.kind in _OVER_UDP:
        return udp_transcript(symptom.kind, host=host, port=port)
    if symptom.status is None:
        return client.refused_line.format(**facts)
    made_by_clb = symptom.status != 200
    length = len(error_page(symptom.status)) if made_by_clb else WELCOME_PAGE_BYTES
    lines = [
        f"HTTP/1.1 {status_text(symptom.status)}",
        f"Server: {'stgw' if made_by_clb else 'nginx'}",
        f"Date: {date}",
        "Content-Type: text/html",
        f"Content-Length: {length}",
        "Connection: keep-alive",
    ]
    return "\n".join([*lines, *([f"Location: {printable(symptom.location)}"] if symptom.location else [])])


def udp_transcript(kind: SymptomKind, *, host: str, port: int) -> str:
    """What became of a datagram."""
    return _OVER_UDP[kind].format(host=printable(host), port=port)


def duration_s(symptom: Symptom, client: ClientProfile) -> float:
    """Seconds until the client knows."""
    return float(client.patience_s) if symptom.kind is SymptomKind.CONNECT_TIMEOUT else symptom.seconds or 0.0
