"""How every command is declared."""

import argparse
import textwrap
from collections.abc import Callable
from typing import Any


def command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], help_text: str, more: str
) -> argparse.ArgumentParser:
    """A subcommand whose help ends with *more*, kept as it is written."""
    parser = commands.add_parser(
        name,
        help=help_text,
        description=f"{help_text[0].upper()}{help_text[1:]}.",
        epilog=textwrap.dedent(more),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser
