"""`drill assemble`: a snapshot of saved answers of kubectl, tccli or an SDK, and what is still missing in it."""

import argparse
from pathlib import Path
from typing import Any

from drilllib import _library, files
from drilllib.cli.output import complain, tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.cli.replaceable import require_snapshot_or_nothing
from drilllib.core.capture.saved import Assembled
from drilllib.errors import InvalidInputError
from drilllib.quoting import json_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.text.assemble import assembled_document, assembled_text, commands_text


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "assemble",
        _assemble,
        "make a snapshot of saved answers of kubectl, tccli or an SDK, and say what is still missing",
        """\
        FILE holds what kubectl get -o json or -o yaml prints, or an answer of tccli or of an SDK, one or several; what
        it is of is told by its content. Nothing is asked of any cloud: what is missing is printed as commands that only
        read. Save what they print, and assemble again; without any file, the first of them are printed.
        docs/assemble.md says more.
        examples:
          drill assemble service.yaml pods.yaml answers/*.json --out snapshot.json
          drill assemble --service shop/web *.json --commands | sh      the next round, run""",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="saved answers (JSON or YAML); - for standard input")
    parser.add_argument("--out", metavar="SNAPSHOT", type=Path, help="write the snapshot here")
    parser.add_argument("--service", metavar="NS/NAME", default="", help="the Service it is about, for what is missing")
    parser.add_argument("--cluster", metavar="CLS", default="", help="its cluster's id, where nothing tells")
    parser.add_argument("--region", metavar="REGION", default="", help="the cloud's region, where nothing tells")
    parser.add_argument("--withheld", action="store_true", help="list every field that was left out, with its count")
    parser.add_argument("--commands", action="store_true", help="print nothing but the commands, for a shell")
    add_output(parser, "print what was understood as JSON")


def _assemble(options: argparse.Namespace) -> int:
    files.require_one_standard_input(options.files)
    if not (options.files or options.service):
        raise InvalidInputError(
            "No file and no Service was named", remedy="Name a Service with --service NS/NAME to see what to save"
        )
    if options.out is not None:
        require_snapshot_or_nothing(options.out)
    wanted = {name: getattr(options, name) for name in ("service", "cluster", "region")}
    answers = [name for name in options.files if options.out is None or Path(name) != options.out]  # of *.json
    found = _library.assemble(answers, **wanted)
    if options.out is not None:
        files.write_atomically(options.out, json_text(found.snapshot.to_dict(), 1) + "\n")
    _tell(found, options)
    return 0


def _tell(found: Assembled, options: argparse.Namespace) -> None:
    written = "" if options.out is None else str(options.out)
    if options.json:
        tell_json(assembled_document(found))
    elif options.commands:
        if found.commands:
            tell_text(commands_text(found, language(options.lang)))
        if found.lacks_region:
            complain(say(language(options.lang), "assemble.no_region"))
    else:
        tell_text(assembled_text(found, language(options.lang), written, withheld=options.withheld))
