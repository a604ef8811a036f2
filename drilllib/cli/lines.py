"""Lines that are typed: at a terminal with a prompt, or by a script on standard input, whose lines are shown."""

import io
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from drilllib.cli.output import complain, finish, tell


def agreed(question: str) -> bool:
    """Ask on standard error whether to go on; anything but y and yes is no: no text, the end and Ctrl+C, too."""
    complain(question, end=" ")
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except UnicodeDecodeError:
        return False
    except KeyboardInterrupt:
        complain("")
        return False


class Script:
    """Standard input, line by line. Each is shown behind its prompt, so that the output reads as a session."""

    def __init__(self) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")

    def read(self, prompt: str) -> str | None:
        """The next line; None at the end."""
        finish()  # what was answered is seen by who has not written on yet
        line = sys.stdin.readline()
        if not line:
            return None
        tell(f"{prompt}{line.rstrip()}")
        return line

    def offer(self, words: Sequence[str]) -> None:
        """Nobody presses Tab here."""


class Typist(Script):
    """Somebody at a terminal; Tab completes the words that are offered, where Python has readline."""

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()
        with suppress(ImportError):
            import readline

            _complete_by(readline, self._completion)

    def read(self, prompt: str) -> str | None:
        """The next line; None where the terminal's end was typed."""
        try:
            return input(prompt)
        except EOFError:
            tell("")
            return None

    def offer(self, words: Sequence[str]) -> None:
        """What Tab completes to."""
        self._words = tuple(sorted({*words}))

    def _completion(self, begun: str, number: int) -> str | None:
        found = [f"{word} " for word in self._words if word.startswith(begun)]
        return found[number] if number < len(found) else None


def _complete_by(readline: Any, completer: Any) -> None:
    """Words end at blanks alone; libedit, which some Pythons have, is told otherwise than GNU readline."""
    readline.set_completer(completer)
    readline.set_completer_delims(" \t\n")
    edits = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if edits else "tab: complete")
