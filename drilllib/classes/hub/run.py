"""Runs a class's hub: fills its folder, starts JupyterHub, waits until it answers, and ends all that came of it."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drilllib.classes.handed_out import start_text
from drilllib.classes.hub.config import HOST, Told, address
from drilllib.classes.hub.folder import HubFolder, as_user, fill
from drilllib.classes.place import Place
from drilllib.errors import InvalidInputError, Message, MissingToolError, quoted
from drilllib.machine import guarded, private, python
from drilllib.machine.environment import PYTHON, SHELL, handed_on

CODES, CONFIG, LOG = "sign-in.csv", "jupyterhub_config.py", "jupyterhub.log"
PATIENCE_S, GRACE_S = 120, 30


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub that answers at a *port* of this machine, and its *process*."""

    process: "subprocess.Popen[bytes]"
    port: int


def filled(place: Place, folder: HubFolder, teacher: str) -> list[str]:
    """
    Make everybody's home, with the start in it, and write the codes to sign in; the learners whose home refused it.

    Raises:
        InvalidInputError: A home cannot be made, or who teaches is called as a learner is.
    """
    if teacher in place.plan.learners:
        raise InvalidInputError(
            "{name} is a learner of the class", remedy=Message("Name another --teacher"), name=quoted(teacher)
        )
    folder.make_home(teacher)
    refused = []
    for learner in place.plan.learners:
        uid = folder.make_home(learner)
        if not as_user(uid, partial(fill, folder.home(learner), start_text(place, learner), folder.course)):
            refused.append(learner)
    codes = "".join(f"{each},{place.secret.code(each)}\n" for each in (teacher, *place.plan.learners))
    private.replace(place.folder / CODES, f"name,code\n{codes}")
    return refused


@contextmanager
def running(file: str, folder: HubFolder, *, port: int, teacher: str, language: str) -> Iterator[Hub]:
    """
    A hub that answers, for as long as this lasts; its servers end with it, homes stay.

    Raises:
        InvalidInputError: The port is taken.
        MissingToolError: JupyterHub ended, or does not answer.
    """
    told = Told(os.path.abspath(file), str(folder.path), teacher, language, _ports(port))
    private.replace(folder.own / CONFIG, told.to_file())
    log = folder.own / LOG
    private.write(log, "")
    command = python.theirs("jupyterhub", "-f", CONFIG)
    environment = handed_on(*SHELL, *PYTHON)
    with log.open("ab") as output:
        hub = guarded.start(
            command,
            first=signal.SIGTERM,
            grace_s=GRACE_S,
            cwd=folder.own,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0o077,
        )
    try:
        _wait(hub, told.ports[0], log)
        yield Hub(hub, told.ports[0])
    finally:
        hub.terminate()
        hub.wait()


def _ports(public: int) -> tuple[int, int, int, int]:
    """That one, and three free ones: for the hub, its proxy's orders and the board."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(4)]
        for probe, port in zip(probes, (public, 0, 0, 0), strict=True):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise InvalidInputError(
                    "Port {port} cannot be used: {reason}",
                    remedy="Name another --port, or none",
                    port=port,
                    reason=error.strerror or error,
                ) from None
        first, second, third, fourth = (int(each.getsockname()[1]) for each in probes)
    return first, second, third, fourth


def _wait(hub: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not _answers(f"{address(port)}/services/board/hand-in"):
        if hub.poll() is not None or time.monotonic() > until:
            raise MissingToolError(
                "JupyterHub does not answer: {reason}",
                remedy=Message("Its log has more: {log}", log=log),
                reason=quoted(_last_line(log)),
            )
        time.sleep(0.5)


def _answers(url: str) -> bool:
    """Does the board, through hub and proxy? It takes logs only, and says so."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=10)
    except urllib.error.HTTPError as error:
        return error.code == 405
    except OSError:
        pass
    return False


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return next(
        (each for each in reversed(lines) if "Error" in each or "[C " in each or "[E " in each), "no reason told"
    )
