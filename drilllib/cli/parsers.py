"""How every command is declared, and what several of them ask alike."""

import argparse
import os
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

from drilllib.cli.output import tell_text
from drilllib.errors import printable, quoted
from drilllib.views.phrases.catalog import LANGUAGES

EXIT = {  # 2 is wrong usage or input, of every command
    "capture": "0 all was read; 3 written, and something was not read",
    "diagnose": "0 every client gets through; 1 some do not, or not always; 3 undetermined",
    "trace": "0 reachable; 1 unreachable or intermittent; 3 undetermined",
    "reach": "0 answered",
    "fix": "0 the clients get through with the change, or already do; 1 no change of groups is enough; "
    "3 a missing fact decides; 2 with --apply also where all is done, and an "
    "old journal could not be read or taken back",
    "changes": "0 all journals could be read; 2 one could not (the others are listed)",
    "rollback": "0 nothing is left to take back; 1 something is; 2 also where another journal could not be read",
    "lint": "0 nothing as bad as --fail-on; 1 something",
    "diff": "0 no difference; 1 some",
    "check": "0 all hold; 1 some fail; 3 none fails, some undetermined",
    "decide": "0 accepted; 1 dropped; 3 undetermined",
    "up": "0 the drill is up; 1 it stopped on the way, and something may stand; 2 also where it is up, and a journal "
    "could not be read",
    "down": "0 nothing is left; 1 something is, and why is told",
    "ls": "0 none is overdue; 1 one is; 2 a journal could not be read (what is up is listed)",
    "grade": "0 all passed; 1 some did not; 2 no such log, or one that cannot be graded (the others are)",
    "verify": "0 engine and kernel agree; 1 they do not",
    "practice": "0 passed; 1 graded, not passed; 3 not finished: the attempt is kept",
    "author": "0 as it has to be; 1 prove found worlds that are not; 2 a file that is no drill, or tells too much",
    "assemble": "0 assembled, also where something is still missing; 2 a file that is no answer",
    "class": "0 done; 1 some logs were not taken, or do not count (each is told, the others are graded)",
    "shell": "the command's own; 2 where no lab is up",
}
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
BEYOND_US = 74  # of every command: the machine has no room, memory, file or process left, or takes no output
WIDTH = 118


class Parser(argparse.ArgumentParser):
    """argparse's, whose errors show what was typed as a terminal can show it."""

    def error(self, message: str) -> NoReturn:
        """Usage and message to standard error; exit status 2."""
        super().error(printable(message))

    def _print_message(self, message: str, file: Any = None) -> None:
        """Help and version are output like any other; argparse's own way is silent where it cannot be written."""
        if message and file is sys.stdout:
            tell_text(message.removesuffix("\n"))
        else:
            super()._print_message(message, file)


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """argparse's, made for every argument of every command: so it does without shutil, which takes long to import."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    """Of the terminal, as shutil.get_terminal_size tells them."""
    with suppress(KeyError, ValueError):
        return int(os.environ["COLUMNS"]) or 80
    with suppress(OSError):
        return os.get_terminal_size().columns or 80
    return 80


def command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], help_text: str, more: str = ""
) -> argparse.ArgumentParser:
    """A subcommand whose help ends with *more*, kept as it is written, and with its exit statuses."""
    epilog = textwrap.dedent(more)
    if name in EXIT:
        epilog += "\n" + textwrap.fill(f"exit status: {EXIT[name]}; 2 wrong usage or input.", WIDTH)
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help_text,
        description=f"{help_text[0].upper()}{help_text[1:]}.",
        epilog=epilog,
        formatter_class=HelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def whole_number(least: int, most: int, kind: str = "number") -> Callable[[str], int]:
    """The type of an argument that has to be such a number; *kind* is what the error calls it."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or len(text) > 12 or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{quoted(text)} is not a {kind} from {least} to {most}")
        return int(text)

    return read


def duration(text: str) -> timedelta:
    """The type of an argument such as 30m, 2h or 1d: a minute at least, a year at most."""
    number, unit = text[:-1], _UNITS.get(text[-1:], "")
    if unit and number.isascii() and number.isdecimal() and len(number) <= 6:
        found = timedelta(**{unit: int(number)})
        if timedelta(minutes=1) <= found <= timedelta(days=366):
            return found
    raise argparse.ArgumentTypeError(f"{quoted(text)} is no time such as 30m, 2h or 1d")


def add_output(parser: argparse.ArgumentParser, as_json: str = "print the answer as JSON") -> None:
    """The options that say how an answer is printed; *as_json* is the help of --json."""
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")
    parser.add_argument("--json", action="store_true", help=as_json)


def add_lab(parser: argparse.ArgumentParser, name: str) -> None:
    """The argument *name* that names a real-packet lab."""
    argument = parser.add_argument(name, metavar="NAME", help="the lab (the only one)")
    if not argument.option_strings:
        argument.nargs, argument.required = "?", False
