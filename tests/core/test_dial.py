"""What nc, curl and mysql print of a connection that opens, is dropped or is refused."""

import pytest

from drilllib.core.trace import dial
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import UnknownNameError

CONNECTED, DROPPED, REFUSED = SymptomKind.CONNECTED, SymptomKind.CONNECT_TIMEOUT, SymptomKind.REFUSED


def said(kind: SymptomKind, tool: str, port: int = 3306, host: str = "10.0.36.12") -> str | None:
    return dial.transcript(Symptom(kind=kind), host=host, port=port, tool=tool)


@pytest.mark.parametrize(
    ("kind", "tool", "line"),
    [
        (CONNECTED, "nc", "Connection to 10.0.36.12 3306 port [tcp/mysql] succeeded!"),
        (DROPPED, "nc", "nc: connect to 10.0.36.12 port 3306 (tcp) timed out: Operation now in progress"),
        (REFUSED, "nc", "nc: connect to 10.0.36.12 port 3306 (tcp) failed: Connection refused"),
        (DROPPED, "mysql", "ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.36.12:3306' (110)"),
        (REFUSED, "mysql", "ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.36.12:3306' (111)"),
        (DROPPED, "curl", "curl: (7) Failed to connect to 10.0.36.12 port 3306: Connection timed out"),
        (REFUSED, "curl", "curl: (7) Failed to connect to 10.0.36.12 port 3306: Connection refused"),
        (CONNECTED, "mysql", None),
        (CONNECTED, "curl", None),
    ],
)
def test_each_client_has_its_own_words(kind: SymptomKind, tool: str, line: str | None) -> None:
    """A timeout and a refusal are told apart by the words or the errno, never by curl's exit 7."""
    assert said(kind, tool) == line


def test_a_port_that_no_service_is_named_for_has_a_star() -> None:
    assert said(CONNECTED, "nc", 30306) == "Connection to 10.0.36.12 30306 port [tcp/*] succeeded!"


def test_a_datagram_has_plain_words() -> None:
    """As nc says "succeeded" of any that no error came back for."""
    assert said(SymptomKind.NO_ANSWER, "nc") == "no answer from 10.0.36.12 port 3306"


def test_commands_can_be_pasted() -> None:
    assert dial.command("nc", "10.0.36.12", 3306) == "nc -vz -w 5 10.0.36.12 3306"
    assert dial.command("curl", "2001:db8::1", 80) == "curl -I http://[2001:db8::1]:80"
    assert dial.command("mysql", "10.0.36.12", 3306) == "mysql -h 10.0.36.12 -P 3306"


@pytest.mark.parametrize("ask", [lambda: dial.command("telnet", "h", 1), lambda: said(DROPPED, "telnet")])
def test_an_unknown_client_is_told_the_known_ones(ask) -> None:
    with pytest.raises(UnknownNameError, match="nc, curl, mysql"):
        ask()
