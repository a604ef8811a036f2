"""What a lab's process and those who use it say to each other: JSON, one object a line, sometimes with open files."""

import json
import os
import socket
from typing import Any

from drilllib import errors
from drilllib.errors import DrillError, LabStateError

MOST_FILES = 3
MOST_BYTES = 1 << 26  # of one message


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
        self._data = bytearray()
        self._files: list[int] = []

    def receive(self) -> list[tuple[dict[str, Any], tuple[int, ...]]] | None:
        """
        The messages that are there by now, each with its files; None once the other side has ended.

        Raises:
            ValueError: What arrived is no message. Nothing more can be read then.
        """
        data, files, *_ = socket.recv_fds(self._connection, 1 << 18, MOST_FILES)
        if not data:
            return None
        self._files += files
        self._data += data
        if len(self._data) > MOST_BYTES:
            raise ValueError("a message without an end")
        if b"\n" not in data:
            return []
        *lines, self._data = self._data.split(b"\n")
        messages = [_read(line) for line in lines]
        taken, self._files = (tuple(self._files), []) if messages else ((), self._files)
        return [(message, taken if place == 0 else ()) for place, message in enumerate(messages)]

    def close(self) -> None:
        """Close the connection, and files that no message took."""
        self._connection.close()
        close_all(tuple(self._files))
        self._files = []


def _read(line: bytearray) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except RecursionError:
        raise ValueError("a message nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message


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
