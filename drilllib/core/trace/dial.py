"""
What a client prints that only opens a connection: nc, or curl and mysql where they do not get that far.

The words are those of OpenBSD's nc (its source, `report_connect`), of curl and of MySQL's client (error 2003 with the
errno of the kernel). What is spoken once a connection stands is not the network's to say.
"""

from drilllib.core.rules.addresses import at
from drilllib.core.trace.curl import CLIENTS, udp_transcript
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import UnknownNameError, quoted

TOOLS = ("nc", "curl", "mysql")
PATIENCE_S = {"nc": 5, "curl": 127, "mysql": 10}  # nc -w 5; SYNs until the kernel gives up; mysql's connect_timeout
_SERVICES = {22: "ssh", 53: "domain", 80: "http", 443: "https", 3306: "mysql", 8080: "http-alt"}  # of /etc/services
_NC = {
    SymptomKind.CONNECTED: "Connection to {host} {port} port [tcp/{service}] succeeded!",
    SymptomKind.CONNECT_TIMEOUT: "nc: connect to {host} port {port} (tcp) timed out: Operation now in progress",
    SymptomKind.REFUSED: "nc: connect to {host} port {port} (tcp) failed: Connection refused",
}
_ERRNO = {SymptomKind.CONNECT_TIMEOUT: 110, SymptomKind.REFUSED: 111}  # ETIMEDOUT, ECONNREFUSED of Linux


def command(tool: str, host: str, port: int) -> str:
    """The command that opens the connection."""
    url_host = f"[{host}]" if ":" in host else host
    return {
        "nc": f"nc -vz -w {PATIENCE_S['nc']} {host} {port}",
        "curl": f"curl -I http://{url_host}:{port}",
        "mysql": f"mysql -h {host} -P {port}",
    }[_known(tool)]


def transcript(symptom: Symptom, *, host: str, port: int, tool: str = "nc") -> str | None:
    """
    What the *tool* prints; None where it has connected and goes on to speak, which the network does not decide.

    Raises:
        UnknownNameError: There is no such tool.
    """
    if symptom.kind not in _NC:
        return udp_transcript(symptom.kind, host=host, port=port)
    facts = {"host": host, "port": port, "service": _SERVICES.get(port, "*")}
    if _known(tool) == "nc":
        return _NC[symptom.kind].format(**facts)
    if symptom.kind is SymptomKind.CONNECTED:
        return None
    if tool == "mysql":
        return f"ERROR 2003 (HY000): Can't connect to MySQL server on '{at(host, port)}' ({_ERRNO[symptom.kind]})"
    profile = CLIENTS["original"]
    line = profile.refused_line if symptom.kind is SymptomKind.REFUSED else profile.timeout_line
    return line.format(**facts)


def _known(tool: str) -> str:
    if tool not in TOOLS:
        raise UnknownNameError(
            "There is no client {name}", remedy="Use one of {choices}", name=quoted(tool), choices=", ".join(TOOLS)
        )
    return tool
