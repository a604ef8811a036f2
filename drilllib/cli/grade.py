"""`drill grade`: the grades of attempts, from their logs alone."""

import argparse
from collections.abc import Iterator
from typing import Any

from drilllib import files
from drilllib.cli.output import complain, tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.practice.grade import SCHEMA, Grade
from drilllib.errors import DrillError
from drilllib.practice.graded import read_and_graded
from drilllib.views.phrases.catalog import error_text
from drilllib.views.phrases.language import language
from drilllib.views.text.grade import grade_text, graded_text

NOT_GRADABLE = 2


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "grade",
        _grade,
        "grade attempts of drill practice, from their logs alone",
        """\
        docs/practice.md says what a log is, and what it takes to pass.
        example:
          drill grade practice/*.jsonl --json""",
    )
    parser.add_argument("logs", nargs="+", metavar="LOG", help="an attempt's log, or - for standard input")
    add_output(parser, as_json="print the grades as JSON (drilllib/grade/1)")


def _grade(options: argparse.Namespace) -> int:
    files.require_one_standard_input(options.logs)
    spoken = language(options.lang)
    statuses, attempts = [], []
    for name, header, found in _graded(options.logs):
        if isinstance(found, DrillError):
            statuses.append(NOT_GRADABLE)
            attempts.append({"log": name, "error": str(found)})
            complain(f"drill grade: {error_text(found, spoken)}")
        else:
            statuses.append(0 if found.passed else 1)
            attempts.append({"log": name, **header.to_dict(), **found.to_dict()})
            if not options.json:
                tell_text(graded_text(name, header, found, spoken) if options.logs[1:] else grade_text(found, spoken))
    if options.json:
        tell_json({"schema": SCHEMA, "attempts": attempts})
    return max(statuses)


def _graded(logs: list[str]) -> Iterator[tuple[str, Any, Grade | DrillError]]:
    """Each log with its header and grade, or with why it has none: a grader that fails costs nobody anything."""
    for name in logs:
        try:
            attempt, found = read_and_graded(name)
            yield name, attempt.header, found
        except DrillError as error:
            yield name, None, error
