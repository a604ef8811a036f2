"""
`%%host client` in a notebook: the cell's lines are run by the shell of a host, with real packets.

The lab is the one that `use` was given, as a lesson in such a lab does, or one that `drill lab up` started.
"""

import sys
from typing import Any

from drilllib.errors import InvalidInputError, quoted
from drilllib.labs.netns import registry
from drilllib.labs.netns.lab import NetnsLab

_current: NetnsLab | None = None


def use(lab: NetnsLab | None) -> None:
    """Let `%%host` ask *lab* from now on; in a notebook, make the magic known."""
    global _current
    _current = lab
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        load_ipython_extension(shell)


def load_ipython_extension(ipython: Any) -> None:
    """What `%load_ext drilllib` calls."""
    ipython.register_magic_function(host, magic_kind="cell", magic_name="host")


def host(line: str, cell: str) -> None:
    """Run *cell* in the host that *line* names, and print what comes as it comes."""
    name, lab_name = _host_and_lab(line)
    if _current is not None and lab_name is None:
        _print_status(_current.stream(name, cell, _print))
    else:
        with registry.find(lab_name) as lab:
            _print_status(lab.stream(name, cell, _print))


def _host_and_lab(line: str) -> tuple[str, str | None]:
    """The host and the lab's name in ``client --lab friday``."""
    words = line.split()
    if len(words) == 3 and words[1] == "--lab":
        return words[0], words[2]
    if len(words) != 1:
        raise InvalidInputError(
            "The line begins %%host, and then {line}",
            remedy="Name a host, such as %%host client, or %%host client --lab NAME",
            line=quoted(line),
        )
    return words[0], None


def _print(text: str) -> None:
    print(text, end="", flush=True)


def _print_status(status: int) -> None:
    if status:
        print(f"(exit status {status})")
