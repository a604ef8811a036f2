"""
What a command prints. Nothing else in cli/ writes to standard output or errors, so that nothing a terminal would obey
gets there, and so that a closed or full one is told as any Unix tool tells it.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from drilllib.errors import DrillError
from drilllib.quoting import json_text, terminal_text


class OutputError(DrillError):
    """Standard output cannot be written."""


class ReaderGoneError(Exception):
    """Whoever read our output has ended, as `head` does."""


def prepare() -> None:
    """
    Make the standard streams usable: no file that is opened takes the number of one that is closed, and a character
    that a stream cannot write is escaped.
    """
    for number, (name, way) in enumerate((("stdin", os.O_WRONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY))):
        if getattr(sys, name) is None:  # closed when Python started; what reads or writes it is told so
            with suppress(OSError):
                os.open(os.devnull, way)
                opened = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115  it stays
                setattr(sys, name, opened)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def tell(*lines: str, at_once: bool = False) -> None:
    """Print lines, whatever names are in them. Raises OutputError where standard output takes no more."""
    with _told():
        print(terminal_text(lines), flush=at_once)


def tell_text(text: str) -> None:
    """Print a text of views/, which has lines already."""
    tell(*text.split("\n"))


def tell_json(document: Any, indent: int | None = 2) -> None:
    """Print an answer for programs."""
    with _told():
        print(json_text(document, indent))


def finish() -> None:
    """Whatever is still held back is printed now. Raises OutputError where it cannot be."""
    with _told():
        sys.stdout.flush()


def complain(*lines: str, start: str = "", end: str = "\n") -> None:
    """Print lines to standard error, behind what was printed before; where it takes none, nobody can be told."""
    with suppress(OSError, ValueError):  # what standard output does not take now, `finish` tells
        sys.stdout.flush()
    try:
        print(start + terminal_text(lines), end=end, file=sys.stderr, flush=True)
    except OSError:
        _let_go(sys.stderr)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _let_go(sys.stdout)
        raise ReaderGoneError from None
    except OSError as error:
        _let_go(sys.stdout)
        raise OutputError(
            "Standard output cannot be written: {reason}",
            remedy="Make room, or send it elsewhere",
            reason=error.strerror or error,
        ) from None


def _let_go(stream: TextIO) -> None:
    """What is still held back goes nowhere, so that Python's end does not complain once more."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
