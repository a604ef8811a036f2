"""The user's cloud, from outside: found, started and ended by the commands."""

import json
import os
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.cloud import proof
from drilllib.cloud.shell.wrappers import shell_environment
from drilllib.errors import LabStateError, Message
from drilllib.labs.netns import messages
from drilllib.machine import folders, locks, python, record
from drilllib.machine.environment import PYTHON, SHELL, STANDS, handed_on

PROCESS = "drilllib.cloud.process"
LAB = "cloud-"
END_LIMIT_S = 60
KNOWN = "known\n"  # what the one that started it answers to `up`
NONE_UP, START = Message("No cloud is up"), Message("Start one with drill cloud up")


@dataclass(frozen=True, slots=True)
class RunningCloud:
    """A cloud that is up, as its record says; *token* is what it proves to be it with."""

    pid: int
    lab: str
    home: Path
    api_port: int
    kube_url: str
    state: str | None
    token: str

    @property
    def lab_name(self) -> str:
        """How `drill shell` finds the lab behind it."""
        return lab_name(self.pid)


def lab_name(pid: int) -> str:
    """How the lab behind a cloud is called."""
    return f"{LAB}{pid}"  # of each cloud's own, where somebody has several places for them


def environment(cloud: RunningCloud) -> dict[str, str]:
    """The environment of a shell that finds the wrappers first, and gives the user's own clients no endpoint."""
    return shell_environment(cloud.home)


def place() -> Path:
    """Where the user's cloud is on record."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")  # after su it is another user's, or none at all
    folder = runtime if runtime and os.access(runtime, os.W_OK | os.X_OK) else tempfile.gettempdir()
    return Path(folder) / f"drill-cloud-{os.geteuid() if hasattr(os, 'geteuid') else 0}.json"


def find() -> RunningCloud | None:
    """
    The user's cloud, once it has proved to be the one on record; None where none is up.

    Raises:
        LabStateError: Its process is there, but does not answer here.
    """
    found = _found()
    return found if isinstance(found, RunningCloud) else None


def require() -> RunningCloud:
    """
    The user's cloud.

    Raises:
        LabStateError: None is up, or it does not answer.
    """
    found = _found()
    if isinstance(found, RunningCloud):
        return found
    raise LabStateError(found.template, remedy=START, **found.values)


def _found() -> RunningCloud | Message:
    """The cloud on record, or why there is none. What a killed one left behind is removed."""
    kept = record.read(place())
    cloud = _cloud_on_record(kept.text) if kept else None
    if kept is None or (cloud is None and kept.held):  # it is about to say who it is
        return NONE_UP
    if kept.held is not False and cloud and proof.ask(cloud.api_port, cloud.token, proof.PROVE):
        return cloud
    if cloud and kept.held:
        raise _silent(cloud)
    record.remove(place())
    folders.sweep()
    return _whose_now(cloud) if cloud else NONE_UP


def _cloud_on_record(text: str) -> RunningCloud | None:
    try:
        said = json.loads(text)
        return RunningCloud(**{**said, "home": Path(said["home"])})
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _silent(cloud: RunningCloud) -> LabStateError:
    """The kernel says that its process lives."""
    holder = locks.holder(place())
    end = Message("Try again, or end it with kill -9 {pid}", pid=holder)
    elsewhere = Message("Ask where it was started: this may be another container, or a host of a lab")
    return LabStateError(
        "The cloud (process {pid}) does not answer on port {port}",
        remedy=end if holder else elsewhere,
        pid=cloud.pid,
        port=cloud.api_port,
    )


def _whose_now(cloud: RunningCloud) -> Message:
    """That it has ended; and who has its port and its number now, which nobody asks and nobody signals."""
    port, pid = cloud.api_port, cloud.pid
    if _is_open(port) and _is_anothers(pid):
        return Message("The cloud has ended; port {port} and process {pid} are other programs' now", port=port, pid=pid)
    if _is_open(port):
        return Message("The cloud has ended, and port {port} is another program's now", port=port)
    if _is_anothers(pid):
        return Message("The cloud has ended, and process {pid} is another program now", pid=pid)
    return NONE_UP


def _is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def _is_anothers(pid: int) -> bool:
    """Has another program that number? What is just ending has no command line any more."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return bool(line) and PROCESS.encode() not in line


def require_none() -> None:
    """
    Raises:
        LabStateError: A cloud is up.
    """
    if find() is not None:
        raise LabStateError("A cloud is up already", remedy="Use it, or end it with drill cloud down")


def start(wanted: dict[str, Any]) -> RunningCloud:
    """
    Start a cloud, and wait until it is up. It ends by itself where this process does before.

    Raises:
        LabStateError: One is up already, or it did not start; the message says why.
    """
    require_none()
    process = subprocess.Popen(
        python.ours(PROCESS),
        env={**handed_on(*SHELL, *PYTHON), STANDS: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said = ""
    with process.stdin, suppress(BrokenPipeError):
        print(json.dumps(wanted), file=process.stdin, flush=True)
        said = process.stdout.readline()
        found = find() if said.strip() == "up" else None
        if found is not None:
            process.stdin.write(KNOWN)
            return found
    if said.startswith("{"):
        raise messages.error_of(json.loads(said)["error"])
    raise LabStateError("The cloud did not start", remedy="Run drill doctor")


def end() -> None:
    """
    End the user's cloud, and wait until it has. It is told so, and no process gets a signal.

    Raises:
        LabStateError: None is up, or it does not end.
    """
    found = require()
    proof.ask(found.api_port, found.token, proof.END)
    until = time.monotonic() + END_LIMIT_S
    while folders.is_held(found.home):  # the last thing that it takes away
        if time.monotonic() > until:
            raise LabStateError("The cloud (process {pid}) does not end", remedy="End it with kill -9", pid=found.pid)
        time.sleep(0.02)
