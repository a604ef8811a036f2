"""The messages between a lab's process and its users: JSON, one object a line, sometimes with open files."""

import json
import os
import socket
import struct
from typing import Any

from drilllib import errors
from drilllib.errors import DrillError, LabStateError, Message

MOST_FILES = 3
MOST_BYTES = 1 << 26  # of one message


def send(connection: socket.socket, message: dict[str, Any], files: tuple[int, ...] = ()) -> None:
    """Send a whole message; *files* stay open on our side too."""
    data = json.dumps(message).encode() + b"\n"
    if files:
        data = data[socket.send_fds(connection, [data], list(files)) :]
    connection.sendall(data)


def is_trusted(connection: socket.socket) -> bool:
    """Is the other end of a Unix socket a process of this user, or of root?"""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return user in (0, os.geteuid())


class Inbox:
    """Assembles messages from what arrives on a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = bytearray()
        self._files: list[int] = []

    def receive(self) -> list[tuple[dict[str, Any], tuple[int, ...]]] | None:
        """
        The messages that have arrived, each with its files; None once the other side has closed.

        Raises:
            ValueError: What arrived is not a message. Nothing more can be read then.
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


def error_message(error: BaseException) -> dict[str, Any]:
    """An error as plain data."""
    if isinstance(error, DrillError):
        return {"error": [type(error).__name__, _plain(error.problem_message), _plain(error.remedy_message)]}
    return error_message(
        LabStateError(
            "The lab's process failed: {kind}: {detail}",
            remedy="This is a bug in drilllib; please report it",
            kind=type(error).__name__,
            detail=error,
        )
    )


def _plain(value: object) -> Any:
    """A message as JSON: its template and its values, of which some may be messages."""
    if isinstance(value, Message):
        return [value.template, {name: _plain(part) for name, part in value.values.items()}]
    return str(value)


def _message(plain: Any) -> Any:
    """What `_plain` made, read back."""
    if isinstance(plain, str):
        return plain
    template, values = plain
    return Message(template, **{name: _message(part) for name, part in values.items()})


def error_of(error: list[Any]) -> DrillError:
    """The same error on the other side."""
    name, problem, remedy = error
    kind = getattr(errors, name, LabStateError)
    return kind(_message(problem), remedy=_message(remedy))


def close_all(files: tuple[int, ...]) -> None:
    """Close files that came with a message."""
    for each in files:
        os.close(each)
