"""`drill fix`: the smallest change of security groups that lets clients reach a Service."""

import argparse
from typing import Any

from drilllib.cli.arguments import add_listener, add_service, add_snapshot, question_of
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.fix.document import fix_document
from drilllib.core.fix.proposals import Fix, fix
from drilllib.core.rules.addresses import Block, parse_written_block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, Message
from drilllib.files import read_snapshot
from drilllib.views.phrases.language import language
from drilllib.views.text import steps
from drilllib.views.text.fix import fix_text


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "fix",
        _fix,
        "propose the smallest change that lets clients reach a Service, and show what else it would let in",
        """\
        Nothing is changed anywhere: the answer is a proposal, traced again before it is shown.
        example:
          drill fix lab/snapshot.json --service shop/web --from 203.0.113.0/24""",
    )
    add_snapshot(parser)
    add_service(parser)
    parser.add_argument(
        "--from", dest="clients", metavar="CIDR[,CIDR]", action="append", required=True, help="who shall get through"
    )
    parser.add_argument(
        "--nodes",
        metavar="CIDR[,CIDR]",
        action="append",
        default=[],
        help="sources that the pods' groups shall admit (the subnets of the nodes)",
    )
    add_listener(parser)
    add_output(parser, "print the whole answer as JSON, in English")


def _fix(options: argparse.Namespace) -> int:
    snapshot = read_snapshot(options.snapshot)
    question = question_of(snapshot, options)
    clients, nodes = _blocks(options.clients, "--from"), _blocks(options.nodes, "--nodes")
    answer = fix(snapshot, question, clients, nodes)
    if options.json:
        tell_json(_document(snapshot, answer))
    else:
        tell_text(fix_text(snapshot, answer, language(options.lang)))
    return _status(answer)


def _document(snapshot: Snapshot, answer: Fix) -> dict[str, Any]:
    """The answer as JSON, its steps in English: programs read it."""
    best = answer.best
    terraform, console = steps.terraform(snapshot, best, "en"), steps.console(snapshot, best, "en")
    return fix_document(snapshot, answer, terraform=terraform, console=console)


def _blocks(listed: list[str], option: str) -> list[Block]:
    texts = [part.strip() for text in listed for part in text.split(",")]
    if any(not text for text in texts):
        raise InvalidInputError(
            "{option} has an empty block", remedy="Write blocks such as 203.0.113.0/24,198.51.100.7", option=option
        )
    return [parse_written_block(text, Message("A block of {option} is", option=option)) for text in texts]


def _status(answer: Fix) -> int:
    if answer.works:
        return 0
    return 3 if answer.gaps or answer.verdict is Verdict.UNDETERMINED else 1
