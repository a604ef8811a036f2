"""
The process that kernels are forked from. Each is the real ipykernel, over its own protocol; only its imports are done.

Run with the number of a SOCK_SEQPACKET socket. A request is JSON, `{"argv": [...], "env": {...}, "cwd": "..."}`; the
answer is the new process's number as text, and its pidfd. The process has one thread, or forks would not be safe, and
waits for its guard when nobody can ask any more. What all forks share, and kernels started anew do not, is the seed of
`hash()` for strings.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from drilllib.course import kernels

LARGEST = 1 << 20  # bytes of a request
PARENT = "JPY_PARENT_PID"  # whom a kernel does not outlive; ipykernel reads it when it is imported
DEBUGGER = "debugpy"  # takes half of the time to load; nobody can attach it to a kernel of `drill run`
# What a kernel and the lessons 00 to 06 import; what is missing here costs every fork its import.
MODULES = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("ipykernel.displayhook", "ipykernel.iostream", "comm", "psutil", "pdb", "sqlite3", "faulthandler"),
    *("tornado.platform.asyncio", "IPython.core.completer", "IPython.core.debugger", "IPython.core.completerlib"),
    *("IPython.core.oinspect", "IPython.extensions.storemagic", "matplotlib_inline.backend_inline"),
    *("drilllib.lesson.lesson", "drilllib.lesson.quizzes", "drilllib.lesson.investigation", "drilllib.views.text.quiz"),
    *("drilllib.views.text.diagnosis", "drilllib.core.drills.diagnosis", "drilllib.core.drills.hidden"),
    *("graphviz", "tomllib"),
)


def load() -> dict[str, str]:
    """
    Import what forks need, and take it out of the garbage collector's sight: pages that nobody writes are shared.

    What that adds to the environment.
    """
    before = dict(os.environ)
    os.environ[PARENT] = str(os.getpid())
    vars(sys)["modules"][DEBUGGER] = None  # for ipykernel, which then does without; a cell can import it
    for name in MODULES:
        with contextlib.suppress(ImportError):  # of another version, which does without it
            importlib.import_module(name)
    del sys.modules[DEBUGGER]
    from jupyter_client import localinterfaces

    localinterfaces.local_ips()
    gc.collect()
    gc.freeze()
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def serve(channel: socket.socket, added: Mapping[str, str]) -> list[str] | None:
    """Fork for every request. In the new process: its arguments. In this one, once nobody can ask any more: None."""
    while request := channel.recv(LARGEST):
        _reap()
        asked = json.loads(request)
        pid = os.fork()
        if pid == 0:
            channel.close()
            return _become(asked["argv"], {**asked["env"], **added}, asked["cwd"])
        file = os.pidfd_open(pid)
        try:
            socket.send_fds(channel, [str(pid).encode()], [file])
        finally:
            os.close(file)
    return None


def _reap() -> None:
    """Forget the forks that have ended; who asked for them has heard of it from their pidfd."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(argv: list[str], env: dict[str, str], cwd: str) -> list[str]:
    """In the fork: what a process that was started with these words has; its arguments."""
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    launcher = importlib.util.find_spec(kernels.LAUNCHER)
    sys.argv = [str(launcher and launcher.origin), *argv]
    return argv


def main() -> Any:
    """Serve; in each fork, be the kernel until it ends."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    argv = serve(channel, load())
    if argv is None:
        _wait_for_ever()
    from ipykernel.kernelapp import IPKernelApp

    return IPKernelApp.launch_instance(argv=argv)


def _wait_for_ever() -> NoReturn:
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
