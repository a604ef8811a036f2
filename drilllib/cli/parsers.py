"""How every command is declared, and what several of them ask alike."""

import argparse
import os
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from drilllib.cli.output import tell_text
from drilllib.errors import printable, quoted
from drilllib.views.phrases.catalog import LANGUAGES

EXIT = {  # 2 is wrong usage or input, of every command
    "trace": "0 reachable; 1 unreachable or intermittent; 3 undetermined",
    "reach": "0 answered",
    "fix": "0 the clients get through with the change, or already do; 1 no change of groups is enough; "
    "3 a missing fact decides",
    "lint": "0 nothing as bad as --fail-on; 1 something",
    "diff": "0 no difference; 1 some",
    "check": "0 all hold; 1 some fail; 3 none fails, some undetermined",
    "decide": "0 accepted; 1 dropped; 3 undetermined",
    "verify": "0 engine and kernel agree; 1 they do not",
    "shell": "the command's own; 2 where no lab is up",
}
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


def add_output(parser: argparse.ArgumentParser, as_json: str = "print the answer as JSON") -> None:
    """The options that say how an answer is printed; *as_json* is the help of --json."""
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")
    parser.add_argument("--json", action="store_true", help=as_json)


def add_lab(parser: argparse.ArgumentParser, name: str) -> None:
    """The argument *name* that names a real-packet lab."""
    argument = parser.add_argument(name, metavar="NAME", help="the lab (the only one)")
    if not argument.option_strings:
        argument.nargs, argument.required = "?", False
