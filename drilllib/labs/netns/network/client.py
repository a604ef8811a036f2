"""One request of a client, with the real curl or a real datagram, and what came of it in the model's terms."""

import asyncio
import itertools
import socket

from drilllib.core.drills.lab import Observation
from drilllib.core.snapshot.semantics import Semantics
from drilllib.core.trace.answer import Question
from drilllib.core.trace.curl import client_profile, duration_s, udp_transcript
from drilllib.core.trace.entry import Entry
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.labs.netns.kernel import Namespace

PATIENCE_S = 4  # documented seconds that the lab's client waits for a handshake; Linux waits 127
MORE_S = 70  # and that it waits for an answer beyond what every target's connect timeout takes: a CLB waits for 60
EARLY = 0.1  # the share of a connect timeout by which a timer may be early; a busy machine is late, often much more
TOOK = "\\n%{time_total}"
REFUSED, TIMED_OUT, EMPTY, RESET = 7, 28, 52, 56  # exit statuses of curl
# Ports of datagrams: below all others, and each so seldom that no firewall remembers its last conversation.
FRESH_PORTS = itertools.cycle(range(10000, 20000))


def curl_command(asked: Entry, slowness: float, semantics: Semantics) -> list[str]:
    """The command line: `curl -I` with its time limits, printing how long it took."""
    said: Question = asked.question
    targets = len((asked.listener and asked.listener.targets) or ()) or 1
    limit = (semantics.connect_timeout_s * targets + PATIENCE_S + MORE_S) * slowness
    host = f"[{said.vip}]" if ":" in (said.vip or "") else said.vip
    place = host if said.port == 80 else f"{host}:{said.port}"
    named = [] if said.host in (None, said.vip) else ["-H", f"Host: {said.host}"]
    waits = ["--connect-timeout", f"{PATIENCE_S * slowness:g}", "--max-time", f"{limit:g}"]
    return ["curl", "-sS", "-I", "-w", TOOK, *waits, "--interface", said.client, *named, f"http://{place}{_path(said)}"]


def _path(said: Question) -> str:
    return "" if said.path == "/" else said.path


def after_curl(code: int, out: str, err: str, slowness: float, semantics: Semantics) -> Observation:
    """
    What curl's exit status and output mean; *seconds* are those that it would take by the documents, with a client of
    Linux' patience. Curl counts its own time, without what it takes to start a process.
    """
    out, _, took_s = out.rpartition("\n")
    transcript = "\n".join(line.rstrip() for line in (out or err).splitlines() if line.strip())
    symptom = _symptom(code, out, float(took_s or 0) / slowness, semantics.connect_timeout_s)
    return Observation(symptom, transcript, duration_s(symptom, client_profile("original")))


def _symptom(code: int, out: str, seconds: float, wait: float) -> Symptom:
    """The time an answer took is a number of the CLB's connect timeouts; the rest is this machine's own."""
    if code == 0:
        waited = wait * int(seconds / wait + EARLY)
        return Symptom(kind=SymptomKind.HTTP, status=int(out.split(" ", 2)[1]), seconds=waited)
    if code == REFUSED:
        return Symptom(kind=SymptomKind.REFUSED, seconds=0.0)
    if code == TIMED_OUT:
        return Symptom(kind=SymptomKind.CONNECT_TIMEOUT)
    return Symptom(kind=SymptomKind.RESET if code in (EMPTY, RESET) else SymptomKind.OTHER)


async def over_udp(asked: Entry, client: Namespace, slowness: float) -> Observation:
    """One datagram to the VIP."""
    said, loop = asked.question, asyncio.get_running_loop()
    with client.inside():
        sock = socket.socket(socket.AF_INET6 if ":" in said.client else socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.setblocking(False)
        sock.bind((said.client, next(FRESH_PORTS)))
        sock.connect((said.vip, said.port))
        sock.send(b"drill\n")
        try:
            await asyncio.wait_for(loop.sock_recv(sock, 64), PATIENCE_S * slowness)
            symptom = Symptom(kind=SymptomKind.ANSWERED, seconds=0.0)
        except TimeoutError:
            symptom = Symptom(kind=SymptomKind.NO_ANSWER)
        except OSError:
            symptom = Symptom(kind=SymptomKind.PORT_UNREACHABLE, seconds=0.0)
    transcript = udp_transcript(symptom.kind, host=said.vip or "", port=said.port or 0)
    return Observation(symptom, transcript, symptom.seconds or 0.0)
