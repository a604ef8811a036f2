"""One real request as a learner would send it: the curl on PATH asks, and what it prints is the transcript."""

import shutil
import subprocess
from collections.abc import Mapping
from urllib.parse import quote

from drilllib.clients.observe import Limits, observe
from drilllib.core.drills.lab import Observation
from drilllib.core.trace import curl as wording
from drilllib.core.trace.answer import Question
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import LabStateError, printable

CURL, TOOK = "curl", "\\n%{time_total}"
LIMITS = Limits()
REFUSED, TIMED_OUT, EMPTY, RESET = 7, 28, 52, 56  # exit statuses
_TIME_OUT = "timed out"  # also said with 7, where it was the kernel that gave up


def probe(question: Question, environment: Mapping[str, str], limits: Limits = LIMITS) -> Observation:
    """
    Send the request that *question* is about, whose VIP and port are known, from this machine: `curl -I`.

    Where there is no curl on the PATH of *environment*, and for UDP, `observe` asks.

    Raises:
        LabStateError: curl cannot ask: it has no such option, or was kept from asking.
        InvalidInputError: The address cannot be used from here.
    """
    program = shutil.which(CURL, path=environment.get("PATH"))
    if program is None or question.protocol == "UDP" or question.scheme == "https":
        return _by_sockets(question, limits)
    times = ["--connect-timeout", f"{limits.connect:g}", "--max-time", f"{limits.connect + limits.answer:g}"]
    named = [] if question.host in (None, question.vip) else ["-H", f"Host: {question.host}"]
    command = [program, "-sS", "-I", "-w", TOOK, *times, *named, _url(question)]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    return read(done.returncode, done.stdout, done.stderr)


def read(code: int, out: str, err: str) -> Observation:
    """
    What curl's exit *code* and its output (with `TOOK`) mean. *seconds* is how long it took; of a time-out, how long a
    client of Linux' patience waits by the documents.

    Raises:
        LabStateError: curl has not asked.
    """
    out, _, took = out.rpartition("\n")
    transcript = "\n".join(line.rstrip() for line in (out or err).splitlines() if line.strip())
    symptom = _symptom(code, out, err, round(float(took), 1) if _is_number(took) else 0.0)
    if symptom is None:
        raise LabStateError(
            "curl ended with {code}: {said}", remedy="Try the request by hand", code=code, said=printable(transcript)
        )
    return Observation(symptom, transcript, wording.duration_s(symptom, wording.client_profile("original")))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _symptom(code: int, out: str, err: str, seconds: float) -> Symptom | None:
    status = out.split(" ", 2)[1:2]
    if code == 0 and out.startswith("HTTP/") and status[0].strip().isdecimal():
        return Symptom(kind=SymptomKind.HTTP, status=int(status[0]), seconds=seconds)
    if code == TIMED_OUT or (code == REFUSED and _TIME_OUT in err):
        return Symptom(kind=SymptomKind.CONNECT_TIMEOUT)
    kinds = {REFUSED: SymptomKind.REFUSED, EMPTY: SymptomKind.RESET, RESET: SymptomKind.RESET}
    return Symptom(kind=kinds[code], seconds=0.0) if code in kinds else None


def _url(question: Question) -> str:
    host = f"[{question.vip}]" if ":" in (question.vip or "") else question.vip
    place = host if question.port == 80 else f"{host}:{question.port}"
    return f"http://{place}{'' if question.path == '/' else quote(question.path, safe='/?&=%~')}"


def _by_sockets(question: Question, limits: Limits) -> Observation:
    """By Python's own sockets, with the words of the course's curl."""
    symptom = observe(question, limits).symptom
    profile = wording.client_profile("original")
    host, port = question.vip or "", question.port or 0
    text = wording.transcript(symptom, host=host, port=port, client=profile, date=wording.ORIGINAL_DATE)
    return Observation(symptom, text, wording.duration_s(symptom, profile))
