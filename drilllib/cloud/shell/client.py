"""
What a wrapper runs: the real program, with an environment made for it and the arguments that do not lead elsewhere.

Run as `launch.py drilllib.cloud.shell.client HOME NAME ARGUMENT...`. What it needs is in HOME/clients.json, which only
its user can read: keys stand in no command line, where everybody on the machine could see them.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from drilllib.machine.environment import CLIENT, handed_on
from drilllib.quoting import terminal_text

FILE = "clients.json"
LOCALE = "DRILL_LOCALE"  # which plugins of kubectl go by (views/phrases/language.py)


@dataclass(frozen=True, slots=True)
class Client:
    """
    A program: where it is, what it gets and what it refuses.

    *variables* are its environment besides the caller's that fit `CLIENT` or *passed*; arguments that fit *refused* end
    it; *first* stands before all arguments, *last* behind them. *tells_language*: it always speaks English, and what it
    starts may speak the caller's language.
    """

    program: str
    variables: dict[str, str]
    passed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    tells_language: bool = False

    def environment(self) -> dict[str, str]:
        """What the program learns of the caller's environment, and what it is told in its place."""
        told = {LOCALE: spoken} if self.tells_language and (spoken := _locale()) else {}
        return {**handed_on(*CLIENT, *self.passed), **self.variables, **told}

    def refuses(self, words: list[str]) -> str | None:
        """The first argument that would lead elsewhere."""
        return next((word for word in words if any(fnmatchcase(word, each) for each in self.refused)), None)


def _locale() -> str:
    """The caller's, by the variables that programs go by, the strongest first."""
    return next((found for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (found := os.environ.get(name))), "")


def described(clients: dict[str, Client]) -> str:
    """The text of `FILE`."""
    return json.dumps({name: asdict(client) for name, client in clients.items()})


def main(arguments: list[str]) -> int:
    """Become the program; an exit status where it refuses."""
    home, name, *words = arguments
    client = Client(**json.loads(Path(home, FILE).read_text(encoding="utf-8"))[name])
    refused = client.refuses(words)
    if refused is not None:
        said = f"{name}: this wrapper works on the local cloud only, and refuses {refused}"
        print(terminal_text([said]), file=sys.stderr)
        return 2
    command = [client.program, *client.first, *words, *client.last]
    try:
        os.execve(client.program, command, client.environment())
    except OSError as error:
        print(f"{name}: {error.strerror}", file=sys.stderr)
        return 126


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
