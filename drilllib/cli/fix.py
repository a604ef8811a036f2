"""`drill fix`: the smallest change of security groups that lets clients reach a Service."""

import argparse
from typing import Any

from drilllib.cli.arguments import add_listener, add_service, question_of
from drilllib.cli.asked import is_file
from drilllib.cli.fixed import document, document_of_connection, status, status_of_connection
from drilllib.cli.live import SUBJECT, add_access
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command, duration
from drilllib.core.connection.question import Connection
from drilllib.core.fix.connections import fix_connection
from drilllib.core.fix.proposals import fix
from drilllib.core.rules.addresses import Block, parse_written_block
from drilllib.core.snapshot.anonymous.asked import require_renamed
from drilllib.errors import InvalidInputError, Message, quoted
from drilllib.files import read_snapshot
from drilllib.views.phrases.language import language
from drilllib.views.text.fix import fix_text
from drilllib.views.text.fix_connection import fix_connection_text


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "fix",
        _fix,
        "propose the smallest change that lets clients reach a Service, and show what else it would let in",
        """\
        The answer is a proposal, traced again before it is shown. Nothing is changed without --apply, which shows
        the difference of rules and of reach and asks; what it writes can be taken back (docs/live.md).
        examples:
          drill fix lab/snapshot.json --service shop/web --from 203.0.113.0/24
          drill fix snapshot.json --from pod/shop/web-1 --to pod/db/mysql-0 --port 3306
          drill fix web -n shop --from 203.0.113.0/24                     read now, with your keys and kubeconfig
          drill fix web -n shop --from 203.0.113.0/24 --apply --for 2h""",
    )
    parser.add_argument(
        "subject", metavar="SNAPSHOT|SERVICE|URL", help=f"a snapshot file, - for standard input; or {SUBJECT}"
    )
    add_service(parser)
    parser.add_argument(
        "--from", dest="clients", metavar="CIDR[,CIDR]", action="append", required=True, help="who shall get through"
    )
    parser.add_argument(
        "--to",
        metavar="DOOR",
        help="of a snapshot: pod/NS/NAME, node/NAME, svc/NS/NAME (ClusterIP) or ADDR; --from is then one address, "
        "node/NAME or pod/NS/NAME",
    )
    parser.add_argument(
        "--nodes",
        metavar="CIDR[,CIDR]",
        action="append",
        default=[],
        help="sources that the pods' groups shall admit (the subnets of the nodes)",
    )
    add_listener(parser)
    add_access(parser)
    _add_writing(parser)
    add_output(parser, "print the whole answer as JSON, in English")


def _add_writing(parser: argparse.ArgumentParser) -> None:
    """The options that say whether and how a change is written to a real cloud."""
    parser.add_argument("--apply", action="store_true", help="write the change; without it nothing is written")
    parser.add_argument("--yes", action="store_true", help="with --apply: do not ask")
    parser.add_argument("--observe", action="store_true", help="with --apply: send one real request after it")
    parser.add_argument(
        "--for",
        dest="limit",
        type=duration,
        metavar="TIME",
        help="with --apply: such as 30m, 2h or 1d; a command that writes then takes the change back first",
    )
    for name, told in (
        ("--also", "with --apply: a group that may be bound to something outside of what was asked about"),
        ("--open-to-world", "with --apply: a group that may be opened to everybody"),
    ):
        parser.add_argument(name, action="append", default=[], metavar="SG", help=told)


def _fix(options: argparse.Namespace) -> int:
    if options.to:
        return _fix_connection(options)
    clients, nodes = _blocks(options.clients, "--from"), _blocks(options.nodes, "--nodes")
    if not is_file(options.subject):
        from drilllib.cli.applying import fix_live

        return fix_live(options, clients, nodes)
    if options.apply:
        raise InvalidInputError(
            "{subject} is a file, and --apply changes a real cloud",
            remedy="Name the Service in its place",
            subject=quoted(options.subject),
        )
    snapshot = read_snapshot(options.subject)
    question = question_of(snapshot, options)
    require_renamed(snapshot, clients)
    answer = fix(snapshot, question, clients, nodes)
    if options.json:
        tell_json(document(snapshot, answer))
    else:
        tell_text(fix_text(snapshot, answer, language(options.lang)))
    return status(answer)


def _fix_connection(options: argparse.Namespace) -> int:
    """The smallest change that lets one source open a connection to a door."""
    beside = [name for name in ("service", "vip", "host", "nodes", "apply") if getattr(options, name)]
    if beside:
        raise InvalidInputError(
            "--to and --{option} do not go together", remedy="Leave one of them out", option=beside[0]
        )
    if not is_file(options.subject):
        raise InvalidInputError(
            "{subject} is no file, and --to asks about a snapshot",
            remedy="Write one with drill capture, and name it",
            subject=quoted(options.subject),
        )
    if len(options.clients) > 1:
        raise InvalidInputError("--from was given {count} times", remedy="Name one", count=len(options.clients))
    snapshot = read_snapshot(options.subject)
    asked = Connection(client=options.clients[0], door=options.to, port=options.port, protocol=options.protocol)
    answer = fix_connection(snapshot, asked)
    if options.json:
        tell_json(document_of_connection(snapshot, answer))
    else:
        tell_text(fix_connection_text(snapshot, answer, language(options.lang)))
    return status_of_connection(answer)


def _blocks(listed: list[str], option: str) -> list[Block]:
    texts = [part.strip() for text in listed for part in text.split(",")]
    if any(not text for text in texts):
        raise InvalidInputError(
            "{option} has an empty block", remedy="Write blocks such as 203.0.113.0/24,198.51.100.7", option=option
        )
    return [parse_written_block(text, Message("A block of {option} is", option=option)) for text in texts]
