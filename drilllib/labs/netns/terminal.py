"""A command of a person in one of the lab's hosts, with a terminal of its own."""

import asyncio
import fcntl
import os
import subprocess
import termios
from collections.abc import Mapping, Sequence

from drilllib.labs.netns.kernel import Namespace


def start(command: Sequence[str], tty: int, namespace: Namespace, environment: Mapping[str, str]) -> subprocess.Popen:
    """Start *command* in *namespace* as the leader of the terminal *tty*."""

    def become() -> None:
        namespace.enter()
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    folder = environment.get("PWD", "/")
    cwd = folder if os.path.isdir(folder) else "/"
    return subprocess.Popen(
        list(command), stdin=tty, stdout=tty, stderr=tty, preexec_fn=become, env=dict(environment), cwd=cwd
    )


async def end(process: subprocess.Popen) -> int:
    """Wait for it; its exit status as a shell gives it."""
    code = await asyncio.to_thread(process.wait)
    return 128 - code if code < 0 else code
