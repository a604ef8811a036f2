"""
Labs that stand by themselves, found by name.

The name is that of an abstract Unix socket, which is no file and goes with the lab's last process: a lab leaves nothing
behind however it ends. Only its own user and root are let in, and only their labs are believed.
"""

import os
import re
import socket
import time
from pathlib import Path

from drilllib.errors import InvalidInputError, LabStateError, UnknownNameError, quoted
from drilllib.labs.netns import messages
from drilllib.labs.netns.lab import NetnsLab

NAME = "lab"  # of a lab that was given none
INSIDE = "DRILL_HOST"  # in the environment of a shell inside a lab: its host
ENDING_S = 10
_SOCKETS = Path("/proc/net/unix")


def _address(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", name):
        raise InvalidInputError(
            "The lab's name is {name}",
            remedy="Use up to 40 letters, digits, dots, dashes and underscores",
            name=quoted(name),
        )
    return f"\0drilllib-lab-{os.geteuid()}-{name}"


def claim(name: str) -> socket.socket:
    """
    The socket on which a new lab of that name will be found.

    Raises:
        LabStateError: There is one.
        InvalidInputError: It is no name.
    """
    address, made = _address(name), socket.socket(socket.AF_UNIX)
    try:
        made.bind(address)
    except OSError:
        made.close()
        raise LabStateError(
            "A lab named {name} is up already",
            remedy="Use it, or end it with drill lab down {lab}",
            name=quoted(name),
            lab=name,
        ) from None
    made.listen()
    return made


def names() -> list[str]:
    """The names of the user's labs that are up."""
    sockets = _SOCKETS.read_text(encoding="utf-8", errors="replace").splitlines() if _SOCKETS.exists() else []
    found = (line.partition(_address("x").removesuffix("x").replace("\0", "@"))[2] for line in sockets)
    return sorted({name for name in found if name})


def find(name: str | None = None) -> NetnsLab:
    """
    The lab of that name, or the only one there is.

    Raises:
        LabStateError: None is up, or several are and none was named.
        UnknownNameError: None has that name.
    """
    up = names()
    if not up:
        host = os.environ.get(INSIDE)
        if host:
            raise LabStateError(
                "No lab is up here",
                remedy="This shell is in host {host} of a lab: leave it first, or use another terminal",
                host=host,
            )
        raise LabStateError("No lab is up", remedy="Start one with drill lab up")
    if name is None and len(up) > 1:
        raise LabStateError("{count} labs are up: {up}", remedy="Say which one", count=len(up), up=", ".join(up))
    chosen = up[0] if name is None else name
    connection = _connected(chosen)
    if connection is None:
        raise UnknownNameError(
            "No lab named {chosen} is up", remedy="There are {known}", chosen=quoted(chosen), known=", ".join(up)
        )
    return NetnsLab.attached(connection)


def _connected(name: str) -> socket.socket | None:
    """A connection to a lab of this user's or root's; None where there is none."""
    address, connection = _address(name), socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        return None
    if not messages.is_trusted(connection):
        connection.close()
        raise LabStateError("The lab named {name} is another user's", remedy="Use another name", name=quoted(name))
    return connection


def end(name: str | None = None) -> str:
    """
    End the lab of that name, or the only one there is, and wait until nothing is left; its name.

    Raises:
        LabStateError: As `find`; or it has not ended in time.
        UnknownNameError: As `find`.
    """
    lab = find(name)
    ended = name or names()[0]
    lab.down()
    until = time.monotonic() + ENDING_S
    while ended in names():
        if time.monotonic() > until:
            raise LabStateError(
                "The lab named {ended} has not ended after {seconds} s",
                remedy="Look for its processes with ps, and end them",
                ended=quoted(ended),
                seconds=ENDING_S,
            )
        time.sleep(0.01)
    return ended
