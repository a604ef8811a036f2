"""`drill check`: hold a snapshot against what it is meant to allow and to forbid."""

import argparse
from typing import Any

from drilllib import _library, files
from drilllib.cli.arguments import add_snapshot
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.check.outcomes import SCHEMA
from drilllib.core.check.status import Status
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.language import language
from drilllib.views.text import check

STATUS = {Status.FAILS: 1, Status.UNDETERMINED: 3, Status.HOLDS: 0}


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "check",
        _check,
        "say which expectations hold in a snapshot, and show a client for which one does not",
        """\
        docs/sets.md says what is in a file of expectations.
        example:
          drill check lab/snapshot.json expectations.yaml""",
    )
    add_snapshot(parser)
    parser.add_argument("expectations", help="file of expectations (YAML or JSON), or - for standard input")
    add_output(parser)


def _check(options: argparse.Namespace) -> int:
    files.require_one_standard_input([options.snapshot, options.expectations])
    if options.snapshot.lower().endswith((".yaml", ".yml")):
        raise InvalidInputError(
            "{snapshot} is YAML, and a snapshot is JSON",
            remedy="Name the snapshot first, then the expectations",
            snapshot=quoted(options.snapshot),
        )
    snapshot = files.read_snapshot(options.snapshot)
    outcomes = _library.check(snapshot, options.expectations)
    if options.json:
        counts = {status: sum(each.status is status for each in outcomes) for status in Status}
        tell_json({"schema": SCHEMA, **counts, "expectations": [each.to_dict() for each in outcomes]})
    else:
        tell_text(check.check_text(outcomes, language(options.lang)))
    found = {each.status for each in outcomes}
    return next(code for status, code in STATUS.items() if status in found)
