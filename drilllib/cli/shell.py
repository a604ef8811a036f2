"""`drill shell`: a terminal, or one command, inside a host of a lab."""

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drilllib.cli.output import complain
from drilllib.cli.parsers import add_lab, command
from drilllib.errors import LabStateError, quoted
from drilllib.machine import folders, guarded
from drilllib.machine.environment import search_path

GRACE_S = 2.0  # for a shell to end what it started


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "shell",
        _shell,
        "open a terminal inside a host of a lab, or run one command there",
        """\
        The real curl, ip, nft, tcpdump of this machine, in the host's network and no other: `drill lab up` first.
        The exit status is the command's; 2 where no lab is up.
        examples:
          drill shell
          drill shell node-a -- tcpdump -ni any -c 3 tcp port 30713
          drill shell client -- curl -I http://192.0.2.10
          drill shell -- kubectl get service -A     (where drill cloud is up)""",
    )
    parser.usage = "drill shell [-h] [--lab NAME] [HOST] [-- COMMAND ...]"
    parser.add_argument("host", nargs="?", default="client", metavar="HOST", help="the host (%(default)s)")
    add_lab(parser, "--lab")


def _shell(options: argparse.Namespace) -> int:
    from drilllib.cli import terminal
    from drilllib.cloud import running as clouds
    from drilllib.labs.netns import registry, sandbox

    words, wanted = options.words or interactive_shell(), options.lab
    cloud = clouds.find() if wanted is None or wanted.startswith(clouds.LAB) else None
    ours = cloud if cloud is not None and wanted in (None, cloud.lab_name) else None
    environment = {**(clouds.environment(ours) if ours else sandbox.environment()), **_own(options.host)}
    if ours and ours.lab == "simulated":
        return _beside_simulated(words, options.host, ours.home, environment)
    with registry.find(ours.lab_name if ours else wanted) as lab:
        join = terminal.joined if os.isatty(0) and os.isatty(1) else terminal.handed_over
        sys.stdout.flush()
        return join(lab, options.host, words, environment)


def _beside_simulated(words: Sequence[str], host: str, home: Path, environment: dict[str, str]) -> int:
    """
    A shell on this machine, with the wrappers of a cloud whose packets are simulated, so that there are no hosts.

    It has wrappers of its own: a cloud's go when that ends, and the user's own clients would be found then.
    """
    if host != "client":
        raise LabStateError(
            "The cloud's packets are simulated, so there is no host {host} to look into",
            remedy="Start it with drill cloud up --lab netns",
            host=quoted(host),
        )
    folders.sweep()
    with guarded.exits_on_signals(), folders.Folder("shell") as folder:
        tools = shutil.copytree(home / "bin", folder / "bin")
        path = environment["PATH"].replace(str(home / "bin"), str(tools))
        if shutil.which(words[0], path=path) is None:
            missing = os.sep not in words[0] or not os.path.exists(words[0])
            complain(f"{words[0]}: {'not found' if missing else 'cannot be run'} on this machine")
            return 127 if missing else 126
        return run_guarded(words, folder, {**environment, "PATH": path, "PS1": "[cloud] $ "})


def run_guarded(words: Sequence[str], folder: Path, environment: dict[str, str]) -> int:
    """A command that ends with us, by whatever way; its exit status. What is typed is for it: Ctrl-C, too."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    started = guarded.start(words, first=signal.SIGHUP, grace_s=GRACE_S, folder=folder, env=environment)
    try:
        code = started.wait()
    except BaseException:
        started.terminate()
        started.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def interactive_shell() -> list[str]:
    """A shell that leaves prompt and PATH as they are given."""
    return ["bash", "--norc", "--noprofile"] if shutil.which("bash", path=search_path()) else ["sh"]


def _own(host: str) -> dict[str, str]:
    """A prompt that names the host, and no file for what is typed."""
    from drilllib.labs.netns import registry

    return {"PS1": f"[{host}] $ ", "HISTFILE": "", "PWD": os.getcwd(), registry.INSIDE: host}
