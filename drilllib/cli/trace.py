"""`drill trace`: follow a request through a snapshot."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.arguments import add_listener, add_service, add_snapshot, question_of
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills import default_lab
from drilllib.core.snapshot.semantics import PROFILES, profile
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.findings import FindingCode
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.language import language
from drilllib.views.text import trace as text
from drilllib.views.text.connection import connection_text

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
        "follow a request to a Service, or a connection to any pod or node, and say what stops it",
        """\
        Make a snapshot to try with `drill example group-2 lab`; docs/snapshot.md says what is in one.
        example:
          drill trace lab/snapshot.json --service shop/web --from 203.0.113.10
          drill trace snapshot.json --from pod/shop/web-1 --to pod/db/mysql-0 --port 3306""",
    )
    add_snapshot(parser)
    add_service(parser)
    parser.add_argument(
        "--from",
        dest="client",
        metavar="ADDR",
        help="client address, node/NAME or pod/NS/NAME; may be left out for the examples",
    )
    parser.add_argument(
        "--to", metavar="DOOR", help="instead of a Service's VIP: pod/NS/NAME, node/NAME, svc/NS/NAME (ClusterIP), ADDR"
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
    question = _question(snapshot, options)
    answer = trace(snapshot, question, all_paths=options.all)
    spoken = language(options.lang)
    if options.json:
        tell_json(answer.to_dict())
    else:
        tell_text(_text(answer, spoken, whole=options.all))
    if options.svg:
        from drilllib.views.picture import graphviz

        require_own(options.svg, ("<svg", "<?xml"))
        files.write_atomically(options.svg, graphviz.svg(answer, spoken) + "\n")
    return _status(answer)


def _question(snapshot: Snapshot, options: argparse.Namespace) -> Question:
    """A request to a Service, or with --to a connection."""
    if not options.to:
        question = question_of(snapshot, options)
        return replace(question, client=options.client or _default_client(snapshot))
    beside = [name for name in ("service", "vip", "host") if getattr(options, name)]
    if beside:
        raise InvalidInputError(
            "--to and --{option} do not go together", remedy="Leave one of them out", option=beside[0]
        )
    if not options.client:
        raise InvalidInputError("No source was named", remedy="Say who asks with --from")
    return Connection(client=options.client, door=options.to, port=options.port, protocol=options.protocol)


def _text(answer: Trace, spoken: str, *, whole: bool) -> str:
    if isinstance(answer.question, Connection):
        return connection_text(answer, answer.question, spoken, whole=whole)
    return text.trace_text(answer, spoken, whole=whole)


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
