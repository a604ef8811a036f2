"""`drill` in this process: what it printed and its exit status, or that it did not end."""

import io
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from drilllib.cli import main

HANGS = 60  # seconds of this process's own time, after which nobody believes in an answer any more
STATUSES = (0, 1, 2, 3)


class HangsError(BaseException):
    """Not an Exception, which the command would tell as a bug."""


@dataclass(frozen=True)
class Ran:
    """One run; *err* and *out* as bytes that a terminal gets."""

    arguments: Sequence[str]
    status: int
    out: str
    err: str

    @property
    def objection(self) -> str:
        """What is wrong with it, whatever was asked; empty where nothing is."""
        if self.status not in STATUSES or "Traceback" in self.err:
            return f"status {self.status}: {self.err[-600:]}"
        if self.status == 2 and ((self.out and "--flows" not in self.arguments) or self.err.count("\n") != 1):
            return f"an error that is not one line: {self.out[:200]!r} {self.err[:600]!r}"
        return ""


def run(*arguments: str, given: bytes = b"") -> Ran:
    """Run the command; *given* is its standard input."""
    streams = [io.TextIOWrapper(io.BytesIO(each), encoding="utf-8", write_through=True) for each in (given, b"", b"")]
    with pytest.MonkeyPatch.context() as patched, _watched():
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patched.setattr(sys, name, stream)
        try:
            status: Any = main(arguments)
        except SystemExit as ended:
            status = ended.code
        except HangsError:
            status = "it does not end"
    out, err = (stream.buffer.getvalue().decode("utf-8") for stream in streams[1:])
    return Ran(arguments, status, out, err)


@contextmanager
def _watched() -> Iterator[None]:
    """By the time that this process itself uses: a busy machine is no failure."""

    def end(*_: Any) -> None:
        raise HangsError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
