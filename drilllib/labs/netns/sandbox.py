"""
Processes in namespaces of their own: network, mounts and process ids; for a plain user also a user namespace.

Nothing outlives them: when the first process inside ends, the kernel ends every other and removes every interface, rule
and mount made there.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drilllib.errors import MissingToolError
from drilllib.labs.netns import init
from drilllib.labs.netns.kernel import load_library
from drilllib.machine.environment import SHELL, handed_on

ENDING_S = 5
PYTHON_FILES = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # where ip, nft and tcpdump are; not on a plain user's PATH


def environment(*more: str) -> dict[str, str]:
    """What of the caller's environment a host is handed, and what *more* names, with the system's own tools on PATH."""
    kept = handed_on(*SHELL, *PYTHON_FILES, *more)
    return {**kept, "PATH": f"{kept['PATH']}:{SBIN}"}


def require(*tools: str) -> None:
    """
    Raises:
        MissingToolError: One of *tools* is not on this machine.
    """
    for tool in tools:
        if shutil.which(tool, path=environment()["PATH"]) is None:
            package = {"ip": "iproute2", "unshare": "util-linux", "nft": "nftables"}.get(tool, tool)
            raise MissingToolError(
                "{tool} is not installed",
                remedy="On Debian or Ubuntu: apt-get install {package}",
                tool=tool,
                package=package,
            )


def command(arguments: Sequence[str]) -> list[str]:
    """*arguments* run as the first process of new namespaces."""
    user = ["--user", "--map-current-user", "--keep-caps"] if os.geteuid() != 0 else []
    return ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--", *arguments]


def start(module: str, *arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[Any]:
    """
    Run a module of ours there with this Python; *env* is added to its environment, *options* are those of Popen.

    It is in a session of its own: Ctrl-C at a keyboard, or Jupyter's Stop, is for those who use it.
    """
    python = [sys.executable, "-S", "-P", init.__file__, module, *arguments]
    known = {**environment(), **(env or {})}
    return subprocess.Popen(command(python), env=known, start_new_session=True, **options)


def end(process: subprocess.Popen[Any]) -> None:
    """Wait for what `start` started, which ends by itself when asked to; one that does not is killed."""
    killer = threading.Timer(ENDING_S, process.kill)
    killer.start()
    try:
        process.wait()  # at once when it ends; with a limit it would look every 50 ms
    finally:
        killer.cancel()


def memory_kib() -> int:
    """The memory of this process and of its parent, the first one in the namespaces; their shares (PSS), in KiB."""
    return _number("self/smaps_rollup", "Pss:") + _number(f"{_number('self/status', 'PPid:')}/smaps_rollup", "Pss:")


def _number(file: str, name: str) -> int:
    with open(f"/proc/{file}", encoding="utf-8", errors="replace") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


def why_not() -> str | None:
    """What keeps this machine from playing with real packets, found by trying, and what helps; None: nothing does."""
    if sys.platform != "linux":
        return f"Real packets need Linux, and this is {sys.platform}."
    try:
        load_library()
        require("ip", "unshare", "curl")
    except MissingToolError as error:
        return str(error)
    tried = subprocess.run(
        command(["ip", "link", "add", "try0", "type", "veth", "peer", "name", "try1"]),
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode == 0:
        return None
    said = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"This machine forbids namespaces or virtual interfaces ({said}). {_advice(said)}."


def _advice(said: str) -> str:
    """What usually helps against such a refusal."""
    if "No space left" in said:
        return "User namespaces are switched off: sysctl user.max_user_namespaces=10000, as root"
    if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").exists():
        switch = "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        return f"AppArmor may forbid it to plain users: run as root, or {switch}"
    return "In a container: start it with --cap-add NET_ADMIN --cap-add SYS_ADMIN --security-opt seccomp=unconfined"
