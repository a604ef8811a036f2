"""`drill shell`: a terminal, or one command, inside a host of a lab."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from drilllib.cli.parsers import command


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
          drill shell client -- curl -I http://192.0.2.10""",
    )
    parser.usage = "drill shell [-h] [--lab NAME] [HOST] [-- COMMAND ...]"
    parser.add_argument("host", nargs="?", default="client", metavar="HOST", help="the host (%(default)s)")
    parser.add_argument("--lab", metavar="NAME", help="the lab (the only one)")


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments for drill, and the command after `--`, which is nobody's but the host's."""
    given = list(arguments)
    place = given.index("--") if given[:1] == ["shell"] and "--" in given else len(given)
    return given[:place], given[place + 1 :]


def _shell(options: argparse.Namespace) -> int:
    from drilllib.cli import terminal
    from drilllib.labs.netns import standing

    words = options.words or _interactive()
    with standing.find(options.lab) as lab:
        join = terminal.joined if os.isatty(0) and os.isatty(1) else terminal.handed_over
        sys.stdout.flush()
        return join(lab, options.host, words, _environment(options.host))


def _interactive() -> list[str]:
    """A shell that leaves prompt and PATH as they are given."""
    return ["bash", "--norc", "--noprofile"] if shutil.which("bash") else ["sh"]


def _environment(host: str) -> dict[str, str]:
    """The caller's, with a prompt that names the host, the system's tools on PATH, and no file for what is typed."""
    from drilllib.labs.netns import sandbox, standing

    own = {"PS1": f"[{host}] $ ", "HISTFILE": "", "PWD": os.getcwd(), standing.INSIDE: host}
    return {**sandbox.environment(), **own}
