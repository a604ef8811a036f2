"""`drill progress`: how far the learner is, from what the course's notebooks have kept."""

import argparse
from pathlib import Path
from typing import Any

from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "progress",
        _progress,
        "say how far you are in the course",
        """\
        The first answer to a prediction or a question of a quiz counts.
        examples:
          drill progress
          drill progress --reset 05""",
    )
    parser.add_argument(
        "--dir", type=Path, default=Path("~/drilllib-course"), help="folder of your copies (%(default)s)"
    )
    parser.add_argument("--reset", metavar="LESSON", help="forget what is kept of a lesson, such as 05")
    add_output(parser)


def _progress(options: argparse.Namespace) -> int:
    from drilllib.course.progress import progress

    table = progress(reset=options.reset, folder=options.dir, lang=options.lang)
    if options.json:
        tell_json(table.to_dict())
    else:
        tell_text(repr(table))
    return 0
