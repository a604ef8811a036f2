"""`drill diff`: what changes between two snapshots, or between two saved groups."""

import argparse
from typing import Any

from drilllib import _library, files
from drilllib.cli.arguments import add_members, directory_of
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.connection.question import Connection
from drilllib.core.reach.changes import doors_in_both
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.language import language
from drilllib.views.text import diff


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "diff",
        _diff,
        "say exactly which flows and clients fare otherwise after a change",
        """\
        BEFORE and AFTER are two snapshots, or two security groups.
        examples:
          drill diff before/snapshot.json after/snapshot.json
          drill diff before.json after.json --to pod/db/mysql-0 --port 3306
          drill diff sg-node.json sg-node-new.json""",
    )
    parser.add_argument("before", metavar="BEFORE", help="snapshot or security group (JSON), or - for standard input")
    parser.add_argument("after", metavar="AFTER", help="the same thing, later")
    parser.add_argument(
        "--to", metavar="DOOR", help="also whose connections to it change: pod/NS/NAME, node/NAME, svc/NS/NAME, ADDR"
    )
    parser.add_argument("--port", type=int, help="of --to; may be left out for a Service that has one")
    parser.add_argument("--protocol", type=str.upper, help="of --to: TCP or UDP (TCP)")
    parser.add_argument(
        "--workloads", action="store_true", help="also whose connections to any ClusterIP and any pod's port change"
    )
    add_members(parser)
    add_output(parser)


def _diff(options: argparse.Namespace) -> int:
    names, given = directory_of(options), (options.before, options.after)
    files.require_one_standard_input(given)
    before, after = (files.read_either(name, names) for name in given)
    if isinstance(before, Snapshot) is not isinstance(after, Snapshot):
        raise InvalidInputError(
            "{before} is a snapshot and {after} is a security group"
            if isinstance(before, Snapshot)
            else "{before} is a security group and {after} is a snapshot",
            remedy="Give two snapshots or two security groups",
            before=quoted(options.before),
            after=quoted(options.after),
        )
    if isinstance(before, Snapshot) and options.members:
        raise InvalidInputError(
            "{before} is a snapshot, and --members was given",
            remedy="Leave --members out, or give security groups",
            before=quoted(options.before),
        )
    found = _library.diff(before, after, _doors(options, before, after))
    if options.json:
        tell_json(found.to_dict())
    else:
        tell_text(diff.diff_text(found, _named(before, after), language(options.lang)))
    return int(bool(found))


def _doors(
    options: argparse.Namespace, before: Snapshot | SecurityGroup, after: Snapshot | SecurityGroup
) -> tuple[Connection, ...]:
    """The doors asked about; of groups there are none."""
    wants = [name for name in ("to", "workloads", "port", "protocol") if getattr(options, name)]
    if not wants:
        return ()
    if not (isinstance(before, Snapshot) and isinstance(after, Snapshot)):
        raise InvalidInputError(
            "--{option} was given, and no snapshot", remedy="Give two snapshots, or leave it out", option=wants[0]
        )
    if not options.to and wants != ["workloads"]:
        raise InvalidInputError("--{option} was given without --to", remedy="Name a door with --to", option=wants[-1])
    named = [Connection(client="", door=options.to, port=options.port, protocol=options.protocol)] if options.to else []
    return (*named, *(doors_in_both(before, after) if options.workloads else ()))


def _named(*sides: Snapshot | SecurityGroup) -> str:
    """The groups that were compared; empty for snapshots."""
    return " -> ".join(dict.fromkeys(each.group_id for each in sides if isinstance(each, SecurityGroup)))
