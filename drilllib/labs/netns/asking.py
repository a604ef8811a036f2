"""One request of a client, with the real curl or a real datagram, and what it met in the words of the model."""

import asyncio
import itertools
import socket
import time
from dataclasses import dataclass
from typing import Any

from drilllib.core.answers import Question
from drilllib.core.evidence import Symptom
from drilllib.core.questions import Asked
from drilllib.core.semantics import Semantics
from drilllib.core.symptoms import udp_transcript
from drilllib.labs.netns.kernel import Namespace

PATIENCE_S = 4  # documented seconds that the lab's client waits for a handshake; Linux waits 127
MORE_S = 10  # and that it waits for an answer beyond what every target's connect timeout takes
REFUSED, TIMED_OUT, EMPTY, RESET = 7, 28, 52, 56  # exit statuses of curl
# Ports of datagrams: below all others, and each so seldom that no firewall remembers its last conversation.
FRESH_PORTS = itertools.cycle(range(10000, 20000))


@dataclass(frozen=True, slots=True)
class Met:
    """What a request met; *seconds* are documented ones."""

    symptom: Symptom
    transcript: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return {"symptom": self.symptom.to_dict(), "transcript": self.transcript, "seconds": self.seconds}


def curl_command(asked: Asked, slowness: float, semantics: Semantics) -> list[str]:
    """The command line: `curl -I`, and how long it may take."""
    said: Question = asked.question
    targets = len((asked.listener and asked.listener.targets) or ()) or 1
    limit = (semantics.connect_timeout_s * targets + PATIENCE_S + MORE_S) * slowness
    host = f"[{said.vip}]" if ":" in (said.vip or "") else said.vip
    place = host if said.port == 80 else f"{host}:{said.port}"
    named = [] if said.host in (None, said.vip) else ["-H", f"Host: {said.host}"]
    waits = ["--connect-timeout", f"{PATIENCE_S * slowness:g}", "--max-time", f"{limit:g}"]
    return ["curl", "-sS", "-I", *waits, "--interface", said.client, *named, f"http://{place}{_path(said)}"]


def _path(said: Question) -> str:
    return "" if said.path == "/" else said.path


def after_curl(code: int, out: str, err: str, took_s: float, slowness: float, semantics: Semantics) -> Met:
    """What curl's exit status and output mean."""
    seconds = round(took_s / slowness, 1)
    transcript = "\n".join(line.rstrip() for line in (out or err).splitlines() if line.strip())
    if code == 0:
        wait = semantics.connect_timeout_s
        waited = wait * round(seconds / wait) if wait else 0.0
        return Met(Symptom(kind="http", status=int(out.split(" ", 2)[1]), seconds=float(waited)), transcript, seconds)
    if code == REFUSED:
        return Met(Symptom(kind="refused", seconds=0.0), transcript, seconds)
    if code == TIMED_OUT:
        return Met(Symptom(kind="connect_timeout"), transcript, seconds)
    return Met(Symptom(kind="reset" if code in (EMPTY, RESET) else f"curl exit {code}"), transcript, seconds)


async def over_udp(asked: Asked, client: Namespace, slowness: float) -> Met:
    """One datagram to the VIP."""
    said, loop = asked.question, asyncio.get_running_loop()
    with client.inside():
        asking = socket.socket(socket.AF_INET6 if ":" in said.client else socket.AF_INET, socket.SOCK_DGRAM)
    started = time.monotonic()
    with asking:
        asking.setblocking(False)
        asking.bind((said.client, next(FRESH_PORTS)))
        asking.connect((said.vip, said.port))
        asking.send(b"drill\n")
        try:
            await asyncio.wait_for(loop.sock_recv(asking, 64), PATIENCE_S * slowness)
            symptom = Symptom(kind="answered", seconds=0.0)
        except TimeoutError:
            symptom = Symptom(kind="no_answer")
        except OSError:
            symptom = Symptom(kind="port_unreachable", seconds=0.0)
    seconds = round((time.monotonic() - started) / slowness, 1)
    return Met(symptom, udp_transcript(symptom.kind, host=said.vip or "", port=said.port or 0), seconds)
