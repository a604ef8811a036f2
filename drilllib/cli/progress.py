"""`drill progress`: how far the learner is, from what the course's notebooks have kept."""

import argparse
from pathlib import Path
from typing import Any

from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.errors import InvalidInputError


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "progress",
        _progress,
        "say how far you are in the course",
        """\
        The first answer to a prediction or a question of a quiz counts, and the first attempt at a world of practice.
        What is reset of practice is kept in the folder `aside`.
        examples:
          drill progress
          drill progress --map
          drill progress --reset 05
          drill progress --reset practice
          drill progress --reset node-source""",
    )
    parser.add_argument(
        "--dir", type=Path, help="your folder (the copies that you are in, else ~/drilllib-course, else your data)"
    )
    parser.add_argument("--reset", metavar="NAME", help="forget a lesson, such as 05, a drill, or all of `practice`")
    parser.add_argument("--map", action="store_true", help="the eleven scenarios, and how far you are in each")
    add_output(parser)


def _progress(options: argparse.Namespace) -> int:
    from drilllib.course.progress import progress, scenario_map
    from drilllib.practice.folder import COURSE, course_folder

    found = options.dir or course_folder()
    if options.map:
        _require_alone(options)
        tell_text(repr(scenario_map(folder=found, lang=options.lang)))
        return 0
    folder = found or Path(COURSE)
    table = progress(reset=options.reset, folder=folder, lang=options.lang)
    if options.json:
        tell_json(table.to_dict())
    else:
        tell_text(repr(table))
    return 0


def _require_alone(options: argparse.Namespace) -> None:
    """
    Raises:
        InvalidInputError: The map is asked for beside something else.
    """
    beside = "reset" if options.reset else "json" if options.json else ""
    if beside:
        raise InvalidInputError(
            "--map and --{option} do not go together", remedy="Leave one of them out", option=beside
        )
