"""What the client prints, word for word."""

import pytest
from builders import LISTENERS, ask, lab

from drilllib.core.drills.default_lab import VIP
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.curl import CLIENTS, ORIGINAL_DATE, client_profile, duration_s, error_page, transcript
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import UnknownNameError

ORIGINAL, NEWER = client_profile("original"), client_profile("curl-7.88")
TIMEOUT, REFUSED = Symptom(kind=SymptomKind.CONNECT_TIMEOUT), Symptom(kind=SymptomKind.REFUSED, seconds=0.0)


def http(status: int, seconds: float = 0.0) -> Symptom:
    return Symptom(kind=SymptomKind.HTTP, status=status, seconds=seconds)


def printed(symptom: Symptom, client: str = "original", port: int = 80) -> str:
    return transcript(symptom, host=VIP, port=port, client=client_profile(client), date=ORIGINAL_DATE)


# The lines of the original drill, with another address.
ORIGINAL_TIMEOUT = "curl: (7) Failed to connect to 192.0.2.10 port 80: Connection timed out"
ORIGINAL_504 = """\
HTTP/1.1 504 Gateway Time-out
Server: stgw
Date: Tue, 22 Jul 2025 12:41:43 GMT
Content-Type: text/html
Content-Length: 159
Connection: keep-alive"""


def test_a_timeout_in_the_originals_words() -> None:
    """A learner compares the screen with the original's text."""
    assert printed(TIMEOUT) == ORIGINAL_TIMEOUT


def test_a_504_in_the_originals_words() -> None:
    """Six header lines, and no body: `curl -I` asks for none."""
    assert printed(http(504, 4.0)) == ORIGINAL_504


def test_the_original_drill_can_be_followed_word_by_word() -> None:
    """Its own manifest is a TCP listener; the original semantics answer 504 there all the same."""
    for name, text in (("group-1", ORIGINAL_TIMEOUT), ("group-2", ORIGINAL_504), ("group-3", ORIGINAL_504)):
        answer = ask(open_fault(name, listener="TCP", semantics="original"))

        assert printed(answer.symptom) == text


def test_a_newer_curl_ends_a_timeout_with_28() -> None:
    """The wording and exit code belong to the client, not to the network."""
    line = printed(TIMEOUT, "curl-7.88")

    assert line.startswith("curl: (28) Failed to connect to 192.0.2.10 port 80 after ")
    assert line.endswith(" ms: Couldn't connect to server")
    assert (ORIGINAL.timeout_exit, NEWER.timeout_exit) == (7, 28)


@pytest.mark.parametrize(
    ("client", "line"),
    [
        ("original", "curl: (7) Failed to connect to 192.0.2.10 port 80: Connection refused"),
        ("curl-7.88", "curl: (7) Failed to connect to 192.0.2.10 port 80 after 0 ms: Couldn't connect to server"),
    ],
)
def test_a_refusal_is_exit_7_in_every_curl(client: str, line: str) -> None:
    """So exit code 7 alone never tells a timeout from a refusal."""
    assert printed(REFUSED, client) == line


def test_the_port_asked_is_the_port_named() -> None:
    """A Service may listen on another port than 80."""
    for client in CLIENTS:
        assert " port 8443" in printed(TIMEOUT, client, port=8443)


@pytest.mark.parametrize(("status", "length"), [(504, 159), (502, 149)])
def test_the_clbs_own_page_has_the_known_length(status: int, length: int) -> None:
    """The original's Content-Length is 159; nginx's page with the name stgw is exactly that long."""
    assert len(error_page(status).encode()) == length
    assert f"Content-Length: {length}" in printed(http(status)).splitlines()


def test_the_clbs_page_is_nginxs_with_its_own_name() -> None:
    """CRLF line ends, no version, no colour: these are where the 159 bytes come from."""
    assert error_page(504) == (
        "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n"
        "<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>stgw</center>\r\n</body>\r\n</html>\r\n"
    )


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("listener", LISTENERS)
def test_a_200_comes_from_the_application(listener: str, client: str) -> None:
    """`Server: stgw` is the mark of an answer that the CLB made itself; a 200 does not bear it."""
    head = printed(ask(lab(listener=listener)).symptom, client).splitlines()

    assert head[0] == "HTTP/1.1 200 OK"
    assert "Server: stgw" not in head


def test_502_is_the_clbs_own_too() -> None:
    """The application never saw the request."""
    assert printed(http(502)).splitlines()[:2] == ["HTTP/1.1 502 Bad Gateway", "Server: stgw"]


def test_how_long_the_client_waits() -> None:
    """Silence costs the client's patience, a 504 only the CLB's: that is how they feel different."""
    assert duration_s(http(504, 4.0), ORIGINAL) == 4.0
    assert duration_s(REFUSED, ORIGINAL) == 0.0
    assert duration_s(TIMEOUT, ORIGINAL) == 127.0  # 1 + 2 + 4 + ... + 64: six more SYNs after the first


def test_an_unknown_client_lists_the_known_ones() -> None:
    """The names are few and easily mistaken."""
    with pytest.raises(UnknownNameError, match=r"original, curl-7\.88"):
        client_profile("curl")
