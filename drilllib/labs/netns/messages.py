"""What a lab's process and those who use it say to each other: JSON, one object a line, sometimes with open files."""

import json
import os
import socket
from typing import Any

from drilllib import errors
from drilllib.errors import DrillError, LabStateError

MOST_FILES = 3


def send(connection: socket.socket, message: dict[str, Any], files: tuple[int, ...] = ()) -> None:
    """Send a whole message; *files* stay open on our side too."""
    data = json.dumps(message).encode() + b"\n"
    if files:
        data = data[socket.send_fds(connection, [data], list(files)) :]
    connection.sendall(data)


class Inbox:
    """Puts together what arrives on a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = b""
        self._files: list[int] = []

    def receive(self) -> list[tuple[dict[str, Any], tuple[int, ...]]] | None:
        """The messages that are there by now, each with its files; None once the other side has ended."""
        data, files, *_ = socket.recv_fds(self._connection, 1 << 18, MOST_FILES)
        if not data:
            return None
        self._files += files
        *lines, self._data = (self._data + data).split(b"\n")
        messages = [json.loads(line) for line in lines]
        taken, self._files = (tuple(self._files), []) if messages else ((), self._files)
        return [(message, taken if place == 0 else ()) for place, message in enumerate(messages)]


def told(error: BaseException) -> dict[str, Any]:
    """An error as plain data."""
    if isinstance(error, DrillError):
        return {"error": [type(error).__name__, error.problem, error.remedy]}
    problem = f"The lab's process failed: {type(error).__name__}: {error}"
    return {"error": ["LabStateError", problem, "This is a bug in drilllib; please report it"]}


def raised(error: list[str]) -> DrillError:
    """The same error on the other side."""
    name, problem, remedy = error
    kind = getattr(errors, name, LabStateError)
    return kind(problem, remedy=remedy)


def close_all(files: tuple[int, ...]) -> None:
    """Close files that came with a message."""
    for each in files:
        os.close(each)
