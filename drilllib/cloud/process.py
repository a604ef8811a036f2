"""
A local cloud in a process of its own, found through a record that only its user can read.

Run as `drilllib.cloud.process`, with its settings as a line of JSON on standard input; prints one line when up, and
ends where nobody answers to that.
"""

import json
import os
import secrets
import signal
import socket
import sys
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drilllib.cloud import proof
from drilllib.cloud.running import KNOWN, RunningCloud, lab_name, place, require_none
from drilllib.errors import DrillError, LabStateError, MissingToolError
from drilllib.labs.netns import messages
from drilllib.machine import record


class _Ending:
    """Hears of whatever shall end this process: a signal, or a request that proves to be its user's."""

    def __init__(self) -> None:
        self._heard, self._wakeup = socket.socketpair()
        self._wakeup.setblocking(False)
        signal.set_wakeup_fd(self._wakeup.fileno())  # whichever thread the signal interrupts, we hear of it
        for each in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def now(self) -> None:
        self._wakeup.send(bytes([signal.SIGTERM]))

    def wait(self) -> None:
        while self._heard.recv(1)[0] not in (signal.SIGTERM, signal.SIGHUP):
            pass


def _main() -> int:
    """The process: start, say so, and wait until it shall end."""
    said = sys.stdin.readline()
    if not said:  # who started it is gone already
        return 1
    wanted = json.loads(said)
    ending, token = _Ending(), secrets.token_hex(16)
    with ExitStack() as stack:
        try:
            kept = stack.enter_context(closing(_alone()))
            cloud = stack.enter_context(_cloud(wanted, proof.Identity(token, ending.now)))
        except DrillError as error:
            print(json.dumps(messages.error_message(error)), flush=True)
            return 2
        stack.callback(kept.close)  # first of all, so that nobody finds what is about to go
        kept.write(_description(cloud, wanted, token))
        with suppress(BrokenPipeError):
            print("up", flush=True)
        known = sys.stdin.readline() == KNOWN
        _let_go()
        if not known:  # who started it is gone, and told nobody
            return 1
        ending.wait()
    return 0


def _alone() -> record.Record:
    """The record of this cloud, empty as yet: while there is one, the same user starts no other."""
    try:
        kept = record.claim(place())
    except OSError as error:
        raise LabStateError(
            "{claim} cannot be written: {detail}",
            remedy="Look with drill cloud status in a moment",
            claim=place(),
            detail=error,
        ) from None
    if kept is not None:
        return kept
    require_none()
    raise LabStateError("A cloud is starting already", remedy="Look with drill cloud status in a moment")


def _cloud(wanted: dict[str, Any], identity: proof.Identity) -> Any:
    from drilllib.cloud.local import LocalCloud

    file = Path(wanted["state"]) if wanted["state"] else None
    options = {"lab": wanted["lab"], "slowness": wanted["slowness"], "file": file, "identity": identity}
    options["on_crash"] = lambda: os._exit(1)
    if wanted["lab"] != "netns":
        return LocalCloud(wanted["document"], **options)
    with _listening() as listening:  # ours is closed then: the lab listens, or nobody does
        return LocalCloud(wanted["document"], **options, listening=listening)


def _description(cloud: Any, wanted: dict[str, Any], token: str) -> str:
    """What lets the user's commands find the cloud."""
    ports = {"api_port": cloud.access.api_port, "kube_url": cloud.kube_url}
    known = RunningCloud(os.getpid(), wanted["lab"], cloud.home, **ports, state=wanted["state"], token=token)
    return json.dumps(asdict(known), default=str)


def _listening() -> socket.socket:
    from drilllib.labs.netns import registry, sandbox

    reason = sandbox.why_not()
    if reason is not None:
        raise MissingToolError(reason.removesuffix("."), remedy="Use --lab simulated, which works everywhere")
    return registry.claim(lab_name(os.getpid()))


def _let_go() -> None:
    """Let go of the files and the folder of the process that started it."""
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(_main())
