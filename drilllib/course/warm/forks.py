"""Asking for kernels that are forked: our side of server.py."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from drilllib.machine import guarded, python

SERVER = "drilllib.course.warm.server"
GRACE_S = 1.0  # for what came of kernels, after the kernels themselves


def can_fork() -> bool:
    """Are there forks here, and a way to hear of the end of somebody else's child (Linux 5.3)?"""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return sys.platform == "linux"


class Fork:
    """A process forked for us, with what jupyter_client asks of a Popen. *file* is its pidfd, and ours to close."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, file: int) -> None:
        self.pid, self._file, self._ended = pid, file, select.poll()
        self._ended.register(file, select.POLLIN)

    def poll(self) -> int | None:
        """0 once it has ended, whatever its exit status was: that is its parent's to know. None until then."""
        return 0 if self._ended.poll(0) else None

    def wait(self) -> int:
        """Until it has ended."""
        self._ended.poll()
        return 0

    def send_signal(self, number: int) -> None:
        """Raises ProcessLookupError where it has ended."""
        signal.pidfd_send_signal(self._file, number)

    def terminate(self) -> None:
        """SIGTERM, as `send_signal`."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as `send_signal`."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        os.close(self._file)


class Forks:
    """
    The process that kernels are forked from, under a guard: it and all that comes of it end with us at the latest.

    It loads while we do something else; the first `launch` waits for it. Any thread may ask.

    Args:
        environment: what the process is given; forks are given theirs.
        folder: removed by the guard if we are killed.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        words = [*python.ours(SERVER, str(theirs.fileno()))]
        command = guarded.command(words, first=signal.SIGKILL, grace_s=GRACE_S, folder=folder)
        with theirs:
            self._guard = subprocess.Popen(
                command,
                env=dict(environment),
                pass_fds=(*guarded.files(), theirs.fileno()),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def launch(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str) -> Fork | None:
        """A kernel with these arguments, at the head of a process group of its own; None where it cannot be had."""
        request = json.dumps({"argv": list(argv), "env": dict(env), "cwd": cwd}).encode()
        try:
            with self._lock:
                self._channel.send(request)
                answer, files, _, _ = socket.recv_fds(self._channel, 64, 1)
        except OSError:
            return None
        return Fork(int(answer), files[0]) if files else None

    def end(self) -> None:
        """Let all kernels end at once."""
        self._guard.terminate()

    def close(self) -> None:
        """The same, and wait for it; safe to call twice."""
        self.end()
        self._guard.wait()
        self._channel.close()

    def __enter__(self) -> "Forks":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
