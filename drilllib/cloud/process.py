"""
A local cloud in a process of its own, found through a file that only its user can read.

Run as `python -m drilllib.cloud.process`, with its settings as JSON on standard input; prints one line when up.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cloud.shell.wrappers import shell_environment
from drilllib.errors import DrillError, LabStateError, MissingToolError
from drilllib.labs.netns import messages
from drilllib.machine import folders, python
from drilllib.machine.environment import PYTHON, SHELL, handed_on

START_LIMIT_S, END_LIMIT_S = 60, 15


@dataclass(frozen=True, slots=True)
class RunningCloud:
    """A cloud that is up."""

    pid: int
    lab: str
    home: Path
    api_port: int
    kube_url: str
    state: str | None

    @property
    def lab_name(self) -> str:
        """How `drill shell` finds the lab behind it."""
        return _lab_name(self.pid)

    @property
    def answers(self) -> bool:
        """Is it still there?"""
        try:
            socket.create_connection(("127.0.0.1", self.api_port), timeout=2).close()
        except OSError:
            return False
        return True


def _lab_name(pid: int) -> str:
    return f"cloud-{pid}"  # of each cloud's own, where somebody has several places for them


def environment(cloud: RunningCloud) -> dict[str, str]:
    """The environment of a shell that finds the wrappers first, and gives the user's own clients no endpoint."""
    return shell_environment(cloud.home)


def _place() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")  # after su it is another user's, or none at all
    folder = runtime if runtime and os.access(runtime, os.W_OK | os.X_OK) else tempfile.gettempdir()
    return Path(folder) / f"drill-cloud-{os.geteuid() if hasattr(os, 'geteuid') else 0}.json"


def find() -> RunningCloud | None:
    """The user's cloud; None where none is up. What a killed one left behind is removed."""
    place = _place()
    try:
        if place.stat().st_uid != os.geteuid():
            return None
        found = json.loads(place.read_text(encoding="utf-8"))
        cloud = RunningCloud(**{**found, "home": Path(found["home"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if cloud.answers:
        return cloud
    place.unlink(missing_ok=True)
    folders.sweep()
    return None


def _require_none() -> None:
    if find() is not None:
        raise LabStateError("A cloud is up already", remedy="Use it, or end it with drill cloud down")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def require() -> RunningCloud:
    """
    The user's cloud.

    Raises:
        LabStateError: None is up.
    """
    found = find()
    if found is None:
        raise LabStateError("No cloud is up", remedy="Start one with drill cloud up")
    return found


def start(wanted: dict[str, Any]) -> RunningCloud:
    """
    Start a cloud, and wait until it is up.

    Raises:
        LabStateError: One is up already, or it did not start; the message says why.
    """
    _require_none()
    process = subprocess.Popen(
        python.ours("drilllib.cloud.process"),
        env=handed_on(*SHELL, *PYTHON),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin:
        json.dump(wanted, process.stdin)
    said = process.stdout.readline()
    found = find()
    if found is None or said.strip() != "up":
        if said.startswith("{"):
            raise messages.error_of(json.loads(said)["error"])
        raise LabStateError("The cloud did not start", remedy="Run drill doctor")
    return found


def end() -> None:
    """
    End the user's cloud, and wait until it has.

    Raises:
        LabStateError: None is up, or it does not end.
    """
    found = require()
    os.kill(found.pid, signal.SIGTERM)
    until = time.monotonic() + END_LIMIT_S
    while found.home.exists():  # the last thing that it takes away
        if time.monotonic() > until:
            raise LabStateError("The cloud (process {pid}) does not end", remedy="End it with kill -9", pid=found.pid)
        time.sleep(0.02)


def _main() -> int:
    """The process: start, say so, and wait for the signal to end."""
    wanted = json.load(sys.stdin)
    signals, wakeup = socket.socketpair()
    wakeup.setblocking(False)
    signal.set_wakeup_fd(wakeup.fileno())  # whichever thread the signal interrupts, the main one hears of it
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with ExitStack() as stack:
        try:
            with _alone():
                cloud = stack.enter_context(_cloud(wanted))
                _record(cloud, wanted)
        except DrillError as error:
            print(json.dumps(messages.error_message(error)), flush=True)
            return 2
        stack.callback(_place().unlink, missing_ok=True)
        print("up", flush=True)
        _let_go()
        while signals.recv(1)[0] != signal.SIGTERM:
            pass
    return 0


@contextmanager
def _alone() -> Iterator[None]:
    """While this cloud starts, the same user starts no other one."""
    claim = _place().with_suffix(".starting")  # a link that leads nowhere: made and named after its process in one step
    try:
        if claim.is_symlink() and not _lives(int(claim.readlink().name)):
            claim.unlink()  # of one that was killed while it started
        claim.symlink_to(str(os.getpid()))
    except (OSError, ValueError) as error:
        raise LabStateError(
            "A cloud is starting already" if claim.is_symlink() else "{claim} cannot be written: {detail}",
            remedy="Look with drill cloud status in a moment",
            claim=claim,
            detail=error,
        ) from None
    try:
        _require_none()
        yield
    finally:
        claim.unlink(missing_ok=True)


def _cloud(wanted: dict[str, Any]) -> Any:
    from drilllib.cloud.local import LocalCloud

    file = Path(wanted["state"]) if wanted["state"] else None
    options = {"lab": wanted["lab"], "slowness": wanted["slowness"], "file": file, "on_crash": lambda: os._exit(1)}
    if wanted["lab"] != "netns":
        return LocalCloud(wanted["document"], **options)
    with _listening() as listening:  # ours is closed then: the lab listens, or nobody does
        return LocalCloud(wanted["document"], **options, listening=listening)


def _record(cloud: Any, wanted: dict[str, Any]) -> None:
    """Let the user's commands find the cloud."""
    facts = {"pid": os.getpid(), "lab": wanted["lab"], "home": str(cloud.home), "state": wanted["state"]}
    facts |= {"api_port": cloud.access.api_port, "kube_url": cloud.kube_url}
    files.write_atomically(_place(), json.dumps(facts))
    _place().chmod(0o600)


def _listening() -> socket.socket:
    from drilllib.labs.netns import registry, sandbox

    reason = sandbox.why_not()
    if reason is not None:
        raise MissingToolError(reason.removesuffix("."), remedy="Use --lab simulated, which works everywhere")
    return registry.claim(_lab_name(os.getpid()))


def _let_go() -> None:
    """Let go of the files and the folder of the process that started it."""
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(_main())
