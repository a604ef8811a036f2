"""`drill trace`: follow a request through a snapshot."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.arguments import add_listener, add_service, add_snapshot, question_of
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.drills import default_lab
from drilllib.core.snapshot.semantics import PROFILES, profile
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.findings import FindingCode
from drilllib.core.trace.one_client import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.language import language
from drilllib.views.text import trace as text

STATUS = {
    Verdict.REACHABLE: 0,
    Verdict.INTERMITTENT: 1,
    Verdict.UNREACHABLE: 1,
    Verdict.UNDETERMINED: 3,
}


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "trace",
        _trace,
        "follow a request to a Service hop by hop, and say what stops it",
        """\
        Make a snapshot to try with `drill example group-2 lab`; docs/snapshot.md says what is in one.
        example:
          drill trace lab/snapshot.json --service shop/web --from 203.0.113.10""",
    )
    add_snapshot(parser)
    add_service(parser)
    parser.add_argument(
        "--from", dest="client", metavar="ADDR", help="client address; may be left out for the examples"
    )
    add_listener(parser)
    parser.add_argument("--semantics", choices=PROFILES, help="behaviour to assume, instead of the snapshot's own")
    parser.add_argument(
        "--all", action="store_true", help="tell every path by itself, also those that no check tells apart"
    )
    add_output(parser, "print the whole answer as JSON")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="also draw the path into FILE")


def _trace(options: argparse.Namespace) -> int:
    snapshot = files.read_snapshot(options.snapshot)
    if options.semantics:
        snapshot = snapshot.with_semantics(profile(options.semantics))
    question = question_of(snapshot, options)
    question = replace(question, client=options.client or _default_client(snapshot))
    answer = trace(snapshot, question, all_paths=options.all)
    spoken = language(options.lang)
    if options.json:
        tell_json(answer.to_dict())
    else:
        tell_text(text.trace_text(answer, spoken, whole=options.all))
    if options.svg:
        from drilllib.views.picture import graphviz

        require_own(options.svg, ("<svg", "<?xml"))
        files.write_atomically(options.svg, graphviz.svg(answer, spoken) + "\n")
    return _status(answer)


def _status(answer: Trace) -> int:
    """Where the requests succeed at another Service than the one that was named, it was not reached."""
    elsewhere = any(each.code is FindingCode.LISTENER_OF_ANOTHER_SERVICE for each in answer.findings)
    return STATUS[answer.verdict] or int(elsewhere)


def require_own(path: Path, beginnings: tuple[str, ...]) -> None:
    """A slip of the fingers must not cost the snapshot: only a file that begins in one of these ways is replaced."""
    try:
        taken = path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(beginnings)
    except OSError as error:
        raise InvalidInputError(
            "{path}: {reason}", remedy="Name a file for the picture", path=quoted(str(path)), reason=error.strerror
        ) from None
    if taken:
        raise InvalidInputError(
            "{path} exists and is no SVG" if "<svg" in beginnings else "{path} exists and is no HTML page",
            remedy="Name another file; it was not changed",
            path=quoted(str(path)),
        )


def _default_client(snapshot: Snapshot) -> str:
    """The example labs have a client of their own; for a real Service nobody but the user knows who asks."""
    if any(balancer.balancer_id == default_lab.BALANCER for balancer in snapshot.load_balancers):
        return default_lab.CLIENT
    raise InvalidInputError("No client was named", remedy="Say who asks with --from ADDR")
